import { type BdfOf, effectiveAcs, redirects } from '../isolation/acs.ts';
import { ancestors, type Component, componentAt, isEndpoint, type Machine, socketOf } from '../machine.ts';
import type { Reason } from '../origin.ts';
import type { PeerMapping } from '../route/types.ts';
import { bridgeVerdict, zenVerdict } from './host-bridges.ts';

/** What calc_map_type_and_dist says of a pair, with the chain of reasons. */
export interface PeerVerdict {
  readonly mapping: Exclude<PeerMapping, 'not-peer'>;
  readonly distance: number;
  /** Functions on the way whose ACS Control redirects: component ids, in the order of the kernel's walk. */
  readonly redirecting: readonly number[];
  /** The nearest bridge above both, or null. */
  readonly common: number | null;
  readonly reasons: readonly Reason[];
}

const chains = new WeakMap<Machine, (readonly Component[] | undefined)[]>();

/** The functions from a device up to its root port, itself first. */
export function pciChain(machine: Machine, id: number): readonly Component[] {
  let all = chains.get(machine);
  if (all === undefined) {
    all = [];
    chains.set(machine, all);
  }
  const known = all[id];
  if (known !== undefined) return known;
  const chain = ancestors(machine, id).filter(({ kind }) => kind !== 'socket' && kind !== 'chipset');
  all[id] = chain;
  return chain;
}

/**
 * pci_p2pdma's verdict on a provider and a client (Linux 6.1 and 7.2, drivers/pci/p2pdma.c, calc_map_type_and_dist):
 * switch-local bus addresses, through the host bridge, or not at all.
 */
export function peerMapping(machine: Machine, provider: number, client: number, bdfOf?: BdfOf): PeerVerdict {
  const up = pciChain(machine, provider);
  const other = pciChain(machine, client);
  const reasons: Reason[] = [];
  const redirecting: number[] = [];
  const count = (component: Component): void => {
    const bits = redirects(machine, component.id, bdfOf);
    if (bits.length === 0) return;
    redirecting.push(component.id);
    const by = setters[effectiveAcs(machine, component.id, bdfOf).setBy];
    reasons.push({
      code: 'acs/redirect',
      message: `ACS Control of ${component.name} has ${bits.join(', ')} set${by}: peer traffic is sent up to the root complex.`,
      at: component.name,
    });
  };
  for (const [steps, a] of up.entries()) {
    count(a);
    const down = other.indexOf(a);
    if (down < 0) continue;
    for (const b of other.slice(0, down)) count(b);
    const verdict = { distance: steps + down, redirecting, common: a.id };
    if (redirecting.length > 0) return { ...verdict, ...throughHostBridge(machine, provider, client, reasons) };
    reasons.push({
      code: 'p2p/bus-address',
      message: `Both hang off ${a.name} and no port on the way redirects: the data stays below it.`,
      at: a.name,
    });
    return { ...verdict, mapping: 'bus-address', reasons };
  }
  reasons.push({
    code: 'p2p/no-common-switch',
    message: 'The two share no switch: the way leads through the root complex.',
    at: null,
  });
  const verdict = { distance: up.length + other.length, redirecting, common: null };
  return { ...verdict, ...throughHostBridge(machine, provider, client, reasons) };
}

const setters = {
  firmware: '',
  kernel: ' by the kernel, since an IOMMU is in use',
  disable_acs_redir: '',
  config_acs: ' by config_acs',
  text: '',
  nobody: '',
} as const;

function throughHostBridge(
  machine: Machine,
  provider: number,
  client: number,
  before: readonly Reason[],
): Pick<PeerVerdict, 'mapping' | 'reasons'> {
  const reasons = [...before];
  const zen = zenVerdict(machine);
  if (zen !== null) {
    reasons.push({
      code: 'p2p/host-bridge-listed',
      message: zen.message,
      at: socketOf(machine, provider)?.name ?? null,
    });
    return { mapping: 'through-host-bridge', reasons };
  }
  const [mine, theirs] = [socketOf(machine, provider), socketOf(machine, client)];
  const same = mine?.id === theirs?.id;
  for (const socket of same ? [mine] : [mine, theirs]) {
    const verdict =
      socket === null
        ? { allowed: false, message: 'One of the devices hangs off no host bridge.' }
        : bridgeVerdict(machine, socket, same);
    reasons.push({
      code: verdict.allowed ? 'p2p/host-bridge-listed' : 'p2p/host-bridge-not-listed',
      message: verdict.message,
      at: socket?.name ?? null,
    });
    if (!verdict.allowed) return { mapping: 'not-supported', reasons };
  }
  return { mapping: 'through-host-bridge', reasons };
}

/**
 * pci_p2pdma_distance_many: the sum of the distances from a provider to several clients, or -1 where one of them cannot
 * reach it, or there are none.
 */
export function peerDistance(machine: Machine, provider: number, clients: readonly number[], bdfOf?: BdfOf): number {
  let sum = 0;
  for (const client of clients) {
    const { mapping, distance } = peerMapping(machine, provider, client, bdfOf);
    if (mapping === 'not-supported') return -1;
    sum += distance;
  }
  return clients.length === 0 ? -1 : sum;
}

/** Whether a component is a device that can take part in peer-to-peer at all. */
export function isPeer(machine: Machine, id: number): boolean {
  return isEndpoint(componentAt(machine, id));
}
