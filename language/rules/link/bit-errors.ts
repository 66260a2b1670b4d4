import { gigatransfersPerSecond } from '../../../model/link/generation.ts';
import { componentAt } from '../../../model/machine.ts';
import { saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/**
 * Bits in error of all bits that a link may have: 10^-12 up to Gen5, and 10^-6 before the correction of errors from Gen6 on
 * (PCI Express Base 6.0, chapter 8 and section 4.2.3).
 */
const allowed = (generation: number) => (generation >= 6 ? 1e-6 : 1e-12);

/** The link makes more errors than a sound one may. */
export const linkBitErrors: Rule = {
  code: 'link/bit-errors',
  title: 'A link with more bit errors than it may have',
  severity: 'warning',
  layer: 'link',
  incidents: ['signal-integrity'],
  checkMachine: ({ machine }, report) => {
    for (const link of machine.links) {
      if (link.device === null) continue;
      const [port, device] = [componentAt(machine, link.port), componentAt(machine, link.device)];
      const worst = (device.settings.bitErrorRate ?? 0) > (port.settings.bitErrorRate ?? 0) ? device : port;
      const rate = worst.settings.bitErrorRate ?? 0;
      const { generation, lanes } = link.trained;
      const most = allowed(generation);
      if (rate <= most) continue;
      const perSecond = gigatransfersPerSecond(generation) * 1e9 * lanes * rate;
      report({
        message: `${link.name} has ${rate.toExponential(0)} errors a bit, where ${most.toExponential(0)} is allowed: about ${count(perSecond)} errors a second at full rate, each way. What is hit is sent again, and the port counts it (aer_dev_correctable: BadTLP, BadDLLP, Rollover). Reseat the card, shorten or change the cable or riser, or hold the link one generation lower (\`forced gen${Math.max(1, generation - 1)}\`).`,
        place: saidAt(worst, 'bitErrorRate'),
        subjects: [link.name],
      });
    }
  },
};

/** Two digits are all that such a figure has. */
const count = (value: number) => Number(value.toPrecision(2)).toLocaleString('en-US', { useGrouping: false });
