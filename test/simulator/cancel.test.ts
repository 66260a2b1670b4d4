import { describe, expect, it } from 'vitest';
import { makeChains } from '../../bench/packet-chains.ts';
import { checkOf, nowAndThen } from '../../simulator/cancel.ts';
import { sumOf } from '../../simulator/explain/series.ts';
import { PacketEngine } from '../../simulator/packet/engine.ts';
import { simulate } from '../../simulator/simulate.ts';
import { type Fidelity, SimulationCancelled } from '../../simulator/simulate.types.ts';
import { sorted } from '../../simulator/sort.ts';
import { makeMachine, makeWork } from './packet/random-machine.ts';

const gpu = { kind: 'gpu', generation: 4, lanes: 16, readGBs: 2, writeGBs: 2 } as const;
const { machine, ends } = makeMachine({
  ports: [0, 1].map(() => ({ generation: 5, lanes: 16, devices: [gpu, gpu, gpu, gpu], nested: false })),
  memoryGBs: 300,
  amd: true,
  maxPayloadBytes: 256,
});

/** So many transfers between GPUs, all at once. */
const work = (count: number) =>
  makeWork(
    machine,
    ends,
    Array.from({ length: count }, (_, at) => ({
      from: 1 + (at % 8),
      to: 1 + ((at + 3) % 8),
      via: 'auto',
      bytes: 65536,
    })),
  );

/** How often a run asks whether it is cancelled. */
function asked(count: number, fidelity: Fidelity): number {
  let calls = 0;
  const cancelled = () => ++calls < 0;
  simulate(machine, work(count), { fidelity, cancelled, explain: () => undefined });
  return calls;
}

describe.each(['ideal', 'flow', 'packet'] as const)('a run at fidelity %s', (fidelity) => {
  it('ends wherever it is when it is cancelled', () => {
    const all = asked(60, fidelity);
    for (let part = 0; part < 20; part++) {
      const at = 1 + Math.floor((part / 20) * (all - 1));
      let calls = 0;
      const cancelled = () => ++calls >= at;
      const run = () => simulate(machine, work(60), { fidelity, cancelled, explain: () => undefined });
      expect(run).toThrow(SimulationCancelled);
      // Nothing goes on after the first yes.
      expect(calls).toBe(at);
    }
  });

  it('asks at each transfer while it plans, while it runs, and while it explains', () => {
    const more = (asked(80, fidelity) - asked(40, fidelity)) / 40;
    expect(more).toBeGreaterThan(8);
  });
});

describe('between two looks at whether it is cancelled', () => {
  it('a sort handles some thousands at most', () => {
    const items = Array.from({ length: 100_000 }, (_, at) => ({ key: (at * 7919) % 1009, at }));
    let calls = 0;
    const result = sorted(
      items,
      (a, b) => a.key - b.key,
      () => void calls++,
    );
    expect(result).toEqual([...items].sort((a, b) => a.key - b.key));
    expect(calls).toBeGreaterThanOrEqual(100_000 / 4096);
  });

  it('a sum over time does, too, and is the same', () => {
    const intervals = Array.from({ length: 20_000 }, (_, at) => ({
      startSeconds: at,
      endSeconds: at + 3 + (at % 5),
      value: 1 + (at % 3),
    }));
    let calls = 0;
    const series = sumOf(intervals, 600, 20_000, () => void calls++);
    expect(series).toEqual(sumOf(intervals, 600, 20_000));
    expect(calls).toBeGreaterThanOrEqual(40_000 / 4096);
  });

  it('the packet engine begins some hundred movements, or handles as many events as it was given', () => {
    const engine = new PacketEngine(makeChains({ chains: 2000, hops: 4, payloadBytes: 256, tlps: 4 }));
    for (let movement = 0; movement < 2000; movement++) engine.start(movement, 0);
    expect(engine.run(1000)).toBe(-3);
    expect(engine.events).toBeLessThan(100);
  });

  it('what is too short to ask each time asks now and then', () => {
    let calls = 0;
    const ask = nowAndThen(() => void calls++, 10);
    for (let step = 0; step < 100; step++) ask();
    expect(calls).toBe(10);
    expect(checkOf(() => true)).toThrow(SimulationCancelled);
  });
});
