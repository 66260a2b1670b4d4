import { lineEfficiency } from '../model/host/network.ts';
import { orderedWriteBytesPerSecond } from '../model/host/profile.ts';
import type { TaxSetting } from '../model/link/tax.ts';
import { componentAt, type Machine } from '../model/machine.ts';
import type { Sourced } from '../model/origin.ts';
import { type Demand, legDemands, legSizes, routeDemands } from '../model/route/demand.ts';
import { dmaRate } from '../model/route/dma.ts';
import { coreStores, dmaEngine } from '../model/route/engine.ts';
import { copyCallLatency, type LatencyShare, legSeconds, routeSeconds } from '../model/route/latency.ts';
import { findRoute } from '../model/route/route.ts';
import type { Leg, Route } from '../model/route/types.ts';
import type { EndpointRef, Via } from '../model/work.ts';
import type { LimitKind } from './simulate.types.ts';
import { askedTranslations, unmappings } from './translations.ts';

/** A copy, ready to be shared: where it goes, what it asks for, what holds it back by itself. */
export interface PlannedCopy {
  readonly route: Route;
  readonly demands: readonly Demand[];
  /** Bytes per second that the copy can never pass, and what says so. */
  readonly cap: number;
  readonly capName: string;
  readonly capKind: LimitKind;
  /** From the start to the first byte, without waiting. */
  readonly latencySeconds: number;
  /** The part of it outside media: one way for a posted 64 B write, the round trip for a read. */
  readonly wireSeconds: number;
  /** The part of it in which whole requests and TLPs gather: where links become faster, in engines, in memory on the way. */
  readonly gatherSeconds: number;
  /** The part of it in which the first bytes move already, alone: what a latency and a rate would both count. */
  readonly overlapSeconds: number;
  /** The part of it that devices with ATS wait for their first translation. */
  readonly asked: readonly Pick<LatencyShare, 'name' | 'what' | 'seconds' | 'source'>[];
  /** Defaults that the plan rests on, in words. */
  readonly assumptions: readonly string[];
}

export interface CopyOptions {
  readonly via?: Via;
  readonly initiator?: number | null;
  /** Kernels hand the data on in host memory, as NCCL's do: no call of a copy engine between pieces. */
  readonly byKernels?: boolean;
  readonly operation?: 'read' | 'write' | null;
  readonly blockBytes?: number | null;
  readonly depth?: number | null;
  /** All bytes of the copy; absent: so many that its first round trip does not show. */
  readonly bytes?: number | null;
  /** Start of each block modulo 4096. */
  readonly offsetBytes?: number | null;
  /** Memory over which the addresses of blocks are random; null: one after the other. */
  readonly windowBytes?: number | null;
  /** Whether the CPU has just touched the host memory. */
  readonly cached?: boolean | null;
  /** False where who asks counts invalidations of the IOMMU by itself, as jobs do. */
  readonly unmaps?: boolean;
  readonly tax: TaxSetting;
}

/** The name of an end as results print it: the device, or `cpu0.memory`. */
export function endName(machine: Machine, end: EndpointRef): string {
  const { name } = componentAt(machine, end.component);
  return end.memory ? `${name}.memory` : name;
}

