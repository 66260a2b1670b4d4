import type { CapabilityBlock } from '../block.ts';
import { setWord } from '../registers.ts';

const noSoftReset = 0x8;

/** Power Management (PCI Bus Power Management Interface Specification 1.2, 3.2): D0 and D3hot, no PME. In D0. */
export const powerManagement: CapabilityBlock = {
  kind: 'standard',
  id: 0x01,
  name: 'Power Management',
  bytes: 8,
  write(space, at) {
    // Version 3 of the interface.
    setWord(space, at + 2, 0x0003);
    setWord(space, at + 4, noSoftReset, { writable: 0x3 });
  },
};
