import { componentAt } from '../../../model/machine.ts';
import { replaceAt, saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** More lanes are claimed than the slot or its wiring has. */
export const linkBeyondSlot: Rule = {
  code: 'link/beyond-slot',
  title: 'A link wider than its slot',
  severity: 'error',
  layer: 'link',
  incidents: ['link-width'],
  checkMachine: ({ machine }, report) => {
    for (const link of machine.links) {
      const port = componentAt(machine, link.port);
      const wired = port.settings.wiredLanes;
      const slot = port.settings.slotLanes;
      const trained =
        (link.device === null ? undefined : componentAt(machine, link.device).settings.trainedLanes) ??
        port.settings.trainedLanes;
      if (wired !== undefined && slot !== undefined && wired > slot) {
        report({
          message: `${port.name} has x${wired} wired to a slot of x${slot}.`,
          place: saidAt(port, 'wiredLanes'),
          subjects: [port.name],
          fixes: replaceAt(port, 'wiredLanes', `Write wired x${slot}`, `wired x${slot}`),
        });
      }
      const most = wired ?? slot;
      if (most !== undefined && trained !== undefined && trained > most) {
        report({
          message: `The link below ${port.name} is said to run x${trained}, but the slot has x${most}.`,
          place: saidAt(port, 'wiredLanes', 'slotLanes'),
          subjects: [port.name],
        });
      }
    }
  },
};
