import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergedPhases } from '../../../simulator/explain/phases.ts';
import type { LimitPhase } from '../../../simulator/simulate.types.ts';

const phase = (startSeconds: number, endSeconds: number, bytesPerSecond: number, limitedBy = 'rp0'): LimitPhase => ({
  startSeconds,
  endSeconds,
  bytesPerSecond,
  limitedBy,
  kind: 'link',
});
const bytesOf = (phases: readonly LimitPhase[]): number =>
  phases.reduce((sum, one) => sum + one.bytesPerSecond * (one.endSeconds - one.startSeconds), 0);

describe('phases of a transfer', () => {
  test('with the same limit are one', () => {
    const phases = [phase(0, 1, 10), phase(1, 4, 20), phase(4, 5, 5, 'rp1')];
    expect(mergedPhases(phases, 10)).toEqual([phase(0, 4, 17.5), phase(4, 5, 5, 'rp1')]);
    expect(mergedPhases([], 10)).toEqual([]);
  });

  test('say what would come next in the longest of them, or at its mean rate where it is the same in all', () => {
    const next = (bytesPerSecond: number, limitedBy = 'rp2') => ({ limitedBy, kind: 'link' as const, bytesPerSecond });
    const phases = [1, 3, 2].map((length, index) => ({
      ...phase(index * 3, index * 3 + length, 1),
      next: next(index, `rp${index}`),
    }));
    expect(mergedPhases(phases, 10)[0]?.next).toEqual(next(1, 'rp1'));
    const same = phases.map((one, index) => ({ ...one, next: next([8, 2, 5][index] ?? 0) }));
    expect(mergedPhases(same, 10)[0]?.next).toEqual(next((((8 + 3 * 2) / 4) * 6 + 2 * 5) / 8));
  });

  test('keep start, end and bytes, however few they become', () => {
    const one = fc.record({
      seconds: fc.double({ min: 1e-9, max: 10, noNaN: true }),
      rate: fc.double({ min: 0, max: 1e11, noNaN: true }),
      by: fc.constantFrom('a', 'b', 'c'),
    });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 80 }), fc.integer({ min: 1, max: 20 }), (drawn, most) => {
        let at = 0;
        const phases = drawn.map(({ seconds, rate, by }) => {
          const from = at;
          at += seconds;
          return phase(from, at, rate, by);
        });
        const merged = mergedPhases(phases, most);
        expect(merged.length).toBeLessThanOrEqual(Math.max(1, most));
        expect(merged[0]?.startSeconds).toBe(0);
        expect(merged.at(-1)?.endSeconds).toBe(phases.at(-1)?.endSeconds);
        expect(Math.abs(bytesOf(merged) - bytesOf(phases))).toBeLessThanOrEqual(1e-6 * bytesOf(phases) + 1e-6);
      }),
    );
  });
});
