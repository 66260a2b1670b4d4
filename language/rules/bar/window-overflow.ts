import { ancestors, componentAt } from '../../../model/machine.ts';
import { formatBytes } from '../../../model/quantity.ts';
import { nameAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** The stated windows of the host bridge are smaller than the BARs below it, each aligned to its size. */
export const barWindowOverflow: Rule = {
  code: 'bar/window-overflow',
  title: 'BARs that no window of the host bridge holds',
  severity: 'error',
  layer: 'kernel',
  incidents: ['bar-mmio'],
  checkMachine: ({ machine }, report) => {
    for (const socket of machine.components) {
      if (socket.kind !== 'socket') continue;
      const own = socket.apertures.filter((one) => one.kind !== 'io');
      const apertures = own.length > 0 ? own : machine.firmware.apertures;
      if (apertures.length === 0) continue;
      const high = apertures
        .filter((one) => one.kind !== 'io' && !one.below4g)
        .reduce((sum, one) => sum + one.bytes, 0n);
      const low = apertures.filter((one) => one.kind !== 'io' && one.below4g).reduce((sum, one) => sum + one.bytes, 0n);
      let needHigh = 0n;
      let needLow = 0n;
      let largest: { readonly name: string; readonly bytes: number } | null = null;
      for (const component of machine.components) {
        if (ancestors(machine, component.id).at(-1)?.id !== socket.id) continue;
        for (const bar of component.bars) {
          if (bar.kind === 'io') continue;
          const above = bar.kind === 'memory64' && bar.prefetchable && machine.firmware.above4g !== false && high > 0n;
          if (above) needHigh += BigInt(Math.ceil(bar.bytes));
          else needLow += BigInt(Math.ceil(bar.bytes));
          if (largest === null || bar.bytes > largest.bytes)
            largest = { name: componentAt(machine, component.id).name, bytes: bar.bytes };
        }
      }
      for (const [need, have, where] of [
        [needHigh, high, 'above'],
        [needLow, low, 'below'],
      ] as const) {
        if (need <= have || need === 0n) continue;
        report({
          message: `The BARs below ${socket.name} need ${formatBytes(Number(need))} ${where} 4 GiB, and its windows there hold ${formatBytes(Number(have))}${largest === null ? '' : ` (the largest: ${largest.name}, ${formatBytes(largest.bytes)})`}.`,
          place: nameAt(socket),
          subjects: [socket.name],
        });
      }
    }
  },
};
