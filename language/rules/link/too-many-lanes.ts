import { componentAt } from '../../../model/machine.ts';
import { nameAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** The ports together claim more lanes than the part has. */
export const linkTooManyLanes: Rule = {
  code: 'link/too-many-lanes',
  title: 'More lanes than the CPU or the switch has',
  severity: 'error',
  layer: 'link',
  incidents: ['oversubscription'],
  checkMachine: ({ machine }, report) => {
    for (const component of machine.components) {
      const { totalLanes } = component.settings;
      if (totalLanes === undefined) continue;
      const ports = component.children
        .map((id) => componentAt(machine, id))
        .filter((child) => child.kind === 'root-port' || child.kind === 'port' || child.kind === 'chipset');
      const upstream = component.kind === 'switch' ? (component.settings.lanes ?? 0) : 0;
      const sum = ports.reduce<number>((total, port) => total + (port.settings.lanes ?? 0), upstream);
      if (sum <= totalLanes) continue;
      report({
        message: `The ports of ${component.name}${upstream > 0 ? `, its x${upstream} uplink included,` : ''} take ${sum} lanes; it has ${totalLanes}.`,
        place: nameAt(component),
        subjects: [component.name, ...ports.map((port) => port.name)],
      });
    }
  },
};
