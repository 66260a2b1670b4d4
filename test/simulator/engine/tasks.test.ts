import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Resource, runTasks, type Task } from '../../../simulator/engine/flow.ts';
import { startCore } from '../../../simulator/engine/sharing-core.ts';
import { plainTasks } from './plain-tasks.ts';

const kinds = ['link', 'memory', 'device'] as const;

/** A few resources, of which two may have one name, as both directions of a link do. */
const machine = (capacity: fc.Arbitrary<number>) =>
  fc.array(fc.record({ capacity, name: fc.integer({ min: 0, max: 5 }) }), { minLength: 6, maxLength: 6 }).map((all) =>
    all.map(
      ({ capacity: given, name }): Resource => ({
        capacity: given,
        name: `r${name}`,
        kind: kinds[name % 3] ?? 'link',
      }),
    ),
  );

interface Kinds {
  readonly amount: fc.Arbitrary<number>;
  readonly start: fc.Arbitrary<number>;
  readonly cost: fc.Arbitrary<number>;
  readonly cap: fc.Arbitrary<number>;
}

const work = ({ amount, start, cost, cap }: Kinds, most: number) =>
  fc
    .array(
      fc.record({
        amount,
        notBefore: start,
        way: fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 5 }), cost), {
          selector: ([resource]) => resource,
          minLength: 1,
          maxLength: 4,
        }),
        cap,
        capName: fc.constantFrom('r0', 'engine', 'other engine'),
        copies: fc.integer({ min: 1, max: 3 }),
      }),
      { minLength: 1, maxLength: most },
    )
    .map((all) =>
      all.flatMap(({ way, copies, capName, ...rest }) => {
        const task: Task = {
          ...rest,
          after: [],
          latencySeconds: 0,
          resources: way.map(([resource]) => resource),
          costs: way.map(([, cost]) => cost),
          capName,
          capKind: capName === 'r0' ? 'link' : 'engine',
        };
        return Array.from({ length: copies }, () => task);
      }),
    );

const infinity = fc.constant(Number.POSITIVE_INFINITY);

/** Figures of which hardly any two come out alike. */
const apart = {
  amount: fc.double({ min: 1, max: 1000, noNaN: true }),
  start: fc.double({ min: 0, max: 20, noNaN: true }),
  cost: fc.double({ min: 0.1, max: 3, noNaN: true }),
  cap: fc.oneof(infinity, fc.double({ min: 1, max: 50, noNaN: true })),
};

/** Figures with many ties: several resources full at one level, arrivals and ends in one instant. */
const tied = {
  amount: fc.constantFrom(1, 2, 4, 12),
  start: fc.constantFrom(0, 0, 1, 2, 2.5),
  cost: fc.constantFrom(1, 1, 1, 2),
  cap: fc.oneof(infinity, infinity, fc.constantFrom(1, 2, 3)),
};

const close = (a: number, b: number) => a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1e-6);

function compare(resources: readonly Resource[], tasks: readonly Task[]): void {
  const explained = new Set(tasks.keys());
  const times = runTasks(resources, tasks, { explained });
  const plain = plainTasks(resources, tasks);
  times.forEach(({ endSeconds, phases }, index) => {
    const wanted = plain[index];
    const found = { endSeconds, phases };
    const differ = () => `task ${index}\n${JSON.stringify(found, null, 1)}\nplain\n${JSON.stringify(wanted, null, 1)}`;
    const alike =
      wanted !== undefined &&
      close(endSeconds, wanted.endSeconds) &&
      phases.length === wanted.phases.length &&
      phases.every((phase, at) => {
        const other = wanted.phases[at];
        return (
          other !== undefined &&
          phase.limitedBy === other.limitedBy &&
          phase.kind === other.kind &&
          close(phase.startSeconds, other.startSeconds) &&
          close(phase.endSeconds, other.endSeconds) &&
          close(phase.bytesPerSecond, other.bytesPerSecond) &&
          phase.next?.limitedBy === other.next?.limitedBy &&
          phase.next?.kind === other.next?.kind &&
          close(phase.next?.bytesPerSecond ?? 0, other.next?.bytesPerSecond ?? 0)
        );
      });
    if (!alike) expect.fail(differ());
  });
}

describe('tasks that share', () => {
  it('end when progressive filling from empty says so, held back by the same, with the same behind it', () => {
    const capacity = fc.double({ min: 1, max: 100, noNaN: true });
    fc.assert(
      fc.property(machine(capacity), work(apart, 16), (resources, tasks) => compare(resources, tasks)),
      { seed: 11, numRuns: 400 },
    );
  });

  it('do so where much comes out alike: the first of several limits on the way counts', () => {
    const capacity = fc.constantFrom(1, 2, 3, 4, 6, 12, 100);
    fc.assert(
      fc.property(machine(capacity), work(tied, 14), (resources, tasks) => compare(resources, tasks)),
      { seed: 12, numRuns: 400 },
    );
  });

  it('do so where one limit holds back so many that it gets a world of its own', () => {
    const capacity = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(50, 60, 70) }, fc.constant(5));
    fc.assert(
      fc.property(machine(capacity), work(apart, 40), (resources, tasks) => compare(resources, tasks)),
      { seed: 13, numRuns: 40 },
    );
  });

  it('stand still on a resource without capacity, and take no time where nothing limits them', () => {
    const task = { after: [], notBefore: 1, latencySeconds: 0, costs: [1], cap: Number.POSITIVE_INFINITY } as const;
    const named = { ...task, amount: 5, capName: '', capKind: 'device' } as const;
    const resources: Resource[] = [0, Number.POSITIVE_INFINITY, 5].map((capacity, at) => ({
      capacity,
      name: `r${at}`,
      kind: 'link',
    }));
    const times = runTasks(
      resources,
      [0, 1, 2].map((resource): Task => ({ ...named, resources: [resource] })),
    );
    expect(times.map(({ endSeconds }) => endSeconds)).toEqual([Number.POSITIVE_INFINITY, 1, 2]);
  });
});

it('a settlement asks now and then whether it is wanted', () => {
  let asked = 0;
  const core = startCore(() => void asked++);
  const count = 20_000;
  const at = core.open(2, count);
  new Float64Array(core.memory.buffer, at, 2).set([1, 2]);
  core.begin(-1, false);
  for (let index = 0; index < count; index++) {
    const way = core.wayAt(1);
    const view = new DataView(core.memory.buffer);
    view.setFloat64(way, Number.POSITIVE_INFINITY, true);
    view.setFloat64(way + 8, 1 + index / count, true);
    view.setUint32(way + 16, 0, true);
    view.setUint32(way + 20, index % 2, true);
    core.change(core.classOn(1), 1);
  }
  expect(asked).toBe(0);
  core.settleNow();
  expect(asked).toBeGreaterThanOrEqual(count / 4096);
});
