import type { CapabilityBlock } from '../block.ts';
import { setDword, setWord } from '../registers.ts';

/** Lane Margining at the Receiver (PCI Express Base Specification 5.0, 7.7.7): ready, no command given. */
export const laneMargining = (lanes: number): CapabilityBlock => ({
  kind: 'extended',
  id: 0x0027,
  version: 1,
  name: 'Lane Margining at the Receiver',
  bytes: 8 + 4 * lanes,
  write(space, at) {
    setWord(space, at + 6, 1);
    // "No command" of each lane: margin type 7, usage model 0, payload 9Ch (table 4-26).
    for (let lane = 0; lane < lanes; lane++) setDword(space, at + 8 + 4 * lane, 0x9c38, { writable: 0xff7f });
  },
});
