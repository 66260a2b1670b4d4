import { hostCompletions } from '../host/completions.ts';
import {
  interconnectBytesPerSecond,
  lineCombining,
  peerBytesInFlightOfPorts,
  peerWriteSplitBytes,
  remoteCopyBytesPerSecond,
} from '../host/profile.ts';
import { resolveLinkSettings, tlpBytesPerSecond } from '../link/efficiency.ts';
import { splitRead, splitWrite } from '../link/split.ts';
import type { TaxSetting } from '../link/tax.ts';
import { isPayloadSize, tlpOverheadBytes } from '../link/tlp.ts';
import { componentAt, type Link, type Machine } from '../machine.ts';
import { deviceLinkBytesPerSecond } from '../peer/nvlink.ts';
import { machinePayload } from '../train.ts';
import { type DmaEngine, dmaEngine, switchPayloadBytes } from './engine.ts';
import { oneWaySeconds } from './latency.ts';
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

/** Sizes of the TLPs of a leg, in bytes. */
export interface LegSizes {
  /** Payload of a write, and of a completion that nothing cuts shorter. */
  readonly mps: number;
  /** Read request. */
  readonly mrrs: number;
}

/** How a transfer is cut up; absent: one long transfer, aligned. */
export interface Blocks {
  /** Bytes of one request of the software; null: all at once. */
  readonly blockBytes?: number | null;
  /** Start of each block modulo 4096. */
  readonly offsetBytes?: number | null;
}

/**
 * The least payload size of the links on the way and the read-request size of the initiator, as Device Control has them,
 * and no more than the initiator's engine uses of them.
 */
export function legSizes(machine: Machine, leg: Leg): LegSizes {
  const peers = !leg.from.memory && !leg.to.memory;
  let payload = 4096;
  for (const hop of leg.hops) {
    const link = hop.kind === 'link' ? machine.links[hop.link] : undefined;
    if (link !== undefined) payload = Math.min(payload, link.maxPayloadBytes);
    const passed = peers && hop.kind === 'switch' ? switchPayloadBytes(componentAt(machine, hop.component)) : null;
    if (passed !== null) payload = Math.min(payload, passed.value);
  }
  const engine = dmaEngine(componentAt(machine, leg.initiator));
  const request = readRequestBytes(machine, leg.initiator) ?? 512;
  const mps = isPayloadSize(payload) ? payload : 128;
  return {
    mps: Math.min(mps, senderBytes(machine, leg, engine) ?? mps),
    mrrs: Math.min(isPayloadSize(request) ? request : 512, engine.readRequestBytes?.value ?? request),
  };
}

