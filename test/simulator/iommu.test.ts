import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vtd } from '../../model/host/translation.ts';
import type { AcsBit, ComponentKind, ComponentSettings, LinuxSettings, Machine } from '../../model/machine.ts';
import { translationCache } from '../../model/route/ats.ts';
import { findRoute } from '../../model/route/route.ts';
import type { Scenario, Transfer } from '../../model/work.ts';
import { invalidation } from '../../simulator/drivers/block/costs.ts';
import type { LatencyPart, RunExplanation } from '../../simulator/explain/explain.types.ts';
import { simulate } from '../../simulator/simulate.ts';
import type { RunResult, TransferResult } from '../../simulator/simulate.types.ts';
import { idOf, type Sketch, sketchMachine } from '../model/draft.ts';

const KiB = 1024;
const MiB = KiB * KiB;
const origin = { uri: 'test:iommu', offset: 0, end: 0 };
const link = { generation: 3, lanes: 8, maxPayloadBytes: 256 } as const;
const translating: Partial<LinuxSettings> = { iommu: 'translate', iommuPageBytes: 4 * KiB };

interface Shape {
  readonly kind?: ComponentKind;
  readonly device?: ComponentSettings;
  readonly port?: ComponentSettings;
  readonly acs?: readonly AcsBit[];
  readonly linux?: Partial<LinuxSettings>;
  readonly socket?: ComponentSettings;
}

/** `dev0` below a Xeon E5, whose IO-TLB was measured. */
function host({ kind = 'nic', device, port, acs, linux = translating, socket }: Shape): Machine {
  const engine = { outstandingReads: 34, writeIops: 47.4e6, latencySeconds: 80e-9, maxReadRequestBytes: 512 };
  const below: Sketch = { kind, label: 'dev0', settings: { ...link, ...engine, ...device } };
  const root: Sketch = {
    kind: 'root-port',
    label: 'rp0',
    settings: { ...link, ...port },
    ...(acs === undefined ? {} : { acs, acsCapability: acs }),
    children: [below],
  };
  const xeon = { cpuVendor: 'intel', hostBridgeVendorId: 0x8086, hostBridgeDeviceId: 0x6f00 } as const;
  return sketchMachine([{ kind: 'socket', label: 'cpu0', settings: { ...xeon, ...socket }, children: [root] }], linux);
}

interface Moved {
  readonly operation?: 'read' | 'write';
  readonly bytes?: number;
  readonly windowBytes?: number;
  readonly blockBytes?: number | null;
  readonly repeat?: number;
}

const fidelities = ['flow', 'packet'] as const;
type Fidelity = (typeof fidelities)[number] | 'ideal';

interface Ran {
  readonly run: RunResult;
  readonly transfer: TransferResult;
  readonly latency: readonly LatencyPart[];
}

function runOf(machine: Machine, fidelity: Fidelity, moved: Moved): Ran {
  const { operation = 'read', bytes = MiB, blockBytes = 64, ...more } = moved;
  const [memory, device] = [
    { component: idOf(machine, 'cpu0'), memory: true },
    { component: idOf(machine, 'dev0'), memory: false },
  ];
  const [from, to] = operation === 'read' ? [memory, device] : [device, memory];
  const common = {
    name: 't',
    from,
    to,
    bytes,
    depth: null,
    via: 'auto',
    initiator: device.component,
    operation,
  } as const;
  const transfer: Transfer = { ...common, blockBytes, ...more, startSeconds: 0, expectations: [], origin };
  const only: Scenario = { name: 's', transfers: [transfer], processes: [], activities: [], expectations: [], origin };
  const latency: LatencyPart[] = [];
  const explain = ({ transfers }: RunExplanation) => latency.push(...(transfers[0]?.latency ?? []));
  const work = { transfers: [], scenarios: [only], expectations: [] };
  const [run] = simulate(machine, work, { fidelity, explain }).runs;
  const [result] = run?.transfers ?? [];
  if (run === undefined || result === undefined) throw new Error('no run');
  return { run, transfer: result, latency };
}

const secondsOf = (machine: Machine, fidelity: Fidelity, moved: Moved) => {
  const { transfer } = runOf(machine, fidelity, moved);
  return transfer.endSeconds - transfer.startSeconds;
};

