import type { CapabilityBlock } from '../block.ts';
import { bitWhere, setDword } from '../registers.ts';

/** Equalization complete, phases 1 to 3 successful. */
const equalized = 0xf;

/**
 * Physical Layer 32.0 GT/s (PCI Express Base Specification 5.0, 7.7.6).
 *
 * @param reached the link runs at 32 GT/s or faster
 */
export const physicalLayer32 = (lanes: number, reached: boolean): CapabilityBlock => ({
  kind: 'extended',
  id: 0x002a,
  version: 1,
  name: 'Physical Layer 32.0 GT/s',
  bytes: 0x20 + 4 * Math.ceil(lanes / 4),
  write(space, at) {
    setDword(space, at + 0x08, 0, { writable: 0x3 });
    setDword(space, at + 0x0c, bitWhere(reached, equalized), { clearable: 0x10 });
  },
});
