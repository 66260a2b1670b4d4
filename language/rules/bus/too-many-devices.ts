import { componentAt } from '../../../model/machine.ts';
import { nameAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** A bus has 32 device numbers of 8 functions each. */
export const busTooManyDevices: Rule = {
  code: 'bus/too-many-devices',
  title: 'More devices than a bus has numbers',
  severity: 'error',
  layer: 'kernel',
  incidents: ['bus-numbers'],
  checkMachine: ({ machine }, report) => {
    for (const component of machine.components) {
      const most = component.kind === 'switch' ? 32 : component.kind === 'socket' ? 256 : null;
      if (most === null) continue;
      const count = component.children.filter((id) => componentAt(machine, id).kind !== 'chipset').length;
      if (count > most)
        report({
          message: `${component.name} has ${count} ports and devices on one bus; a bus has room for ${most}.`,
          place: nameAt(component),
          subjects: [component.name],
        });
    }
  },
};
