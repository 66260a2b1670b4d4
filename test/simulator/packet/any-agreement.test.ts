import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulate } from '../../../simulator/simulate.ts';
import { type AnyMachine, type AnyTransfer, anyMachine, anyMachineOf, anyTransfers, anyWork } from './any-machine.ts';

/** How long a transfer takes by flows and by packets. */
interface Pair {
  readonly flow: number;
  readonly packet: number;
  readonly what: string;
  readonly staged: boolean;
}

function pairsOf(choice: AnyMachine, choices: readonly AnyTransfer[]): Pair[] {
  const { machine, ends } = anyMachineOf(choice);
  const work = anyWork(machine, ends, choices);
  const [flow] = simulate(machine, work, { fidelity: 'flow' }).runs;
  const [packet] = simulate(machine, work, { fidelity: 'packet' }).runs;
  return (flow?.transfers ?? []).flatMap((one, index): Pair[] => {
    const other = packet?.transfers[index];
    if (other === undefined || !Number.isFinite(one.endSeconds)) return [];
    const [byFlows, byPackets] = [one, other].map(({ startSeconds, endSeconds }) => endSeconds - startSeconds);
    const what = `${one.from} -> ${one.to}, ${one.bytes} B, ${one.route}`;
    return [{ flow: byFlows ?? 0, packet: byPackets ?? 0, what, staged: one.route === 'host-memory' }];
  });
}

const difference = ({ flow, packet }: Pair) => Math.abs(flow - packet) / packet;

const expectWithin = (pair: Pair, share: number) =>
  expect(difference(pair), `${pair.what}: ${pair.flow} s by flows, ${pair.packet} s by packets`).toBeLessThanOrEqual(
    share,
  );

/** Streams may pass each other: what waits behind another one, in order, is for packets alone to know. */
const relaxed = (choice: AnyMachine): AnyMachine => ({
  ...choice,
  sockets: choice.sockets.map((ports) =>
    ports.map((port) => ({
      ...port,
      devices: port.devices.map((device) => ({ ...device, relaxedOrdering: true })),
    })),
  ),
});

describe('on machines of all generations, widths, payload and request sizes, with ACS and an IOMMU or without', () => {
  it('a small transfer takes as long by packets as by flows, within 10 %', () => {
    fc.assert(
      fc.property(anyMachine, anyTransfers(6, 16, 1), (choice, choices) => {
        // A staged copy asks for its data by the port through which it sends: its requests wait behind its own writes.
        for (const pair of pairsOf(choice, choices)) expectWithin(pair, pair.staged ? 0.25 : 0.1);
      }),
      { seed: 20_241, numRuns: 250 },
    );
  });

  it('so does one that lasts, within 3 %', () => {
    fc.assert(
      fc.property(anyMachine, anyTransfers(20, 26, 1), (choice, choices) => {
        for (const pair of pairsOf(choice, choices)) expectWithin(pair, 0.03);
      }),
      { seed: 20_242, numRuns: 40 },
    );
  });

  it('and each of several that last and meet, whenever they start', () => {
    fc.assert(
      fc.property(anyMachine.map(relaxed), anyTransfers(20, 24, 3), (choice, choices) => {
        // Requests of a read wait behind what else goes their way: its tags are held longer.
        const reads = choices.some(({ operation }) => operation === 'read');
        for (const pair of pairsOf(choice, choices)) expectWithin(pair, pair.staged || reads ? 0.1 : 0.03);
      }),
      { seed: 20_243, numRuns: 30 },
    );
  });

  it('of small ones that meet nine in ten end within 10 % of their own time, half of them within 1 %', () => {
    const sample = fc.sample(fc.tuple(anyMachine.map(relaxed), anyTransfers(6, 16, 4)), { seed: 20_244, numRuns: 150 });
    const all = sample.flatMap(([choice, choices]) => pairsOf(choice, choices).map(difference)).sort((a, b) => a - b);
    expect(all.length).toBeGreaterThan(200);
    expect(all[Math.floor(0.9 * all.length)]).toBeLessThan(0.1);
    expect(all[Math.floor(0.5 * all.length)]).toBeLessThan(0.01);
  });
});
