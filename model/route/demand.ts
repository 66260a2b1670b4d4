import { interconnectBytesPerSecond, peerWriteSplitBytes } from '../host/profile.ts';
import { type LinkBandwidth, steadyBandwidth } from '../link/efficiency.ts';
import type { TaxSetting } from '../link/tax.ts';
import { isPayloadSize } from '../link/tlp.ts';
import { componentAt, type Link, type Machine } from '../machine.ts';
import { machinePayload } from '../train.ts';
import type { Hop, Leg, Route } from './types.ts';

/** What a leg asks of one resource. Link capacities are bytes on the wire, all others bytes of payload. */
export interface Demand {
  /** One key a resource: `link:3:up`, `memory:0`. */
  readonly key: string;
  /** The name that a reader sees: the link's, `cpu0.memory`. */
  readonly name: string;
  readonly kind: 'link' | 'memory' | 'interconnect' | 'root-complex' | 'device';
  readonly link: { readonly id: number; readonly direction: 'up' | 'down' } | null;
  /** Bytes per second that the resource carries; infinite where nothing is known to limit it. */
  readonly capacity: number;
  /** Bytes of the resource that one byte of payload takes. */
  readonly cost: number;
  /** Whether the payload itself passes, or only what goes with it (requests of a read). */
  readonly carriesPayload: boolean;
}

type Size = 128 | 256 | 512 | 1024 | 2048 | 4096;

/** Max_Payload_Size and Max_Read_Request_Size that hold on a leg. */
export interface LegSizes {
  readonly mps: Size;
  readonly mrrs: Size;
}

/** The least payload size of the links on the way, and the read-request size of the initiator. */
export function legSizes(machine: Machine, leg: Leg): LegSizes {
  let mps = 4096;
  for (const hop of leg.hops) {
    const link = hop.kind === 'link' ? machine.links[hop.link] : undefined;
    if (link !== undefined) mps = Math.min(mps, link.maxPayloadBytes);
  }
  const mrrs = readRequestBytes(machine, leg.initiator) ?? 512;
  return { mps: isPayloadSize(mps) ? mps : 128, mrrs: isPayloadSize(mrrs) ? mrrs : 512 };
}

const readRequests = new WeakMap<Machine, readonly (number | undefined)[]>();

function readRequestBytes(machine: Machine, component: number): number | undefined {
  let sizes = readRequests.get(machine);
  if (sizes === undefined) {
    sizes = machinePayload(machine).maxReadRequestBytes;
    readRequests.set(machine, sizes);
  }
  return sizes[component];
}

/** What one hop asks for: of a link each direction that it loads, of a switch nothing. */
export interface HopDemand {
  readonly hop: Hop;
  readonly demands: readonly Demand[];
}

/**
 * Everything that a leg asks for, hop by hop. Requests of a read load the links the other way; behind a root complex that
 * cuts peer writes into pieces, each piece has a header of its own.
 */
export function hopDemands(machine: Machine, leg: Leg, tax: TaxSetting): HopDemand[] {
  const sizes = legSizes(machine, leg);
  const split: SplitBytes = { bytes: Number.POSITIVE_INFINITY };
  return leg.hops.map((hop) => ({ hop, demands: demandsOf(machine, leg, hop, sizes, split, tax) }));
}

/** Size of the pieces that the root complexes passed so far cut peer writes into. */
interface SplitBytes {
  bytes: number;
}

function demandsOf(
  machine: Machine,
  leg: Leg,
  hop: Hop,
  sizes: LegSizes,
  split: SplitBytes,
  tax: TaxSetting,
): readonly Demand[] {
  const peers = !leg.from.memory && !leg.to.memory;
  switch (hop.kind) {
    case 'link': {
      const link = machine.links[hop.link];
      return link === undefined ? [] : linkDemands(link, hop.direction, leg, sizes, split.bytes, tax);
    }
    case 'memory': {
      const known = componentAt(machine, hop.component).settings.memoryBytesPerSecond;
      return [payloadDemand(`memory:${hop.component}`, hop, known)];
    }
    case 'interconnect': {
      const key = `interconnect:${hop.connection}:${hop.forward ? 'forward' : 'back'}`;
      return [payloadDemand(key, hop, connectionCapacity(machine, hop, peers))];
    }
    case 'root-complex': {
      if (!peers) return [];
      const socket = componentAt(machine, hop.component);
      split.bytes = Math.min(split.bytes, peerWriteSplitBytes(socket)?.value ?? split.bytes);
      return [payloadDemand(`root-complex:${socket.id}`, hop, socket.settings.peerBytesPerSecond)];
    }
    case 'switch':
      return [];
  }
}

