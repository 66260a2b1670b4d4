import type { Generation, LaneCount } from '../../model/link/generation.ts';
import { describe } from './cursor.ts';
import type { Reader } from './readers.ts';

export const legalLanes: readonly LaneCount[] = [1, 2, 4, 8, 12, 16, 32];

/** `gen1` to `gen7`. */
export const generation: Reader<Generation> = {
  shape: 'gen<n>',
  offers: ['gen1', 'gen2', 'gen3', 'gen4', 'gen5', 'gen6', 'gen7'],
  read(cursor) {
    const word = cursor.peekWord();
    const found = word === undefined ? undefined : parseGeneration(word);
    if (found === undefined) {
      const value = cursor.peek();
      cursor.problem({
        code: word?.startsWith('gen') ? 'link/illegal-generation' : 'language/bad-value',
        message: word?.startsWith('gen')
          ? `There is no PCIe generation ${word.slice(3)}: gen1 to gen7.`
          : `Expected a generation, gen1 to gen7, found ${describe(value)}.`,
        fixes: word?.startsWith('gen') ? ['gen3', 'gen4', 'gen5'].map((g) => ({ title: `Write ${g}`, text: g })) : [],
      });
      cursor.take();
      return undefined;
    }
    cursor.take();
    return found;
  },
};

/** `x1`, `x2`, `x4`, `x8`, `x12`, `x16`, `x32`. */
export const lanes: Reader<LaneCount> = {
  shape: 'x<n>',
  offers: legalLanes.map((count) => `x${count}`),
  read(cursor) {
    const word = cursor.peekWord();
    const found = word === undefined ? undefined : parseLanes(word);
    if (found === undefined) {
      const value = cursor.peek();
      const illegal = word !== undefined && /^x\d+$/.test(word);
      cursor.problem({
        code: illegal ? 'link/illegal-width' : 'language/bad-value',
        message: illegal
          ? `A PCIe link has 1, 2, 4, 8, 12, 16 or 32 lanes, not ${word?.slice(1)}.`
          : `Expected a lane width such as x16, found ${describe(value)}.`,
        fixes: illegal
          ? nearestLanes(Number(word?.slice(1))).map((n) => ({ title: `Write x${n}`, text: `x${n}` }))
          : [],
      });
      cursor.take();
      return undefined;
    }
    cursor.take();
    return found;
  },
};

/** The legal widths next to an illegal one: the lower first. */
export function nearestLanes(count: number): LaneCount[] {
  const below = legalLanes.filter((n) => n < count).at(-1);
  const above = legalLanes.find((n) => n > count);
  return [below, above].filter((n): n is LaneCount => n !== undefined);
}

/** 1-7 for `gen1`-`gen7`, else undefined. */
export function parseGeneration(word: string): Generation | undefined {
  const number = /^gen([1-7])$/.exec(word)?.[1];
  return number === undefined ? undefined : (Number(number) as Generation);
}

/** The lane count of `x16` and the like, else undefined. */
export function parseLanes(word: string): LaneCount | undefined {
  return legalLanes.find((count) => `x${count}` === word);
}
