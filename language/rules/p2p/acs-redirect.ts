import { isDeadEnd, peerFindings } from '../peer-findings.ts';
import type { Rule } from '../rule.ts';

/** A port with ReqRedir or CmpltRedir set sends peer traffic up to the root complex instead of across the switch. */
export const p2pAcsRedirect: Rule = {
  code: 'p2p/acs-redirect',
  title: 'ACS redirect on the way between peers',
  severity: 'warning',
  layer: 'kernel',
  incidents: ['acs-p2p'],
  checkMachine: (elaborated, report) => {
    peerFindings(elaborated, 'acs/redirect', report, (route) => !isDeadEnd(elaborated, route));
  },
};
