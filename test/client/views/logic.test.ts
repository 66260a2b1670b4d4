import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeNonce, viewPage } from '../../../client/views/page.ts';
import { readFromView } from '../../../client/views/results/messages.ts';
import { count, factor, share, time } from '../../../client/views/results/text.ts';
import { segment, ticks } from '../../../client/views/results/timeline.ts';

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
});

describe('messages of the view', () => {
  test('are read only in their own form', () => {
    expect(readFromView({ kind: 'ready', more: 1 })).toEqual({ kind: 'ready' });
    expect(readFromView({ kind: 'reveal', key: 3, name: 'rp0' })).toEqual({ kind: 'reveal', key: 3, name: 'rp0' });
    const place = { kind: 'revealExpectation', key: 3, variant: 0, run: 0, expectation: 2 };
    expect(readFromView(place)).toEqual(place);
    const against = { kind: 'against', key: 3, other: null };
    expect(readFromView(against)).toEqual(against);
    const exported = { kind: 'export', key: 3, format: 'csv' };
    expect(readFromView(exported)).toEqual(exported);
    expect(readFromView({ kind: 'cancel' })).toEqual({ kind: 'cancel' });
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
      { kind: 'against', key: 1, other: -1 },
      { kind: 'against', key: 1 },
      { kind: 'export', key: 1, format: 'exe' },
    ]) {
      expect(readFromView(bad)).toBeUndefined();
    }
  });
  test('nonces differ', () => {
    expect(makeNonce()).toMatch(/^[0-9a-f]{48}$/);
    expect(makeNonce()).not.toBe(makeNonce());
  });
  test('the policy of a page lets in its own script, and WebAssembly only where a view needs it', () => {
    const parts = { address: (name: string) => `/${name}`, cspSource: 'https://views', nonce: 'abc' };
    const policy = (wasm: boolean) =>
      /Content-Security-Policy" content="([^"]*)"/.exec(
        viewPage({ bundle: 'results', title: 'view', wasm }, parts),
      )?.[1];
    const rest = "base-uri 'none'; form-action 'none'";
    const common = "default-src 'none'; style-src https://views; script-src 'nonce-abc'";
    expect(policy(false)).toBe(`${common}; ${rest}`);
    expect(policy(true)).toBe(`${common} 'wasm-unsafe-eval'; connect-src data:; ${rest}`);
  });
});

test('figures as people read them', () => {
  expect(time(12.9e-6)).toBe('12.9 µs');
  expect(time(0)).toBe('0');
  expect(factor(2.51 / 1.19)).toBe('2.11 ×');
  expect(factor(0.6664)).toBe('0.67 ×');
  expect([share(0), share(0.0004), share(0.5), share(1.2)]).toEqual(['0 %', '< 0.1 %', '50 %', '100 %']);
  expect([count(1, 'transfer'), count(2, 'transfer')]).toEqual(['1 transfer', '2 transfers']);
});
