import { enumerate } from '../../../model/discovery/enumerate.ts';
import { componentAt } from '../../../model/machine.ts';
import { nameAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** The windows of the host bridge are stated, and discovery finds no place in them for a BAR. */
export const barWindowOverflow: Rule = {
  code: 'bar/window-overflow',
  title: 'BARs that no window of the host bridge holds',
  severity: 'error',
  layer: 'kernel',
  incidents: ['bar-mmio'],
  checkMachine: ({ machine }, report) => {
    const isStated =
      machine.firmware.apertures.length > 0 || machine.components.some((component) => component.apertures.length > 0);
    // Without a word about windows they are assumed, and large enough; with Above 4G Decoding off another rule says it.
    if (!isStated || machine.firmware.above4g === false) return;
    for (const { component, bar, bytes, reason, atComponent } of enumerate(machine).unassigned) {
      const device = componentAt(machine, component);
      // I/O ports are a luxury: no driver of a PCIe device needs them.
      const isIo = device.bars.some((one) => one.index === bar && one.kind === 'io');
      if (bytes === 0 || isIo) continue;
      report({
        message: reason,
        place: nameAt(device),
        subjects: [device.name, ...(atComponent === null ? [] : [componentAt(machine, atComponent).name])],
      });
    }
  },
};