const off = { kind: 'nic' } as const;
const ats = (entries?: number): Shape => ({
  device: { ats: true, ...(entries === undefined ? {} : { atsCacheEntries: entries }) },
});

describe.each(fidelities)('the IOMMU of a socket as its text says, in fidelity %s', (fidelity) => {
  const many = { windowBytes: MiB, bytes: 32 * MiB } as const;
  const seconds = (socket: ComponentSettings) => secondsOf(host({ socket }), fidelity, many);

  it('more entries hold more pages, and all of them lose nothing', () => {
    const free = secondsOf(host({ linux: { iommu: 'passthrough' } }), fidelity, many);
    expect(seconds({ ioTlbEntries: 64 })).toBe(seconds({}));
    expect(seconds({ ioTlbEntries: 128 })).toBeLessThan(0.95 * seconds({}));
    expect(seconds({ ioTlbEntries: 256 })).toBeCloseTo(free, 9);
  });

  it('a guest is translated for where the rest passes through', () => {
    const through = host({ linux: { iommu: 'passthrough' } });
    const devices = [idOf(through, 'dev0')];
    const guest: Machine = { ...through, virtualMachines: [{ name: 'guest', devices, origin }] };
    expect(secondsOf(guest, fidelity, many)).toBe(secondsOf(host({}), fidelity, many));
  });

  it('more walks at a time serve more misses', () => {
    expect(seconds({ pageWalks: 5 })).toBeCloseTo(seconds({}), 9);
    expect(seconds({ pageWalks: 10 })).toBeLessThan(0.9 * seconds({}));
    expect(seconds({ pageWalks: 1 })).toBeGreaterThan(3 * seconds({}));
  });
});

describe.each(fidelities)('a device that translates for itself, in fidelity %s', (fidelity) => {
  it.each(['read', 'write'] as const)(
    'loses nothing above the IO-TLB once its cache holds the pages: %s',
    (operation) => {
      const many = { operation, windowBytes: MiB, bytes: 32 * MiB } as const;
      const free = secondsOf(host({ linux: { iommu: 'passthrough' } }), fidelity, many);
      expect(secondsOf(host(off), fidelity, many)).toBeGreaterThan(1.2 * free);
      const own = secondsOf(host(ats(256)), fidelity, many);
      expect(own).toBeGreaterThan(free);
      expect(own).toBeLessThan(1.005 * free);
    },
  );

  it('falls behind again where its cache is too small', () => {
    const many = { windowBytes: MiB, bytes: 32 * MiB } as const;
    const [large, half, none] = [256, 128, 1].map((entries) => secondsOf(host(ats(entries)), fidelity, many));
    expect(half).toBeGreaterThan(1.3 * (large ?? 0));
    expect(none).toBeGreaterThan(half ?? 0);
    // Without the cache of its own the IO-TLB would at least have known 64 pages without being asked.
    expect(none).toBeGreaterThan(secondsOf(host(off), fidelity, many));
    expect(runOf(host(ats(1)), fidelity, many).transfer.bottleneck).toContain('address translation');
  });

  it('pays a round trip and a walk for a first touch', () => {
    const one = { bytes: 64, windowBytes: 4 * KiB } as const;
    const machine = host(ats(64));
    const own = runOf(machine, fidelity, one).transfer;
    const without = runOf(host(off), fidelity, one).transfer;
    const [leg] = findRoute(
      machine,
      { component: idOf(machine, 'cpu0'), memory: true },
      { component: idOf(machine, 'dev0'), memory: false },
      { operation: 'read' },
    ).legs;
    if (leg === undefined) throw new Error('no way');
    const request = translationCache(machine, leg)?.requestSeconds ?? 0;
    expect(request).toBeGreaterThan(300e-9);
    const more = own.firstByteSeconds - without.firstByteSeconds;
    expect(more).toBeCloseTo(request + vtd.walkSeconds.value, 9);
    const part = runOf(machine, fidelity, one).latency.find(({ what }) => what.startsWith('first translation'));
    expect(part?.name).toBe('cpu0.rp0.dev0');
    expect(part?.seconds).toBeCloseTo(more, 12);
  });

  it('asks for many pages at a time, no more than it has tags', () => {
    const first = { bytes: MiB, windowBytes: 1024 * MiB } as const;
    const seconds = [4, 8, 34].map((outstandingReads) =>
      secondsOf(host({ device: { ats: true, outstandingReads } }), fidelity, { ...first, operation: 'write' }),
    );
    expect((seconds[0] ?? 0) / (seconds[1] ?? 1)).toBeGreaterThan(1.8);
    expect(seconds[2]).toBeLessThan(seconds[1] ?? 0);
  });

  it('holds a long transfer back by no more than its first translation', () => {
    const long = { bytes: 16 * MiB, blockBytes: null } as const;
    const more = secondsOf(host(ats(16)), fidelity, long) - secondsOf(host(off), fidelity, long);
    expect(more).toBeGreaterThan(0.5e-6);
    expect(more).toBeLessThan(2e-6);
  });

  it('does so only where the IOMMU translates and no port forbids it', () => {
    const many = { windowBytes: MiB, bytes: 8 * MiB } as const;
    const plain = secondsOf(host(off), fidelity, many);
    expect(secondsOf(host({ ...ats(), port: { ats: false } }), fidelity, many)).toBe(plain);
    const blocked = runOf(host({ ...ats(), acs: ['SV', 'TB'] }), fidelity, many);
    expect(blocked.transfer.endSeconds).toBe(plain);
    expect(blocked.run.assumptions?.join()).toContain('blocks translated requests (ACS TB)');
    const passed = { iommu: 'passthrough' } as const;
    expect(secondsOf(host({ ...ats(), linux: passed }), fidelity, many)).toBe(
      secondsOf(host({ ...off, linux: passed }), fidelity, many),
    );
  });

  it('says what it takes for granted of a cache of unknown size', () => {
    const said = (shape: Shape) => runOf(host(shape), fidelity, { windowBytes: MiB }).run.assumptions?.join() ?? '';
    expect(said(ats())).toContain('ats-cache');
    expect(said(ats(512))).not.toContain('ats-cache');
  });
});

