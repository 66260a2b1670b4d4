import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GpuDriver, Machine } from '../../../model/machine.ts';
import type { GpuProcess, OtherActivity, StreamOperation } from '../../../model/work.ts';
import { collectiveKinds } from '../../../simulator/collectives/bus-bandwidth.ts';
import type { Sketch } from '../../model/draft.ts';
import { activity, copy, end, kernel, processOf, record, run, server, wait } from './server.ts';

/** All kinds of work at once, on machines of many shapes. */

const gen4 = { generation: 4, lanes: 16 } as const;
const below = (label: string, child: Sketch): Sketch => ({
  kind: 'root-port',
  label: `port-${label}`,
  settings: gen4,
  acs: 'off',
  children: [child],
});
const more: readonly Sketch[] = [
  below('fpga0', { kind: 'fpga', label: 'fpga0', settings: { generation: 3, lanes: 8, c2hChannels: 2 } }),
  below('nic0', { kind: 'nic', label: 'nic0', settings: { ...gen4, lineRateBytesPerSecond: 12.5e9 } }),
];

const machines = fc
  .record({
    gpus: fc.integer({ min: 2, max: 6 }),
    perSwitch: fc.constantFrom(0, 2, 3),
    nvswitch: fc.constantFrom(undefined, 250e9),
    copyEngines: fc.constantFrom(1, 2, 5),
    interruptCores: fc.constantFrom(undefined, [0], [0, 1, 2]),
    contextSwitchSeconds: fc.constantFrom(undefined, 30e-6),
    driver: fc.constantFrom<GpuDriver>('nvidia', 'nvidia-open', 'amdgpu', 'xe', 'i915', 'nouveau'),
    iommu: fc.constantFrom('off' as const, 'passthrough' as const, 'translate' as const),
    strict: fc.boolean(),
  })
  .map(
    ({
      gpus,
      perSwitch,
      nvswitch,
      copyEngines,
      interruptCores,
      contextSwitchSeconds,
      driver,
      iommu,
      strict,
    }): { machine: Machine; gpus: number } => {
      const machine = server({
        gpus,
        perSwitch,
        more,
        gpu: {
          copyEngines,
          driver,
          ...(interruptCores === undefined ? {} : { interruptCores }),
          ...(contextSwitchSeconds === undefined ? {} : { contextSwitchSeconds }),
        },
        ...(nvswitch === undefined ? {} : { nvswitch }),
      });
      return {
        gpus,
        machine: { ...machine, linux: { ...machine.linux, iommu, invalidation: strict ? 'strict' : 'lazy' } },
      };
    },
  );

const bytes = fc.integer({ min: 1, max: 1 << 24 });

function operations(machine: Machine): fc.Arbitrary<StreamOperation> {
  const memory = fc.constantFrom('pinned' as const, 'pageable' as const, 'managed' as const);
  const origin = machine.origin;
  return fc.oneof(
    fc
      .tuple(fc.constantFrom('h2d' as const, 'd2h' as const, 'd2d' as const), bytes, memory)
      .map(([way, size, kind]) => copy(way, size, { memory: kind })),
    bytes.map((size) => copy('p2p', size, { peer: end(machine, 'gpu1') })),
    fc.integer({ min: 1, max: 4000 }).map((time) => kernel(time * 1e-6)),
    fc.constantFrom('a', 'b').map(record),
    fc.constant(wait('a')),
    fc.constantFrom('synchronize' as const, 'flip' as const).map((kind): StreamOperation => ({ kind, origin })),
    fc
      .tuple(bytes, fc.constantFrom('random' as const, { strideBytes: 65536 }, { strideBytes: 4 << 20 }))
      .map(([size, walk]): StreamOperation => {
        return {
          kind: 'copy',
          direction: 'h2d',
          bytes: size,
          peer: null,
          pinned: false,
          memory: 'managed',
          walk,
          origin,
        };
      }),
    fc.tuple(fc.constantFrom('export' as const, 'attach' as const), bytes).map(([kind, size]): StreamOperation => {
      return { kind, bytes: size, peer: kind === 'attach' ? end(machine, 'gpu1') : null, origin };
    }),
    fc
      .tuple(fc.constantFrom('suspend' as const, 'resume' as const), bytes)
      .map(([kind, size]): StreamOperation => ({ kind, bytes: size, origin })),
    fc
      .tuple(
        fc.constantFrom('store' as const, 'load' as const, 'prefetch' as const),
        fc.integer({ min: 1, max: 65536 }),
      )
      .map(([kind, size]): StreamOperation => ({ kind, bytes: size, peer: null, origin })),
  );
}

