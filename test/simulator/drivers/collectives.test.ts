import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { busFactor, collectiveKinds } from '../../../simulator/collectives/bus-bandwidth.ts';
import { pcieShare } from '../../../simulator/collectives/nccl.ts';
import { ringOrder } from '../../../simulator/collectives/rings.ts';
import { describePath } from '../../../simulator/path.ts';
import { idOf } from '../../model/draft.ts';
import { activity, end, MiB, onlyActivity, run, type ServerOptions, server } from './server.ts';

const GiB = 1024 * MiB;
const gpus = (count: number) => Array.from({ length: count }, (_, at) => `gpu${at}`);

function collective(options: ServerOptions, settings: Record<string, number | string>, members?: readonly string[]) {
  const machine = server(options);
  const over = members ?? gpus(options.gpus ?? 2);
  const activities = [activity(machine, 'collective', { collective: 'all-reduce', bytes: GiB, ...settings }, { over })];
  const result = run(machine, { activities });
  return { machine, result, ...onlyActivity(result) };
}

const bus = (one: { readonly busBytesPerSecond?: number }) => one.busBytesPerSecond ?? 0;

describe('bus bandwidth', () => {
  it('follows nccl-tests', () => {
    expect(busFactor('all-reduce', 8)).toBe(14 / 8);
    expect(busFactor('all-gather', 8)).toBe(7 / 8);
    expect(busFactor('broadcast', 8)).toBe(1);
  });

  it.each(['all-reduce', 'all-gather', 'reduce-scatter', 'all-to-all'])(
    'of %s is that of an NVLink through an NVSwitch, whatever the ranks',
    (kind) => {
      for (const count of [2, 4, 8]) {
        const one = collective({ gpus: count, nvswitch: 250e9 }, { collective: kind, algorithm: 'ring' });
        expect(bus(one) / 250e9).toBeGreaterThan(0.9);
        expect(bus(one) / 250e9).toBeLessThanOrEqual(1.0001);
      }
    },
  );

  it('uses every link of a mesh of NVLinks', () => {
    const one = collective({ gpus: 4, nvlink: 100e9 }, { algorithm: 'ring' });
    expect(bus(one) / 300e9).toBeGreaterThan(0.9);
    expect(bus(one) / 300e9).toBeLessThanOrEqual(1.0001);
  });

  it('keeps to the NVLinks of a partial mesh, on as many rings as it has', () => {
    // A hybrid cube: two rings of four, joined across.
    const pairs = [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 0],
      [4, 5],
      [5, 6],
      [6, 7],
      [7, 4],
      [0, 4],
      [1, 5],
      [2, 6],
      [3, 7],
    ] as const;
    const one = collective({ gpus: 8, nvlinkPairs: pairs, nvlink: 50e9 }, { algorithm: 'ring' });
    expect(one.reasons.every(({ code }) => code === 'nccl/nvlink')).toBe(true);
    expect(bus(one) / 50e9).toBeGreaterThan(1.5);
  });

  it('in NVSwitches of Hopper passes that of a link', () => {
    const options = { gpus: 8, nvswitch: 450e9, nvswitchLinks: 18, gpu: { computeCapability: '9.0' } };
    const ring = collective(options, { algorithm: 'ring', bytes: 8 * GiB });
    const both = collective(options, { bytes: 8 * GiB });
    expect(both.algorithm).toBe('nvls Simple');
    expect(bus(ring) / 1e9).toBeCloseTo(18 * 20.6, -1);
    expect(bus(both) / 1e9).toBeGreaterThan(450);
    expect(bus(both) / 1e9).toBeLessThan(500);
    expect(collective({ gpus: 8, nvswitch: 300e9 }, { algorithm: 'nvls' }).algorithm).toMatch(/^ring/);
  });

  it('without NVLink is that of the slowest hop', () => {
    const machine = server({ gpus: 4, perSwitch: 2, uplink: { generation: 3, lanes: 8 } });
    const one = collective(
      { gpus: 4, perSwitch: 2, uplink: { generation: 3, lanes: 8 } },
      { algorithm: 'ring', via: 'p2p' },
    );
    const slow = describePath(machine, end(machine, 'gpu0'), end(machine, 'gpu2'), {
      operation: 'write',
    }).bytesPerSecond;
    expect(bus(one) / slow / pcieShare.value).toBeGreaterThan(0.95);
    expect(bus(one) / slow / pcieShare.value).toBeLessThanOrEqual(1.001);
    expect(one.bottleneck).toMatch(/^cpu0\.rp[01]$/);
  });
});

