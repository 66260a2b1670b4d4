import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GpuDriver } from '../../../model/machine.ts';
import type { StreamOperation } from '../../../model/work.ts';
import { refusesAccess } from '../../../simulator/drivers/gpu/contexts.ts';
import { contextCreation, justInTime, launchCall, timeSlice } from '../../../simulator/drivers/gpu/costs.ts';
import { gpuDrivers } from '../../../simulator/drivers/gpu/drivers.ts';
import { copy, end, kernel, MiB, mig, processOf, record, run, server, wait } from './server.ts';

const machine = server();
const time = (streams: Parameters<typeof processOf>[2], on = machine, more = {}) =>
  run(on, { processes: [processOf(on, 'gpu0', streams, more)] }).makespanSeconds;

describe('a copy of a stream', () => {
  it('takes the path from the call to the copy engine, step by step', () => {
    const { records = [] } = run(machine, { processes: [processOf(machine, 'gpu0', [[copy('h2d', MiB)]])] });
    const steps = records.filter(({ args }) => args?.by === undefined);
    expect(steps.map(({ track, name }) => `${track}: ${name}`)).toEqual([
      'train/s0/thread: cudaMemcpyAsync',
      'train/s0/thread: doorbell',
      'cpu0.rp0.gpu0/host engine: fetch commands',
      'train/s0: copy h2d',
    ]);
    expect(new Set(records.map(({ flow }) => flow)).size).toBe(1);
    for (const [at, one] of steps.entries()) {
      expect(one.startSeconds).toBeGreaterThanOrEqual(steps[at - 1]?.endSeconds ?? 0);
    }
    // The same copy on the track of the engine that does it.
    const [engine, ...others] = records.filter(({ args }) => args?.by !== undefined);
    expect(others).toEqual([]);
    expect(engine).toMatchObject({ track: 'cpu0.rp0.gpu0 copy engine h2d', args: { by: 'train/s0' } });
    expect(engine?.startSeconds).toBe(steps.at(-1)?.startSeconds);
  });

  it('costs a call even where it moves a byte', () => {
    const one = time([[copy('h2d', 1)]]);
    expect(one).toBeGreaterThan(6e-6);
    expect(one).toBeLessThan(20e-6);
  });

  it.each(['h2d', 'd2h'] as const)('%s from pageable memory is slower than from pinned memory', (direction) => {
    const pinned = time([[copy(direction, 64 * MiB)]]);
    const pageable = time([[copy(direction, 64 * MiB, { memory: 'pageable' })]]);
    expect(pageable / pinned).toBeGreaterThan(1.5);
  });

  it('of managed memory that faults is slower than a prefetch of it', () => {
    const faulted = time([[copy('h2d', 64 * MiB, { memory: 'managed' })]]);
    const prefetched = time([[{ kind: 'prefetch', bytes: 64 * MiB, peer: null, origin: machine.origin }]]);
    expect(faulted).toBeGreaterThan(1.2 * prefetched);
  });

  it('loses bytes of no kind of memory on its way', () => {
    for (const memory of ['pinned', 'pageable', 'managed'] as const) {
      const { links } = run(machine, {
        processes: [processOf(machine, 'gpu0', [[copy('h2d', 10 * MiB, { memory })]])],
      });
      const down = links.find((link) => link.name === 'cpu0.rp0' && link.direction === 'down');
      expect(down?.payloadBytes).toBeCloseTo(10 * MiB, 3);
    }
  });
});

