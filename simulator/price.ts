import { componentAt, isEndpoint, type LinkState, type Machine } from '../model/machine.ts';
import type { EndpointRef, Transfer, Work } from '../model/work.ts';
import { randomReads, withSettings } from './price-jobs.ts';
import { simulate } from './simulate.ts';

/** What something loses, as simulated on this machine. */
export interface Cost {
  /** What was measured: `gpu0 <-> gpu1, both ways`. */
  readonly what: string;
  readonly before: number;
  readonly after: number;
  readonly unit: 'bytesPerSecond' | 'seconds';
}

/** A cause that keeps peers from the shortest way, by the code of the reason that names it. */
export type PeerCause = 'acs/redirect' | 'iommu/translate' | 'driver/no-peer' | 'host/no-forwarding';

/**
 * A question to the simulator. Plain data: it is asked long after the finding was made, in a worker.
 * - `pair`: two devices copy to each other at once, as it is and without the causes.
 * - `link`: a device copies to the memory of its socket, as it is and with its link in another state.
 * - `together`: all devices below a switch copy to memory at once, as it is and with an uplink that does not limit.
 * - `group`: pairs of devices copy at once, as it is and with every peer that reaches the other.
 * - `near`: a device copies to another one across the root complex, and below a switch of its own: what its links carry.
 * - `ordering`: a device writes to the memory of its socket, in order and with Relaxed Ordering.
 * - `invalidation`: drives read at random, as it is and with lazy invalidation.
 * - `cores`: a drive reads at random one by one, with its interrupts or with threads on these cores, and on cores of its socket.
 */
export type PriceRequest =
  | { readonly kind: 'pair'; readonly from: number; readonly to: number; readonly without: readonly PeerCause[] }
  | { readonly kind: 'link'; readonly device: number; readonly link: number; readonly state: LinkState }
  | { readonly kind: 'together'; readonly below: number }
  | { readonly kind: 'group'; readonly pairs: readonly (readonly [from: number, to: number])[] }
  | { readonly kind: 'near'; readonly from: number; readonly to: number }
  | { readonly kind: 'ordering'; readonly device: number }
  | { readonly kind: 'invalidation'; readonly drives: readonly number[] }
  | { readonly kind: 'cores'; readonly drive: number; readonly threads: string | null };

/** Losses below this share are none: the two runs differ by rounding. */
const least = 1.001;
/** Long enough that latency does not count. */
const bytes = 2 ** 30;

/**
 * Answers a question; undefined where nothing is lost.
 *
 * @throws SimulationCancelled when `cancelled` says so
 */
export function priceOf(machine: Machine, request: PriceRequest, cancelled?: () => boolean): Cost | undefined {
  const { before, after, unit = 'bytesPerSecond' } = answer(machine, request, cancelled);
  const [worse, better] = unit === 'seconds' ? [after, before] : [before, after];
  return better > worse * least ? { what: pricedWhat(machine, request), before, after, unit } : undefined;
}

/** What a question measures, in words: the `what` of its cost. */
export function pricedWhat(machine: Machine, request: PriceRequest): string {
  const label = (id: number) => componentAt(machine, id).label;
  switch (request.kind) {
    case 'pair':
      return `${label(request.from)} <-> ${label(request.to)}, both ways`;
    case 'link':
    case 'ordering':
      return `${label(request.device)} to memory`;
    case 'together':
      return `everything below ${label(request.below)} to memory at once`;
    case 'group':
      return `all ${request.pairs.length} copies at once`;
    case 'near':
      return `${label(request.from)} to ${label(request.to)}`;
    case 'invalidation': {
      const { drives } = request;
      return `random reads of 4 KiB, ${drives.length === 1 ? label(drives[0] ?? 0) : `all ${drives.length} drives`}`;
    }
    case 'cores':
      return `a random read of 4 KiB, ${label(request.drive)}`;
  }
}

type Answer = Pick<Cost, 'before' | 'after'> & Partial<Pick<Cost, 'unit'>>;

function answer(machine: Machine, request: PriceRequest, cancelled?: () => boolean): Answer {
  const total = (one: Machine, copies: readonly Copy[]) => totalOf(one, copies, cancelled);
  switch (request.kind) {
    case 'pair': {
      const ends = [device(request.from), device(request.to)] as const;
      const copies = [ends, [ends[1], ends[0]] as const];
      const better = without(machine, request.without, [request.from, request.to]);
      return { before: total(machine, copies), after: total(better, copies) };
    }
    case 'link': {
      const copy = [[device(request.device), memoryOf(machine, request.device)]] as const;
      return {
        before: total(machine, copy),
        after: total(retrained(machine, request.link, request.state), copy),
      };
    }
    case 'together': {
      const copies = linksBelow(machine, request.below).map((id) => [device(id), memoryOf(machine, id)] as const);
      const uplink = machine.linkAbove[request.below] ?? -1;
      return {
        before: total(machine, copies),
        after: total(retrained(machine, uplink, widest), copies),
      };
    }
    case 'group': {
      const copies = request.pairs.map(([from, to]) => [device(from), device(to)] as const);
      const better = without(machine, peerCauses, [...new Set(request.pairs.flat())]);
      return { before: total(machine, copies), after: total(better, copies) };
    }
    case 'near': {
      const { from, to } = request;
      const ways = [
        [device(from), memoryOf(machine, from)],
        [memoryOf(machine, to), device(to)],
      ] as const;
      const after = Math.min(...ways.map((way) => total(machine, [way])));
      return { before: total(machine, [[device(from), device(to)]]), after };
    }
    case 'ordering': {
      const copy = [[device(request.device), memoryOf(machine, request.device)]] as const;
      const as = (relaxedOrdering: boolean) => total(withSettings(machine, request.device, { relaxedOrdering }), copy);
      return { before: as(false), after: as(true) };
    }
    case 'invalidation': {
      const { drives } = request;
      const lazy = { ...machine, linux: { ...machine.linux, invalidation: 'lazy' as const } };
      const rate = (one: Machine) =>
        randomReads(one, drives, { depth: 64, threads: 4, cores: null }, cancelled)?.bytesPerSecond ?? 0;
      return { before: rate(machine), after: rate(lazy) };
    }
    case 'cores': {
      const { drive, threads } = request;
      const near = threads === null ? withSettings(machine, drive, { interruptCores: undefined }) : machine;
      const wait = (one: Machine, cores: string | null) =>
        randomReads(one, [drive], { depth: 1, threads: 1, cores }, cancelled)?.latency.mean ?? 0;
      const [before, after] = [wait(machine, threads), wait(near, null)];
      return { before, after, unit: 'seconds' };
    }
  }
}

