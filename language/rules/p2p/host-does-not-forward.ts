import { peerFindings } from '../peer-findings.ts';
import type { Rule } from '../rule.ts';

/** The way leads through the root complex, and that does not forward peer traffic, or nothing says that it does. */
export const p2pHostDoesNotForward: Rule = {
  code: 'p2p/host-does-not-forward',
  title: 'A root complex that does not forward peers',
  severity: 'warning',
  layer: 'kernel',
  incidents: ['acs-p2p', 'no-p2p-hairpin'],
  checkMachine: (elaborated, report) => {
    peerFindings(elaborated, 'host/no-forwarding', report);
  },
};