describe('the way that NCCL picks', () => {
  it('is peer to peer below a switch, and shared memory between host bridges', () => {
    const { reasons } = collective({ gpus: 4, perSwitch: 2 }, { algorithm: 'ring' });
    expect(reasons.map(({ code }) => code)).toEqual(expect.arrayContaining(['nccl/p2p', 'nccl/shared-memory']));
  });

  it('goes round in an order that passes each uplink once a way', () => {
    const machine = server({ gpus: 4, perSwitch: 2 });
    const ids = [0, 2, 1, 3].map((at) => idOf(machine, `gpu${at}`));
    expect(ringOrder(machine, ids).map((id) => machine.components[id]?.label)).toEqual([
      'gpu0',
      'gpu1',
      'gpu2',
      'gpu3',
    ]);
  });

  it('takes LL for little and Simple for much', () => {
    expect(collective({ gpus: 4, nvswitch: 250e9 }, { bytes: 1024 }).algorithm).toMatch(/LL/);
    expect(collective({ gpus: 4, nvswitch: 250e9 }, { bytes: 4 * GiB }).algorithm).toMatch(/ring Simple/);
  });

  it('ends at the NIC where the collective leaves the machine', () => {
    const nic = {
      kind: 'root-port' as const,
      label: 'rp9',
      settings: { generation: 4, lanes: 16 } as const,
      children: [
        {
          kind: 'nic' as const,
          label: 'nic0',
          settings: { generation: 4, lanes: 16, lineRateBytesPerSecond: 12.5e9 } as const,
        },
      ],
    };
    const one = collective({ gpus: 4, nvswitch: 250e9, more: [nic] }, { algorithm: 'ring' }, [...gpus(4), 'nic0']);
    expect(bus(one) / 12.5e9).toBeGreaterThan(0.9);
    expect(bus(one) / 12.5e9).toBeLessThanOrEqual(1.0001);
    expect(one.bottleneck).toBe('cpu0.rp9.nic0');
  });
});

describe('a collective', () => {
  it('moves the bytes that its operation asks for, and is the same every time', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...collectiveKinds),
        fc.integer({ min: 2, max: 8 }),
        fc.integer({ min: 1, max: 1 << 28 }),
        fc.constantFrom(0, 2, 4),
        (kind, count, bytes, perSwitch) => {
          const settings = { collective: kind, bytes, algorithm: 'ring', via: 'p2p' };
          const one = collective({ gpus: count, perSwitch }, settings);
          const again = collective({ gpus: count, perSwitch }, settings);
          expect(again.result).toEqual(one.result);
          // What leaves all GPUs together: n-1 shares of the size from each, twice for an all-reduce.
          const sent = one.result.links
            .filter((link) => link.direction === 'up' && (perSwitch > 0 ? /\.s\dp\d$/ : /\.rp\d$/).test(link.name))
            .reduce((sum, link) => sum + link.payloadBytes, 0);
          const expected = kind === 'broadcast' ? bytes * (count - 1) : bytes * busFactor(kind, count) * count;
          expect(sent / expected).toBeCloseTo(1, 6);
        },
      ),
      { seed: 5, numRuns: 60 },
    );
  });

  it('takes its size in time, over a chain as well', () => {
    const tree = collective({ gpus: 4, nvswitch: 250e9 }, { algorithm: 'tree' });
    expect(tree.algorithm).toMatch(/^tree/);
    expect(bus(tree) / 250e9).toBeGreaterThan(0.5);
  });

  it('of many ranks is a handful of flows', () => {
    const one = collective({ gpus: 64, nvswitch: 250e9 }, { algorithm: 'ring' });
    expect(bus(one) / 250e9).toBeGreaterThan(0.85);
  });

  it('that repeats reports the mean of its rounds', () => {
    const once = collective({ gpus: 4, nvswitch: 250e9 }, {});
    const often = collective({ gpus: 4, nvswitch: 250e9 }, { repeat: 5 });
    expect(often.bytesPerSecond / once.bytesPerSecond).toBeCloseTo(1, 2);
    expect(often.endSeconds / once.endSeconds).toBeCloseTo(5, 1);
  });

  it('of one GPU is refused', () => {
    const machine = server();
    const activities = [activity(machine, 'collective', { collective: 'all-reduce', bytes: 1 }, { over: ['gpu0'] })];
    expect(run(machine, { activities }).notSimulated[0]).toContain('it needs two GPUs');
  });
});
