import { spawnSync } from 'node:child_process';
import { discoverTopology } from '../../../model/discovery/topology.ts';
import { effectiveAcs } from '../../../model/isolation/acs.ts';
import {
  type AcsBit,
  acsBits,
  type ComponentKind,
  componentAt,
  isEndpoint,
  type Machine,
} from '../../../model/machine.ts';
import { peerMapping } from '../../../model/peer/mapping.ts';
import { type Sketch, sketchMachine } from '../../model/draft.ts';
import type { RandomNumbers } from '../random/numbers.ts';

const mappings = ['unknown', 'not-supported', 'bus-address', 'through-host-bridge'] as const;

/** A pair on which the kernel and we do not agree. */
export interface PeerDifference {
  readonly provider: string;
  readonly client: string;
  readonly kernel: string;
  readonly ours: string;
}

/** Asks the kernel's own function about every pair of devices, and us. */
export function comparePeers(program: string, machine: Machine): { pairs: number; differences: PeerDifference[] } {
  const { input, components } = describe(machine);
  const { stdout, status } = spawnSync(program, { input, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`the harness ended with ${status}`);
  const differences: PeerDifference[] = [];
  let pairs = 0;
  for (const line of stdout.trim().split('\n')) {
    if (line === '') continue;
    const [from = 0, to = 0, type = 0, distance = 0] = line.split(' ').map(Number);
    const [provider, client] = [components[from] ?? -1, components[to] ?? -1];
    const verdict = peerMapping(machine, provider, client);
    pairs++;
    const kernel = `${mappings[type]} ${distance}`;
    const ours = `${verdict.mapping} ${verdict.distance}`;
    if (kernel === ours) continue;
    const [one, other] = [componentAt(machine, provider).name, componentAt(machine, client).name];
    differences.push({ provider: one, client: other, kernel, ours });
  }
  return { pairs, differences };
}

const pcieTypes: Partial<Record<ComponentKind, number>> = { 'root-port': 4, switch: 5, port: 6 };

/** The functions as the harness reads them, and the component that each is of. */
function describe(machine: Machine): { readonly input: string; readonly components: readonly number[] } {
  const lines: string[] = [];
  const components: number[] = [];
  const [first] = machine.components.filter((one) => one.kind === 'socket');
  const isAmd = first?.settings.cpuVendor === 'amd';
  lines.push(`cpu ${isAmd ? 2 : 0} ${first?.settings.cpuFamily ?? (isAmd ? 0x17 : 6)}`);
  const lineOf = new Map<number, number>();
  for (const [number, host] of discoverTopology(machine).hosts.entries()) {
    const { hostBridgeVendorId, hostBridgeDeviceId } = componentAt(machine, host.socket).settings;
    const hasBridge = hostBridgeDeviceId !== undefined;
    if (hasBridge) {
      components.push(-1);
      lines.push(`dev -1 ${number} 1 ${hostBridgeVendorId ?? 0} ${hostBridgeDeviceId} 0 0 -1 0`);
    }
    const visit = (functions: typeof host.root.functions, parent: number, isRoot: boolean) => {
      for (const [index, fn] of functions.entries()) {
        const component = componentAt(machine, fn.component);
        const { capability, control } = effectiveAcs(machine, component.id);
        const acs = capability === null ? -1 : control.reduce((mask, bit) => mask | (1 << acsBits.indexOf(bit)), 0);
        const line = components.length;
        lineOf.set(component.id, line);
        components.push(component.id);
        lines.push(
          [
            'dev',
            parent,
            number,
            isRoot && index === 0 && !hasBridge ? 1 : 0,
            fn.vendorId ?? 0,
            fn.deviceId ?? 0,
            fn.device * 8 + fn.fn,
            pcieTypes[component.kind] ?? 0,
            acs,
            isEndpoint(component) ? 1 : 0,
          ].join(' '),
        );
        if (fn.below !== null) visit(fn.below.functions, line, false);
      }
    };
    visit(host.root.functions, -1, true);
  }
  return { input: `${lines.join('\n')}\n`, components };
}

const hostBridges = [0x3c00, 0x3c01, 0x2f00, 0x2f01, 0x2030, 0x2031, 0x2033, 0x2020, 0x09a2, 0x4c43, 0x1450, 0x0b25];
const acsSets: readonly (readonly AcsBit[])[] = [
  [],
  ['SV'],
  ['RR'],
  ['CR'],
  ['EC'],
  ['SV', 'RR', 'CR', 'UF'],
  ['DT'],
  ['TB', 'UF'],
];

/** A random machine: one to three sockets, any ACS, listed and unlisted host bridges, Intel and AMD CPUs of all ages. */
export function randomPeers(random: RandomNumbers): Machine {
  let count = 0;
  const acs = () =>
    random.chance(0.3)
      ? ({ acs: 'none' } as const)
      : random.chance(0.4)
        ? { acs: random.pick(acsSets), acsCapability: acsBits }
        : random.chance(0.3)
          ? ({ acs: 'off' } as const)
          : {};
  const device = (): Sketch => ({
    kind: random.pick(['gpu', 'nvme', 'nic', 'device'] as const),
    label: `d${count++}`,
    settings: { vendorId: 0x10de, deviceId: 0x2331 },
  });
  const port = (kind: 'root-port' | 'port', depth: number): Sketch => ({
    kind,
    label: `p${count++}`,
    settings: {
      vendorId: 0x8086,
      ...(random.chance(0.5) ? { deviceId: random.pick(hostBridges) } : { deviceId: 0x1234 }),
    },
    ...acs(),
    children: random.chance(0.1) ? [] : [depth > 0 && random.chance(0.45) ? bridge(depth - 1) : device()],
  });
  const bridge = (depth: number): Sketch => ({
    kind: 'switch',
    label: `s${count++}`,
    settings: { vendorId: 0x1000, deviceId: 0xc030 },
    children: Array.from({ length: random.whole(1, 4) }, () => port('port', depth)),
  });
  const sockets = Array.from(
    { length: random.whole(1, 3) },
    (_, index): Sketch => ({
      kind: 'socket',
      label: `c${index}`,
      settings: {
        segment: index,
        ...(random.chance(0.3)
          ? { cpuVendor: 'amd' as const, cpuFamily: random.pick([0x10, 0x15, 0x16, 0x17, 0x19, 0x1a]) }
          : { cpuVendor: 'intel' as const, cpuFamily: 6 }),
        ...(random.chance(0.6) ? { hostBridgeVendorId: 0x8086, hostBridgeDeviceId: random.pick(hostBridges) } : {}),
      },
      children: [
        ...Array.from({ length: random.whole(1, 4) }, () => port('root-port', 3)),
        ...(random.chance(0.2) ? [device()] : []),
      ],
    }),
  );
  return sketchMachine(sockets, {
    version: '6.1',
    iommu: random.pick(['off', 'passthrough', 'translate'] as const),
    ...(random.chance(0.2) ? { disableAcsRedir: ['pci:0:0'] } : {}),
  });
}
