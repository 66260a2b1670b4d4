import { componentAt } from '../../../model/machine.ts';
import { saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** Device and function number together name a function on its bus; two functions cannot share them. */
export const busDuplicateDeviceNumber: Rule = {
  code: 'bus/duplicate-device-number',
  title: 'Two devices of one number on one bus',
  severity: 'error',
  layer: 'kernel',
  incidents: ['bus-numbers'],
  checkMachine: ({ machine }, report) => {
    for (const parent of machine.components) {
      if (parent.children.length < 2) continue;
      const first = new Map<string, number>();
      for (const id of parent.children) {
        const child = componentAt(machine, id);
        const { deviceNumber, functionNumber } = child.settings;
        if (deviceNumber === undefined) continue;
        const key = `${deviceNumber.toString(16).padStart(2, '0')}.${functionNumber ?? 0}`;
        const other = first.get(key);
        if (other === undefined) first.set(key, id);
        else
          report({
            message: `${child.name} and ${componentAt(machine, other).name} are both ${key} on their bus.`,
            place: saidAt(child, 'deviceNumber'),
            subjects: [child.name],
            related: [{ place: saidAt(componentAt(machine, other), 'deviceNumber'), message: 'the first one' }],
          });
      }
    }
  },
};
