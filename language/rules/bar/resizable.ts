import { formatBytes } from '../../../model/quantity.ts';
import { nameAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** A BAR that can grow but has not leaves most of the VRAM out of reach of the CPU and of peers: the driver has to move its window. */
export const barResizable: Rule = {
  code: 'bar/resizable',
  title: 'A resizable BAR outside its range, or smaller than the VRAM',
  severity: 'warning',
  layer: 'kernel',
  incidents: ['bar-mmio'],
  checkMachine: ({ machine }, report) => {
    for (const component of machine.components) {
      for (const bar of component.bars) {
        if (bar.resizable === null) continue;
        const { minimumBytes, maximumBytes } = bar.resizable;
        const vram = component.settings.vramBytes;
        if (bar.bytes < minimumBytes || bar.bytes > maximumBytes || minimumBytes > maximumBytes) {
          report({
            message: `BAR ${bar.index} of ${component.name} is ${formatBytes(bar.bytes)}, outside its range of ${formatBytes(minimumBytes)} to ${formatBytes(maximumBytes)}.`,
            place: nameAt(component),
            subjects: [component.name],
          });
        } else if (
          vram !== undefined &&
          bar.bytes < vram &&
          bar.bytes < maximumBytes &&
          machine.firmware.resizableBar !== true
        ) {
          report({
            message: `BAR ${bar.index} of ${component.name} shows ${formatBytes(bar.bytes)} of ${formatBytes(vram)} VRAM, and could show ${formatBytes(maximumBytes)}: turn Resizable BAR on in firmware.`,
            place: nameAt(component),
            subjects: [component.name],
            remedies: [{ kind: 'firmware', text: 'Above 4G Decoding: enabled; Resizable BAR support: enabled' }],
          });
        }
      }
    }
  },
};
