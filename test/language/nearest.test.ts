import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearest } from '../../language/elaborate/problem.ts';

/** Levenshtein distance by its definition. */
function distance(a: string, b: string): number {
  const row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0] ?? 0;
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j] ?? 0;
      row[j] = Math.min(diagonal + (a[i - 1] === b[j - 1] ? 0 : 1), above + 1, (row[j - 1] ?? 0) + 1);
      diagonal = above;
    }
  }
  return row[b.length] ?? 0;
}

describe('names that are nearly right', () => {
  test('come nearest first, three at most', () => {
    expect(nearest('gpu0', ['gpu1', 'gpu0x', 'nic0', 'gpu00', 'cpu0', 'ssd0'])).toEqual(['cpu0', 'gpu00', 'gpu0x']);
    expect(nearest('pex89104', ['pex88096', 'pex89144', 'pm50100'])).toEqual(['pex89144']);
    expect(nearest('x', [])).toEqual([]);
  });

  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '0'), maxLength: 12 });

  test('are those within a third of the word, by edit distance', () => {
    fc.assert(
      fc.property(letters, fc.uniqueArray(letters, { maxLength: 8 }), (word, candidates) => {
        const allowed = Math.max(1, Math.floor(word.length / 3));
        const expected = candidates
          .map((name) => ({ name, far: distance(word, name) }))
          .filter(({ far }) => far <= allowed)
          .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1))
          .slice(0, 3)
          .map(({ name }) => name);
        expect(nearest(word, candidates)).toEqual(expected);
      }),
      { seed: 20251121, numRuns: 2000 },
    );
  });
});
