import { describe, expect, it } from 'vitest';
import type { ComponentSettings, Machine } from '../../../model/machine.ts';
import type { Work } from '../../../model/work.ts';
import { simulate } from '../../../simulator/simulate.ts';
import { SimulationCancelled, type TransferResult } from '../../../simulator/simulate.types.ts';
import { type Sketch, sketchMachine } from '../../model/draft.ts';
import { makeWork } from './random-machine.ts';

const link = { generation: 4, lanes: 16 } as const;

/** A switch with two GPUs and a NIC below one root port, a GPU below another. Memory takes 5 GB/s. */
function server(gpu0: ComponentSettings = {}, nic: ComponentSettings = {}): Machine {
  const device = (kind: 'gpu' | 'nic', label: string, settings: ComponentSettings): Sketch => ({
    kind: 'port',
    label: `${label}p`,
    settings: link,
    acs: 'off',
    children: [{ kind, label, settings: { ...link, ...settings } }],
  });
  const below = [device('gpu', 'gpu0', gpu0), device('gpu', 'gpu1', {}), device('nic', 'nic0', nic)];
  const children: Sketch[] = [
    {
      kind: 'root-port',
      label: 'rp0',
      settings: link,
      acs: 'off',
      children: [{ kind: 'switch', label: 'sw0', settings: link, children: below }],
    },
    {
      kind: 'root-port',
      label: 'rp1',
      settings: link,
      acs: 'off',
      children: [{ kind: 'gpu', label: 'gpu2', settings: link }],
    },
  ];
  const settings = { cpuVendor: 'amd', cpuFamily: 0x19, memoryBytesPerSecond: 5e9 } as const;
  return sketchMachine([{ kind: 'socket', label: 'cpu0', settings, children }]);
}

const ends = ['cpu0', 'gpu0', 'gpu1', 'gpu2', 'nic0'];
const place = (name: string) => ends.indexOf(name);

function works(machine: Machine, pairs: readonly (readonly [string, string])[], bytes = 2 ** 24): Work {
  return makeWork(
    machine,
    ends,
    pairs.map(([from, to]) => ({ from: place(from), to: place(to), via: 'auto', bytes })),
  );
}

function transfers(
  machine: Machine,
  pairs: readonly (readonly [string, string])[],
  seed = 1,
): readonly TransferResult[] {
  return simulate(machine, works(machine, pairs), { fidelity: 'packet', seed }).runs[0]?.transfers ?? [];
}

const rate = (one: TransferResult | undefined) => (one?.bytesPerSecond ?? 0) / 1e9;

describe('relaxed ordering', () => {
  const pairs = [
    ['gpu0', 'cpu0'],
    ['gpu0', 'gpu2'],
  ] as const;

  it('lets writes pass others that wait for slow memory', () => {
    const [slow, fast] = transfers(server(), pairs);
    expect(rate(slow)).toBeCloseTo(5, 0);
    expect(rate(fast)).toBeGreaterThan(15);
  });

  it('off holds them up', () => {
    const [slow, fast] = transfers(server({ relaxedOrdering: false }), pairs);
    expect(rate(slow)).toBeLessThan(5.5);
    expect(rate(fast)).toBeLessThan(8);
  });
});

describe('tags', () => {
  it('are shared by what one device reads', () => {
    const few = server({}, { outstandingReads: 8 });
    const [alone] = transfers(few, [['gpu1', 'nic0']]);
    const [one, other] = transfers(few, [
      ['gpu1', 'nic0'],
      ['gpu0', 'nic0'],
    ]);
    expect(alone?.bottleneck).toMatch(/8 outstanding reads/);
    for (const half of [one, other]) expect(rate(half) / rate(alone)).toBeCloseTo(0.5, 1);
  });
});

describe('bit errors', () => {
  const pairs = [['gpu0', 'gpu1']] as const;

  it('cost bandwidth, the more the higher their rate', () => {
    const rates = [0, 1e-8, 1e-6, 1e-5].map((bitErrorRate) => rate(transfers(server({ bitErrorRate }), pairs)[0]));
    expect(rates[1]).toBeLessThanOrEqual(rates[0] ?? 0);
    expect(rates[2]).toBeLessThan((rates[0] ?? 0) * 0.99);
    expect(rates[3]).toBeLessThan((rates[2] ?? 0) * 0.9);
  });

  it('fall by the seed', () => {
    const noisy = server({ bitErrorRate: 1e-6 });
    const ends = (seed: number) => transfers(noisy, pairs, seed).map(({ endSeconds }) => endSeconds);
    expect(ends(3)).toEqual(ends(3));
    expect(ends(3)).not.toEqual(ends(4));
  });
});

describe('a run', () => {
  it('of nothing, and of transfers without bytes or without a way, ends', () => {
    const machine = server();
    expect(simulate(machine, works(machine, []), { fidelity: 'packet' }).runs).toEqual([]);
    const [run] = simulate(machine, works(machine, [['gpu0', 'gpu1']], 0), { fidelity: 'packet' }).runs;
    expect(run?.transfers[0]?.endSeconds).toBeLessThan(1e-5);
  });

  it('that is cancelled says so by its error', () => {
    const machine = server();
    const work = works(machine, [['gpu0', 'gpu1']]);
    const cancelled = () => true;
    expect(() => simulate(machine, work, { fidelity: 'packet', cancelled })).toThrow(SimulationCancelled);
  });
});
