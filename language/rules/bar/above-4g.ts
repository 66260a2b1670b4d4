import { formatBytes } from '../../../model/quantity.ts';
import { nameAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** Without Above 4G Decoding all BARs share what is left below 4 GiB. */
export const barAbove4g: Rule = {
  code: 'bar/above-4g',
  title: 'A large BAR with Above 4G Decoding off',
  severity: 'error',
  layer: 'kernel',
  incidents: ['bar-mmio'],
  checkMachine: ({ machine }, report) => {
    if (machine.firmware.above4g !== false) return;
    for (const component of machine.components) {
      for (const bar of component.bars) {
        if (bar.kind !== 'memory64' || bar.bytes < 2 ** 32) continue;
        report({
          message: `BAR ${bar.index} of ${component.name} needs ${formatBytes(bar.bytes)}, and Above 4G Decoding is off: it gets no address.`,
          place: nameAt(component),
          subjects: [component.name],
          remedies: [{ kind: 'firmware', text: 'Above 4G Decoding (64-bit MMIO): enabled' }],
        });
      }
    }
  },
};
