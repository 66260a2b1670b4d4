import { formatBytes } from '../../../model/quantity.ts';
import { nameAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** The size of a BAR is found by writing ones: it is a power of two, at least 16 bytes of memory or 4 bytes of I/O (PCI Local Bus Specification 3.0, section 6.2.5.1), and a 32-bit BAR is at most 2 GiB. */
export const barSize: Rule = {
  code: 'bar/size',
  title: 'A BAR whose size no register can say',
  severity: 'error',
  layer: 'kernel',
  incidents: ['bar-mmio'],
  checkMachine: ({ machine }, report) => {
    for (const component of machine.components) {
      for (const bar of [...component.bars, ...(component.sriov?.bars ?? [])]) {
        const name = bar.index === 6 ? 'The ROM' : `BAR ${bar.index}`;
        const power = bar.bytes > 0 && Number.isInteger(Math.log2(bar.bytes));
        const least = bar.kind === 'io' ? 4 : bar.kind === 'rom' ? 2048 : 16;
        let message: string | null = null;
        if (!power)
          message = `${name} of ${component.name} is ${formatBytes(bar.bytes)}: the size of a BAR is a power of two.`;
        else if (bar.bytes < least)
          message = `${name} of ${component.name} is ${formatBytes(bar.bytes)}, too small: at least ${formatBytes(least)}.`;
        else if (bar.kind === 'memory32' && bar.bytes > 2 ** 31)
          message = `${name} of ${component.name} is ${formatBytes(bar.bytes)} in 32 bits: at most 2 GiB. Make it 64-bit.`;
        if (message !== null) report({ message, place: nameAt(component), subjects: [component.name] });
      }
    }
  },
};
