import { expect, test } from 'vitest';
import { compareRuns } from '../../server/runs/comparison.ts';
import type { RunResult, TransferResult } from '../../simulator/simulate.types.ts';

const transfer = (name: string, bytesPerSecond: number, more: Partial<TransferResult> = {}): TransferResult => ({
  name,
  from: 'a',
  to: 'b',
  bytes: 10,
  startSeconds: 1,
  endSeconds: 1 + 10 / bytesPerSecond,
  bytesPerSecond,
  firstByteSeconds: 1.5,
  route: 'direct',
  bottleneck: 'link',
  phases: [],
  reasons: [],
  ...more,
});
const run = (name: string, transfers: readonly TransferResult[], more: Partial<RunResult> = {}): RunResult => ({
  name,
  makespanSeconds: Math.max(0, ...transfers.map(({ endSeconds }) => endSeconds)),
  transfers,
  links: [],
  resources: [],
  expectations: [],
  operations: [],
  notSimulated: [],
  assumptions: [],
  ...more,
});
const link = (name: string, direction: 'up' | 'down', utilisation: number) => ({
  name,
  direction,
  payloadBytes: 1,
  wireBytes: 1,
  utilisation,
});
const expectation = (text: string, passed: boolean) => ({
  text,
  passed,
  actual: null,
  message: '',
  range: { uri: 'file:///a', offset: 0, end: 1 },
});

test('each transfer on both sides, by its name; ratios are after over before', () => {
  const before = { label: 'one', runs: [run('r', [transfer('a', 5), transfer('gone', 5)])] };
  const after = {
    label: 'other',
    runs: [run('r', [transfer('a', 10, { firstByteSeconds: 1.25 }), transfer('new', 1)])],
  };
  const { transfers, speedup, ...sides } = compareRuns(before, after);
  expect(transfers.map(({ name, rateRatio, latencyRatio }) => [name, rateRatio, latencyRatio])).toEqual([
    ['a', 2, 0.5],
    ['gone', null, null],
    ['new', null, null],
  ]);
  expect(transfers[0]?.before).toMatchObject({ seconds: 2, bytesPerSecond: 5, firstByteSeconds: 0.5 });
  expect(transfers[1]?.after).toBeNull();
  expect(transfers[2]?.before).toBeNull();
  expect(sides.before).toEqual({ label: 'one', makespanSeconds: 3 });
  expect(speedup).toBeCloseTo(3 / 11, 12);
});

test('names are unique over runs', () => {
  const runs = [run('x', [transfer('a', 1), transfer('a', 2)]), run('y', [transfer('a', 3)])];
  const { transfers } = compareRuns({ label: '', runs }, { label: '', runs });
  expect(transfers.map(({ name }) => name)).toEqual(['x: a', 'x: a #2', 'y: a']);
  expect(transfers.every(({ rateRatio }) => rateRatio === 1)).toBe(true);
});

test('a way that leads nowhere has no ratio', () => {
  const nowhere = transfer('a', 0, { endSeconds: Number.POSITIVE_INFINITY, route: 'none' });
  const { transfers, speedup } = compareRuns(
    { label: '', runs: [run('r', [transfer('a', 1)])] },
    { label: '', runs: [run('r', [nowhere])] },
  );
  expect(transfers[0]?.rateRatio).toBeNull();
  expect(speedup).toBeNull();
});

test('links whose use changed, what changed the most first; expectations that differ', () => {
  const before = run('r', [], {
    links: [link('l', 'up', 0.9), link('l', 'down', 0.2), link('same', 'up', 0.5)],
    expectations: [expectation('a', true), expectation('b', true)],
  });
  const after = run('r', [], {
    links: [link('l', 'up', 0.1), link('same', 'up', 0.501), link('m', 'down', 0.4)],
    expectations: [expectation('a', false), expectation('b', true), expectation('c', true)],
  });
  const { use, expectations } = compareRuns({ label: '', runs: [before] }, { label: '', runs: [after] });
  expect(use).toEqual([
    { name: 'l', direction: 'up', before: 0.9, after: 0.1 },
    { name: 'm', direction: 'down', before: 0, after: 0.4 },
    { name: 'l', direction: 'down', before: 0.2, after: 0 },
  ]);
  expect(expectations).toEqual([
    { text: 'a', before: true, after: false },
    { text: 'c', before: null, after: true },
  ]);
});
