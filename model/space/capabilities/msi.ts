import type { CapabilityBlock } from '../block.ts';
import { setDword, setWord } from '../registers.ts';

const wideAddress = 0x80;

/** MSI (PCI Local Bus Specification 3.0, 6.8.1): one vector, 64-bit address, not enabled. */
export const msi: CapabilityBlock = {
  kind: 'standard',
  id: 0x05,
  name: 'MSI',
  bytes: 16,
  write(space, at) {
    // Enable and Multiple Message Enable.
    setWord(space, at + 2, wideAddress, { writable: 0x71 });
    setDword(space, at + 4, 0, { writable: 0xfffffffc });
    setDword(space, at + 8, 0, { writable: 0xffffffff });
    setWord(space, at + 12, 0, { writable: 0xffff });
  },
};
