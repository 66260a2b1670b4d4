import type { CapabilityBlock } from '../block.ts';
import { setWord } from '../registers.ts';

/** Subsystem IDs of a bridge, whose header has no room for them (PCI-to-PCI Bridge Architecture Specification 1.2, 3.2.5.13). */
export const subsystem = (vendorId: number, deviceId: number): CapabilityBlock => ({
  kind: 'standard',
  id: 0x0d,
  name: 'Subsystem',
  bytes: 8,
  write(space, at) {
    setWord(space, at + 4, vendorId);
    setWord(space, at + 6, deviceId);
  },
});
