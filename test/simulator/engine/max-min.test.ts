import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fluid } from '../../../simulator/engine/fluid.ts';
import type { FlowClass } from '../../../simulator/engine/shared-resource.ts';
import { plainRates } from './filling.ts';

/** Opens what is protected to the test: arrivals and departures without time. */
class Rates extends Fluid {
  come(one: FlowClass, flows: number): void {
    this.add(one, flows);
  }
  go(one: FlowClass, flows: number): void {
    this.remove(one, flows);
  }
}

const resourceCount = 8;
/** Few capacities, so that ties, where flows have several bottlenecks at once, are frequent. */
const capacities = fc.array(fc.constantFrom(1, 2, 3, 4, 6, 12, 100), {
  minLength: resourceCount,
  maxLength: resourceCount,
});
const kind = fc
  .uniqueArray(fc.integer({ min: 0, max: resourceCount - 1 }), { minLength: 1, maxLength: 5 })
  .chain((resources) =>
    fc.record({
      resources: fc.constant(resources),
      costs: fc.array(fc.constantFrom(1, 1, 1, 2, 1.09375), {
        minLength: resources.length,
        maxLength: resources.length,
      }),
    }),
  );
/** Flows of a class come or, where there are any, leave; `settle` ends a batch. */
const change = fc.record({
  kind: fc.nat(),
  leave: fc.boolean(),
  flows: fc.integer({ min: 1, max: 3 }),
  settle: fc.boolean(),
});
const workload = fc.record({
  capacities,
  kinds: fc.array(kind, { minLength: 1, maxLength: 12 }),
  changes: fc.array(change, { minLength: 1, maxLength: 60 }),
});

type Workload = typeof workload extends fc.Arbitrary<infer W> ? W : never;

/** Runs the changes and calls `check` after every settlement. */
function play({ capacities: capacity, kinds, changes }: Workload, check: (rates: Rates, classes: FlowClass[]) => void) {
  const rates = new Rates(capacity);
  const classes = kinds.map(({ resources, costs }) => rates.makeClass(resources, costs));
  changes.forEach((one, index) => {
    const chosen = classes[one.kind % classes.length];
    if (chosen === undefined) return;
    if (!one.leave) rates.come(chosen, one.flows);
    else if (chosen.count > 0) rates.go(chosen, Math.min(chosen.count, one.flows));
    if (!one.settle && index < changes.length - 1) return;
    rates.settle();
    check(
      rates,
      classes.filter((held) => held.count > 0),
    );
  });
}

describe('MaxMinSharing', () => {
  it('gives the rates of progressive filling after any sequence of arrivals and departures', () => {
    fc.assert(
      fc.property(workload, (load) => {
        play(load, (rates, classes) => {
          const flows = classes.flatMap((one) =>
            Array.from({ length: one.count }, () => ({
              bytes: 1,
              startSeconds: 0,
              resources: one.resources.map((resource) => rates.resources.indexOf(resource)),
              costs: one.costs,
            })),
          );
          const expected = plainRates(load.capacities, flows);
          let at = 0;
          for (const one of classes) {
            expect(rates.rateOf(one) / (expected[at] ?? 0)).toBeCloseTo(1, 9);
            at += one.count;
          }
        });
      }),
      { numRuns: 1000 },
    );
  });

  it('names for each flow a full resource on its way on which no flow is faster', () => {
    fc.assert(
      fc.property(workload, (load) => {
        play(load, (rates, classes) => {
          for (const one of classes) {
            const { bottleneck } = one;
            if (bottleneck === null) throw new Error('nothing holds a flow back');
            expect(one.resources).toContain(bottleneck);
            const on = classes.filter((other) => other.resources.includes(bottleneck));
            const taken = on.reduce((sum, other) => {
              const cost = other.costs[other.resources.indexOf(bottleneck)] ?? 0;
              return sum + other.count * cost * rates.rateOf(other);
            }, 0);
            expect(taken / bottleneck.capacity).toBeCloseTo(1, 9);
            for (const other of on) expect(rates.rateOf(other)).toBeLessThanOrEqual(rates.rateOf(one) * (1 + 1e-9));
          }
        });
      }),
      { numRuns: 500 },
    );
  });
});
