import type { CapabilityBlock } from '../block.ts';
import { bitWhere, setWord } from '../registers.ts';

/** Address Translation Services (PCI Express Base Specification 5.0, 10.5.1): 32 invalidations in flight, 4 KiB pages. */
export const addressTranslation = (enabled: boolean): CapabilityBlock => ({
  kind: 'extended',
  id: 0x000f,
  version: 1,
  name: 'Address Translation Services',
  bytes: 8,
  write(space, at) {
    // Queue depth 0 stands for 32; page-aligned requests.
    setWord(space, at + 4, 0x20);
    setWord(space, at + 6, bitWhere(enabled, 0x8000), { writable: 0x801f });
  },
});
