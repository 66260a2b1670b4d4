import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bar } from '../../../model/address.ts';
import type { LinuxSettings, Machine } from '../../../model/machine.ts';
import { mapCost, mapSeconds } from '../../../simulator/drivers/cpu/dma-map.ts';
import { planCpuAccess, postedWriteSeconds, readSeconds, windowMoves } from '../../../simulator/drivers/cpu/mmio.ts';
import { peerPool } from '../../../simulator/drivers/cpu/p2pmem.ts';
import { planReconfiguration } from '../../../simulator/drivers/fpga/reconfigure.ts';
import { characterDeviceCall, planXdma } from '../../../simulator/drivers/fpga/xdma.ts';
import { gspCall } from '../../../simulator/drivers/gpu/costs.ts';
import { directRdma, lineEfficiency, planVerb, type Verb } from '../../../simulator/drivers/nic/rdma.ts';
import { framesPerSecond, ringTraffic } from '../../../simulator/drivers/nic/rings.ts';
import { runTasks } from '../../../simulator/engine/flow.ts';
import { Plan } from '../../../simulator/plan.ts';
import { idOf, type Sketch } from '../../model/draft.ts';
import { activity, end, MiB, onlyActivity, run, server } from './server.ts';

const gen4 = { generation: 4, lanes: 16 } as const;
const fpga: Sketch = {
  kind: 'root-port',
  label: 'rpf',
  settings: gen4,
  acs: 'off',
  children: [{ kind: 'fpga', label: 'fpga0', settings: { generation: 3, lanes: 16, h2cChannels: 4, c2hChannels: 4 } }],
};
const nic = (settings: Sketch['settings'] = {}): Sketch => ({
  kind: 'root-port',
  label: 'rpn',
  settings: gen4,
  acs: 'off',
  children: [{ kind: 'nic', label: 'nic0', settings: { ...gen4, lineRateBytesPerSecond: 12.5e9, ...settings } }],
});
const machine = server({ more: [fpga, nic()] });

/** Seconds until the task that `write` returns is done. */
function seconds(write: (plan: Plan) => number, on = machine): number {
  const plan = new Plan(on, 'measured');
  const task = write(plan);
  return runTasks(plan.resources, plan.tasks, {}, plan.servers)[task]?.endSeconds ?? Number.NaN;
}

describe('XDMA', () => {
  it.each(['h2c', 'c2h'] as const)('%s costs a call of the character device, and then the engine', (direction) => {
    const id = idOf(machine, 'fpga0');
    const one = seconds((plan) => planXdma(plan, id, direction, 8).done);
    expect(one).toBeGreaterThan(characterDeviceCall.value);
    expect(one).toBeLessThan(characterDeviceCall.value + 5e-6);
    const much = 1024 * MiB;
    const rate = much / seconds((plan) => planXdma(plan, id, direction, much).done);
    expect(rate / 1e9).toBeCloseTo(direction === 'h2c' ? 9.3 : 11.9, 1);
  });

  it('is slower by interrupt than by polling', () => {
    const id = idOf(machine, 'fpga0');
    const polled = seconds((plan) => planXdma(plan, id, 'c2h', 4096, { polled: true }).done);
    expect(seconds((plan) => planXdma(plan, id, 'c2h', 4096).done)).toBeGreaterThan(polled);
  });

  it('runs as many copies at a time as it has channels', () => {
    const id = idOf(machine, 'fpga0');
    const plan = new Plan(machine, 'measured');
    const tasks = Array.from({ length: 6 }, () => planXdma(plan, id, 'h2c', 64 * MiB, { polled: true }));
    const times = runTasks(plan.resources, plan.tasks, {}, plan.servers);
    const queued = plan.records(times).filter(({ args }) => args?.queuedSeconds !== undefined);
    expect(queued).toHaveLength(2);
    // On the track of the channels as well as on that of who asked.
    const records = plan.records(times).filter(({ track }) => track.endsWith('H2C channels'));
    expect(records).toHaveLength(6);
    expect(tasks).toHaveLength(6);
  });
});