describe('both fidelities', () => {
  it.each([
    [undefined, 'read', MiB],
    [undefined, 'write', 64 * MiB],
    [128, 'read', MiB],
    [128, 'write', MiB],
    [8, 'read', 4 * MiB],
  ] as const)('agree on a cache of %s entries, random %ss over %i B', (entries, operation, windowBytes) => {
    const moved = { operation, windowBytes, bytes: 4 * MiB } as const;
    const [flow, packet] = fidelities.map((fidelity) => secondsOf(host(ats(entries)), fidelity, moved));
    expect(Math.abs((packet ?? 0) / (flow ?? 1) - 1)).toBeLessThan(0.03);
  });
});

describe('a larger cache', () => {
  const choice = {
    window: fc.integer({ min: 1, max: 4096 }),
    blockBytes: fc.constantFrom(64, 128, 512, 2048, 16 * KiB),
    operation: fc.constantFrom('read' as const, 'write' as const),
    entries: fc.integer({ min: 1, max: 2048 }),
    more: fc.integer({ min: 0, max: 4096 }),
  };

  it('is never slower, and flows and packets agree on what it is worth', () => {
    fc.assert(
      fc.property(fc.record(choice), ({ window, blockBytes, operation, entries, more }) => {
        const moved = { operation, blockBytes, windowBytes: window * 4 * KiB, bytes: 2 * MiB };
        const small = secondsOf(host(ats(entries)), 'flow', moved);
        expect(secondsOf(host(ats(entries + more)), 'flow', moved)).toBeLessThanOrEqual(small * (1 + 1e-9));
        expect(Math.abs(secondsOf(host(ats(entries)), 'packet', moved) / small - 1)).toBeLessThan(0.03);
      }),
      { numRuns: 40 },
    );
  });
});

