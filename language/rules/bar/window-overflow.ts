import { enumerate } from '../../../model/discovery/enumerate.ts';
import { componentAt } from '../../../model/machine.ts';
import { formatBytes } from '../../../model/quantity.ts';
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
    for (const { component, bar, bytes, reason, at, atComponent, neededBytes, availableBytes } of enumerate(machine)
      .unassigned) {
      // I/O ports are a luxury: no driver of a PCIe device needs them.
      if (
        bytes === 0 ||
        (bar <= 5 && componentAt(machine, component).bars.some((one) => one.index === bar && one.kind === 'io'))
      )
        continue;
      const device = componentAt(machine, component);
      const sizes = `${formatBytes(neededBytes)} are needed there, and ${formatBytes(availableBytes)} are free`;
      const where = at === null ? '' : ` The first window on the way that is too small is that of ${at}: ${sizes}.`;
      report({
        message: `BAR ${bar} of ${device.name} (${formatBytes(bytes)}) gets no address. ${reason}${where}`,
        place: nameAt(device),
        subjects: [device.name, ...(atComponent === null ? [] : [componentAt(machine, atComponent).name])],
      });
    }
  },
};
