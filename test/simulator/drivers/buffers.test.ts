import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GpuDriver } from '../../../model/machine.ts';
import type { StreamOperation } from '../../../model/work.ts';
import { managedBlock } from '../../../simulator/drivers/gpu/costs.ts';
import { bigPage, faultsOf } from '../../../simulator/drivers/gpu/uvm.ts';
import { copy, end, kernel, MiB, origin, processOf, run, server } from './server.ts';

const seeded = { seed: 22, numRuns: 100 };
type Drivers = readonly [GpuDriver, GpuDriver];

/** Two GPUs below one switch, the first of which attaches to a buffer of the second. */
function attach([importer, exporter]: Drivers) {
  const plain = server({ perSwitch: 2 });
  const machine = {
    ...plain,
    components: plain.components.map((one) =>
      one.kind === 'gpu'
        ? { ...one, settings: { ...one.settings, driver: one.label === 'gpu0' ? importer : exporter } }
        : one,
    ),
  };
  const operation: StreamOperation = { kind: 'attach', bytes: 64 * MiB, peer: end(machine, 'gpu1'), origin };
  return run(machine, { processes: [processOf(machine, 'gpu0', [[operation]])] });
}

describe('a buffer of another device', () => {
  it.each<[GpuDriver, boolean]>([
    ['amdgpu', true],
    ['xe', true],
    ['nvidia-open', true],
    ['nouveau', false],
    ['i915', false],
  ])('of %s is reached in VRAM: %s', (exporter, inPlace) => {
    const { makespanSeconds, links, notSimulated } = attach(['amdgpu', exporter]);
    expect(notSimulated).toEqual([]);
    const moved = links.reduce((sum, link) => sum + link.payloadBytes, 0);
    if (inPlace) {
      expect(moved).toBe(0);
      expect(makespanSeconds).toBeLessThan(1e-6);
    } else {
      const up = links.find(({ name, direction }) => name.endsWith('s0p1') && direction === 'up');
      expect(up?.payloadBytes).toBeCloseTo(64 * MiB, 3);
    }
  });

  it.each<Drivers>([
    ['amdgpu', 'nvidia'],
    ['amdgpu', 'vfio-pci'],
  ])('is refused where the exporter has none to give: %s from %s', (importer, exporter) => {
    expect(attach([importer, exporter]).notSimulated).toHaveLength(1);
  });

  it('is saved before sleep, byte for byte, and brought back', () => {
    const machine = server();
    for (const [kind, direction] of [
      ['suspend', 'up'],
      ['resume', 'down'],
    ] as const) {
      const { links } = run(machine, {
        processes: [processOf(machine, 'gpu0', [[{ kind, bytes: 48 * MiB, origin }]])],
      });
      const link = links.find((one) => one.name === 'cpu0.rp0' && one.direction === direction);
      expect(link?.payloadBytes).toBeCloseTo(48 * MiB, 3);
    }
  });

  it('waits for what the stream was given before', () => {
    const machine = server({ gpu: { driver: 'amdgpu' } });
    const operations = [kernel(1e-3), { kind: 'flip' as const, origin }, copy('d2h', MiB)];
    const result = run(machine, { processes: [processOf(machine, 'gpu0', [operations])] });
    const [draw, flip, back] = result.operations;
    expect(flip?.startSeconds).toBeGreaterThanOrEqual(draw?.endSeconds ?? 0);
    expect(back?.startSeconds).toBeGreaterThanOrEqual(flip?.endSeconds ?? 0);
  });
});

describe('faults on managed memory', () => {
  const walk = fc.oneof(
    fc.constantFrom('sequential' as const, 'random' as const),
    fc.integer({ min: 1, max: 4096 }).map((pages) => ({ strideBytes: pages * 4096 })),
  );

  it('bring at least what is touched, and at most all of it', () => {
    fc.assert(
      fc.property(walk, fc.integer({ min: 1, max: 32 * MiB }), (how, bytes) => {
        const { services, bytes: moved } = faultsOf(how, bytes);
        expect(services).toBeGreaterThan(0);
        expect(moved).toBeLessThanOrEqual(bytes);
        if (typeof how === 'string') expect(moved).toBe(bytes);
        else expect(moved).toBeGreaterThanOrEqual(Math.min(bytes, 4096 * Math.floor(bytes / how.strideBytes)));
        // A service brings a big page at least, so there are no more of them than those.
        expect(services).toBeLessThanOrEqual(Math.ceil(bytes / bigPage.value) + 1);
      }),
      seeded,
    );
  });

  it('are fewer in order than at random, and fewest for pages of one block', () => {
    const blocks = 16 * managedBlock.value;
    const inOrder = faultsOf('sequential', blocks).services;
    expect(faultsOf('random', blocks).services).toBeGreaterThan(1.5 * inOrder);
    expect(faultsOf({ strideBytes: managedBlock.value }, blocks)).toEqual({ services: 16, bytes: 16 * bigPage.value });
  });

  it('move as many bytes over the link as the result says', () => {
    const machine = server();
    for (const how of ['random' as const, { strideBytes: MiB }, { strideBytes: 8 * MiB }]) {
      const operation: StreamOperation = {
        ...copy('h2d', 32 * MiB, { memory: 'managed' }),
        walk: how,
      } as StreamOperation;
      const { links, activities } = run(machine, { processes: [processOf(machine, 'gpu0', [[operation]])] });
      const down = links.find((link) => link.name === 'cpu0.rp0' && link.direction === 'down');
      expect(down?.payloadBytes).toBeCloseTo(activities?.[0]?.bytes ?? -1, 3);
      expect(down?.payloadBytes).toBeCloseTo(faultsOf(how, 32 * MiB).bytes, 3);
    }
  });
});

describe('interrupts of streams', () => {
  const streams = Array.from({ length: 6 }, () => [kernel(1e-6), { kind: 'synchronize' as const, origin }]);
  const time = (gpu: object) => {
    const machine = server({ gpu });
    return run(machine, { processes: [processOf(machine, 'gpu0', streams, { polling: false })] });
  };

  it('follow each other on one vector, and on one core', () => {
    for (const result of [time({}), time({ msixVectors: 8, interruptCores: [0] })]) {
      const handled = (result.records ?? [])
        .filter(({ name, args }) => name.startsWith('MSI-X') && args?.by === undefined)
        .sort((a, b) => a.startSeconds - b.startSeconds);
      expect(handled).toHaveLength(6);
      for (const [at, one] of handled.entries())
        expect(one.startSeconds).toBeGreaterThanOrEqual((handled[at - 1]?.endSeconds ?? 0) - 1e-12);
    }
  });

  it('of vectors of their own go to cores of their own', () => {
    const result = time({ msixVectors: 8, interruptCores: [0, 1, 2, 3, 4, 5] });
    const tracks = (result.records ?? []).filter(({ name }) => name.startsWith('MSI-X')).map(({ track }) => track);
    expect(new Set(tracks.filter((track) => /^core \d$/.test(track))).size).toBe(6);
    expect(result.makespanSeconds).toBeLessThan(time({}).makespanSeconds);
  });
});
