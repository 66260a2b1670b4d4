import { peerFindings } from '../peer-findings.ts';
import type { Rule } from '../rule.ts';

/** The driver of one of the devices offers no peer-to-peer. */
export const p2pDriverRefuses: Rule = {
  code: 'p2p/driver-refuses',
  title: 'A driver without peer-to-peer',
  severity: 'warning',
  layer: 'driver',
  incidents: ['no-p2p-hairpin'],
  checkMachine: (elaborated, report) => {
    peerFindings(elaborated, 'driver/no-peer', report);
  },
};
