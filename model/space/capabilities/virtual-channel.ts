import type { CapabilityBlock } from '../block.ts';
import { setDword } from '../registers.ts';

/** Virtual Channel (PCI Express Base Specification 5.0, 7.9.1): VC0 alone, which takes every traffic class. */
export const virtualChannel: CapabilityBlock = {
  kind: 'extended',
  id: 0x0002,
  version: 1,
  name: 'Virtual Channel',
  bytes: 0x1c,
  write(space, at) {
    const enabled = 0x80000000;
    const everyClass = 0xff;
    // TC0 stays in VC0.
    setDword(space, at + 0x14, enabled + everyClass, { writable: 0xfe });
  },
};
