import type { CapabilityBlock } from '../block.ts';
import { field, setWord } from '../registers.ts';

/**
 * Alternative Routing-ID Interpretation (PCI Express Base Specification 5.0, 7.8.7).
 *
 * @param nextFunction the next function number of the device, 0 at the last
 */
export const alternativeRouting = (nextFunction: number): CapabilityBlock => ({
  kind: 'extended',
  id: 0x000e,
  version: 1,
  name: 'Alternative Routing-ID Interpretation',
  bytes: 8,
  write(space, at) {
    setWord(space, at + 4, field(nextFunction, 8, 8));
  },
});
