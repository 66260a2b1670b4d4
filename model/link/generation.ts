/**
 * Generations of PCI Express and the raw rate of a link.
 * Sources: PCI Express Base Specification 7.0, sections 1.2 and 4.2 (data rates, 8b/10b, 128b/130b, 1b/1b Flit Mode);
 * Flit of 256 B = 236 TLP + 6 DLP + 8 CRC + 6 FEC: PCIe Base 6.0 section 4.2.3 (Flit Mode), and
 * https://bitsilica.com/elevating-performance-in-pcie-6/ in public.
 */
export type Generation = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** Link widths of PCIe Base up to 5.0; x12 and x32 exist on paper, x16 is the widest in use. */
export type LaneCount = 1 | 2 | 4 | 8 | 12 | 16 | 32;

export const generations: readonly Generation[] = [1, 2, 3, 4, 5, 6, 7];
export const laneCounts: readonly LaneCount[] = [1, 2, 4, 8, 12, 16, 32];

export function isGeneration(value: number): value is Generation {
  return Number.isInteger(value) && value >= 1 && value <= 7;
}

export function isLaneCount(value: number): value is LaneCount {
  return laneCounts.some((lanes) => lanes === value);
}

export interface LineCode {
  readonly name: '8b/10b' | '128b/130b' | '1b/1b';
  /** Data bits for each bit on the wire. */
  readonly efficiency: number;
}

const gigatransfers: Readonly<Record<Generation, number>> = { 1: 2.5, 2: 5, 3: 8, 4: 16, 5: 32, 6: 64, 7: 128 };

const code8b10b: LineCode = { name: '8b/10b', efficiency: 8 / 10 };
const code128b130b: LineCode = { name: '128b/130b', efficiency: 128 / 130 };
const code1b1b: LineCode = { name: '1b/1b', efficiency: 1 };

/** Data rate of one lane in GT/s (10^9 transfers a second): 2.5, 5, 8, 16, 32, 64, 128. */
export function gigatransfersPerSecond(generation: Generation): number {
  return gigatransfers[generation];
}

/** The generation with this data rate in GT/s, or null; for `LnkSta: Speed 16GT/s`. */
export function generationOfRate(gigatransfersPerSecond: number): Generation | null {
  return generations.find((generation) => gigatransfers[generation] === gigatransfersPerSecond) ?? null;
}

export function lineCode(generation: Generation): LineCode {
  if (generation <= 2) return code8b10b;
  return generation <= 5 ? code128b130b : code1b1b;
}

/** Bytes of a flit, and those of them that carry TLPs. */
export const flit = { bytes: 256, tlpBytes: 236 } as const;

/** True where Flit Mode is mandatory: 64 GT/s and faster. Slower links may negotiate it; see `flitMode` of the models. */
export function requiresFlitMode(generation: Generation): boolean {
  return generation >= 6;
}

/**
 * Bytes per second, one direction, after the line code: Gen3 x8 7.877e9, Gen5 x16 63.015e9, Gen6 x16 128e9.
 * For 1b/1b the flit's CRC, FEC and DLP bytes are still inside; `efficiency.ts` takes them off.
 */
export function rawBytesPerSecond(generation: Generation, lanes: LaneCount): number {
  // Multiplied before the one division by 8, so that the round figures (4e9, 128e9) come out exact.
  return (gigatransfers[generation] * 1e9 * lanes * lineCode(generation).efficiency) / 8;
}

/** `Gen4 x16`, the name of a link's state in every message. */
export function linkLabel(state: { readonly generation: Generation; readonly lanes: LaneCount }): string {
  return `Gen${state.generation} x${state.lanes}`;
}