describe('streams', () => {
  it('overlap a copy with a kernel, and copies of both directions', () => {
    const kernelTime = time([[kernel(2e-3)]]);
    const copyTime = time([[copy('h2d', 48 * MiB)]]);
    const both = time([[kernel(2e-3)], [copy('h2d', 48 * MiB)]]);
    expect(both).toBeLessThan(1.05 * Math.max(kernelTime, copyTime));
    const ways = time([[copy('h2d', 48 * MiB)], [copy('d2h', 48 * MiB)]]);
    expect(ways).toBeLessThan(1.5 * copyTime);
  });

  it('do not overlap copies of both directions on one copy engine', () => {
    const single = server({ gpu: { copyEngines: 1 } });
    const alone = time([[copy('h2d', 48 * MiB)]], single);
    expect(time([[copy('h2d', 48 * MiB)], [copy('d2h', 48 * MiB)]], single)).toBeGreaterThan(1.8 * alone);
  });

  it('copy one after the other in one direction, whatever the number of streams', () => {
    const { operations } = run(machine, {
      processes: [processOf(machine, 'gpu0', [[copy('h2d', 16 * MiB)], [copy('h2d', 16 * MiB)]])],
    });
    const [first, second] = operations;
    expect(second?.startSeconds).toBeGreaterThanOrEqual(first?.endSeconds ?? 0);
  });

  it('of a higher priority have their kernels run first, wherever they stand', () => {
    const process = processOf(machine, 'gpu0', [[kernel(3e-3)], [kernel(1e-3)], [kernel(1e-3)]]);
    const ends = (priorities: readonly number[]) => {
      const streams = process.streams.map((stream, at) => ({ ...stream, priority: priorities[at] ?? 0 }));
      return run(machine, { processes: [{ ...process, streams }] }).operations.map(({ endSeconds }) => endSeconds);
    };
    const [, urgent = 0] = ends([0, 2, 1]);
    const [long = 0, , second = 0] = ends([0, 2, 1]);
    expect(urgent).toBeLessThan(1.1e-3);
    expect(second).toBeGreaterThan(2e-3);
    expect(second).toBeLessThan(2.1e-3);
    // No work is lost by waiting.
    expect(long).toBeCloseTo(5e-3, 4);
    const [, shared = 0] = ends([0, 0, 0]);
    expect(shared).toBeGreaterThan(2.5e-3);
  });

  it('wait for events of other streams', () => {
    const { operations } = run(machine, {
      processes: [
        processOf(machine, 'gpu0', [
          [kernel(1e-3), record('done')],
          [wait('done'), copy('d2h', MiB)],
        ]),
      ],
    });
    const last = operations.at(-1);
    expect(last?.label).toBe('copy d2h');
    expect(last?.startSeconds).toBeGreaterThanOrEqual(1e-3);
  });

  it('wait for events of other processes by their whole names', () => {
    const first = processOf(machine, 'gpu0', [[kernel(2e-3), record('done')]], { name: 'first' });
    const others = ['first.s0.done', 's0.done', 'done', 'nothing'].map((event, at) =>
      processOf(machine, 'gpu1', [[wait(event), copy('h2d', MiB)]], { name: `other${at}` }),
    );
    const { operations } = run(machine, { processes: [first, ...others] });
    const starts = operations.filter((one) => one.label === 'copy h2d').map((one) => one.startSeconds >= 2e-3);
    expect(starts).toEqual([true, true, true, false]);
  });

  it('that wait for each other in a circle never end, and say so', () => {
    const { activities = [] } = run(machine, {
      processes: [
        processOf(machine, 'gpu0', [
          [wait('b'), record('a')],
          [wait('a'), record('b')],
        ]),
      ],
    });
    expect(activities[0]?.reasons[0]?.code).toBe('work/waits-in-a-circle');
  });

  it('share the cores that their process has', () => {
    const work = Array.from({ length: 4 }, () => [copy('h2d', 4 * MiB, { memory: 'pageable' as const })]);
    expect(time(work, machine, { cores: 1 })).toBeGreaterThan(time(work, machine, { cores: 4 }));
  });

  it('are a pure function of the work', () => {
    const operation: fc.Arbitrary<StreamOperation> = fc.oneof(
      fc
        .tuple(
          fc.constantFrom('h2d', 'd2h', 'd2d', 'p2p'),
          fc.integer({ min: 1, max: 1 << 24 }),
          fc.constantFrom('pinned', 'pageable', 'managed'),
        )
        .map(([direction, bytes, memory]) =>
          copy(direction, bytes, { memory, ...(direction === 'p2p' ? { peer: end(machine, 'gpu1') } : {}) }),
        ),
      fc.integer({ min: 1, max: 5000 }).map((microseconds) => kernel(microseconds * 1e-6)),
      fc.constantFrom('a', 'b').map(record),
      fc
        .constantFrom('store', 'load', 'prefetch')
        .chain((kind) =>
          fc
            .integer({ min: 1, max: 1 << 20 })
            .map((bytes): StreamOperation => ({ kind, bytes, peer: null, origin: machine.origin })),
        ),
      fc.constant<StreamOperation>({ kind: 'synchronize', origin: machine.origin }),
    );
    const streams = fc.array(fc.array(operation, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(streams, (all) => {
        const processes = [processOf(machine, 'gpu0', all)];
        const once = run(machine, { processes });
        expect(run(machine, { processes })).toEqual(once);
        // Operations of one stream that are the device's follow each other.
        for (const name of new Set(once.operations.map((one) => one.stream))) {
          const device = once.operations.filter((one) => one.stream === name && /copy|kernel|prefetch/.test(one.label));
          for (const [at, one] of device.entries()) {
            expect(Number.isFinite(one.endSeconds)).toBe(true);
            expect(one.startSeconds).toBeGreaterThanOrEqual((device[at - 1]?.endSeconds ?? 0) - 1e-12);
          }
        }
        for (const one of once.records ?? []) expect(one.endSeconds).toBeGreaterThanOrEqual(one.startSeconds);
      }),
      { seed: 20, numRuns: 60 },
    );
  });
});

describe('contexts', () => {
  it('of two processes take turns: a short kernel waits at most a slice for a long one', () => {
    const long = processOf(machine, 'gpu0', [[kernel(50e-3)]], { name: 'long' });
    const short = processOf(machine, 'gpu0', [[kernel(0.1e-3)]], { name: 'short', startSeconds: 5e-3 });
    const { operations, makespanSeconds } = run(machine, { processes: [long, short] });
    const done = operations.find((one) => one.process === 'short');
    expect((done?.endSeconds ?? 0) - 5e-3).toBeLessThan(timeSlice.value + 0.1e-3 + 20e-6);
    expect(makespanSeconds).toBeCloseTo(50.1e-3 + launchCall.value, 4);
  });

  it('cannot use memory of each other, in one process as little as in two', () => {
    const refused = refusesAccess({ process: 'a', context: 'c0' }, { process: 'a', context: 'c1' }, false);
    expect(refused?.code).toBe('driver/wrong-context');
    expect(refusesAccess({ process: 'a', context: 'c0' }, { process: 'b', context: 'c0' }, false)).not.toBeNull();
    expect(refusesAccess({ process: 'a', context: 'c0' }, { process: 'a', context: 'c1' }, true)).toBeNull();
    expect(refusesAccess({ process: 'a', context: 'c0' }, { process: 'a', context: 'c0' }, false)).toBeNull();
  });
});

describe('MIG instances', () => {
  const parted = server({ gpu: { copyEngines: 7 }, subunits: [mig('mig0', 3), mig('mig1', 3)] });
  const on = (instance: string, operations: readonly StreamOperation[]) =>
    processOf(parted, 'gpu0', [operations], { name: instance, instance });

  it('share the link to the host', () => {
    const alone = run(parted, { processes: [on('mig0', [copy('h2d', 64 * MiB)])] }).makespanSeconds;
    const both = run(parted, {
      processes: [on('mig0', [copy('h2d', 64 * MiB)]), on('mig1', [copy('h2d', 64 * MiB)])],
    }).makespanSeconds;
    expect(both / alone).toBeGreaterThan(1.9);
  });

  it('do not share compute units, and have a part of them each', () => {
    const alone = run(parted, { processes: [on('mig0', [kernel(3e-3)])] }).makespanSeconds;
    const both = run(parted, { processes: [on('mig0', [kernel(3e-3)]), on('mig1', [kernel(3e-3)])] }).makespanSeconds;
    expect(both).toBeCloseTo(alone, 6);
    expect(alone).toBeCloseTo(7e-3, 4);
  });

  it('that are not there are refused', () => {
    const { notSimulated } = run(parted, { processes: [on('mig9', [kernel(1e-3)])] });
    expect(notSimulated).toEqual(['process mig9: cpu0.rp0.gpu0 has no MIG instance mig9.']);
  });
});

describe('a cold process', () => {
  const cold = (more: Parameters<typeof processOf>[3]) =>
    time([[kernel(1e-3), kernel(1e-3)]], machine, { cold: true, ...more });

  it('makes its context first, and compiles PTX once for each kernel', () => {
    const warm = time([[kernel(1e-3), kernel(1e-3)]]);
    expect(cold({}) - warm).toBeCloseTo(contextCreation.value, 4);
    expect(cold({ code: 'ptx' }) - cold({})).toBeCloseTo(justInTime.value, 4);
  });
});

describe('a wait for the GPU', () => {
  it('takes longer by interrupt than by polling', () => {
    const synchronize: StreamOperation = { kind: 'synchronize', origin: machine.origin };
    const streams = [[copy('h2d', MiB), synchronize]];
    expect(time(streams, machine, { polling: false })).toBeGreaterThan(time(streams));
  });
});

describe('drivers', () => {
  it.each(gpuDrivers.map((driver) => [driver.name, driver.compute] as const))('%s runs streams: %s', (driver, runs) => {
    const other = server({ gpu: { driver: driver as GpuDriver } });
    const { operations, notSimulated } = run(other, { processes: [processOf(other, 'gpu0', [[kernel(1e-3)]])] });
    expect(operations.length > 0).toBe(runs);
    expect(notSimulated.length > 0).toBe(!runs);
  });

  it.each([
    ['nvidia', '7.0', true],
    ['nvidia', '3.5', false],
    ['i915', undefined, false],
    ['amdgpu', undefined, true],
  ] as const)('%s moves managed memory on capability %s: %s', (driver, computeCapability, moves) => {
    const other = server({ gpu: { driver, ...(computeCapability === undefined ? {} : { computeCapability }) } });
    const streams = [[copy('h2d', MiB, { memory: 'managed' }), copy('h2d', 0, { memory: 'pageable' })]];
    const { operations, notSimulated } = run(other, { processes: [processOf(other, 'gpu0', streams)] });
    expect(operations).toHaveLength(moves ? 2 : 1);
    expect(notSimulated).toHaveLength(moves ? 0 : 1);
    expect(operations.every(({ endSeconds }) => Number.isFinite(endSeconds))).toBe(true);
  });

  it('name a source each', () => {
    for (const driver of gpuDrivers) expect(driver.source.length).toBeGreaterThan(10);
  });
});

describe('counters', () => {
  it('carry the names of the tools', () => {
    const { counters = [] } = run(machine, {
      processes: [processOf(machine, 'gpu0', [[copy('h2d', 64 * MiB), kernel(1e-3)]])],
    });
    const value = (name: string) => counters.find((one) => one.counter === name)?.value ?? 0;
    expect(value('rxpci')).toBeGreaterThan(value('txpci'));
    expect(value('DCGM_FI_PROF_PCIE_RX_BYTES') / 1e6).toBeCloseTo(value('rxpci'), 3);
    expect(value('PCIRdCur')).toBe(64 * MiB);
    expect(value('sm')).toBeGreaterThan(20);
  });
});

describe('docs/accelerators.md', () => {
  it('says of each driver what its model does', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../../docs/accelerators.md'), 'utf8');
    const word = (value: boolean) => (value ? 'yes' : 'no');
    for (const one of gpuDrivers) {
      const cells = [
        one.name,
        word(one.compute),
        word(one.cuda),
        word(one.peerToPeer),
        word(one.gem && one.kms),
        { vram: 'yes', host: 'from memory', none: 'no' }[one.dmaBuf],
        word(one.pageMigration),
        one.submission,
        one.gsp,
        one.deviceNodes.map(({ path }) => `\`${path}\``).join(', '),
      ];
      expect(page).toContain(`| ${cells.join(' | ')} |`.replace('|  |', '| |'));
    }
  });
});