describe('partial reconfiguration', () => {
  it('is bound by its port: configuration writes are hundreds of times slower than DMA', () => {
    const id = idOf(machine, 'fpga0');
    const slow = seconds((plan) => planReconfiguration(plan, id, 16 * MiB, 'mcap'));
    const fast = seconds((plan) => planReconfiguration(plan, id, 16 * MiB, 'icap'));
    expect((16 * MiB) / fast / 1e6).toBeCloseTo(800, -1);
    expect(slow / fast).toBeGreaterThan(100);
  });
});

describe('a stage that reconfigures', () => {
  it('takes as long as its port, before what comes after it', () => {
    const stages = (port: string) => [
      { ...activity(machine, 'stage', { bytes: 8 * MiB, reconfigure: port }, { on: 'fpga0' }), name: 'load' },
      { ...activity(machine, 'stage', { bytes: MiB }, { from: 'fpga0', to: 'gpu0' }), name: 'use' },
    ];
    const load = (port: string) =>
      run(machine, { activities: [activity(machine, 'pipeline', {}, {}, stages(port))] }).activities?.find(
        ({ name }) => name === 'load',
      )?.latencySeconds ?? 0;
    expect(load('icap')).toBeCloseTo((8 * MiB) / 800e6, 3);
    expect(load('mcap')).toBeCloseTo((8 * MiB) / 4.5e6, 2);
    const wrong = [activity(machine, 'stage', { bytes: MiB, reconfigure: 'icap' }, { on: 'gpu0' })];
    expect(run(machine, { activities: [activity(machine, 'pipeline', {}, {}, wrong)] }).notSimulated[0]).toContain(
      'no FPGA',
    );
  });
});

describe('a pipeline', () => {
  const radar = (via: 'p2p' | 'host', repeat = 4) => [
    activity(machine, 'pipeline', {}, {}, [
      { ...activity(machine, 'stage', { bytes: MiB, via, repeat }, { from: 'fpga0', to: 'gpu0' }), name: 'ingest' },
      { ...activity(machine, 'stage', { computeSeconds: 300e-6 }, { on: 'gpu0' }), name: 'detect' },
    ]),
  ];
  const whole = (via: 'p2p' | 'host') => run(machine, { activities: radar(via) }).activities?.[0];

  it('from FPGA to GPU is quicker by peer-to-peer than through host memory', () => {
    const [direct, staged] = [whole('p2p')?.latencySeconds ?? 0, whole('host')?.latencySeconds ?? 0];
    expect(staged - direct).toBeGreaterThan(characterDeviceCall.value);
    expect(direct).toBeGreaterThan(300e-6);
  });

  it('overlaps its stages, item after item', () => {
    const { endSeconds = 0, latencySeconds = 0 } = whole('p2p') ?? {};
    expect(endSeconds).toBeLessThan(0.95 * 4 * latencySeconds);
  });

  it('reports its stages, and judges what they expect', () => {
    const activities = radar('p2p').map((one) => ({
      ...one,
      children: one.children.map((child) => ({
        ...child,
        expectations: [
          {
            kind: 'measure' as const,
            left: { metric: 'latency', of: null },
            right: null,
            comparison: '<' as const,
            bound: 1e-3,
            within: null,
            text: 'expect latency < 1 ms',
            origin: machine.origin,
          },
        ],
      })),
    }));
    const result = run(machine, { activities });
    expect(result.activities?.map(({ name }) => name)).toEqual(['pipeline', 'ingest', 'detect']);
    expect(result.expectations.map(({ passed }) => passed)).toEqual([true, true]);
  });

  it('starts an item at each beat, and falls behind where a stage is too slow', () => {
    const paced = (every: number) => {
      const stages = [
        { ...activity(machine, 'stage', { computeSeconds: 1e-3, periodSeconds: every, repeat: 10 }, { on: 'gpu0' }) },
      ];
      return (
        run(machine, { activities: [activity(machine, 'pipeline', {}, {}, stages)] }).activities?.[0]?.latencySeconds ??
        0
      );
    };
    expect(paced(2e-3)).toBeLessThan(1.1e-3);
    expect(paced(0.5e-3)).toBeGreaterThan(5e-3);
  });

  it('carries what it says, whatever its stages', () => {
    const ends = ['fpga0', 'gpu0', 'gpu1', 'nic0', 'cpu0'];
    const stage = fc
      .record({
        from: fc.constantFrom(...ends),
        to: fc.constantFrom(...ends),
        bytes: fc.integer({ min: 1, max: 1 << 22 }),
        via: fc.constantFrom('auto', 'p2p', 'host'),
      })
      .filter(({ from, to }) => from !== to);
    fc.assert(
      fc.property(fc.array(stage, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 5 }), (stages, repeat) => {
        const children = stages.map(({ from, to, bytes, via }, at) => ({
          ...activity(machine, 'stage', { bytes, via, repeat }, { from, to }),
          name: `stage${at}`,
        }));
        const activities = [activity(machine, 'pipeline', {}, {}, children)];
        const result = run(machine, { activities });
        expect(run(machine, { activities })).toEqual(result);
        const [pipeline, ...parts] = result.activities ?? [];
        expect(parts.map((part) => part.bytes)).toEqual(stages.map(({ bytes }) => bytes * repeat));
        expect(Number.isFinite(pipeline?.endSeconds)).toBe(true);
        for (const part of parts) expect(part.endSeconds).toBeLessThanOrEqual((pipeline?.endSeconds ?? 0) + 1e-12);
      }),
      { seed: 9, numRuns: 60 },
    );
  });
});

