import { componentAt } from '../../../model/machine.ts';
import { formatBytes } from '../../../model/quantity.ts';
import { deviceCopies } from '../peer-findings.ts';
import type { Rule } from '../rule.ts';

/** A peer reaches only what the BAR shows. */
export const p2pBarSmallerThanVram: Rule = {
  code: 'p2p/bar-smaller-than-vram',
  title: 'A BAR smaller than the VRAM on a peer path',
  severity: 'warning',
  layer: 'driver',
  incidents: ['bar-mmio'],
  checkMachine: (elaborated, report) => {
    for (const copy of deviceCopies(elaborated)) {
      const target = componentAt(elaborated.machine, copy.to.component);
      const vram = target.settings.vramBytes;
      const bar = target.bars.find((one) => one.index === (target.settings.vramBar ?? 1));
      if (vram === undefined || bar === undefined) continue;
      const shown =
        elaborated.machine.firmware.resizableBar === true && bar.resizable !== null
          ? bar.resizable.maximumBytes
          : bar.bytes;
      if (shown >= vram) continue;
      report({
        message: `BAR ${bar.index} of ${target.name} shows ${formatBytes(shown)} of ${formatBytes(vram)} VRAM: peers reach only that much at a time.`,
        place: { origin: copy.origin },
        subjects: [target.name],
      });
    }
  },
};
