import { nameAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** A function has six BAR registers (a bridge two). */
export const barSlots: Rule = {
  code: 'bar/slots',
  title: 'BARs that do not fit the six registers',
  severity: 'error',
  layer: 'kernel',
  incidents: ['bar-mmio'],
  checkMachine: ({ machine }, report) => {
    for (const component of machine.components) {
      const bridge = ['root-port', 'port', 'switch', 'bridge'].includes(component.kind);
      const last = bridge ? 1 : 5;
      const taken = new Map<number, number>();
      for (const bar of component.bars) {
        if (bar.index === 6) continue;
        const say = (message: string) => report({ message, place: nameAt(component), subjects: [component.name] });
        if (bar.index > last)
          say(
            `${component.name} has no BAR ${bar.index}: ${bridge ? 'a bridge has BARs 0 and 1' : 'a function has BARs 0 to 5'}.`,
          );
        else if (bar.kind === 'memory64' && bar.index === last)
          say(`BAR ${bar.index} of ${component.name} is the last register: a 64-bit BAR needs two.`);
        else if (taken.has(bar.index))
          say(`BAR ${bar.index} of ${component.name} is the upper half of the 64-bit BAR ${taken.get(bar.index)}.`);
        if (bar.kind === 'memory64') taken.set(bar.index + 1, bar.index);
      }
    }
  },
};
