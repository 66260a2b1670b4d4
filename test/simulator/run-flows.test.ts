import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeWorkload, random } from '../../bench/flows-workloads.ts';
import { runFlows } from '../../simulator/engine/run-flows.ts';
import { plainFlows } from './engine/filling.ts';

const folder = resolve(import.meta.dirname, '../../../shared/data/flows');
const rows = (file: string) =>
  readFileSync(resolve(folder, file), 'utf8')
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','));

/** Equal to 1e-9 relative or 1 ps. */
function expectClose(got: ArrayLike<number>, wanted: ArrayLike<number>, what: string): void {
  expect(got.length, what).toBe(wanted.length);
  for (let index = 0; index < wanted.length; index++) {
    const [a, b] = [got[index] ?? Number.NaN, wanted[index] ?? Number.NaN];
    if (a === b) continue;
    if (!(Math.abs(a - b) <= Math.max(1e-12, b * 1e-9))) expect.fail(`${what}: flow ${index} ends at ${a}, not ${b}`);
  }
}

type Flows = readonly {
  readonly bytes: number;
  readonly startSeconds: number;
  readonly resources: readonly number[];
}[];

/** Plain filling, after what it does not know is set apart: flows without bytes or limits, resources without capacity. */
function referenceFlows(given: readonly number[], flows: Flows): number[] {
  const finish = flows.map(({ startSeconds }) => startSeconds);
  const plain = flows.flatMap((one, index) => {
    const costs = new Map<number, number>();
    for (const resource of one.resources) {
      if (Number.isFinite(given[resource])) costs.set(resource, (costs.get(resource) ?? 0) + 1);
    }
    if (one.bytes === 0 || costs.size === 0) return [];
    finish[index] = Number.POSITIVE_INFINITY;
    if ([...costs.keys()].some((resource) => given[resource] === 0)) return [];
    return [{ index, ...one, resources: [...costs.keys()], costs: [...costs.values()] }];
  });
  if (plain.length === 0) return finish;
  const limits = given.map((capacity) => (Number.isFinite(capacity) ? capacity : 1));
  plainFlows(limits, plain).forEach((seconds, at) => {
    finish[plain[at]?.index ?? 0] = seconds;
  });
  return finish;
}

const flow = fc.record({
  bytes: fc.integer({ min: 1, max: 1000 }),
  startSeconds: fc.integer({ min: 0, max: 5 }),
  resources: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }),
});
const capacities = fc.array(fc.constantFrom(1, 5, 7, 7, 11, 40), { minLength: 6, maxLength: 6 });
const load = fc.record({ capacities, flows: fc.array(flow, { minLength: 1, maxLength: 25 }) });

