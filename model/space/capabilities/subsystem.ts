import type { CapabilityBlock } from '../block.ts';
import { setWord } from '../registers.ts';

/** Subsystem IDs of a bridge, whose header has no room for them (PCI_CAP_ID_SSVID of linux/pci_regs.h). */
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