/** Everything that a leg asks for, in the order of its hops. */
export function legDemands(machine: Machine, leg: Leg, tax: TaxSetting): Demand[] {
  return hopDemands(machine, leg, tax).flatMap(({ demands }) => demands);
}

/** Demands of all legs of a route; a staged route asks twice of what both its legs pass. */
export function routeDemands(machine: Machine, route: Route, tax: TaxSetting): Demand[] {
  return route.legs.flatMap((leg) => legDemands(machine, leg, tax));
}

/** Payload bytes per second that a hop carries of one long transfer alone; infinite where nothing is known to limit it. */
export function hopBytesPerSecond({ demands }: HopDemand): number {
  return demands.reduce((least, { capacity, cost }) => Math.min(least, capacity / cost), Number.POSITIVE_INFINITY);
}

function payloadDemand(
  key: string,
  hop: Hop & { readonly kind: 'memory' | 'interconnect' | 'root-complex' },
  bytesPerSecond: number | undefined,
): Demand {
  const capacity = bytesPerSecond ?? Number.POSITIVE_INFINITY;
  return { key, name: hop.name, kind: hop.kind, link: null, capacity, cost: 1, carriesPayload: true };
}

/** Between sockets what the text or the host's profile says; beside PCIe what the text or the part says. */
function connectionCapacity(
  machine: Machine,
  hop: Hop & { readonly kind: 'interconnect' },
  peers: boolean,
): number | undefined {
  const connection = machine.connections[hop.connection];
  if (connection === undefined) return undefined;
  const ends = [componentAt(machine, connection.from), componentAt(machine, connection.to)];
  if (ends.every((end) => end.kind === 'socket')) return interconnectBytesPerSecond(connection, machine, peers).value;
  return connection.bytesPerSecond === null ? undefined : connection.bytesPerSecond * (hop.parallel ?? 1);
}

const bandwidths = new WeakMap<Link, Map<string, LinkBandwidth>>();

/** Steady state of a link at given sizes, reckoned once. */
function linkBandwidth(link: Link, { mps, mrrs }: LegSizes, tax: TaxSetting): LinkBandwidth {
  let all = bandwidths.get(link);
  if (all === undefined) {
    all = new Map();
    bandwidths.set(link, all);
  }
  const key = `${mps} ${mrrs} ${tax}`;
  let bandwidth = all.get(key);
  if (bandwidth === undefined) {
    bandwidth = steadyBandwidth({ ...link.trained, mps, mrrs, tax });
    all.set(key, bandwidth);
  }
  return bandwidth;
}

function linkDemands(
  link: Link,
  direction: 'up' | 'down',
  leg: Leg,
  sizes: LegSizes,
  split: number,
  tax: TaxSetting,
): Demand[] {
  const bandwidth = linkBandwidth(link, sizes, tax);
  const capacity = bandwidth.tlpBytesPerSecond;
  const demand = (way: 'up' | 'down', cost: number, carriesPayload: boolean): Demand => ({
    key: `link:${link.id}:${way}`,
    name: link.name,
    kind: 'link',
    link: { id: link.id, direction: way },
    capacity,
    cost,
    carriesPayload,
  });
  if (leg.operation === 'write') {
    const header = capacity / bandwidth.writeBytesPerSecond - 1;
    const cost = split < sizes.mps ? 1 + (header * sizes.mps) / split : 1 + header;
    return [demand(direction, cost, true)];
  }
  const { requestWireBytes, completionWireBytes } = bandwidth.read;
  const other = direction === 'up' ? 'down' : 'up';
  const bytes = bandwidth.read.requests * sizes.mrrs;
  return [demand(direction, completionWireBytes / bytes, true), demand(other, requestWireBytes / bytes, false)];
}