describe('runFlows', () => {
  it('shares one resource evenly', () => {
    const { finishSeconds } = runFlows({
      capacities: Float64Array.of(10),
      flows: [
        { bytes: 10, startSeconds: 0, resources: [0] },
        { bytes: 30, startSeconds: 0, resources: [0] },
      ],
    });
    expect([...finishSeconds]).toEqual([2, 4]);
  });

  it('lets a flow that is held back elsewhere leave its share to others', () => {
    const { finishSeconds } = runFlows({
      capacities: Float64Array.of(10, 2),
      flows: [
        { bytes: 8, startSeconds: 0, resources: [0] },
        { bytes: 2, startSeconds: 0, resources: [0, 1] },
      ],
    });
    expect([...finishSeconds]).toEqual([1, 1]);
  });

  it('takes arrivals later on, and times without any flow', () => {
    const { finishSeconds } = runFlows({
      capacities: Float64Array.of(1),
      flows: [
        { bytes: 2, startSeconds: 0, resources: [0] },
        { bytes: 1, startSeconds: 1, resources: [0] },
        { bytes: 5, startSeconds: 10, resources: [0] },
      ],
    });
    expect([...finishSeconds]).toEqual([3, 3, 15]);
  });

  it('ends at once what has no bytes or nothing to wait for, and never what has no capacity', () => {
    const { finishSeconds } = runFlows({
      capacities: Float64Array.of(1, 0, Number.POSITIVE_INFINITY),
      flows: [
        { bytes: 0, startSeconds: 2, resources: [0] },
        { bytes: 7, startSeconds: 3, resources: [] },
        { bytes: 7, startSeconds: 3, resources: [2] },
        { bytes: 7, startSeconds: 0, resources: [0, 1] },
        { bytes: 1, startSeconds: 0, resources: [0, 2] },
      ],
    });
    expect([...finishSeconds]).toEqual([2, 3, 3, Number.POSITIVE_INFINITY, 1]);
  });

  it('counts a resource twice that a flow passes twice', () => {
    const { finishSeconds } = runFlows({
      capacities: Float64Array.of(10),
      flows: [{ bytes: 10, startSeconds: 0, resources: [0, 0] }],
    });
    expect([...finishSeconds]).toEqual([2]);
  });

  it('refuses what is no workload, and says where', () => {
    const one = { bytes: 1, startSeconds: 0, resources: [0] };
    const of = (flows: readonly (typeof one)[], capacity = 1) =>
      runFlows({ capacities: Float64Array.of(capacity), flows });
    expect(() => of([one], -1)).toThrow('resource 0 has a capacity of -1');
    expect(() => of([one], Number.NaN)).toThrow('resource 0 has a capacity of NaN');
    for (const resource of [1, -1, 0.5, Number.NaN, 2 ** 32]) {
      expect(() => of([one, { ...one, resources: [0, resource] }])).toThrow(`flow 1: there is no resource ${resource}`);
    }
    expect(() => of([one, { ...one, bytes: Number.NaN }])).toThrow('flow 1 has NaN bytes');
    expect(() => of([{ ...one, bytes: -1 }])).toThrow('flow 0 has -1 bytes');
    expect(() => of([one, { ...one, startSeconds: Number.NaN }])).toThrow('flow 1 starts at NaN s');
    expect(() => of([{ ...one, startSeconds: Number.NEGATIVE_INFINITY }])).toThrow('flow 0 starts at -Infinity s');
    for (const wrong of [() => of([one], -1), () => of([{ ...one, bytes: -1 }])]) expect(wrong).toThrow(RangeError);
  });

  it('takes a workload without flows or resources, and starts before zero', () => {
    expect(runFlows({ capacities: new Float64Array(), flows: [] }).finishSeconds).toHaveLength(0);
    const { finishSeconds } = runFlows({
      capacities: Float64Array.of(2),
      flows: [
        { bytes: 4, startSeconds: -3, resources: [0] },
        { bytes: 1, startSeconds: -2, resources: [0] },
        { bytes: 1, startSeconds: Number.POSITIVE_INFINITY, resources: [0] },
        { bytes: Number.POSITIVE_INFINITY, startSeconds: 5, resources: [0] },
      ],
    });
    expect([...finishSeconds]).toEqual([-0.5, -1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  it('knows nothing of runs before, and answers the same again', () => {
    const work = makeWorkload({ endpoints: 40, flows: 300, arrivals: 'rho90', traffic: 'mixed', seed: 3 });
    const first = runFlows(work).finishSeconds;
    runFlows(makeWorkload({ endpoints: 16, flows: 50, arrivals: 'burst', traffic: 'local', seed: 4 }));
    expect(runFlows(work).finishSeconds).toEqual(first);
  });

  it('ends flows when plain progressive filling does', () => {
    fc.assert(
      fc.property(load, (work) => {
        const { finishSeconds } = runFlows({ ...work, capacities: Float64Array.from(work.capacities) });
        expectClose(finishSeconds, plainFlows(work.capacities, work.flows), 'flows');
      }),
      { numRuns: 1000 },
    );
  });

  it('does so with capacities and sizes of any magnitude, no bytes, no resources, and resources named twice', () => {
    // A digit and a power of ten: capacities and sizes twelve orders of magnitude apart.
    const magnitude = fc
      .tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 0, max: 12 }))
      .map(([a, b]) => a * 10 ** b);
    const capacity = fc.oneof(
      { weight: 12, arbitrary: magnitude },
      { weight: 1, arbitrary: fc.constantFrom(0, Number.POSITIVE_INFINITY) },
    );
    const any = fc.record({
      bytes: fc.oneof({ weight: 8, arbitrary: magnitude }, { weight: 1, arbitrary: fc.constant(0) }),
      startSeconds: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double({ min: 0, max: 3, noNaN: true })),
      resources: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 6 }),
    });
    const work = fc.record({
      capacities: fc.array(capacity, { minLength: 10, maxLength: 10 }),
      flows: fc.array(any, { minLength: 1, maxLength: 40 }),
    });
    fc.assert(
      fc.property(work, ({ capacities: given, flows }) => {
        const { finishSeconds } = runFlows({ capacities: Float64Array.from(given), flows });
        expectClose(finishSeconds, referenceFlows(given, flows), 'flows');
      }),
      { seed: 20_260, numRuns: 500 },
    );
  });

  it('does so with many ties: few sizes and capacities, classes of many flows, arrivals and departures in one instant', () => {
    const many = fc.record({
      capacities: fc.array(fc.constantFrom(1, 2, 3, 4, 6, 12, 100), { minLength: 8, maxLength: 8 }),
      flows: fc
        .array(
          fc.record({
            bytes: fc.constantFrom(1, 2, 4, 12),
            startSeconds: fc.constantFrom(0, 0, 1, 2, 2.5, 3),
            resources: fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 5 }),
            copies: fc.integer({ min: 1, max: 4 }),
          }),
          { minLength: 1, maxLength: 30 },
        )
        .map((kinds) => kinds.flatMap(({ copies, ...one }) => Array.from({ length: copies }, () => one))),
    });
    fc.assert(
      fc.property(many, (work) => {
        const { finishSeconds } = runFlows({ ...work, capacities: Float64Array.from(work.capacities) });
        expectClose(finishSeconds, plainFlows(work.capacities, work.flows), 'flows');
      }),
      { seed: 20_261, numRuns: 500 },
    );
  });

  it('does so without a tree: many resources, hundreds of flows on any of them', () => {
    const next = random(5);
    const pick = (count: number) => Math.floor(next() * count);
    for (let round = 0; round < 8; round++) {
      const resources = 10 + pick(60);
      const given = Float64Array.from({ length: resources }, () => 10 ** (next() * 3) * 1e9);
      const flows = Array.from({ length: 200 }, () => ({
        bytes: Math.round(4096 * 4096 ** next()),
        startSeconds: round % 2 === 0 ? 0 : next() * 0.02,
        resources: [...new Set(Array.from({ length: 1 + pick(6) }, () => pick(resources)))],
      }));
      expectClose(runFlows({ capacities: given, flows }).finishSeconds, plainFlows(given, flows), `round ${round}`);
    }
  });

  it('does so on trees of links, at once and one after the other', () => {
    for (const arrivals of ['burst', 'rho90'] as const) {
      for (const traffic of ['mixed', 'local'] as const) {
        const work = makeWorkload({ endpoints: 40, flows: 120, arrivals, traffic, seed: 7 });
        expectClose(runFlows(work).finishSeconds, plainFlows(work.capacities, work.flows), `${arrivals} ${traffic}`);
      }
    }
  });

  it('moves all bytes in no less time than the capacities ask for', () => {
    fc.assert(
      fc.property(load, (work) => {
        const { finishSeconds } = runFlows({ ...work, capacities: Float64Array.from(work.capacities) });
        work.capacities.forEach((capacity, resource) => {
          const on = [...work.flows.keys()].filter((index) => work.flows[index]?.resources.includes(resource));
          if (on.length === 0) return;
          const first = Math.min(...on.map((index) => work.flows[index]?.startSeconds ?? 0));
          const last = Math.max(...on.map((index) => finishSeconds[index] ?? 0));
          const bytes = on.reduce((sum, index) => sum + (work.flows[index]?.bytes ?? 0), 0);
          expect(bytes).toBeLessThanOrEqual((last - first) * capacity * (1 + 1e-9));
        });
      }),
    );
  });

  it('takes any unit of time and of size, and any order of the flows', () => {
    fc.assert(
      fc.property(load, fc.constantFrom(2 ** -20, 2 ** 10), fc.constantFrom(2 ** -10, 2 ** 20), (work, time, size) => {
        const plain = runFlows({ ...work, capacities: Float64Array.from(work.capacities) }).finishSeconds;
        const scaled = runFlows({
          capacities: Float64Array.from(work.capacities, (capacity) => (capacity * size) / time),
          flows: work.flows
            .map((one) => ({ ...one, bytes: one.bytes * size, startSeconds: one.startSeconds * time }))
            .reverse(),
        }).finishSeconds;
        expectClose(
          [...scaled].reverse().map((seconds) => seconds / time),
          plain,
          'scaled',
        );
      }),
    );
  });

  it.skipIf(!existsSync(folder))('finishes flows when SimGrid does (skipped where the shared data are absent)', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.flows.csv'));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const links = rows(`${file.split('-')[0]}.links.csv`);
      const capacity = new Float64Array(links.length);
      for (const link of links) capacity[Number(link[0])] = Number(link[3]);
      const flows = rows(file).map((row) => ({
        bytes: Number(row[3]),
        startSeconds: Number(row[4]),
        resources: (row[5] ?? '').split(' ').map(Number),
      }));
      const wanted = new Float64Array(flows.length);
      for (const row of rows(file.replace('.flows.', '.simgrid.'))) wanted[Number(row[0])] = Number(row.at(-1));
      expectClose(runFlows({ capacities: capacity, flows }).finishSeconds, wanted, file);
    }
  });
});
