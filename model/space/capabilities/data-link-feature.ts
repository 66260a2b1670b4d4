import type { CapabilityBlock } from '../block.ts';
import { bitWhere, setDword } from '../registers.ts';

const scaledFlowControl = 1;
const exchange = 0x80000000;

/**
 * Data Link Feature (PCI Express Base Specification 5.0, 7.7.4): scaled flow control, which 16 GT/s needs, offered; what the
 * other end offers, where there is one.
 */
export const dataLinkFeature = (partnerOffers: boolean): CapabilityBlock => ({
  kind: 'extended',
  id: 0x0025,
  version: 1,
  name: 'Data Link Feature',
  bytes: 12,
  write(space, at) {
    setDword(space, at + 4, exchange + scaledFlowControl, { writable: exchange });
    setDword(space, at + 8, bitWhere(partnerOffers, 1) === 1 ? exchange + scaledFlowControl : 0);
  },
});