describe('RDMA', () => {
  const verb = (name: Verb, bytes: number, buffer = 'cpu0', farSeconds = 0) =>
    seconds(
      (plan) =>
        planVerb(plan, { nic: idOf(machine, 'nic0'), verb: name, buffer: end(machine, buffer), bytes, farSeconds })
          .done,
    );

  it('of 64 B takes a doorbell, a fetch, the data and a completion', () => {
    for (const name of ['write', 'send', 'read', 'receive'] as const) {
      expect(verb(name, 64)).toBeGreaterThan(0.5e-6);
      expect(verb(name, 64)).toBeLessThan(6e-6);
    }
    expect(verb('receive', 64)).toBeLessThan(verb('write', 64));
  });

  it('reaches the line rate less its headers, from host memory and from a GPU', () => {
    const bytes = 1024 * MiB;
    for (const buffer of ['cpu0', 'gpu0']) {
      expect(bytes / verb('write', bytes, buffer) / (12.5e9 * lineEfficiency())).toBeCloseTo(1, 2);
    }
  });

  it('is staged where the NIC has no GPUDirect', () => {
    const without = server({ more: [nic({ gpuDirectRdma: false })] });
    expect(directRdma(without, idOf(without, 'nic0'), idOf(without, 'gpu0'))?.code).toBe('nic/no-gpudirect');
    expect(directRdma(machine, idOf(machine, 'nic0'), idOf(machine, 'gpu0'))).toBeNull();
  });

  it('as a job is bound by requests in flight, then by the line', () => {
    const job = (depth: number, bytes: number) =>
      onlyActivity(
        run(machine, {
          activities: [
            activity(
              machine,
              'job',
              { engine: 'rdma', pattern: 'write', blockBytes: 4096, depth, bytes },
              { on: 'nic0', from: 'gpu0' },
            ),
          ],
        }),
      );
    const one = job(1, 64 * MiB);
    const many = job(64, 1024 * MiB);
    expect(one.bottleneck).toContain('1 requests in flight');
    expect(many.bytesPerSecond / one.bytesPerSecond).toBeGreaterThan(4);
    expect(many.bytesPerSecond).toBeLessThanOrEqual(12.5e9);
    expect(many.algorithm).toBe('RDMA WRITE by GPUDirect RDMA');
  });
});

