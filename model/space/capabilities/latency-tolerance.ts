import type { CapabilityBlock } from '../block.ts';
import { setWord } from '../registers.ts';

/** Latency Tolerance Reporting (PCI Express Base Specification 5.0, 7.8.2): no maximum set yet. */
export const latencyTolerance: CapabilityBlock = {
  kind: 'extended',
  id: 0x0018,
  version: 1,
  name: 'Latency Tolerance Reporting',
  bytes: 8,
  write(space, at) {
    setWord(space, at + 4, 0, { writable: 0x1fff });
    setWord(space, at + 6, 0, { writable: 0x1fff });
  },
};
