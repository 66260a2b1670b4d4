import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulate } from '../../../simulator/simulate.ts';
import type { RunResult } from '../../../simulator/simulate.types.ts';
import {
  type MachineChoice,
  machineChoice,
  makeMachine,
  makeWork,
  type TransferChoice,
  taggedMachineChoice,
  transferChoices,
  twoSocketChoice,
} from './random-machine.ts';

/** The same work by flows and by packets; null where there is none. */
function both(choice: MachineChoice, transfers: readonly TransferChoice[]): [RunResult, RunResult] | null {
  const { machine, ends } = makeMachine(choice);
  const work = makeWork(machine, ends, transfers);
  const [flow] = simulate(machine, work, { fidelity: 'flow' }).runs;
  const [packet] = simulate(machine, work, { fidelity: 'packet' }).runs;
  return flow === undefined || packet === undefined ? null : [flow, packet];
}

const lasted = (one: { readonly startSeconds: number; readonly endSeconds: number }) =>
  one.endSeconds - one.startSeconds;

function expectWithin(actual: number, expected: number, share: number, more: number, what: string): void {
  if (actual === expected) return;
  if (!(Math.abs(actual - expected) <= share * expected + more)) {
    throw new Error(`${what}: ${actual} s by packets, ${expected} s by flows`);
  }
}

const steady = fc.constantFrom(16, 32, 64).map((mebibytes) => mebibytes * 2 ** 20);
const small = fc.integer({ min: 1, max: 65_536 });

describe('flows and packets', () => {
  it('agree within 3 % on transfers that last, however they share', () => {
    fc.assert(
      fc.property(machineChoice, transferChoices(steady, 5), (machine, choices) => {
        const [flow, packet] = both(machine, choices) ?? [];
        flow?.transfers.forEach((one, index) => {
          const other = packet?.transfers[index];
          if (other !== undefined) expectWithin(lasted(other), lasted(one), 0.03, 0, `${one.from} -> ${one.to}`);
        });
      }),
      { seed: 20_231, numRuns: 60 },
    );
  });

  it('agree within 3 % across two sockets as well', () => {
    fc.assert(
      fc.property(twoSocketChoice, transferChoices(steady, 4), (machine, choices) => {
        const [flow, packet] = both(machine, choices) ?? [];
        flow?.transfers.forEach((one, index) => {
          const other = packet?.transfers[index];
          if (other !== undefined) expectWithin(lasted(other), lasted(one), 0.03, 0, `${one.from} -> ${one.to}`);
        });
      }),
      { seed: 20_237, numRuns: 60 },
    );
  });

  it('agree within 3 % where tags hold reads back, but for requests that share a port with data of the same copy', () => {
    fc.assert(
      fc.property(taggedMachineChoice, transferChoices(steady, 1), (machine, choices) => {
        const [flow, packet] = both(machine, choices) ?? [];
        flow?.transfers.forEach((one, index) => {
          const other = packet?.transfers[index];
          // A staged copy writes and reads at once: its requests wait for their turn behind its own writes.
          const bound = one.route === 'host-memory' ? 0.08 : 0.03;
          if (other !== undefined) expectWithin(lasted(other), lasted(one), bound, 0, `${one.from} -> ${one.to}`);
        });
      }),
      { seed: 20_236, numRuns: 150 },
    );
  });

  it.each([
    ['with few tags', taggedMachineChoice, 20_238],
    ['across two sockets', twoSocketChoice, 20_239],
  ] as const)('agree within 10 %% on a small transfer by itself %s', (_, machines, seed) => {
    fc.assert(
      fc.property(machines, transferChoices(small, 1), (machine, choices) => {
        const [flow, packet] = both(machine, choices) ?? [];
        flow?.transfers.forEach((one, index) => {
          const other = packet?.transfers[index];
          if (other !== undefined) expectWithin(lasted(other), lasted(one), 0.1, 0, `${one.from} -> ${one.to}`);
        });
      }),
      { seed, numRuns: 200 },
    );
  });

  it('agree within 10 % on a small transfer by itself', () => {
    fc.assert(
      fc.property(machineChoice, transferChoices(small, 1), (machine, choices) => {
        const [flow, packet] = both(machine, choices) ?? [];
        flow?.transfers.forEach((one, index) => {
          const other = packet?.transfers[index];
          if (other !== undefined) expectWithin(lasted(other), lasted(one), 0.1, 0, `${one.from} -> ${one.to}`);
        });
      }),
      { seed: 20_232, numRuns: 300 },
    );
  });

  it('agree on small transfers that meet, but for what flows do not know: the wait behind TLPs of others', () => {
    fc.assert(
      fc.property(machineChoice, transferChoices(small, 4), (machine, choices) => {
        const [flow, packet] = both(machine, choices) ?? [];
        if (flow === undefined || packet === undefined) return;
        // What the others have sent before a flow begins to share: no more than one another's latencies hold.
        const latencies = flow.transfers.reduce((sum, one) => sum + one.firstByteSeconds - one.startSeconds, 0);
        expectWithin(packet.makespanSeconds, flow.makespanSeconds, 0.1, latencies, 'all of them');
      }),
      { seed: 20_233, numRuns: 200 },
    );
  });

  it('carry the same bytes over the same links, and use them as much', () => {
    fc.assert(
      fc.property(machineChoice, transferChoices(steady, 4), (machine, choices) => {
        const [flow, packet] = both(machine, choices) ?? [];
        if (flow === undefined || packet === undefined) return;
        const used = flow.links.filter((link) => link.wireBytes > 0);
        expect(packet.links.map((link) => `${link.name} ${link.direction}`)).toEqual(
          used.map((link) => `${link.name} ${link.direction}`),
        );
        used.forEach((link, index) => {
          const other = packet.links[index];
          expect(other?.payloadBytes).toBe(link.payloadBytes);
          expect((other?.wireBytes ?? 0) / link.wireBytes).toBeCloseTo(1, 2);
          expect(Math.abs((other?.utilisation ?? 0) - link.utilisation)).toBeLessThan(0.03);
        });
      }),
      { seed: 20_234, numRuns: 30 },
    );
  });
});

describe('a packet run', () => {
  const sample = fc.sample(fc.tuple(machineChoice, transferChoices(steady, 5)), { seed: 20_235, numRuns: 12 });

  it('is the same for the same input', () => {
    for (const [machine, choices] of sample) expect(both(machine, choices)?.[1]).toEqual(both(machine, choices)?.[1]);
  });

  it('can be cancelled, and says how far it is', () => {
    for (const [choice, choices] of sample) {
      const { machine, ends } = makeMachine(choice);
      const work = makeWork(machine, ends, choices);
      if (work.scenarios.length === 0) continue;
      const seen: number[] = [];
      simulate(machine, work, { fidelity: 'packet', progress: (fraction) => seen.push(fraction) });
      expect(seen.every((fraction, at) => fraction >= (seen[at - 1] ?? 0) - 1e-9 && fraction <= 1)).toBe(true);
      expect(seen.length).toBeGreaterThan(0);
      let asked = 0;
      const cancelled = () => ++asked > 2;
      expect(() => simulate(machine, work, { fidelity: 'packet', cancelled })).toThrow('');
    }
  });
});
