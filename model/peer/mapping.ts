import { type BdfOf, redirects } from '../isolation/acs.ts';
import { ancestors, type Component, componentAt, type Machine, socketOf } from '../machine.ts';
import type { Reason } from '../origin.ts';
import type { PeerMapping } from '../route/types.ts';

/** What calc_map_type_and_dist says of a pair, with the chain of reasons. */
export interface PeerVerdict {
  readonly mapping: Exclude<PeerMapping, 'not-peer'>;
  readonly distance: number;
  readonly reasons: readonly Reason[];
}

/**
 * Host bridges through which the kernel lets peers go (Linux, drivers/pci/p2pdma.c, pci_p2pdma_whitelist; Intel).
 * `sameBridgeOnly`: not towards another host bridge.
 */
const whitelist: ReadonlyMap<number, { readonly sameBridgeOnly: boolean }> = new Map([
  [0x3c00, { sameBridgeOnly: true }],
  [0x3c01, { sameBridgeOnly: true }],
  [0x2f00, { sameBridgeOnly: true }],
  [0x2f01, { sameBridgeOnly: true }],
  [0x2030, { sameBridgeOnly: false }],
  [0x2031, { sameBridgeOnly: false }],
  [0x2032, { sameBridgeOnly: false }],
  [0x2033, { sameBridgeOnly: false }],
  [0x2020, { sameBridgeOnly: false }],
  [0x09a2, { sameBridgeOnly: false }],
]);

/** The functions from a device up to its root port, itself first. */
export function pciChain(machine: Machine, id: number): Component[] {
  return ancestors(machine, id).filter((component) => component.kind !== 'socket' && component.kind !== 'chipset');
}

/**
 * pci_p2pdma's verdict on a provider and a client (Linux 6.1 and 7.2, drivers/pci/p2pdma.c): switch-local bus
 * addresses, through the host bridge, or not at all.
 */
export function peerMapping(machine: Machine, provider: number, client: number, bdfOf?: BdfOf): PeerVerdict {
  const up = pciChain(machine, provider);
  const other = pciChain(machine, client);
  const reasons: Reason[] = [];
  let hits = 0;
  const count = (component: Component): void => {
    const bits = redirects(machine, component.id, bdfOf);
    if (bits.length === 0) return;
    hits++;
    reasons.push({
      code: 'acs/redirect',
      message: `ACS Control of ${component.name} has ${bits.join(', ')} set: peer traffic is sent up to the root complex.`,
      at: component.name,
    });
  };
  for (const [up1, a] of up.entries()) {
    count(a);
    const down = other.findIndex((b) => b.id === a.id);
    if (down < 0) continue;
    for (const b of other.slice(0, down)) count(b);
    const distance = up1 + down;
    if (hits === 0) {
      reasons.push({
        code: 'p2p/bus-address',
        message: `Both hang off ${a.name} and no port on the way redirects: the data stays below it.`,
        at: a.name,
      });
      return { mapping: 'bus-address', distance, reasons };
    }
    return throughHostBridge(machine, provider, client, distance, reasons);
  }
  reasons.push({
    code: 'p2p/no-common-switch',
    message: 'The two share no switch: the way leads through the root complex.',
    at: null,
  });
  return throughHostBridge(machine, provider, client, up.length + other.length, reasons);
}

function throughHostBridge(
  machine: Machine,
  provider: number,
  client: number,
  distance: number,
  reasons: Reason[],
): PeerVerdict {
  const bridges = [socketOf(machine, provider), socketOf(machine, client)] as const;
  const same = bridges[0]?.id === bridges[1]?.id;
  for (const bridge of same ? [bridges[0]] : bridges) {
    const verdict = listed(bridge, same);
    reasons.push({
      code: verdict.allowed ? 'p2p/host-bridge-listed' : 'p2p/host-bridge-not-listed',
      message: verdict.because,
      at: bridge?.name ?? null,
    });
    if (!verdict.allowed) return { mapping: 'not-supported', distance, reasons };
    if (verdict.zen) break;
  }
  return { mapping: 'through-host-bridge', distance, reasons };
}

/** Zen is allowed whatever the bridge; otherwise the ID of the first device on the root bus decides. */
function listed(bridge: Component | null, same: boolean): { allowed: boolean; zen: boolean; because: string } {
  if (bridge === null) return { allowed: false, zen: false, because: 'The device hangs off no host bridge.' };
  const { cpuVendor, cpuFamily, hostBridgeVendorId: vendor, hostBridgeDeviceId: device } = bridge.settings;
  if (cpuVendor === 'amd' && (cpuFamily === undefined || cpuFamily >= 0x17)) {
    const family = cpuFamily === undefined ? 'family not said, Zen assumed' : `family 0x${cpuFamily.toString(16)}`;
    return {
      allowed: true,
      zen: true,
      because: `${bridge.name} is an AMD Zen CPU (${family}): the kernel lets peers through.`,
    };
  }
  if (device === undefined) {
    return {
      allowed: false,
      zen: false,
      because: `The host bridge of ${bridge.name} is not known, so it is taken not to be on the kernel's list.`,
    };
  }
  const id = `${(vendor ?? 0).toString(16).padStart(4, '0')}:${device.toString(16).padStart(4, '0')}`;
  const entry = vendor === 0x8086 ? whitelist.get(device) : undefined;
  if (entry === undefined)
    return {
      allowed: false,
      zen: false,
      because: `The host bridge ${id} of ${bridge.name} is not on the kernel's peer-to-peer list.`,
    };
  if (!same && entry.sameBridgeOnly) {
    return {
      allowed: false,
      zen: false,
      because: `The host bridge ${id} of ${bridge.name} is listed for peers below the same bridge only.`,
    };
  }
  return {
    allowed: true,
    zen: false,
    because: `The host bridge ${id} of ${bridge.name} is on the kernel's peer-to-peer list.`,
  };
}

/** Whether a component is a device that can take part in peer-to-peer at all. */
export function isPeer(machine: Machine, id: number): boolean {
  const { kind } = componentAt(machine, id);
  return (
    kind !== 'socket' &&
    kind !== 'chipset' &&
    kind !== 'switch' &&
    kind !== 'port' &&
    kind !== 'root-port' &&
    kind !== 'bridge'
  );
}
