import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Generation, LaneCount } from '../../../model/link/generation.ts';
import type { ComponentKind, ComponentSettings, LinuxSettings, Machine } from '../../../model/machine.ts';
import { type DmaInput, dmaRate, dmaReadWriteRate, operationSeconds } from '../../../model/route/dma.ts';
import { writeThenReadSeconds } from '../../../model/route/latency.ts';
import { findRoute } from '../../../model/route/route.ts';
import type { Leg } from '../../../model/route/types.ts';
import { describePath } from '../../../simulator/path.ts';
import { idOf, sketchMachine } from '../draft.ts';

interface Shape {
  readonly generation?: Generation;
  readonly lanes?: LaneCount;
  readonly kind?: ComponentKind;
  readonly device?: ComponentSettings;
  readonly host?: ComponentSettings;
  readonly linux?: Partial<LinuxSettings>;
}

/** A device with a DMA engine below a Xeon E5, and a second socket. */
function host({ generation = 3, lanes = 8, kind = 'nic', device, host: socket, linux }: Shape = {}): Machine {
  const link = { generation, lanes, maxPayloadBytes: 256 };
  const xeon = { cpuVendor: 'intel', hostBridgeVendorId: 0x8086, hostBridgeDeviceId: 0x6f00, ...socket } as const;
  return sketchMachine(
    [
      {
        kind: 'socket',
        label: 'cpu0',
        settings: xeon,
        children: [
          {
            kind: 'root-port',
            label: 'rp0',
            settings: link,
            children: [{ kind, label: 'dev0', settings: { ...link, maxReadRequestBytes: 512, ...device } }],
          },
        ],
      },
      { kind: 'socket', label: 'cpu1', settings: xeon },
    ],
    linux,
  );
}

function legOf(machine: Machine, operation: 'read' | 'write', memory = 'cpu0'): Leg {
  const [dram, device] = [
    { component: idOf(machine, memory), memory: true },
    { component: idOf(machine, 'dev0'), memory: false },
  ];
  const [from, to] = operation === 'read' ? [dram, device] : [device, dram];
  const [leg] = findRoute(machine, from, to, { operation }).legs;
  if (leg === undefined) throw new Error('no way');
  return leg;
}

function rateOf(machine: Machine, operation: 'read' | 'write', input: Omit<DmaInput, 'tax'>): number {
  const rate = dmaRate(machine, legOf(machine, operation), { ...input, tax: 'measured' });
  if (rate === null) throw new Error('no rate');
  return rate.operationsPerSecond * input.blockBytes;
}

const KiB = 1024;
const MiB = KiB * KiB;
const engine = { outstandingReads: 34, writeIops: 47.4e6, latencySeconds: 80e-9 };
const translated = { iommu: 'translate', iommuPageBytes: 4096 } as const;

describe('the IO-TLB of a Xeon E5', () => {
  const machine = host({ device: engine, linux: translated });
  const loss = (blockBytes: number, windowBytes: number) => {
    const free = rateOf(machine, 'read', { blockBytes, windowBytes: 4 * KiB });
    return 1 - rateOf(machine, 'read', { blockBytes, windowBytes }) / free;
  };

  // Random reads over 64 MiB in 4 KiB pages: Neugebauer et al., SIGCOMM 2018, and pcie-bench/data@b2abf2f.
  it.each([
    [64, 0.65],
    [128, 0.54],
    [256, 0.28],
    [512, 0.025],
  ])('costs random reads of %i B as much as measured over 64 MiB', (bytes, measured) => {
    expect(Math.abs(loss(bytes, 64 * MiB) - measured)).toBeLessThan(0.04);
  });

  it('has its knee at 64 pages', () => {
    expect(loss(64, 256 * KiB)).toBe(0);
    expect(loss(64, 512 * KiB)).toBeGreaterThan(0.2);
  });

  it('costs nothing with pages of 2 MiB, in passthrough, or along a long transfer', () => {
    const window = { blockBytes: 64, windowBytes: 64 * MiB };
    const off = rateOf(host({ device: engine }), 'read', window);
    const large = host({ device: engine, linux: { iommu: 'translate', iommuPageBytes: 2 * MiB } });
    expect(rateOf(large, 'read', window)).toBe(off);
    expect(rateOf(host({ device: engine, linux: { iommu: 'passthrough' } }), 'read', window)).toBe(off);
    expect(rateOf(machine, 'read', { blockBytes: 64 })).toBe(off);
  });

  it('adds a walk to a read that misses', () => {
    const read = legOf(machine, 'read');
    const seconds = (windowBytes: number) =>
      operationSeconds(machine, read, { blockBytes: 64, windowBytes, tax: 'measured' });
    const walk = seconds(64 * MiB) - seconds(8 * KiB);
    expect(walk).toBeGreaterThan(240e-9);
    expect(walk).toBeLessThanOrEqual(280e-9);
  });
});

const blockBytes = fc.integer({ min: 1, max: 16 * KiB });
const operation = fc.constantFrom('read' as const, 'write' as const);
const runs = { seed: 11, numRuns: 120 };
const little = 1 + 1e-9;

