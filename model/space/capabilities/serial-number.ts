import type { CapabilityBlock } from '../block.ts';
import { setDword } from '../registers.ts';

/**
 * Device Serial Number (PCI Express Base Specification 5.0, 7.9.3), the same in every function of a device. An EUI-64 that
 * is locally administered, since nobody has said one: it tells devices of one machine apart and names no maker.
 *
 * @param device number of the device in its machine
 */
export const serialNumber = (device: number): CapabilityBlock => ({
  kind: 'extended',
  id: 0x0003,
  version: 1,
  name: 'Device Serial Number',
  bytes: 12,
  write(space, at) {
    setDword(space, at + 4, device);
    // Bit 1 of the first octet, which stands highest: locally administered.
    setDword(space, at + 8, 0x02000000);
  },
});
