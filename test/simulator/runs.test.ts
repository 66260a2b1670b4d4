import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulate } from '../../simulator/simulate.ts';
import { SimulationCancelled } from '../../simulator/simulate.types.ts';
import { PerfettoWriter } from '../../simulator/trace/perfetto.ts';
import { PerfettoTracer } from '../../simulator/trace/run-trace.ts';
import {
  makeMachine,
  makeWork,
  taggedMachineChoice,
  transferChoices,
  twoSocketChoice,
} from './packet/random-machine.ts';

const fidelities = ['ideal', 'flow', 'packet'] as const;
const sizes = fc.constantFrom(4096, 2 ** 20, 2 ** 24);
const sample = fc.sample(fc.tuple(fc.oneof(taggedMachineChoice, twoSocketChoice), transferChoices(sizes, 5)), {
  seed: 20_270,
  numRuns: 12,
});
const works = sample
  .map(([choice, choices]) => {
    const { machine, ends } = makeMachine(choice);
    return { machine, work: makeWork(machine, ends, choices) };
  })
  .filter(({ work }) => work.scenarios.length > 0);

describe.each(fidelities)('a run at fidelity %s', (fidelity) => {
  it('gives the same bytes for the same input and seed, and says the seed', () => {
    for (const { machine, work } of works) {
      const [one, other] = [1, 2].map(() => JSON.stringify(simulate(machine, work, { fidelity, seed: 7 })));
      expect(one).toBe(other);
      expect(JSON.parse(one ?? '')).toMatchObject({ seed: 7, fidelity });
    }
  });

  it('can be cancelled wherever it asks, and gives nothing then', () => {
    for (const { machine, work } of works.slice(0, 4)) {
      let questions = 0;
      simulate(machine, work, { fidelity, cancelled: () => ++questions < 0 });
      expect(questions).toBeGreaterThan(0);
      for (const at of new Set([1, Math.ceil(questions / 2), questions])) {
        let asked = 0;
        expect(() => simulate(machine, work, { fidelity, cancelled: () => ++asked === at })).toThrow(
          SimulationCancelled,
        );
        expect(asked).toBe(at);
      }
    }
  });

  it('says how far it is, from nothing to all, never backwards', () => {
    for (const { machine, work } of works) {
      const said: number[] = [];
      simulate(machine, work, { fidelity, progress: (fraction) => said.push(fraction) });
      expect(said.length).toBeGreaterThan(0);
      said.forEach((fraction, at) => {
        expect(fraction).toBeGreaterThanOrEqual(Math.max(0, said[at - 1] ?? 0));
        expect(fraction).toBeLessThanOrEqual(1);
      });
      expect(said.at(-1)).toBeCloseTo(1, 6);
    }
  });
});

/** A run packet by packet; the pieces of its trace as they come, and the longest of them. */
function traced(mebibytes: number, mostPackets?: number) {
  const [{ machine, work }] = works as [(typeof works)[number]];
  const scenarios = work.scenarios.map((scenario) => ({
    ...scenario,
    transfers: scenario.transfers.map((transfer) => ({ ...transfer, bytes: mebibytes * 2 ** 20 })),
  }));
  let pieces = 0;
  let longest = 0;
  let whole = 0;
  let before = 0;
  const writer = new PerfettoWriter((chunk) => {
    pieces++;
    whole += chunk.length;
    longest = Math.max(longest, chunk.length);
  }, {});
  const trace = new PerfettoTracer(writer, mostPackets);
  const { runs } = simulate(
    machine,
    { ...work, scenarios },
    {
      fidelity: 'packet',
      skipSteady: false,
      trace,
      progress: () => {
        before = pieces;
      },
    },
  );
  writer.close();
  return { pieces, before, longest, whole, runs };
}

describe('a trace of every packet', () => {
  it('is written while the run goes on, in pieces that do not grow with it', () => {
    const [short, long] = [traced(1), traced(4)];
    // Most of it is out before the run is over.
    expect(long.before).toBeGreaterThan(long.pieces / 2);
    expect(long.whole).toBeGreaterThan(2 * short.whole);
    expect(long.longest).toBeLessThan(1.5 * short.longest + 65_536);
  });

  it('leaves the results as they are without it', () => {
    const { machine, work } = works[0] as (typeof works)[number];
    const scenarios = work.scenarios.map((scenario) => ({
      ...scenario,
      transfers: scenario.transfers.map((transfer) => ({ ...transfer, bytes: 2 ** 20 })),
    }));
    const plain = simulate(machine, { ...work, scenarios }, { fidelity: 'packet', skipSteady: false });
    expect(JSON.stringify(traced(1).runs)).toBe(JSON.stringify(plain.runs));
  });
});
