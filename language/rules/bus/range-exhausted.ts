import { componentAt, type Machine } from '../../../model/machine.ts';
import { saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** Every port and every bridge starts a bus of its own. */
export const busRangeExhausted: Rule = {
  code: 'bus/range-exhausted',
  title: 'More buses than the host bridge decodes',
  severity: 'error',
  layer: 'kernel',
  incidents: ['bus-numbers'],
  checkMachine: ({ machine }, report) => {
    for (const socket of machine.components) {
      if (socket.kind !== 'socket') continue;
      const needed = 1 + buses(machine, socket.id);
      const range = socket.settings.busRange ?? [0, 255];
      const room = range[1] - range[0] + 1;
      if (needed > room)
        report({
          message: `${socket.name} needs ${needed} bus numbers and decodes ${room}: the last ${needed - room} buses and what hangs off them are not found.`,
          place: saidAt(socket, 'busRange'),
          subjects: [socket.name],
        });
    }
  },
};

/** Buses below a component: one for each port and bridge, and one inside each switch. */
function buses(machine: Machine, id: number): number {
  let count = 0;
  const queue = [...componentAt(machine, id).children];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const component = componentAt(machine, at);
    if (
      component.kind === 'root-port' ||
      component.kind === 'port' ||
      component.kind === 'bridge' ||
      component.kind === 'switch'
    )
      count++;
    queue.push(...component.children);
  }
  return count;
}