describe('the rings of a NIC', () => {
  it('carry 148.8 million of the shortest frames a second at 100 Gb/s', () => {
    expect((framesPerSecond(machine, idOf(machine, 'nic0'), 64) ?? 0) / 1e6).toBeCloseTo(148.8, 1);
    expect(ringTraffic('send').read).toBe(64);
  });
});

describe('a CPU', () => {
  const gpu = end(machine, 'gpu0');
  const access = (kind: 'store' | 'load', bytes: number) => seconds((plan) => planCpuAccess(plan, kind, gpu, bytes));

  it('reads a register in a round trip and writes it one way', () => {
    expect(readSeconds(machine, gpu.component)).toBeGreaterThan(postedWriteSeconds(machine, gpu.component));
  });

  it('stores to a BAR much faster than it loads from it', () => {
    const store = (16 * MiB) / access('store', 16 * MiB);
    const load = MiB / access('load', MiB);
    expect(store / 1e9).toBeGreaterThan(5);
    // What packets of 64 B carry over Gen4 x16, and what a core was seen to reach there.
    expect(store / 1e9).toBeLessThan(20.1);
    expect(load / 1e9).toBeLessThan(1);
  });

  it('stores in packets of 64 B: 64 of 88 bytes on the wire', () => {
    const plan = new Plan(machine, 'measured');
    planCpuAccess(plan, 'store', gpu, MiB);
    const [planned] = plan.copies.values();
    const link = planned?.demands.find((demand) => demand.kind === 'link' && demand.carriesPayload);
    expect(link?.cost).toBeCloseTo(88 / 64, 2);
  });

  it('moves the window where the BAR shows less than it stores', () => {
    const resizable = (on: boolean) => {
      const other = server({ gpu: { vramBytes: 80 * 1024 * MiB, vramBar: 1, computeCapability: '8.0' } });
      const bar: Bar = {
        index: 1,
        kind: 'memory64',
        prefetchable: true,
        bytes: 256 * MiB,
        resizable: { minimumBytes: 256 * MiB, maximumBytes: 128 * 1024 * MiB },
      };
      const components = other.components.map((one) => (one.kind === 'gpu' ? { ...one, bars: [bar] } : one));
      return { ...other, components, firmware: { ...other.firmware, resizableBar: on } };
    };
    const [small, large] = [resizable(false), resizable(true)];
    const id = idOf(small, 'gpu0');
    expect(windowMoves(small, id, 1024 * MiB).moves).toBe(3);
    expect(windowMoves(large, id, 1024 * MiB).moves).toBe(0);
    const store = (on: Machine) => seconds((plan) => planCpuAccess(plan, 'store', end(on, 'gpu0'), 1024 * MiB), on);
    expect(store(small) - store(large)).toBeCloseTo(3 * gspCall.value, 6);
  });

  it('maps memory for DMA by the mode of the IOMMU', () => {
    const mode = (linux: Partial<LinuxSettings>) => ({ ...machine, linux: { ...machine.linux, ...linux } });
    const off = mode({ iommu: 'passthrough' });
    const lazy = mode({ iommu: 'translate', invalidation: 'lazy' });
    const strict = mode({ iommu: 'translate', invalidation: 'strict' });
    expect(mapSeconds(off, MiB)).toBe(0);
    expect(mapSeconds(lazy, MiB)).toBeGreaterThan(0);
    expect(mapSeconds(strict, MiB)).toBeGreaterThan(4 * mapSeconds(lazy, MiB));
    expect(mapCost(strict, MiB).entries).toBe(256);
  });

  it('finds memory for peers only in devices that offer it', () => {
    const drive: Sketch = {
      kind: 'root-port',
      label: 'rpd',
      settings: gen4,
      children: [{ kind: 'nvme', label: 'ssd0', settings: { controllerMemoryBufferBytes: 64 * MiB } }],
    };
    const other = server({ more: [drive] });
    const id = idOf(other, 'ssd0');
    expect(peerPool(other, id)?.bytes).toBe(64 * MiB);
    expect(peerPool(other, id)?.take(100 * MiB)).toBe(false);
    expect(peerPool(machine, idOf(machine, 'nic0'))).toBeNull();
  });
});
