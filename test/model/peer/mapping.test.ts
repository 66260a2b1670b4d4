import { describe, expect, it } from 'vitest';
import { effectiveAcs } from '../../../model/isolation/acs.ts';
import { distanceClass } from '../../../model/peer/distance-class.ts';
import { peerMapping } from '../../../model/peer/mapping.ts';
import { findRoute } from '../../../model/route/route.ts';
import { idOf, type Sketch, sketchMachine } from '../draft.ts';

const gpu = (label: string): Sketch => ({ kind: 'gpu', label, settings: { generation: 4, lanes: 16 } });
const port = (label: string, child: Sketch, more: Partial<Sketch> = {}): Sketch => ({
  kind: 'port',
  label,
  settings: { generation: 4, lanes: 16 },
  children: [child],
  ...more,
});
const socket = (label: string, settings: Sketch['settings'], children: readonly Sketch[]): Sketch => ({
  kind: 'socket',
  label,
  settings,
  children,
});
const root = (label: string, child: Sketch): Sketch => ({
  kind: 'root-port',
  label,
  settings: { generation: 5, lanes: 16 },
  children: [child],
});
const fabric = (label: string, ports: readonly Sketch[]): Sketch => ({
  kind: 'switch',
  label,
  settings: { generation: 5, lanes: 16 },
  children: ports,
});

const server = (settings: Sketch['settings'], more: Partial<Sketch> = {}) => [
  socket('cpu0', settings, [
    root('rp0', fabric('sw0', [port('p0', gpu('gpu0'), more), port('p1', gpu('gpu1'), more)])),
    root('rp1', gpu('gpu2')),
  ]),
];

describe('peer-to-peer mapping', () => {
  it('stays below a switch whose ports do not redirect: distance 4, one switch', () => {
    const machine = sketchMachine(server({}));
    const [a, b] = [idOf(machine, 'gpu0'), idOf(machine, 'gpu1')];
    expect(peerMapping(machine, a, b)).toMatchObject({ mapping: 'bus-address', distance: 4 });
    expect(distanceClass(machine, a, b)).toBe('PIX');
  });

  it('is sent up by one redirecting port, and then depends on the host bridge', () => {
    const redirecting = { acs: ['RR'] as const };
    const unknown = sketchMachine(server({}, redirecting));
    const zen = sketchMachine(server({ cpuVendor: 'amd', cpuFamily: 0x19 }, redirecting));
    const skylake = sketchMachine(
      server({ cpuVendor: 'intel', hostBridgeVendorId: 0x8086, hostBridgeDeviceId: 0x2030 }, redirecting),
    );
    const pair = (machine: ReturnType<typeof sketchMachine>) =>
      peerMapping(machine, idOf(machine, 'gpu0'), idOf(machine, 'gpu1'));
    expect(pair(unknown).mapping).toBe('not-supported');
    expect(pair(zen).mapping).toBe('through-host-bridge');
    expect(pair(skylake).mapping).toBe('through-host-bridge');
    expect(pair(unknown).reasons.map((reason) => reason.code)).toContain('acs/redirect');
  });

  it('counts both depths where nothing is shared', () => {
    const machine = sketchMachine(server({ cpuVendor: 'amd' }));
    expect(peerMapping(machine, idOf(machine, 'gpu0'), idOf(machine, 'gpu2'))).toMatchObject({
      mapping: 'through-host-bridge',
      distance: 6,
    });
  });

  it('lets a bridge that is listed for its own peers only refuse another bridge', () => {
    const haswell = { cpuVendor: 'intel', hostBridgeVendorId: 0x8086, hostBridgeDeviceId: 0x2f00 } as const;
    const two = sketchMachine([
      socket('cpu0', haswell, [root('rp0', gpu('gpu0')), root('rp1', gpu('gpu1'))]),
      socket('cpu1', haswell, [root('rp2', gpu('gpu2'))]),
    ]);
    expect(peerMapping(two, idOf(two, 'gpu0'), idOf(two, 'gpu1')).mapping).toBe('through-host-bridge');
    expect(peerMapping(two, idOf(two, 'gpu0'), idOf(two, 'gpu2')).mapping).toBe('not-supported');
    expect(distanceClass(two, idOf(two, 'gpu0'), idOf(two, 'gpu2'))).toBe('SYS');
  });
});

describe('ACS in the order in which it comes about', () => {
  const control = (linux: Parameters<typeof sketchMachine>[1], more: Partial<Sketch> = {}) => {
    const machine = sketchMachine(server({}, more), linux);
    return effectiveAcs(machine, idOf(machine, 'p0')).control;
  };
  it('the kernel sets four bits in every mode but off', () => {
    expect(control({ iommu: 'off' })).toEqual([]);
    expect(control({ iommu: 'passthrough' })).toEqual(['SV', 'RR', 'CR', 'UF']);
    expect(control({ iommu: 'translate' })).toEqual(['SV', 'RR', 'CR', 'UF']);
  });
  it('the command line comes after it, and what the text says was done after boot last', () => {
    const older = { iommu: 'translate', version: '6.1' } as const;
    expect(control({ ...older, disableAcsRedir: ['pci:0:0'] })).toEqual(['SV', 'UF']);
    // Newer kernels take what is not said from what firmware left, and older ones know no config_acs.
    expect(control({ iommu: 'translate', disableAcsRedir: ['pci:0:0'] })).toEqual([]);
    expect(control({ iommu: 'translate', configAcs: ['1x1@pci:0:0'] })).toEqual(['SV', 'RR']);
    expect(control({ ...older, configAcs: ['0000000@pci:0:0'] })).toEqual(['SV', 'RR', 'CR', 'UF']);
    expect(control({ iommu: 'translate' }, { acs: 'off' })).toEqual([]);
    expect(control({ iommu: 'off' }, { acs: ['RR'] })).toEqual(['RR']);
    expect(control({ iommu: 'translate' }, { acs: 'none' })).toEqual([]);
  });
});

describe('routes', () => {
  const ends = (machine: ReturnType<typeof sketchMachine>) =>
    [
      { component: idOf(machine, 'gpu0'), memory: false },
      { component: idOf(machine, 'gpu1'), memory: false },
    ] as const;
  it('direct below the switch; through the host bridge where it is redirected and forwarded; staged otherwise', () => {
    const direct = sketchMachine(server({}));
    expect(findRoute(direct, ...ends(direct)).route).toBe('direct');
    const forwarded = sketchMachine(server({ cpuVendor: 'amd' }, { acs: ['RR', 'CR'] }));
    expect(findRoute(forwarded, ...ends(forwarded)).route).toBe('host-bridge');
    const refused = sketchMachine(
      server({ forwardsPeerReads: false, forwardsPeerWrites: false }, { acs: ['RR', 'CR'] }),
    );
    const staged = findRoute(refused, ...ends(refused));
    expect(staged.route).toBe('host-memory');
    expect(staged.legs.flatMap((leg) => leg.hops).filter((hop) => hop.kind === 'memory')).toHaveLength(2);
  });
  it('a translating IOMMU and a driver that refuses stage the data', () => {
    const translating = sketchMachine(server({}, { acs: 'off' }), { iommu: 'translate' });
    expect(findRoute(translating, ...ends(translating)).route).toBe('host-memory');
  });
});
