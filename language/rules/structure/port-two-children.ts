import { componentAt } from '../../../model/machine.ts';
import { nameAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** A link has two ends. */
export const structurePortTwoChildren: Rule = {
  code: 'structure/port-two-children',
  title: 'A port with two devices',
  severity: 'error',
  layer: 'link',
  incidents: [],
  checkMachine: ({ machine }, report) => {
    for (const port of machine.components) {
      if ((port.kind !== 'root-port' && port.kind !== 'port') || port.children.length < 2) continue;
      const [first, ...others] = port.children.map((id) => componentAt(machine, id));
      if (first === undefined) continue;
      for (const other of others) {
        if (
          other.settings.functionNumber !== undefined &&
          other.settings.functionNumber !== (first.settings.functionNumber ?? 0)
        )
          continue;
        report({
          message: `${port.name} already holds ${first.name}: a port has one device.`,
          place: nameAt(other),
          subjects: [port.name, other.name],
          related: [{ place: nameAt(first), message: 'the first device' }],
        });
      }
    }
  },
};