/** The most that the sender of the data puts into a TLP; null where that is Max_Payload_Size. */
function senderBytes(machine: Machine, leg: Leg, engine: DmaEngine): number | null {
  const peers = !leg.from.memory && !leg.to.memory;
  const writes = leg.operation === 'write' ? (engine.writeBytes?.value ?? null) : null;
  if (!peers) return writes;
  // Of a read it is the one that is read who answers.
  const sender = leg.operation === 'write' ? engine : dmaEngine(componentAt(machine, leg.from.component));
  const answers = sender.peerBytes?.value ?? null;
  return writes === null || answers === null ? (writes ?? answers) : Math.min(writes, answers);
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

/** How often lines share a completion where a leg reads memory of a host that answers line by line; else null. */
function combiningOf(machine: Machine, leg: Leg): number | null {
  if (leg.operation !== 'read' || !leg.from.memory) return null;
  const down = leg.hops.find((hop) => hop.kind === 'link');
  const link = down?.kind === 'link' ? machine.links[down.link] : undefined;
  if (link === undefined) return null;
  return lineCombining(componentAt(machine, leg.from.component), link.trained.generation)?.value ?? null;
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
export function hopDemands(machine: Machine, leg: Leg, tax: TaxSetting, blocks: Blocks = {}): HopDemand[] {
  const packets: Packets = {
    ...legSizes(machine, leg),
    bytes: blocks.blockBytes ?? longTransferBytes,
    offset: blocks.offsetBytes ?? 0,
    combining: combiningOf(machine, leg),
    headers: headersOf(machine, leg),
    split: Number.POSITIVE_INFINITY,
  };
  return leg.hops.map((hop) => ({ hop, demands: demandsOf(machine, leg, hop, packets, tax) }));
}

interface Headers {
  readonly addressBits: 32 | 64;
  readonly requestPrefixes: number;
  readonly ecrc: boolean;
  readonly answersWithEcrc: boolean;
  /** Read Completion Boundary of who answers a read. */
  readonly rcb: 64 | 128;
}

/** Addresses of 32 bits where the initiator forms no others; ECRC where the sender generates it: device or root port. */
function headersOf(machine: Machine, leg: Leg): Headers {
  const { dmaBits = 64, tlpPrefixes = 0, ecrc = false } = componentAt(machine, leg.initiator).settings;
  const first = leg.hops.find((hop) => hop.kind === 'link');
  const port = first?.kind === 'link' ? machine.links[first.link]?.port : undefined;
  const answers = leg.from.memory ? port : leg.from.component;
  const completer = answers === undefined ? {} : componentAt(machine, answers).settings;
  return {
    addressBits: dmaBits <= 32 ? 32 : 64,
    requestPrefixes: tlpPrefixes,
    ecrc,
    answersWithEcrc: completer.ecrc === true,
    rcb: completer.readCompletionBoundaryBytes === 128 ? 128 : 64,
  };
}

/** Long enough that a partial last TLP no longer shows, a multiple of every legal payload and request size. */
const longTransferBytes = 2 ** 30;

/** How a leg looks on its links. */
interface Packets extends LegSizes {
  readonly bytes: number;
  readonly offset: number;
  readonly combining: number | null;
  /** What headers carry: of the requests and writes of the initiator, and of what answers a read. */
  readonly headers: Headers;
  /** Size of the pieces that the root complexes passed so far cut peer writes into. */
  split: number;
}

function demandsOf(machine: Machine, leg: Leg, hop: Hop, packets: Packets, tax: TaxSetting): readonly Demand[] {
  const peers = !leg.from.memory && !leg.to.memory;
  switch (hop.kind) {
    case 'link': {
      const link = machine.links[hop.link];
      return link === undefined ? [] : linkDemands(link, hop.direction, leg, packets, tax);
    }
    case 'memory': {
      const known = componentAt(machine, hop.component).settings.memoryBytesPerSecond;
      return [payloadDemand(`memory:${hop.component}`, hop, known)];
    }
    case 'interconnect': {
      const key = `interconnect:${hop.connection}:${hop.forward ? 'forward' : 'back'}`;
      const whole = payloadDemand(key, hop, connectionCapacity(machine, hop, peers));
      const copy = peers ? null : remoteCopy(machine, leg, hop);
      if (copy !== null) return [whole, copy];
      const pair = peers ? portPair(machine, leg, hop) : null;
      return pair === null ? [whole] : [whole, pair];
    }
    case 'root-complex': {
      if (!peers) return [];
      const socket = componentAt(machine, hop.component);
      const cut = peerWriteSplitBytes(machine, socket, componentAt(machine, leg.initiator));
      packets.split = Math.min(packets.split, cut?.value ?? packets.split);
      return [payloadDemand(`root-complex:${socket.id}`, hop, socket.settings.peerBytesPerSecond)];
    }
    case 'switch':
      return [];
  }
}

/** What a GPU moves from or to the memory of another socket, where the host bounds it by more than the interconnect. */
function remoteCopy(machine: Machine, leg: Leg, hop: Hop & { readonly kind: 'interconnect' }): Demand | null {
  const initiator = componentAt(machine, leg.initiator);
  const connection = machine.connections[hop.connection];
  const socket = connection === undefined ? undefined : machine.components[connection.from];
  if (initiator.kind !== 'gpu' || socket?.kind !== 'socket') return null;
  const known = remoteCopyBytesPerSecond(socket, leg.operation);
  return known === null ? null : payloadDemand(`remote:${initiator.id}:${leg.operation}`, hop, known.value);
}

/** What goes from one root port to one of another socket, where the host bounds what is on its way. */
function portPair(machine: Machine, leg: Leg, hop: Hop & { readonly kind: 'interconnect' }): Demand | null {
  const connection = machine.connections[hop.connection];
  const socket = connection === undefined ? undefined : machine.components[connection.from];
  const known = socket?.kind === 'socket' ? peerBytesInFlightOfPorts(machine, socket) : null;
  if (known === null) return null;
  const bytesPerSecond = known.value / oneWaySeconds(machine, leg);
  const at = leg.hops.indexOf(hop);
  const isLink = (one: Hop) => one.kind === 'link';
  const [before, after] = [leg.hops.slice(0, at).findLast(isLink), leg.hops.slice(at).find(isLink)];
  return payloadDemand(`ports:${before?.name ?? ''} ${after?.name ?? ''}`, hop, bytesPerSecond);
}

/** Everything that a leg asks for, in the order of its hops. */
export function legDemands(machine: Machine, leg: Leg, tax: TaxSetting, blocks: Blocks = {}): Demand[] {
  return hopDemands(machine, leg, tax, blocks).flatMap(({ demands }) => demands);
}

/** Demands of all legs of a route; a staged route asks twice of what both its legs pass. */
export function routeDemands(machine: Machine, route: Route, tax: TaxSetting, blocks: Blocks = {}): Demand[] {
  return route.legs.flatMap((leg) => legDemands(machine, leg, tax, blocks));
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
  const rate = deviceLinkBytesPerSecond(machine, connection)?.value;
  return rate === undefined ? undefined : rate * (hop.parallel ?? 1);
}

/** What a link takes of one byte of payload. */
interface LinkCosts {
  /** Bytes per second for TLPs. */
  readonly capacity: number;
  /** The way of the payload, and of the requests of a read the other way. */
  readonly payload: number;
  readonly requests: number;
}

const known = new WeakMap<Link, Map<string, LinkCosts>>();

/** Costs of a link for packets of these sizes, reckoned once. */
function linkCosts(link: Link, operation: Leg['operation'], packets: Packets, tax: TaxSetting): LinkCosts {
  let all = known.get(link);
  if (all === undefined) {
    all = new Map();
    known.set(link, all);
  }
  const { mps, mrrs, bytes, offset, combining, split, headers } = packets;
  const { addressBits, requestPrefixes, ecrc, answersWithEcrc, rcb } = headers;
  const format = [addressBits, requestPrefixes, ecrc, answersWithEcrc, rcb];
  const key = [operation, mps, mrrs, bytes, offset, combining, split, tax, ...format].join();
  let costs = all.get(key);
  if (costs === undefined) {
    costs = reckon(link, operation, packets, tax);
    all.set(key, costs);
  }
  return costs;
}

function reckon(link: Link, operation: Leg['operation'], packets: Packets, tax: TaxSetting): LinkCosts {
  const { answersWithEcrc, ...headers } = packets.headers;
  const settings = resolveLinkSettings({ ...link.trained, ...headers, mps: link.maxPayloadBytes, tax });
  const capacity = tlpBytesPerSecond(settings);
  const { bytes, offset: offsetBytes, combining, mrrs } = packets;
  const input = { ...settings, transferBytes: bytes, offsetBytes, mrrs };
  if (operation === 'write') {
    const { tlps, payloadBytes } = splitWrite({ ...input, mps: Math.min(packets.mps, packets.split) });
    return {
      capacity,
      payload: (payloadBytes + tlps * tlpOverheadBytes('memory-write', settings)) / bytes,
      requests: 0,
    };
  }
  const read = splitRead({ ...input, mps: Math.min(packets.mps, mrrs) });
  const answer =
    combining === null
      ? { tlps: read.completions, payloadBytes: read.payloadBytes }
      : hostCompletions(bytes, offsetBytes, mrrs, packets.mps, combining);
  return {
    capacity,
    payload:
      (answer.payloadBytes +
        answer.tlps * tlpOverheadBytes('completion-data', { ...settings, ecrc: answersWithEcrc })) /
      bytes,
    requests: (read.requests * tlpOverheadBytes('memory-read', settings)) / bytes,
  };
}

function linkDemands(link: Link, direction: 'up' | 'down', leg: Leg, packets: Packets, tax: TaxSetting): Demand[] {
  const { capacity, payload, requests } = linkCosts(link, leg.operation, packets, tax);
  const demand = (way: 'up' | 'down', cost: number, carriesPayload: boolean): Demand => ({
    key: `link:${link.id}:${way}`,
    name: link.name,
    kind: 'link',
    link: { id: link.id, direction: way },
    capacity,
    cost,
    carriesPayload,
  });
  if (leg.operation === 'write') return [demand(direction, payload, true)];
  return [demand(direction, payload, true), demand(direction === 'up' ? 'down' : 'up', requests, false)];
}
