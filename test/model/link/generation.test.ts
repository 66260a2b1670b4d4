import { describe, expect, it } from 'vitest';
import {
  generationOfRate,
  generations,
  gigatransfersPerSecond,
  isGeneration,
  isLaneCount,
  laneCounts,
  lineCode,
  linkLabel,
  rawBytesPerSecond,
  requiresFlitMode,
} from '../../../model/link/generation.ts';

describe('generations', () => {
  it('has the data rates and line codes of the specification', () => {
    expect(generations.map(gigatransfersPerSecond)).toEqual([2.5, 5, 8, 16, 32, 64, 128]);
    expect(generations.map((generation) => lineCode(generation).name)).toEqual([
      '8b/10b',
      '8b/10b',
      '128b/130b',
      '128b/130b',
      '128b/130b',
      '1b/1b',
      '1b/1b',
    ]);
    expect(generations.filter(requiresFlitMode)).toEqual([6, 7]);
  });

  it('gives the raw rate of one direction', () => {
    expect(rawBytesPerSecond(1, 1)).toBe(250e6);
    expect(rawBytesPerSecond(2, 4)).toBe(2e9);
    expect(rawBytesPerSecond(3, 8)).toBeCloseTo((8e9 * 8 * 128) / 130 / 8, 0);
    expect(rawBytesPerSecond(5, 16) / 1e9).toBeCloseTo(63.0154, 4);
    expect(rawBytesPerSecond(6, 16)).toBe(128e9);
    expect(rawBytesPerSecond(7, 16)).toBe(256e9);
  });

  it('grows with generation and lanes', () => {
    for (const lanes of laneCounts) {
      const rates = generations.map((generation) => rawBytesPerSecond(generation, lanes));
      expect(rates).toEqual([...rates].sort((a, b) => a - b));
    }
    for (const generation of generations) {
      expect(rawBytesPerSecond(generation, 12)).toBeCloseTo(12 * rawBytesPerSecond(generation, 1), 0);
    }
  });

  it('knows what is legal', () => {
    expect([0, 1, 7, 8, 3.5, Number.NaN].filter(isGeneration)).toEqual([1, 7]);
    expect([0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64].filter(isLaneCount)).toEqual([1, 2, 4, 8, 12, 16, 32]);
    expect([2.5, 8, 32, 20].map(generationOfRate)).toEqual([1, 3, 5, null]);
    expect(linkLabel({ generation: 4, lanes: 16 })).toBe('Gen4 x16');
  });
});