function processes(machine: Machine, gpus: number): fc.Arbitrary<GpuProcess> {
  return fc
    .record({
      gpu: fc.integer({ min: 0, max: gpus - 1 }),
      streams: fc.array(fc.array(operations(machine), { maxLength: 5 }), { minLength: 1, maxLength: 3 }),
      cores: fc.constantFrom(undefined, 1, 2),
      polling: fc.boolean(),
      start: fc.integer({ min: 0, max: 3000 }),
      name: fc.constantFrom('p', 'q'),
    })
    .map(({ gpu, streams, cores, polling, start, name }) =>
      processOf(machine, `gpu${gpu}`, streams, {
        name,
        polling,
        startSeconds: start * 1e-6,
        ...(cores === undefined ? {} : { cores }),
      }),
    );
}

function activities(machine: Machine, gpus: number): fc.Arbitrary<OtherActivity> {
  const all = Array.from({ length: gpus }, (_, at) => `gpu${at}`);
  const place = fc.constantFrom('gpu0', 'gpu1', 'fpga0', 'nic0', 'cpu0');
  const via = fc.constantFrom('auto', 'p2p', 'host');
  const stage = fc
    .record({ from: place, to: place, size: bytes, way: via, compute: fc.boolean() })
    .filter(({ from, to }) => from !== to)
    .map(({ from, to, size, way, compute }) =>
      activity(
        machine,
        'stage',
        { bytes: size, via: way, repeat: 3, ...(compute ? { computeSeconds: 1e-4 } : {}) },
        { from, to },
      ),
    );
  return fc.oneof(
    fc.array(stage, { minLength: 1, maxLength: 3 }).map((stages) => activity(machine, 'pipeline', {}, {}, stages)),
    fc
      .record({
        collective: fc.constantFrom(...collectiveKinds),
        algorithm: fc.constantFrom('ring', 'tree', 'nvls', 'auto'),
        size: bytes,
        way: via,
        nic: fc.boolean(),
        repeat: fc.constantFrom(1, 3),
      })
      .map(({ collective, algorithm, size, way, nic, repeat }) =>
        activity(
          machine,
          'collective',
          { collective, algorithm, bytes: size, via: way, repeat },
          { over: nic ? [...all, 'nic0'] : all },
        ),
      ),
    fc
      .record({
        pattern: fc.constantFrom('read', 'write'),
        block: fc.integer({ min: 1, max: 1 << 20 }),
        depth: fc.integer({ min: 1, max: 64 }),
        size: bytes,
        on: fc.constantFrom('gpu0', 'cpu0'),
      })
      .map(({ pattern, block, depth, size, on }) =>
        activity(
          machine,
          'job',
          { engine: 'rdma', pattern, blockBytes: block, depth, bytes: size },
          pattern === 'read' ? { on: 'nic0', to: on } : { on: 'nic0', from: on },
        ),
      ),
  );
}

const loads = machines.chain(({ machine, gpus }) =>
  fc.record({
    machine: fc.constant(machine),
    processes: fc.array(processes(machine, gpus), { maxLength: 3 }),
    activities: fc.array(activities(machine, gpus), { maxLength: 3 }),
  }),
);

describe('work of all kinds at once', () => {
  it.each(['flow', 'ideal'] as const)(
    'at fidelity %s is deterministic, causal, and within what links and memories carry',
    (fidelity) => {
      fc.assert(
        fc.property(loads, ({ machine, ...load }) => {
          const result = run(machine, load, fidelity);
          expect(run(machine, load, fidelity)).toEqual(result);
          for (const use of [...result.links, ...result.resources]) {
            expect(use.utilisation).toBeLessThanOrEqual(1 + 1e-6);
            expect(use.utilisation).toBeGreaterThanOrEqual(0);
          }
          for (const { startSeconds, endSeconds } of result.records ?? []) {
            expect(endSeconds).toBeGreaterThanOrEqual(startSeconds);
            expect(endSeconds).toBeLessThanOrEqual(result.makespanSeconds + 1e-12);
          }
          const circles = (result.activities ?? []).filter(({ reasons }) =>
            reasons.some(({ code }) => code === 'work/waits-in-a-circle'),
          );
          for (const one of result.activities ?? []) {
            if (circles.includes(one)) continue;
            expect(one.endSeconds).toBeGreaterThanOrEqual(one.startSeconds);
            expect(Number.isFinite(one.bytesPerSecond)).toBe(true);
          }
        }),
        { seed: 33, numRuns: 150 },
      );
    },
  );

  // Copies that come in another order may end sooner, so that a little less is possible.
  it('takes no less time than each piece of it alone', () => {
    fc.assert(
      fc.property(loads, ({ machine, ...load }) => {
        const whole = run(machine, load).makespanSeconds;
        for (const one of load.activities) {
          expect(run(machine, { activities: [one] }).makespanSeconds).toBeLessThanOrEqual(whole * 1.05);
        }
      }),
      { seed: 34, numRuns: 80 },
    );
  });
});
