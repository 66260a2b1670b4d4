import { isDeadEnd, peerFindings } from '../peer-findings.ts';
import type { Rule } from '../rule.ts';

/** The ports send peer traffic up to a root complex that does not send it on: nothing is left but host memory. */
export const p2pAcsRedirectDeadEnd: Rule = {
  code: 'p2p/acs-redirect-dead-end',
  title: 'ACS redirect towards a root complex that does not forward peers',
  severity: 'error',
  layer: 'kernel',
  incidents: ['acs-p2p'],
  checkMachine: (elaborated, report) => {
    peerFindings(elaborated, 'acs/redirect', report, (route) => isDeadEnd(elaborated, route));
  },
};
