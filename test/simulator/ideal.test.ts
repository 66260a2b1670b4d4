import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rawBytesPerSecond } from '../../model/link/generation.ts';
import { runFlows } from '../../simulator/engine/run-flows.ts';
import { simulate } from '../../simulator/simulate.ts';
import { machineChoice, makeMachine, makeWork, transferChoices } from './packet/random-machine.ts';

const bytes = fc.integer({ min: 1, max: 2 ** 32 });

describe('fidelity ideal', () => {
  it('is max-min sharing of raw capacities and nothing else', () => {
    fc.assert(
      fc.property(machineChoice, transferChoices(bytes, 8), (choice, choices) => {
        const { machine, ends } = makeMachine(choice);
        const work = makeWork(machine, ends, choices);
        const [run] = simulate(machine, work, { fidelity: 'ideal' }).runs;
        if (run === undefined) return;
        // What the transfers pass, by the same names, shared by another engine.
        const resources = new Map<string, { index: number; capacity: number }>();
        const index = (name: string, capacity: number) => {
          const known = resources.get(name) ?? { index: resources.size, capacity };
          resources.set(name, known);
          return known.index;
        };
        const passed = new Map<string, number[]>();
        simulate(machine, work, {
          fidelity: 'ideal',
          trace: {
            beginRun: () => {},
            packet: () => true,
            queue: () => {},
            passedOver: () => {},
            endRun: (_, copies) => {
              for (const copy of copies) {
                // A staged copy passes a resource as often as its cost says.
                const on = copy.resources.flatMap(({ track, capacity, cost }) =>
                  Array<number>(cost).fill(index(track, capacity)),
                );
                passed.set(copy.name, on);
              }
            },
          },
        });
        for (const link of machine.links) {
          for (const direction of ['up', 'down']) {
            const known = resources.get(`${link.name} ${direction}`);
            if (known === undefined) continue;
            expect(known.capacity).toBe(rawBytesPerSecond(link.trained.generation, link.trained.lanes));
          }
        }
        const { finishSeconds } = runFlows({
          capacities: Float64Array.from([...resources.values()].map(({ capacity }) => capacity)),
          flows: run.transfers.map((one) => ({
            bytes: one.bytes,
            startSeconds: 0,
            resources: passed.get(one.name) ?? [],
          })),
        });
        run.transfers.forEach((one, at) => {
          expect(one.startSeconds).toBe(0);
          expect(one.firstByteSeconds).toBe(0);
          expect(Math.abs(one.endSeconds / (finishSeconds[at] ?? 0) - 1)).toBeLessThan(1e-9);
        });
      }),
      { seed: 20_250, numRuns: 150 },
    );
  });
});