const peerCauses: readonly PeerCause[] = ['acs/redirect', 'iommu/translate', 'driver/no-peer', 'host/no-forwarding'];

type Copy = readonly [from: EndpointRef, to: EndpointRef];

const device = (component: number): EndpointRef => ({ component, memory: false });

/** More than anything below can use: a link that does not limit. */
const widest: LinkState = { generation: 7, lanes: 32 };

/** One device for each link below: functions of one device share it, and virtual functions add no wire. */
function linksBelow(machine: Machine, id: number): number[] {
  const seen = new Set<number>();
  return endpointsBelow(machine, id).filter((one) => {
    const link = machine.linkAbove[one] ?? -1;
    if (link < 0 || seen.has(link)) return false;
    seen.add(link);
    return true;
  });
}

function endpointsBelow(machine: Machine, id: number): number[] {
  const component = componentAt(machine, id);
  const below = component.children.flatMap((child) => endpointsBelow(machine, child));
  return isEndpoint(component) ? [id, ...below] : below;
}

/** Memory of the socket that a device hangs off. */
function memoryOf(machine: Machine, id: number): EndpointRef {
  let top = componentAt(machine, id);
  while (top.parent !== null) top = componentAt(machine, top.parent);
  return { component: top.id, memory: true };
}

/** Bytes per second of all copies together, each at its own mean rate. */
function totalOf(machine: Machine, copies: readonly Copy[], cancelled?: () => boolean): number {
  const transfers = copies.map(
    ([from, to], index): Transfer => ({
      name: `t${index}`,
      from,
      to,
      bytes,
      startSeconds: 0,
      via: 'auto',
      initiator: null,
      operation: null,
      blockBytes: null,
      depth: null,
      expectations: [],
      origin: machine.origin,
    }),
  );
  const { origin } = machine;
  const scenario = { name: 'price', transfers, processes: [], activities: [], expectations: [], origin };
  const work: Work = { transfers: [], scenarios: [scenario], expectations: [] };
  const run = simulate(machine, work, cancelled === undefined ? {} : { cancelled }).runs[0];
  return run === undefined ? 0 : run.transfers.reduce((sum, transfer) => sum + transfer.bytesPerSecond, 0);
}

const variants = new WeakMap<Machine, Map<string, Machine>>();

/** A variant of a machine, made once: what is known of a machine is kept with it, its routes and bus numbers included. */
function variant(machine: Machine, key: string, make: () => Machine): Machine {
  let known = variants.get(machine);
  if (known === undefined) {
    known = new Map();
    variants.set(machine, known);
  }
  let made = known.get(key);
  if (made === undefined) {
    made = make();
    known.set(key, made);
  }
  return made;
}

/** The machine with the causes taken away: redirection cleared, the IOMMU out of the way, drivers and host willing. */
function without(machine: Machine, causes: readonly PeerCause[], ends: readonly number[]): Machine {
  const drivers = causes.includes('driver/no-peer');
  // All drivers of a kind change together: what is asked for one pair answers for the others.
  const kinds = drivers ? ends.map((id) => componentAt(machine, id).kind).sort() : [];
  return variant(machine, `${[...causes].sort().join(' ')} ${kinds.join(' ')}`, () => {
    const components = machine.components.map((component) => {
      if (causes.includes('acs/redirect') && (component.kind === 'port' || component.kind === 'root-port')) {
        return { ...component, acs: 'off' as const };
      }
      if (kinds.includes(component.kind)) {
        const settings = { ...component.settings, peerToPeer: true, driver: undefined, gpuDirectRdma: undefined };
        return { ...component, settings };
      }
      if (component.kind === 'socket' && causes.includes('host/no-forwarding')) {
        return { ...component, settings: { ...component.settings, forwardsPeerReads: true, forwardsPeerWrites: true } };
      }
      return component;
    });
    const linux = causes.includes('iommu/translate') ? { ...machine.linux, iommu: 'off' as const } : machine.linux;
    return { ...machine, components, linux };
  });
}

function retrained(machine: Machine, link: number, state: LinkState): Machine {
  return variant(machine, `link ${link} gen${state.generation} x${state.lanes}`, () => ({
    ...machine,
    links: machine.links.map((one) => (one.id === link ? { ...one, trained: state } : one)),
  }));
}
