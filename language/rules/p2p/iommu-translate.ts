import { peerFindings } from '../peer-findings.ts';
import type { Rule } from '../rule.ts';

/** A translating IOMMU gives each device addresses of its own. */
export const p2pIommuTranslate: Rule = {
  code: 'p2p/iommu-translate',
  title: 'Peers under a translating IOMMU',
  severity: 'error',
  layer: 'driver',
  incidents: ['iommu-p2p'],
  checkMachine: (elaborated, report) => {
    peerFindings(elaborated, 'iommu/translate', report);
  },
};