/** Plans one copy between two ends of a machine. */
export function planCopy(machine: Machine, from: EndpointRef, to: EndpointRef, options: CopyOptions): PlannedCopy {
  const route = findRoute(machine, from, to, options);
  const demands: Demand[] = [
    ...routeDemands(machine, route, options.tax, options),
    ...invalidations(machine, route, options),
  ];
  const assumptions: string[] = [];
  const first: PlannedCopy['asked'][number][] = [];
  let latencySeconds = 0;
  let cap = Number.POSITIVE_INFINITY;
  let capName = '';
  let capKind: LimitKind = 'device';
  const limit = (value: number, name: string, kind: LimitKind) => {
    if (value >= cap) return;
    cap = value;
    capName = name;
    capKind = kind;
  };
  for (const [end, access] of [
    [from, 'read'],
    [to, 'write'],
  ] as const) {
    if (end.memory) continue;
    const device = deviceDemand(machine, end.component, access, options.blockBytes ?? null);
    if (device === null) continue;
    if (device.demand !== null) demands.push(device.demand);
    else assumptions.push(device.assumption);
    latencySeconds += device.latencySeconds;
    if (device.latencySeconds > 0 && options.blockBytes != null && options.depth != null) {
      // A request waits for the media, then moves; meanwhile the others of the queue do.
      const moving = options.blockBytes / leastRate(demands);
      const inFlight = (options.blockBytes * options.depth) / (device.latencySeconds + moving);
      limit(inFlight, `${componentAt(machine, end.component).name} (${options.depth} requests in flight)`, 'latency');
    }
  }
  const wireSeconds = routeSeconds(machine, route);
  latencySeconds += wireSeconds;
  const gatherSeconds = gatheringSeconds(machine, route, options);
  latencySeconds += gatherSeconds;
  const handed = options.byKernels === true ? null : stagedRate(machine, route, demands);
  if (handed !== null) limit(handed, 'pieces handed on in host memory', 'engine');
  for (const leg of route.legs) {
    const asked = askedTranslations(machine, leg, options);
    if (asked !== null) {
      latencySeconds += asked.seconds;
      assumptions.push(...asked.assumptions);
      const { name } = componentAt(machine, leg.initiator);
      const { seconds, source } = asked;
      if (seconds > 0) first.push({ name, what: 'first translation (ATS), with its walk', seconds, source });
      if (asked.bytesPerSecond !== null)
        limit(asked.bytesPerSecond, `${name} (${dmaLimits.translation})`, 'root-complex');
    }
    const ordered = orderedWriteLimit(machine, leg);
    if (ordered !== null) limit(ordered.bytesPerSecond, ordered.name, 'root-complex');
    const core = componentAt(machine, leg.initiator);
    if (core.kind === 'socket' && leg.operation === 'write' && !leg.to.memory)
      limit(coreRate(machine, leg, options.tax), `${core.name} (stores of one core)`, 'engine');
    if (options.blockBytes != null) {
      const { blockBytes, cached, ...rest } = options;
      const operations = options.bytes == null ? null : Math.ceil(options.bytes / blockBytes);
      const rate = dmaRate(machine, leg, { ...rest, blockBytes, operations, cached: cached === true });
      if (rate === null) continue;
      const { name } = componentAt(machine, leg.initiator);
      limit(rate.operationsPerSecond * blockBytes, `${name} (${dmaLimits[rate.limitedBy]})`, dmaKinds[rate.limitedBy]);
      continue;
    }
    const initiator = componentAt(machine, leg.initiator);
    const tags = dmaEngine(initiator).outstandingReads?.value;
    if (leg.operation !== 'read' || tags === undefined || leg.hops.length === 0) continue;
    limit(tagRate(machine, leg, tags, options), `${initiator.name} (${tags} outstanding reads)`, 'tags');
  }
  // As a closure sets it, the compiler takes the first value for the only one.
  const kind = capKind as LimitKind;
  if (options.bytes != null && (kind === 'latency' || (kind === 'tags' && options.blockBytes != null))) {
    // Rounds of requests in flight take bytes / cap in all: the first wait is one of them.
    const left = options.bytes / cap - latencySeconds;
    cap = left > 0 ? options.bytes / left : Number.POSITIVE_INFINITY;
  }
  const overlapSeconds = Math.min(wireSeconds, Math.min(probeBytes, options.bytes ?? probeBytes) / leastRate(demands));
  const seconds = { latencySeconds, wireSeconds, gatherSeconds, overlapSeconds };
  return { route, demands, cap, capName, capKind, ...seconds, asked: first, assumptions };
}

/** What latencies are stated for: one posted write, one read. */
const probeBytes = 64;

/**
 * What requests and TLPs of this copy take longer than the probe, beside the time of its slowest link: seconds in which nothing
 * more arrives. A link that is faster than the one before waits for a whole TLP; an engine takes a request in before it moves it
 * on; what a staged copy reads has to lie in memory first.
 */
function gatheringSeconds(machine: Machine, { legs }: Route, { bytes, blockBytes, tax }: CopyOptions): number {
  // Where nothing says how much it is, the first round does not show.
  const whole = Math.min(bytes ?? probeBytes, blockBytes ?? Number.POSITIVE_INFINITY);
  return legs.reduce((sum, leg, index) => {
    if (leg.hops.length === 0) return sum;
    const { mps, mrrs } = legSizes(machine, leg);
    const reads = leg.operation === 'read';
    const demands = legDemands(machine, leg, tax);
    const tlp = Math.min(whole, reads ? Math.min(mps, mrrs) : mps);
    const request = Math.min(whole, reads ? mrrs : mps);
    const engine = reads ? legSeconds(machine, leg, { bytes: request }) - legSeconds(machine, leg) : 0;
    const moved = engine - Math.max(0, request - probeBytes) / leastRate(demands);
    const before = legs[index - 1];
    const faster = before === undefined ? null : [legDemands(machine, before, tax), demands].map(leastRate);
    const staged = faster === null ? 0 : Math.max(0, request - probeBytes) / Math.max(...faster);
    return sum + valleySeconds(demands, Math.max(0, tlp - probeBytes)) + Math.max(0, moved) + staged;
  }, 0);
}