describe('DMA in blocks', () => {
  it('is never slower over more lanes, more reads in flight, or a faster root complex', () => {
    fc.assert(
      fc.property(
        blockBytes,
        operation,
        fc.constantFrom<[LaneCount, LaneCount]>([1, 2], [2, 4], [4, 8], [8, 16]),
        fc.constantFrom<Generation>(1, 2, 3, 4, 5, 6),
        fc.integer({ min: 1, max: 256 }),
        (bytes, way, [few, many], generation, reads) => {
          const at = (lanes: LaneCount, outstandingReads: number, rootComplexLatencySeconds: number) =>
            rateOf(
              host({
                generation,
                lanes,
                device: { ...engine, outstandingReads },
                host: { rootComplexLatencySeconds },
              }),
              way,
              { blockBytes: bytes },
            );
          const base = at(few, reads, 250e-9);
          expect(at(many, reads, 250e-9) * little).toBeGreaterThanOrEqual(base);
          expect(at(few, reads + 8, 250e-9) * little).toBeGreaterThanOrEqual(base);
          expect(at(few, reads, 500e-9)).toBeLessThanOrEqual(base * little);
        },
      ),
      runs,
    );
  });

  it('passes neither the link nor its reads in flight, nor gains by doing both ways at once', () => {
    fc.assert(
      fc.property(blockBytes, fc.integer({ min: 1, max: 64 }), (bytes, outstandingReads) => {
        const machine = host({ device: { ...engine, outstandingReads } });
        const [read, write] = [legOf(machine, 'read'), legOf(machine, 'write')];
        const input: DmaInput = { blockBytes: bytes, tax: 'measured' };
        const reads = rateOf(machine, 'read', input);
        expect(reads).toBeLessThan(7.877e9);
        // Of a long operation no more than a few requests wait for each other.
        const trip = operationSeconds(machine, read, { ...input, blockBytes: Math.min(bytes, 4 * 512) });
        expect(reads).toBeLessThanOrEqual((outstandingReads * bytes) / Math.ceil(bytes / 512) / trip);
        const both = dmaReadWriteRate(machine, read, write, input)?.operationsPerSecond ?? 0;
        expect(both * bytes).toBeLessThanOrEqual(Math.min(reads, rateOf(machine, 'write', input)) * little);
      }),
      runs,
    );
  });

  it('has as many reads in flight as its tags allow', () => {
    const at = (device: ComponentSettings) =>
      rateOf(host({ generation: 5, lanes: 16, device }), 'read', { blockBytes: 512 });
    const [five, eight, ten] = [at({ extendedTags: false }), at({ extendedTags: true }), at({ tenBitTags: true })];
    expect(five).toBeLessThan((32 * 512) / 500e-9);
    expect(eight).toBeGreaterThan(five * 1.5);
    expect(ten).toBeGreaterThanOrEqual(eight);
    expect(at({ outstandingReads: 32, extendedTags: true })).toBe(five);
  });

  it('takes longer from the other socket, and less from a cache', () => {
    const machine = host({ device: engine });
    const input: DmaInput = { blockBytes: 64, tax: 'measured' };
    const local = operationSeconds(machine, legOf(machine, 'read'), input);
    const remote = operationSeconds(machine, legOf(machine, 'read', 'cpu1'), input);
    const cached = operationSeconds(machine, legOf(machine, 'read'), { ...input, cached: true });
    expect(remote - local).toBeGreaterThan(53e-9);
    expect(remote - local).toBeLessThan(67e-9);
    expect(local - cached).toBeGreaterThan(40e-9);
    expect(local - cached).toBeLessThan(55e-9);
    expect(writeThenReadSeconds(machine, legOf(machine, 'read'), 64)).toBeGreaterThan(cached);
  });

  it('grows in latency with its size', () => {
    const machine = host({ device: engine });
    const read = legOf(machine, 'read');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 0, max: 2000 }), (bytes, more) => {
        const seconds = (blockBytes: number) => operationSeconds(machine, read, { blockBytes, tax: 'measured' });
        expect(seconds(bytes + more)).toBeGreaterThanOrEqual(seconds(bytes));
      }),
      runs,
    );
  });
});

describe('copies of GPUs', () => {
  const share = (generation: Generation, direction: 'in' | 'out') => {
    const machine = host({ kind: 'gpu', generation, lanes: 16, device: { vendorId: 0x10de } });
    const memory = { component: idOf(machine, 'cpu0'), memory: true };
    const gpu = { component: idOf(machine, 'dev0'), memory: false };
    const [from, to] = direction === 'in' ? [memory, gpu] : [gpu, memory];
    const raw = { 3: 15.754e9, 4: 31.508e9, 5: 63.015e9 }[generation as 3 | 4 | 5];
    return describePath(machine, from, to).bytesPerSecond / raw;
  };

  it.each([
    [3, 'in', 0.75, 0.83],
    [3, 'out', 0.75, 0.83],
    [4, 'in', 0.75, 0.83],
    [4, 'out', 0.75, 0.83],
    [5, 'in', 0.85, 0.92],
    [5, 'out', 0.85, 0.92],
  ] as const)('of Gen%i %s have the share of raw that is measured', (generation, direction, low, high) => {
    expect(share(generation, direction)).toBeGreaterThan(low);
    expect(share(generation, direction)).toBeLessThan(high);
  });

  it('from the other socket of a QPI machine are slow', () => {
    const machine = host({ kind: 'gpu', lanes: 16, device: { vendorId: 0x10de } });
    const gpu = { component: idOf(machine, 'dev0'), memory: false };
    const remote = describePath(machine, { component: idOf(machine, 'cpu1'), memory: true }, gpu);
    const local = describePath(machine, { component: idOf(machine, 'cpu0'), memory: true }, gpu);
    expect(remote.bytesPerSecond).toBeLessThan(local.bytesPerSecond / 2);
  });

  it('by loads of a kernel, 128 B at a time, wait for their tags', () => {
    const machine = host({ kind: 'gpu', generation: 5, lanes: 16 });
    const [memory, gpu] = [
      { component: idOf(machine, 'cpu0'), memory: true },
      { component: idOf(machine, 'dev0'), memory: false },
    ];
    const loads = describePath(machine, memory, gpu, { blockBytes: 128 }).bytesPerSecond;
    expect(loads).toBeLessThan(describePath(machine, memory, gpu).bytesPerSecond * 0.75);
  });
});
