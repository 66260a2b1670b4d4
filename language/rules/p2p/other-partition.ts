import { ancestors, componentAt, type Machine } from '../../../model/machine.ts';
import { deviceCopies } from '../peer-findings.ts';
import type { Rule } from '../rule.ts';

/** Two devices below one switch chip, in different partitions of it. */
export const p2pOtherPartition: Rule = {
  code: 'p2p/other-partition',
  title: 'Peers in different partitions of a switch',
  severity: 'error',
  layer: 'link',
  incidents: ['acs-p2p', 'switch-partition'],
  checkMachine: (elaborated, report) => {
    const { machine } = elaborated;
    if (machine.partitions.length === 0) return;
    for (const copy of deviceCopies(elaborated)) {
      const ends = [copy.from.component, copy.to.component];
      const [from, to] = ends.map((id) => partitionOf(machine, id));
      if (from === undefined || to === undefined || from === to || from.switch !== to.switch) continue;
      const [a, b] = ends.map((id) => componentAt(machine, id).name);
      const chip = componentAt(machine, from.switch).name;
      report({
        message: `${a} stands in partition ${from.name} of ${chip}, ${b} in partition ${to.name}: nothing passes inside the switch from one partition to another. Put both ports into one partition.`,
        place: { origin: copy.origin },
        subjects: [a ?? '', b ?? '', chip],
        related: [from, to].map(({ name, origin }) => ({ place: { origin }, message: `partition ${name}` })),
      });
    }
  },
};

/** The partition whose port a component hangs below. */
function partitionOf(machine: Machine, id: number): Machine['partitions'][number] | undefined {
  const above = new Set(ancestors(machine, id).map((one) => one.id));
  return machine.partitions.find(({ ports }) => ports.some((port) => above.has(port)));
}
