import type { CapabilityBlock } from '../block.ts';
import { bitWhere, setDword } from '../registers.ts';

/** Equalization complete, phases 1 to 3 successful. */
const equalized = 0xf;

/**
 * Physical Layer 16.0 GT/s (PCI Express Base Specification 5.0, 7.7.5).
 *
 * @param reached the link runs at 16 GT/s or faster
 */
export const physicalLayer16 = (lanes: number, reached: boolean): CapabilityBlock => ({
  kind: 'extended',
  id: 0x0026,
  version: 1,
  name: 'Physical Layer 16.0 GT/s',
  bytes: 0x20 + 4 * Math.ceil(lanes / 4),
  write(space, at) {
    setDword(space, at + 0x0c, bitWhere(reached, equalized), { clearable: 0x10 });
    for (const parity of [0x10, 0x14, 0x18]) setDword(space, at + parity, 0, { clearable: 2 ** lanes - 1 });
  },
});
