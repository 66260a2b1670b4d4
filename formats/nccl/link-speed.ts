import { type Generation, generationOfRate } from '../../model/link/generation.ts';

/**
 * What NCCL takes for a speed (src/graph/topo.cc, kvDictPciGen): as the kernel prints it, up to 5.6 without ` PCIe`. Everything
 * else counts as Gen3.
 */
const known: ReadonlyMap<string, Generation> = new Map([
  ['2.5 GT/s', 1],
  ['5 GT/s', 2],
  ['8 GT/s', 3],
  ['16 GT/s', 4],
  ['32 GT/s', 5],
  ['2.5 GT/s PCIe', 1],
  ['5.0 GT/s PCIe', 2],
  ['8.0 GT/s PCIe', 3],
  ['16.0 GT/s PCIe', 4],
  ['32.0 GT/s PCIe', 5],
  ['64.0 GT/s PCIe', 6],
]);

/** The generation that NCCL counts with: Gen3 where the text is missing or none that it knows. */
export function ncclGeneration(speed: string | undefined): Generation {
  return known.get(speed ?? '') ?? 3;
}

/** True where NCCL reads the same as everybody else would. */
export function isKnownToNccl(speed: string): boolean {
  return known.has(speed);
}

/** The generation that a speed in words means, whether NCCL knows the words or not; undefined where it means none. */
export function generationOfWords(speed: string): Generation | undefined {
  const rate = /^(\d+(?:\.\d+)?)\s*GT\/s(?: PCIe)?$/.exec(speed.trim())?.[1];
  return rate === undefined ? undefined : (generationOfRate(Number(rate)) ?? undefined);
}

/** The speed as NCCL reads it; undefined for Gen7, of which it knows nothing yet. */
export function wordsOfGeneration(generation: Generation): string | undefined {
  return [...known].findLast(([, one]) => one === generation)?.[0];
}
