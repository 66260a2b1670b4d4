import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../model/machine.ts';
import { describePath } from '../../simulator/path.ts';
import { simulate } from '../../simulator/simulate.ts';
import type { Fidelity, RunResult } from '../../simulator/simulate.types.ts';
import { idOf, type Sketch, sketchMachine } from '../model/draft.ts';
import { machineChoice, makeMachine, makeWork, taggedMachineChoice, transferChoices } from './packet/random-machine.ts';

const bytes = fc.constantFrom(4096, 2 ** 20, 2 ** 26);

function runOf(machine: Machine, ends: readonly string[], choices: Parameters<typeof makeWork>[2], fidelity: Fidelity) {
  const [run] = simulate(machine, makeWork(machine, ends, choices), { fidelity }).runs;
  return run ?? null;
}

describe.each(['flow', 'packet'] as const)('at fidelity %s', (fidelity) => {
  it('phases cover each transfer from its start to its end, and each says what comes next', () => {
    fc.assert(
      fc.property(taggedMachineChoice, transferChoices(bytes, 4), (choice, choices) => {
        const { machine, ends } = makeMachine(choice);
        const run = runOf(machine, ends, choices, fidelity);
        for (const { phases, startSeconds, endSeconds, bytesPerSecond } of run?.transfers ?? []) {
          if (!Number.isFinite(endSeconds)) continue;
          expect(phases.length).toBeGreaterThan(0);
          let at = startSeconds;
          let moved = 0;
          for (const phase of phases) {
            expect(Math.abs(phase.startSeconds - at)).toBeLessThanOrEqual(1e-9 + 1e-9 * at);
            at = phase.endSeconds;
            moved += phase.bytesPerSecond * (phase.endSeconds - phase.startSeconds);
            expect(phase.limitedBy).not.toBe('');
            expect(phase.next).toBeDefined();
            if (phase.kind !== 'latency' && phase.next != null) {
              expect(`${phase.next.kind} ${phase.next.limitedBy}`).not.toBe(`${phase.kind} ${phase.limitedBy}`);
            }
          }
          expect(Math.abs(at - endSeconds)).toBeLessThanOrEqual(1e-9 + 1e-9 * at);
          const whole = bytesPerSecond * (endSeconds - startSeconds);
          expect(Math.abs(moved - whole)).toBeLessThan(fidelity === 'flow' ? 1e-6 * whole + 1 : 0.05 * whole + 4096);
        }
      }),
      { seed: 20_240, numRuns: fidelity === 'flow' ? 150 : 40 },
    );
  });
});

/** A socket with a GPU below a Gen4 x16 port and memory of some rate. */
const server = (memoryBytesPerSecond: number, reads = 256): Machine => {
  const gpu: Sketch = { kind: 'gpu', label: 'gpu0', settings: { generation: 4, lanes: 16, outstandingReads: reads } };
  const port: Sketch = { kind: 'root-port', label: 'rp0', settings: { generation: 4, lanes: 16 }, children: [gpu] };
  return sketchMachine([{ kind: 'socket', label: 'cpu0', settings: { memoryBytesPerSecond }, children: [port] }]);
};

const copies = (machine: Machine, count: number): RunResult | null =>
  runOf(
    machine,
    ['cpu0', 'gpu0'],
    Array.from({ length: count }, () => ({ from: 0, to: 1, via: 'auto', bytes: 2 ** 26 })),
    'flow',
  );

describe('the limit behind the limit', () => {
  it('is what holds a transfer back once the first is lifted', () => {
    // A link of about 24 GB/s before memory of 30, and behind memory of 10.
    const [one] = copies(server(30e9), 1)?.transfers ?? [];
    expect(one?.bottleneck).toBe('cpu0.rp0');
    expect(one?.nextLimit).toEqual({ limitedBy: 'cpu0.memory', kind: 'memory', bytesPerSecond: 30e9 });
    const [other] = copies(server(10e9), 1)?.transfers ?? [];
    expect(other?.bottleneck).toBe('cpu0.memory');
    expect(other?.nextLimit?.limitedBy).toBe('cpu0.rp0');
    // The first 64 B, which moved with the latency, count to the phase.
    const rate = one?.phases.at(-1)?.bytesPerSecond ?? 0;
    expect((other?.nextLimit?.bytesPerSecond ?? 0) / rate).toBeCloseTo(1, 5);
  });

  it('is shared afresh by all that the first held back', () => {
    const [one, two] = copies(server(30e9), 2)?.transfers ?? [];
    for (const each of [one, two])
      expect(each?.nextLimit).toMatchObject({ limitedBy: 'cpu0.memory', bytesPerSecond: 15e9 });
  });

  it('names tags, where those come first', () => {
    const [one] = copies(server(200e9, 8), 1)?.transfers ?? [];
    expect(one?.phases.at(-1)?.kind).toBe('tags');
    expect(one?.nextLimit?.limitedBy).toBe('cpu0.rp0');
  });

  it('stands in the description of a path as well, in the order in which they come', () => {
    fc.assert(
      fc.property(machineChoice, transferChoices(fc.constant(2 ** 26), 1), (choice, choices) => {
        const { machine, ends } = makeMachine(choice);
        const [one] = runOf(machine, ends, choices, 'flow')?.transfers ?? [];
        if (one === undefined || one.route === 'none') return;
        const end = (name: string) => ({ component: idOf(machine, name.split('.').at(-1) ?? ''), memory: false });
        const memory = { component: idOf(machine, 'cpu0'), memory: true };
        const [from, to] = [one.from, one.to].map((name) => (name === 'cpu0.memory' ? memory : end(name)));
        if (from === undefined || to === undefined) return;
        const via = choices[0]?.via ?? 'auto';
        const { limits, bottleneck } = describePath(machine, from, to, { via });
        expect(limits[0]?.name).toBe(bottleneck);
        expect(limits.map(({ bytesPerSecond }) => bytesPerSecond)).toEqual(
          [...limits.map(({ bytesPerSecond }) => bytesPerSecond)].sort((a, b) => a - b),
        );
        // A run subtracts the first round trip from what tags and depth allow; a long transfer does not feel it.
        if (one.nextLimit == null) return;
        expect(limits[1]?.bytesPerSecond ?? 0).toBeGreaterThan(0);
        expect(Math.abs((limits[1]?.bytesPerSecond ?? 0) / one.nextLimit.bytesPerSecond - 1)).toBeLessThan(0.01);
      }),
      { seed: 20_241, numRuns: 150 },
    );
  });
});