/** Where links become faster and slower again each of the slow ones counts: Packets cut through only to what is slower. */
function valleySeconds(demands: readonly Demand[], bytes: number): number {
  const times = demands
    .filter(({ kind, carriesPayload }) => kind === 'link' && carriesPayload)
    .map(({ capacity, cost }) => (bytes * cost) / capacity);
  const passed = times.reduce((sum, own, at) => sum + Math.max(0, own - (times[at + 1] ?? 0)), 0);
  return passed - Math.max(0, ...times);
}

/**
 * What reads in flight allow, bytes per second: of a long copy a request for each tag in each round trip. A copy of so many
 * bytes is some whole rounds, and what of the last one follows its first request; the first bytes come with the latency.
 */
function tagRate(machine: Machine, leg: Leg, tags: number, { bytes, tax }: CopyOptions): number {
  const { mrrs } = legSizes(machine, leg);
  // A tag is free again when the last completion of its request is there.
  const seconds = legSeconds(machine, leg, { bytes: mrrs });
  if (bytes == null || bytes <= 0) return (tags * mrrs) / seconds;
  const requests = Math.ceil(bytes / mrrs);
  const last = bytes - (requests - 1) * mrrs;
  // Behind a link that is slower than all tags together they are not what spaces the requests.
  const rate = leastRate(legDemands(machine, leg, tax));
  const spacing = Math.min(mrrs / rate, seconds / tags);
  const rounds = Math.floor((requests - 1) / tags) * seconds + ((requests - 1) % tags) * spacing;
  // What the engine needs for a request comes once, with the latency.
  const whole = rounds + last / rate;
  return whole > 0 ? bytes / whole : Number.POSITIVE_INFINITY;
}

/** What the stores of one core reach on this way, bytes per second. */
function coreRate(machine: Machine, leg: Leg, tax: TaxSetting): number {
  const links = legDemands(machine, leg, tax).filter(({ kind }) => kind === 'link');
  return Math.min(coreStores.most.value, leastRate(links) * coreStores.share.value);
}

/** Bytes of a copy between GPUs that lie in host memory at a time before the second engine is called for them. */
const stagedPieceBytes: Sourced<number> = {
  value: 2 * 2 ** 20,
  source:
    'derived: of what the links carry, copies without peer access lose 4 % at Gen4 x4 (6.34 GB/s: ' +
    'tinygrad/open-gpu-kernel-modules issue 44), 15 % at Gen4 x16 (22.2: NVIDIA/nccl issue 814), 30 % at Gen5 x16 (37.2: ' +
    'NVIDIA/nccl issue 1264): two calls for every 2 MiB',
};

/**
 * What a copy between two GPUs reaches that is staged in host memory: piece after piece, and between the engines that take
 * it in and out the calls of both. Null for other copies.
 */
function stagedRate(machine: Machine, route: Route, demands: readonly Demand[]): number | null {
  const byGpus = route.legs.every(({ initiator }) => componentAt(machine, initiator).kind === 'gpu');
  if (route.route !== 'host-memory' || route.legs.length !== 2 || !byGpus) return null;
  const costs = new Map<string, number>();
  for (const { key, cost, capacity } of demands) costs.set(key, (costs.get(key) ?? 0) + cost / capacity);
  const perByte = Math.max(0, ...costs.values());
  return 1 / (perByte + (2 * copyCallLatency.value) / stagedPieceBytes.value);
}

/** Writes to memory that the device does not allow to pass one another; unknown is not off. */
function orderedWriteLimit(
  machine: Machine,
  leg: Leg,
): { readonly bytesPerSecond: number; readonly name: string } | null {
  const device = componentAt(machine, leg.initiator);
  if (leg.operation !== 'write' || !leg.to.memory || device.settings.relaxedOrdering !== false) return null;
  const socket = componentAt(machine, leg.to.component);
  const limit = orderedWriteBytesPerSecond(socket);
  return limit === null
    ? null
    : { bytesPerSecond: limit.value, name: `${socket.name} (writes of ${device.name} in order)` };
}

/** What demands let through alone, bytes of payload per second. */
function leastRate(demands: readonly Demand[]): number {
  return demands.reduce((least, { capacity, cost }) => Math.min(least, capacity / cost), Number.POSITIVE_INFINITY);
}

const dmaLimits = {
  link: 'small requests',
  tags: 'reads in flight',
  device: 'operations a second',
  translation: 'address translation',
} as const;
const dmaKinds = { link: 'device', tags: 'tags', device: 'device', translation: 'root-complex' } as const;

