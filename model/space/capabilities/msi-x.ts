import { romIndex } from '../../discovery/requirements.ts';
import type { CapabilityBlock } from '../block.ts';
import type { FunctionFacts } from '../facts.ts';
import { setDword, setWord } from '../registers.ts';

/** Bytes of a table entry (PCI Local Bus Specification 3.0, 6.8.2.6), and what the table and pending bits are aligned to. */
const entryBytes = 16;
const alignmentBytes = 8;
/** Table Size has eleven bits and holds one less. */
const maximumVectors = 2048;

export interface MsixPlace {
  readonly vectors: number;
  readonly bar: number;
  readonly tableOffset: number;
  readonly pendingOffset: number;
}

/**
 * Where the table and the pending bits lie, which no text says: in the smallest memory BAR with room for both, the table at
 * its half and the pending bits behind it, clear of the registers that devices keep at the start. Null: no vectors, or no
 * BAR that could hold them.
 */
export function msixPlace({ settings, device, part, role }: FunctionFacts): MsixPlace | null {
  const vectors = Math.min(settings.msixVectors ?? 0, maximumVectors);
  if (vectors < 1 || part !== 0 || role === 'virtual-function') return null;
  const tableBytes = vectors * entryBytes;
  const needed = tableBytes + alignmentBytes * Math.ceil(vectors / 64);
  const bars = device.bars
    .filter(({ index, kind, bytes }) => index !== romIndex && kind !== 'io' && bytes >= needed)
    .sort((a, b) => a.bytes - b.bytes || a.index - b.index);
  const bar = bars.find(({ bytes }) => bytes >= 2 * needed) ?? bars[0];
  if (bar === undefined) return null;
  const roomy = bar.bytes >= 2 * needed;
  // The offset has 32 bits.
  const tableOffset = roomy ? Math.min(bar.bytes / 2, 2 ** 31) : 0;
  return { vectors, bar: bar.index, tableOffset, pendingOffset: tableOffset + tableBytes };
}

/** MSI-X (PCI Local Bus Specification 3.0, 6.8.2), not enabled. */
export const msix = ({ vectors, bar, tableOffset, pendingOffset }: MsixPlace): CapabilityBlock => ({
  kind: 'standard',
  id: 0x11,
  name: 'MSI-X',
  bytes: 12,
  write(space, at) {
    // Function Mask and Enable.
    setWord(space, at + 2, vectors - 1, { writable: 0xc000 });
    setDword(space, at + 4, tableOffset + bar);
    setDword(space, at + 8, pendingOffset + bar);
  },
});
