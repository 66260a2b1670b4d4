import type { CapabilityBlock } from '../block.ts';
import { setDword } from '../registers.ts';

/** Secondary PCI Express (PCI Express Base Specification 5.0, 7.7.3): equalization at 8 GT/s, two bytes a lane, none said. */
export const secondaryExpress = (lanes: number): CapabilityBlock => ({
  kind: 'extended',
  id: 0x0019,
  version: 1,
  name: 'Secondary PCI Express',
  bytes: 0x0c + 4 * Math.ceil(lanes / 2),
  write(space, at) {
    // Perform Equalization and its interrupt.
    setDword(space, at + 0x04, 0, { writable: 0x3 });
    setDword(space, at + 0x08, 0, { clearable: 2 ** lanes - 1 });
  },
});
