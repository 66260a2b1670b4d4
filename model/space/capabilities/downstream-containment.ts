import type { CapabilityBlock } from '../block.ts';
import { setWord } from '../registers.ts';

/** Downstream Port Containment (PCI Express Base Specification 5.0, 7.9.15), not armed. */
export const downstreamContainment: CapabilityBlock = {
  kind: 'extended',
  id: 0x001d,
  version: 1,
  name: 'Downstream Port Containment',
  bytes: 12,
  write(space, at) {
    setWord(space, at + 4, 0);
    setWord(space, at + 6, 0, { writable: 0x1f });
    setWord(space, at + 8, 0, { clearable: 0x9 });
  },
};
