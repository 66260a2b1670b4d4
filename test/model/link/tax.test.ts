import { describe, expect, it } from 'vitest';
import { generations, isGeneration, isLaneCount } from '../../../model/link/generation.ts';
import { ackLimitSymbolTimes, linkTax } from '../../../model/link/tax.ts';
import { hasReference, numberIn, readReference } from './shared.ts';

describe('Ack latency limit', () => {
  it('follows (MPS + 28) x AckFactor / lanes + InternalDelay', () => {
    expect(ackLimitSymbolTimes(1, 1, 128)).toBe(Math.floor(156 * 1.4 + 19));
    expect(ackLimitSymbolTimes(1, 8, 256)).toBe(Math.floor((284 * 2.5) / 8 + 19));
    expect(ackLimitSymbolTimes(2, 16, 512)).toBe(Math.floor((540 * 2) / 16 + 70));
    expect(ackLimitSymbolTimes(5, 4, 4096)).toBe(Math.floor(4124 / 4 + 115));
    expect(ackLimitSymbolTimes(3, 12, 128)).toBe((156 * 3) / 12 + 115);
  });

  it('keeps clear of the misprints that circulate', () => {
    expect(ackLimitSymbolTimes(2, 32, 4096)).toBe(327);
    expect(ackLimitSymbolTimes(1, 32, 2048)).toBe(148);
  });

  const reference = 'ack-limit.csv';
  it.skipIf(!hasReference(reference))(
    'equals every limit of the tables (skipped where the reference data is absent)',
    () => {
      const rows = readReference(reference);
      expect(rows.length).toBeGreaterThan(100);
      for (const row of rows) {
        const generation = Number(row.gen?.slice(3));
        const lanes = Number(row.lanes?.slice(1));
        if (!isGeneration(generation) || !isLaneCount(lanes)) throw new Error(JSON.stringify(row));
        const limit = ackLimitSymbolTimes(generation, lanes, numberIn(row, 'mps_B'));
        expect(limit, JSON.stringify(row)).toBe(numberIn(row, 'ack_limit_B'));
      }
    },
  );
});

describe('link tax', () => {
  it('is none, measured or worst case, in that order', () => {
    for (const generation of generations) {
      const input = { generation, lanes: 16, mps: 256, flitMode: generation >= 6 } as const;
      const fractions = (['none', 'measured', 'worst-case'] as const).map((tax) => linkTax(tax, input).fraction);
      expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
      expect(fractions[0]).toBe(0);
    }
  });

  it('asks nothing of flits, whose DLP bytes carry Acks and credits', () => {
    for (const tax of ['measured', 'worst-case'] as const) {
      expect(linkTax(tax, { generation: 6, lanes: 16, mps: 256, flitMode: true }).fraction).toBe(0);
      expect(linkTax(tax, { generation: 7, lanes: 4, mps: 512, flitMode: true }).fraction).toBe(0);
      expect(linkTax(tax, { generation: 5, lanes: 4, mps: 512, flitMode: true }).fraction).toBe(0);
    }
  });

  it('is what saturated Gen3 writes lose', () => {
    // 512 B writes of Gen3 x8 at MPS 256: 54.443 Gb/s of 63.0154 Gb/s raw, 512 payload bytes in 560.
    const derived = 1 - 54.443 / ((63.0154 * 512) / 560);
    const tax = linkTax('measured', { generation: 3, lanes: 8, mps: 256, flitMode: false });
    expect(tax.fraction).toBeCloseTo(derived, 3);
    expect(tax.source).toContain('pcie-bench');
  });
});
