import { steadyBandwidth } from '../../../model/link/efficiency.ts';
import { linkLabel } from '../../../model/link/generation.ts';
import { componentAt } from '../../../model/machine.ts';
import { formatRate } from '../../../model/quantity.ts';
import { saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** The ports of the NIC, or the media of the drive, can move more than the link below them carries. */
export const deviceFasterThanLink: Rule = {
  code: 'device/faster-than-link',
  title: 'A device that outruns its link',
  severity: 'warning',
  layer: 'performance',
  incidents: ['link-width', 'oversubscription'],
  checkMachine: ({ machine }, report) => {
    for (const link of machine.links) {
      if (link.device === null) continue;
      const device = componentAt(machine, link.device);
      const { lineRateBytesPerSecond, networkPorts, readBytesPerSecond } = device.settings;
      const wanted =
        lineRateBytesPerSecond === undefined ? readBytesPerSecond : lineRateBytesPerSecond * (networkPorts ?? 1);
      if (wanted === undefined) continue;
      const carried = steadyBandwidth({ ...link.trained, tax: 'measured' }).writeBytesPerSecond;
      // Ratings are rounded, and made with larger payloads than most hosts use.
      if (wanted <= carried * 1.1) continue;
      report({
        message: `${device.name} can move ${formatRate(wanted)}, and its ${linkLabel(link.trained)} link carries ${formatRate(carried)}.`,
        place: saidAt(device, 'lineRateBytesPerSecond', 'readBytesPerSecond'),
        subjects: [device.name, link.name],
        cost: { what: `${device.name}, one way`, before: carried, after: wanted, unit: 'bytesPerSecond' },
      });
    }
  },
};
