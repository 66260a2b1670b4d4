import type { Sourced } from '../../model/origin.ts';

/** What decides how much a drive writes to its flash for what the host writes. */
export interface SpareFlash {
  /** Bytes of flash for each byte that is written at random, in units of `unitBytes`; 1 for media that are written in place. */
  readonly amplification: number;
  /** Bytes that the drive maps as one: a smaller random write costs as much as one of this size. */
  readonly unitBytes: number;
}

/** Bytes that a drive maps as one where it says nothing. */
export const usualMappingUnit: Sourced<number> = {
  value: 4096,
  source: 'NVM Express NVM Command Set 1.0, section 5.8.2: what drives of large capacity raise (NPWG) from 4 KiB up',
};

/**
 * Bytes that go to the flash for each that is written at random, the drive being full. With a share `spare` more flash than
 * addresses, a = 1 + spare, it is a / (a + W(-a e^-a)), W being the principal branch of Lambert's function.
 * Source: L. Xiang, B. M. Kurkoski, "An Improved Analytical Expression for Write Amplification in NAND Flash", arXiv
 * 1110.4245: greedy garbage collection, uniformly random writes; 2.36 at 0.3, where their simulation of a drive says 2.35.
 *
 * @throws RangeError where nothing is spare: such a drive could not collect garbage
 */
export function randomWriteAmplification(spare: number): number {
  if (!(spare > 0)) throw new RangeError(`${spare} of the flash is spare`);
  if (spare === Number.POSITIVE_INFINITY) return 1;
  const a = 1 + spare;
  // x = -W(-a e^-a) is the root below 1 of x e^-x = a e^-a: ln x - x = ln a - a, whose left side grows with x.
  const wanted = Math.log(a) - a;
  let low = 0;
  let high = 1;
  for (let step = 0; step < 200 && high - low > 1e-15; step++) {
    const x = (low + high) / 2;
    if (Math.log(x) - x < wanted) low = x;
    else high = x;
  }
  return a / (a - (low + high) / 2);
}

/**
 * Bytes of flash for each byte of a write. What goes on in order, and what is appended to zones, fills whole blocks that later
 * become free as a whole: 1.
 */
export function writeAmplification({ amplification, unitBytes }: SpareFlash, inOrder: boolean, bytes: number): number {
  if (inOrder || !(bytes > 0)) return 1;
  return ((Math.ceil(bytes / unitBytes) * unitBytes) / bytes) * amplification;
}

/** Below this nothing is known of a drive that could work. */
const leastSpare = 1e-3;

/**
 * Spare flash of a drive that does not say: chips come in powers of two, so that there are as many GiB as the next one has.
 * Source: K. Smith, "Understanding SSD over-provisioning", EDN 2013.
 *
 * @param addressed bytes that hosts can write, over all namespaces
 * @returns null where that leaves nothing
 */
export function usualSpare(capacityBytes: number, addressed = capacityBytes): number | null {
  if (!(capacityBytes > 0) || !(addressed > 0)) return null;
  const flash = 2 ** Math.ceil(Math.log2(capacityBytes));
  const spare = flash / Math.min(capacityBytes, addressed) - 1;
  return spare >= leastSpare ? spare : null;
}
