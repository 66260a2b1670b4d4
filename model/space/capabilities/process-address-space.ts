import type { CapabilityBlock } from '../block.ts';
import { field, setWord } from '../registers.ts';

/** Bits of a PASID: all that there can be. */
const widthBits = 20;

/** Process Address Space ID (PCI Express Base Specification 5.0, 7.8.8): 20 bits, not enabled. */
export const processAddressSpace: CapabilityBlock = {
  kind: 'extended',
  id: 0x001b,
  version: 1,
  name: 'Process Address Space ID',
  bytes: 8,
  write(space, at) {
    setWord(space, at + 4, field(widthBits, 8, 5));
    setWord(space, at + 6, 0, { writable: 0x1 });
  },
};
