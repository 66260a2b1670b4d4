import type { RunVariant } from '../../../server/protocol.ts';

/** Two variants from the arguments of a command; undefined where they are none. The server knows which there are. */
export function readVariants(value: unknown): readonly [RunVariant, RunVariant] | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [before, after]: readonly unknown[] = value;
  if (typeof before !== 'string' || typeof after !== 'string') return undefined;
  return [before as RunVariant, after as RunVariant];
}
