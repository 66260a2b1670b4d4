import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeNonce } from '../../../client/views/page.ts';
import { comparisonRows } from '../../../client/views/results/comparison-rows.ts';
import { linkRows } from '../../../client/views/results/link-rows.ts';
import { readFromView } from '../../../client/views/results/messages.ts';
import { count, factor, time } from '../../../client/views/results/text.ts';
import { mergedPhases, segment, ticks } from '../../../client/views/results/timeline.ts';
import type { LimitPhase } from '../../../simulator/simulate.types.ts';
import { comparison, scenario, single } from './recorded.ts';

const transfer = single.variants[0]?.result.runs[0]?.transfers[0];
if (transfer === undefined) throw new Error('The recorded run has no transfer.');

describe('a time line', () => {
  test('every span lies on the axis and can be seen', () => {
    const seconds = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(seconds, seconds, seconds, (a, b, end) => {
        const { left, width } = segment(Math.min(a, b), Math.max(a, b), end);
        expect(left).toBeGreaterThanOrEqual(0);
        expect(width).toBeGreaterThan(0);
        expect(left + width).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
    expect(segment(0.25, 0.75, 1)).toEqual({ left: 0.25, width: 0.5 });
  });

  test('has two to five round marks', () => {
    expect(ticks(0.193)).toEqual([0, 0.05, 0.1, 0.15000000000000002]);
    expect(ticks(0)).toEqual([0]);
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e6, noNaN: true }), (end) => {
        const marks = ticks(end);
        expect(marks.length).toBeGreaterThanOrEqual(2);
        expect(marks.length).toBeLessThanOrEqual(5);
        expect(marks.at(-1)).toBeLessThanOrEqual(end * (1 + 1e-6));
      }),
    );
  });

  test('phases that are limited by the same thing are one, at their mean rate', () => {
    const phase = (start: number, end: number, rate: number, limitedBy = 'rp0'): LimitPhase => ({
      startSeconds: start,
      endSeconds: end,
      bytesPerSecond: rate,
      limitedBy,
      kind: 'link',
    });
    const phases = [phase(0, 1, 10), phase(1, 4, 20), phase(4, 5, 5, 'rp1')];
    expect(mergedPhases({ ...transfer, phases })).toEqual([phase(0, 4, 17.5), phase(4, 5, 5, 'rp1')]);
  });
});

test('links: one row for both directions, the busiest first, idle ones left out', () => {
  const links = scenario.variants[0]?.result.runs[0]?.links ?? [];
  const rows = linkRows([...links, { name: 'idle', direction: 'up', payloadBytes: 0, wireBytes: 0, utilisation: 0 }]);
  expect(rows.slice(0, 3).map((row) => [row.name, row.busiest])).toEqual([
    ['cpu0.rp0', 0.97],
    ['cpu0.rp1', 0.93],
    ['cpu0.rp0.sw0.p2', 0.81],
  ]);
  expect(rows.some((row) => row.name === 'idle')).toBe(false);
  expect(rows.find((row) => row.name === 'cpu0.rp1')).toMatchObject({
    up: { direction: 'up' },
    down: { direction: 'down' },
  });
});

test('a comparison: each transfer in every variant', () => {
  const rows = comparisonRows(comparison);
  expect(rows.map((row) => row.name)).toEqual(['load', 'gpu-pair']);
  expect(rows[0]?.variants.map((each) => each?.route)).toEqual(['direct', 'host-memory']);
  const [first, second] = comparison.variants;
  if (first === undefined || second === undefined) throw new Error('The recorded comparison has no two variants.');
  const half = {
    ...comparison,
    variants: [first, { ...second, result: { ...second.result, runs: second.result.runs.slice(0, 1) } }],
  };
  expect(comparisonRows(half)[1]?.variants[1]).toBeNull();
  const twice = {
    ...single,
    variants: [
      {
        ...first,
        result: {
          ...first.result,
          runs: first.result.runs
            .slice(0, 1)
            .map((run) => ({ ...run, transfers: [...run.transfers, ...run.transfers] })),
        },
      },
    ],
  };
  expect(comparisonRows(twice).map((row) => row.name)).toEqual(['load', 'load #2']);
});

describe('messages of the view', () => {
  test('are read only in their own form', () => {
    expect(readFromView({ kind: 'ready', more: 1 })).toEqual({ kind: 'ready' });
    expect(readFromView({ kind: 'reveal', key: 3, name: 'rp0' })).toEqual({ kind: 'reveal', key: 3, name: 'rp0' });
    const place = { kind: 'revealExpectation', key: 3, variant: 0, run: 0, expectation: 2 };
    expect(readFromView(place)).toEqual(place);
    for (const bad of [
      null,
      'ready',
      {},
      { kind: 'select' },
      { kind: 'select', key: -1 },
      { kind: 'select', key: 1.5 },
      { kind: 'reveal', key: 1 },
      { ...place, run: 'x' },
      { kind: 'run', key: 1 },
    ]) {
      expect(readFromView(bad)).toBeUndefined();
    }
  });
  test('nonces differ', () => {
    expect(makeNonce()).toMatch(/^[0-9a-f]{48}$/);
    expect(makeNonce()).not.toBe(makeNonce());
  });
});

test('figures as people read them', () => {
  expect(time(12.9e-6)).toBe('12.9 µs');
  expect(time(0)).toBe('0');
  expect(factor(1.19e10, 2.51e10)).toBe('2.11 ×');
  expect(factor(0, 5)).toBe('');
  expect([count(1, 'transfer'), count(2, 'transfer')]).toEqual(['1 transfer', '2 transfers']);
});
