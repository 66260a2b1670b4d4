import { enumerate } from '../../../model/discovery/enumerate.ts';
import { changesThatFit } from '../../../model/discovery/fit.ts';
import { componentAt } from '../../../model/machine.ts';
import { nameAt } from '../places.ts';
import type { Remedy, Rule } from '../rule.ts';

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
    const { unassigned } = enumerate(machine);
    const fits = unassigned.length === 0 ? [] : changesThatFit(machine);
    const remedies = fits.flatMap(({ kind, text }): Remedy[] =>
      text === null ? [] : [{ kind: kind === 'kernel-parameter' ? 'kernel-parameter' : 'firmware', text }],
    );
    const [smallest] = fits;
    const ending = smallest === undefined ? '' : ` It fits with ${smallest.sentence}.`;
    for (const { component, bar, bytes, reason, atComponent } of unassigned) {
      const device = componentAt(machine, component);
      // I/O ports are a luxury: no driver of a PCIe device needs them.
      const isIo = device.bars.some((one) => one.index === bar && one.kind === 'io');
      if (bytes === 0 || isIo) continue;
      report({
        message: `${reason}${ending}`,
        place: nameAt(device),
        subjects: [device.name, ...(atComponent === null ? [] : [componentAt(machine, atComponent).name])],
        ...(remedies.length === 0 ? {} : { remedies }),
      });
    }
  },
};
