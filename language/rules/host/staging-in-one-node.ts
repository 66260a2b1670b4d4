import { steadyBandwidth } from '../../../model/link/efficiency.ts';
import { type Component, componentAt, type Machine, socketOf } from '../../../model/machine.ts';
import { formatRate } from '../../../model/quantity.ts';
import type { Transfer } from '../../../model/work.ts';
import { nameAt } from '../places.ts';
import { routeOf } from '../routes.ts';
import type { Rule } from '../rule.ts';

/** Fewer devices than this leave the memory of any server idle. */
const crowd = 4;

/** Copies that run at the same time are all staged in the memory of one node, and another node has none of it. */
export const hostStagingInOneNode: Rule = {
  code: 'host/staging-in-one-node',
  title: 'Copies of many devices staged in the memory of one node',
  severity: 'warning',
  layer: 'performance',
  incidents: ['numa-host-memory'],
  checkMachine: ({ machine, work }, report) => {
    const told = new Set<number>();
    for (const transfers of [work.transfers, ...work.scenarios.map((scenario) => scenario.transfers)]) {
      for (const [socket, { devices, pairs }] of stagedBySocket(machine, transfers)) {
        if (told.has(socket.id) || devices.size < crowd) continue;
        // Written once and read once: the memory carries both.
        const wanted = [...devices].reduce((sum, id) => sum + 2 * linkBytesPerSecond(machine, id), 0);
        const carried = socket.settings.memoryBytesPerSecond;
        if (carried !== undefined && wanted <= carried) continue;
        const elsewhere = machine.components.filter(
          (one) => one.kind === 'socket' && one.id !== socket.id && one.children.length > 0,
        );
        if (carried === undefined && elsewhere.length === 0) continue;
        told.add(socket.id);
        const names = [...devices].map((id) => componentAt(machine, id).name);
        const limit =
          carried === undefined
            ? ''
            : ` They can ask for ${formatRate(wanted)} of it, writes and reads together, and it carries ${formatRate(carried)}.`;
        report({
          message: `Copies between ${names.join(', ')} are all staged in the memory of ${socket.name}: one node carries every byte twice.${limit} Spread the devices of a group over the nodes${elsewhere.length === 0 ? '' : ` (${elsewhere.map(({ name }) => name).join(', ')})`}, or let the peers reach one another directly.`,
          place: nameAt(socket),
          subjects: [socket.name, ...names],
          price: { kind: 'group', pairs },
        });
      }
    }
  },
};

/** Copies that are staged in the memory of one socket. */
interface Staged {
  readonly devices: Set<number>;
  readonly pairs: (readonly [from: number, to: number])[];
}

function stagedBySocket(machine: Machine, transfers: readonly Transfer[]): Map<Component, Staged> {
  const found = new Map<Component, Staged>();
  for (const transfer of transfers) {
    const { from, to } = transfer;
    if (from.memory || to.memory || from.component === to.component) continue;
    const sockets = [socketOf(machine, from.component), socketOf(machine, to.component)];
    const [socket] = sockets;
    if (socket === undefined || socket === null || socket.id !== sockets[1]?.id) continue;
    if (routeOf(machine, transfer).route !== 'host-memory') continue;
    const staged = found.get(socket) ?? { devices: new Set<number>(), pairs: [] };
    found.set(socket, staged);
    staged.devices.add(from.component).add(to.component);
    staged.pairs.push([from.component, to.component]);
  }
  return found;
}

/** What the link above a device carries one way, bytes per second; 0 where it has none. */
function linkBytesPerSecond(machine: Machine, id: number): number {
  const link = machine.links[machine.linkAbove[id] ?? -1];
  return link === undefined ? 0 : steadyBandwidth({ ...link.trained, tax: 'measured' }).writeBytesPerSecond;
}