/** What mappings of single requests ask of the IOMMUs that invalidate them one after the other. */
function invalidations(machine: Machine, route: Route, options: CopyOptions): Demand[] {
  if (options.unmaps === false) return [];
  return unmappings(machine, route, options).flatMap(({ socket, name, mappedBytes, seconds }): Demand[] => {
    if (mappedBytes === null) return [];
    const cost = 1 / mappedBytes;
    const capacity = 1 / seconds.value;
    return [
      { key: `invalidations:${socket}`, name, kind: 'root-complex', link: null, capacity, cost, carriesPayload: false },
    ];
  });
}

interface DeviceLimit {
  readonly demand: Demand | null;
  readonly latencySeconds: number;
  readonly assumption: string;
}

/** What a device itself gives or takes: media of drives, ports of NICs. Null for devices with nothing of the kind. */
function deviceDemand(
  machine: Machine,
  id: number,
  access: 'read' | 'write',
  blockBytes: number | null,
): DeviceLimit | null {
  const { kind, name, settings } = componentAt(machine, id);
  const demand = (capacity: number, way: string, cost = 1): Demand => ({
    key: `device:${id}:${way}`,
    name,
    kind: 'device',
    link: null,
    capacity,
    cost,
    carriesPayload: true,
  });
  if (kind === 'nvme' || kind === 'sata' || kind === 'fpga') {
    const rate = access === 'read' ? settings.readBytesPerSecond : settings.writeBytesPerSecond;
    const iops = access === 'read' ? settings.readIops : settings.writeIops;
    const byIops = iops !== undefined && blockBytes !== null ? iops * blockBytes : Number.POSITIVE_INFINITY;
    const capacity = Math.min(rate ?? Number.POSITIVE_INFINITY, byIops);
    const latencySeconds = (access === 'read' ? settings.readLatencySeconds : settings.writeLatencySeconds) ?? 0;
    const assumption = `${name}: ${access} bandwidth unknown, taken not to limit.`;
    if (!Number.isFinite(capacity)) return { demand: null, latencySeconds, assumption };
    // Reading and writing use the same media: they are kept apart only where the parts give both figures.
    return { demand: demand(capacity, access), latencySeconds, assumption };
  }
  if (kind === 'nic') {
    const rate = settings.lineRateBytesPerSecond;
    const assumption = `${name}: line rate unknown, taken not to limit.`;
    if (rate === undefined) return { demand: null, latencySeconds: 0, assumption };
    const way = access === 'read' ? 'receive' : 'send';
    const line = demand(rate * (settings.networkPorts ?? 1), way, 1 / lineEfficiency());
    return { demand: line, latencySeconds: 0, assumption };
  }
  return null;
}

/** The steady state of one long copy that has the machine to itself. */
export interface SteadyState {
  readonly bytesPerSecond: number;
  readonly bottleneck: string;
  readonly kind: LimitKind;
}

/** What a plan reaches alone: the least that any of its resources and its own cap allow. */
export function steadyState(plan: PlannedCopy): SteadyState {
  if (plan.route.route === 'none') return { bytesPerSecond: 0, bottleneck: '', kind: 'link' };
  const [least] = limitsOf(plan);
  if (least === undefined) return { bytesPerSecond: Number.POSITIVE_INFINITY, bottleneck: '', kind: plan.capKind };
  return { bytesPerSecond: least.bytesPerSecond, bottleneck: least.name, kind: least.kind };
}

/**
 * Everything that bounds a copy which has the machine to itself, the least first; one entry for a name, so that what comes
 * second is what would limit once the first is lifted, both directions of a link together.
 */
export function limitsOf(plan: PlannedCopy): { name: string; kind: LimitKind; bytesPerSecond: number }[] {
  if (plan.route.route === 'none') return [];
  const costs = new Map<string, { demand: Demand; cost: number }>();
  for (const demand of plan.demands) {
    const known = costs.get(demand.key);
    if (known === undefined) costs.set(demand.key, { demand, cost: demand.cost });
    else known.cost += demand.cost;
  }
  const limits = [{ name: plan.capName, kind: plan.capKind, bytesPerSecond: plan.cap }];
  for (const { demand, cost } of costs.values()) {
    limits.push({ name: demand.name, kind: demand.kind, bytesPerSecond: demand.capacity / cost });
  }
  const seen = new Set<string>();
  return limits
    .filter(({ bytesPerSecond }) => Number.isFinite(bytesPerSecond))
    .sort((a, b) => a.bytesPerSecond - b.bytesPerSecond)
    .filter(({ name, kind }) => {
      const key = `${kind} ${name}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}