describe.each(fidelities)('strict invalidation, in fidelity %s', (fidelity) => {
  const mode = (when: 'strict' | 'lazy'): Partial<LinuxSettings> => ({ ...translating, invalidation: when });
  const more = (shape: Shape, moved: Moved) =>
    secondsOf(host({ ...shape, linux: mode('strict') }), fidelity, moved) -
    secondsOf(host({ ...shape, linux: mode('lazy') }), fidelity, moved);

  it('takes one mapping back at the end of a transfer, and of each repetition', () => {
    const whole = { bytes: MiB, blockBytes: null } as const;
    for (const kind of ['fpga', 'device', 'nvme'] as const) {
      expect(more({ kind }, whole)).toBeCloseTo(invalidation.value, 12);
      expect(more({ kind }, { ...whole, repeat: 3 })).toBeCloseTo(3 * invalidation.value, 12);
    }
    const { transfer } = runOf(host({ kind: 'fpga', linux: mode('strict') }), fidelity, whole);
    expect(transfer.phases.at(-1)).toMatchObject({ limitedBy: 'cpu0 IOMMU (invalidations)', kind: 'latency' });
  });

  it('takes each request of a drive back, one after the other', () => {
    const drive = { kind: 'nvme' } as const;
    const small = { operation: 'write', bytes: 4 * MiB, blockBytes: 512 } as const;
    const { transfer } = runOf(host({ ...drive, linux: mode('strict') }), fidelity, small);
    expect(transfer.bottleneck).toBe('cpu0 IOMMU (invalidations)');
    const rate = transfer.bytesPerSecond / 512;
    expect(rate * invalidation.value).toBeGreaterThan(0.97);
    expect(rate * invalidation.value).toBeLessThanOrEqual(1);
    expect(more(drive, { ...small, blockBytes: 64 * KiB })).toBeLessThan(0.01 * MiB * 1e-9);
  });

  it('is nothing to memory that stays mapped: of GPUs, of adapters, a working set', () => {
    const whole = { bytes: MiB, blockBytes: null } as const;
    expect(more({ kind: 'gpu' }, whole)).toBe(0);
    expect(more({ kind: 'nic' }, whole)).toBe(0);
    expect(more({ kind: 'fpga' }, { bytes: MiB, blockBytes: 64, windowBytes: 64 * KiB })).toBe(0);
  });
});

describe('fidelity ideal', () => {
  it('knows neither', () => {
    const strict: Shape = { kind: 'nvme', device: { ats: true }, linux: { ...translating, invalidation: 'strict' } };
    for (const blockBytes of [null, 4 * KiB]) {
      const moved = { bytes: MiB, blockBytes };
      const free = secondsOf(host({ kind: 'nvme', linux: { iommu: 'passthrough' } }), 'ideal', moved);
      expect(secondsOf(host(strict), 'ideal', moved)).toBe(free);
    }
  });
});

describe('peers that the IOMMU maps', () => {
  const pair = (device: ComponentSettings, acs: readonly AcsBit[]) => {
    const gpu = (label: string): Sketch => ({
      kind: 'port',
      label: `${label}p`,
      settings: link,
      acs,
      acsCapability: acs,
      children: [{ kind: 'gpu', label, settings: { ...link, vendorId: 0x1002, ...device } }],
    });
    const machine = sketchMachine(
      [
        {
          kind: 'socket',
          label: 'cpu0',
          settings: { cpuVendor: 'amd', cpuFamily: 0x19 },
          children: [
            {
              kind: 'root-port',
              label: 'rp0',
              settings: link,
              children: [{ kind: 'switch', label: 'sw0', settings: link, children: [gpu('a'), gpu('b')] }],
            },
          ],
        },
      ],
      translating,
    );
    const end = (label: string) => ({ component: idOf(machine, label), memory: false });
    return findRoute(machine, end('a'), end('b'));
  };
  const redirecting: readonly AcsBit[] = ['SV', 'RR', 'CR', 'UF'];

  it('are reached at the switch by requests that ATS has translated, if ports with DirectTrans let them', () => {
    expect(pair({}, redirecting).route).toBe('host-bridge');
    expect(pair({ ats: true }, redirecting).route).toBe('host-bridge');
    expect(pair({ ats: true }, [...redirecting, 'DT']).route).toBe('direct');
    expect(pair({}, [...redirecting, 'DT']).route).toBe('host-bridge');
    // Translation Blocking refuses what claims to be translated.
    expect(pair({ ats: true }, [...redirecting, 'DT', 'TB']).route).toBe('host-bridge');
  });
});
