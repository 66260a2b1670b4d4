import { interconnectSeconds, memorySeconds, rootComplexSeconds } from '../host/profile.ts';
import {
  dmaEngineLatency,
  type LatencyHop,
  postedWriteLatency,
  readRoundTrip,
  serializationSeconds,
  switchLatency,
} from '../link/latency.ts';
import { type Component, componentAt, type Machine, socketOf } from '../machine.ts';
import type { Sourced } from '../origin.ts';
import { engineSecondsPerByte, writeIssueLatency } from './engine.ts';
import type { Hop, Leg, Route } from './types.ts';

/** What a GPU adds at its end of a peer access, from the store in a kernel to the port, or from the port to a load. */
export const gpuEndLatency: Sourced<number> = {
  value: 0.305e-6,
  source:
    'derived: half of 0.72 us, 4 B from GPU to GPU below one PEX890xx, less 105 ns through the switch ' +
    '(voipmonitor/rtx6kpro@29f3863)',
};

/** What a copy engine costs to start from the host: data that is staged in memory waits for such a call. */
export const copyCallLatency: Sourced<number> = {
  value: 6e-6,
  source: 'middle of 5-7 us for each cudaMemcpyAsync: DualPath, arXiv 2602.21548, section 5.2',
};

/** Time in a device itself, in seconds: what the text says, else the default of its kind. */
export function deviceSeconds(device: Component, role: 'initiator' | 'target'): number {
  const said = device.settings.latencySeconds;
  if (said !== undefined) return said;
  switch (device.kind) {
    case 'gpu':
      return gpuEndLatency.value;
    case 'socket':
      return 0;
    default:
      return role === 'initiator' ? dmaEngineLatency.value : 0;
  }
}

/** Time that one hop adds to a packet of `wireBytes`, without waiting: on a link, from its first bit to its last. */
export function hopSeconds(machine: Machine, hop: Hop, wireBytes: number): number {
  const stage = latencyHop(machine, hop);
  if (stage === null) return hop.kind === 'memory' ? memoryHopSeconds(machine, hop) : 0;
  return stage.kind === 'link' ? serializationSeconds(wireBytes, stage) : stage.seconds;
}

function memoryHopSeconds(machine: Machine, hop: Hop & { readonly kind: 'memory' }): number {
  return hop.access === 'read' ? memorySeconds(componentAt(machine, hop.component)).value : 0;
}

/** A hop as the latency model takes it; null for memory, which is an end and not on the way. */
function latencyHop(machine: Machine, hop: Hop): LatencyHop | null {
  switch (hop.kind) {
    case 'link': {
      const link = machine.links[hop.link];
      return link === undefined ? null : { kind: 'link', ...link.trained };
    }
    case 'switch': {
      const seconds = componentAt(machine, hop.component).settings.latencySeconds ?? switchLatency.value;
      return { kind: 'stage', seconds };
    }
    case 'root-complex':
      // What lies between sockets and behind the fabric of the other one counts with the interconnect.
      if (hop.fabricOnly === true) return null;
      return { kind: 'stage', seconds: rootComplexSeconds(componentAt(machine, hop.component)).value };
    case 'interconnect': {
      const connection = machine.connections[hop.connection];
      return connection === undefined
        ? null
        : { kind: 'stage', seconds: interconnectSeconds(connection, machine).value };
    }
    case 'memory':
      return null;
  }
}

/** What one request carries and where the data lies; absent: 64 B, in no cache. */
export interface Request {
  readonly bytes?: number;
  /** The line is in a cache of the socket that the device hangs off. */
  readonly cached?: boolean;
}

/**
 * Latency of a leg without waiting, in seconds: one way for a posted write, the round trip for a read, the devices at its
 * ends included. Everything cuts through, so that only the slowest link counts with the whole packet; a device's engine
 * alone takes in a request before it moves it on.
 */
export function legSeconds(machine: Machine, leg: Leg, request: Request = {}): number {
  if (leg.hops.length === 0) return 0;
  const { bytes = 64, cached = false } = request;
  const way = leg.hops.map((hop) => latencyHop(machine, hop)).filter((hop) => hop !== null);
  const other = leg.initiator === leg.from.component ? leg.to : leg.from;
  const engine = componentAt(machine, leg.initiator);
  const initiator = deviceSeconds(engine, 'initiator') + movingSeconds(engine, bytes);
  const target = other.memory ? 0 : deviceSeconds(componentAt(machine, other.component), 'target');
  const ends = initiator + target;
  if (leg.operation === 'write') return ends + postedWriteLatency(way, bytes).seconds;
  const memory = leg.hops.reduce((sum, hop) => sum + (hop.kind === 'memory' ? memoryHopSeconds(machine, hop) : 0), 0);
  const local = socketOf(machine, leg.initiator)?.id === leg.from.component;
  const completerSeconds = cached && local ? 0 : memory;
  const input = { request: [...way].reverse(), completion: way, completerSeconds, payloadBytes: bytes };
  return ends + readRoundTrip(input).seconds;
}

/** Time in which a device's engine moves a request between the link and its own memory. */
function movingSeconds({ kind }: Component, bytes: number): number {
  return kind === 'nic' || kind === 'fpga' || kind === 'device' ? bytes * engineSecondsPerByte.value : 0;
}

/**
 * A write and a read of the same address right behind it, in seconds, until the data is back: the read must not pass the
 * write, and finds what it wrote in the cache.
 */
export function writeThenReadSeconds(machine: Machine, read: Leg, bytes: number): number {
  const engine = componentAt(machine, read.initiator);
  const slowest = read.hops.reduce((most, hop) => {
    const link = hop.kind === 'link' ? machine.links[hop.link] : undefined;
    return link === undefined ? most : Math.max(most, serializationSeconds(bytes, link.trained));
  }, 0);
  const written = deviceSeconds(engine, 'initiator') + movingSeconds(engine, bytes) + slowest + writeIssueLatency.value;
  return written + legSeconds(machine, read, { bytes, cached: true });
}

/** Latency of a whole route: its legs, and the calls by which a GPU's copy engine takes up what lies in host memory. */
export function routeSeconds(machine: Machine, route: Route): number {
  let seconds = 0;
  for (const leg of route.legs) {
    seconds += legSeconds(machine, leg);
    const isCopy = componentAt(machine, leg.initiator).kind === 'gpu';
    if (route.route === 'host-memory' && isCopy) seconds += copyCallLatency.value;
  }
  return seconds;
}
