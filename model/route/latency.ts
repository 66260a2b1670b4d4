import { interconnectSeconds, memorySeconds, rootComplexSeconds, theText, wakeSeconds } from '../host/profile.ts';
import { requiresFlitMode } from '../link/generation.ts';
import {
  aspmExit,
  dmaEngineLatency,
  postedWriteLatency,
  readRoundTrip,
  retimerLatency,
  serializationSeconds,
  switchLatency,
} from '../link/latency.ts';
import { type Component, componentAt, type Link, type Machine, socketOf } from '../machine.ts';
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
  return deviceLatency(device, role).value;
}

function deviceLatency(device: Component, role: 'initiator' | 'target'): Sourced<number> {
  const said = device.settings.latencySeconds;
  if (said !== undefined) return { value: said, source: theText };
  switch (device.kind) {
    case 'gpu':
      return gpuEndLatency;
    case 'socket':
      return { value: 0, source: 'a core issues by itself' };
    default:
      return role === 'initiator' ? dmaEngineLatency : { value: 0, source: 'answers at once: nothing known' };
  }
}

/** A part of the latency of a leg, in seconds, and where the figure comes from. */
export interface LatencyShare {
  /** Place of the hop in the leg; null for what its ends add: engines, devices, calls. */
  readonly hop: number | null;
  /** The component, link or memory that it belongs to. */
  readonly name: string;
  /** What takes the time: `DMA engine`, `serialization`, `root complex`. */
  readonly what: string;
  readonly seconds: number;
  readonly source: string;
}

/** What a hop is passed in without waiting, one way, apart from the wire. */
export function hopSeconds(machine: Machine, hop: Hop): number {
  return hopStages(machine, hop).reduce((sum, { value }) => sum + value, 0);
}

/** One way from device to device without waiting and apart from the wire, in seconds: both ends and every hop once. */
export function oneWaySeconds(machine: Machine, { from, to, hops }: Leg): number {
  const ends = [from, to].map(({ component, memory }) =>
    memory ? 0 : deviceSeconds(componentAt(machine, component), 'initiator'),
  );
  return [...ends, ...hops.map((hop) => hopSeconds(machine, hop))].reduce((sum, seconds) => sum + seconds, 0);
}

interface Stage extends Sourced<number> {
  readonly what: string;
}

/** Fixed times of a hop, one way. Memory is an end and not on the way. */
function hopStages(machine: Machine, hop: Hop): Stage[] {
  switch (hop.kind) {
    case 'link': {
      const link = machine.links[hop.link];
      return link === undefined ? [] : retimerStages(machine, link);
    }
    case 'switch': {
      const said = componentAt(machine, hop.component).settings.latencySeconds;
      const switched = said === undefined ? switchLatency : { value: said, source: theText };
      return [{ what: 'port to port', ...switched }];
    }
    case 'root-complex':
      // What lies between sockets and behind the fabric of the other one counts with the interconnect.
      if (hop.fabricOnly === true) return [{ what: 'fabric', value: 0, source: 'counted with the interconnect' }];
      return [{ what: 'root complex', ...rootComplexSeconds(componentAt(machine, hop.component)) }];
    case 'interconnect': {
      const connection = machine.connections[hop.connection];
      return connection === undefined ? [] : [{ what: 'crossing', ...interconnectSeconds(connection, machine) }];
    }
    case 'memory':
      return [];
  }
}

function retimerStages(machine: Machine, link: Link): Stage[] {
  const count = Math.max(...linkEnds(machine, link).map((end) => end.retimers ?? 0));
  if (count === 0) return [];
  const { value, source } = retimerLatency;
  return [{ what: count === 1 ? 'retimer' : `${count} retimers`, value: count * value, source }];
}

const linkEnds = (machine: Machine, link: Link) =>
  [link.port, link.device ?? link.port].map((end) => componentAt(machine, end).settings);

/** The way out of the state in which a link saves power; nothing where it does not. */
function wakeShares(machine: Machine, hop: Hop, at: number): LatencyShare[] {
  const link = hop.kind === 'link' ? machine.links[hop.link] : undefined;
  if (link === undefined) return [];
  const [port, device] = linkEnds(machine, link);
  const state = device?.aspm ?? port?.aspm ?? 'off';
  // In Flit Mode there is no L0s: PCIe Base 6.0 section 5.4.1.
  const exit = state === 'l0s' && requiresFlitMode(link.trained.generation) ? null : aspmExit(state);
  if (exit === null) return [];
  const what = `exit from ${state === 'l0s' ? 'L0s' : 'L1'}`;
  return [{ hop: at, name: hop.name, what, seconds: exit.value, source: exit.source }];
}

/** What a host that saves power adds to a request for its memory. */
function hostWakeShares(machine: Machine, leg: Leg, hop: Hop, at: number): LatencyShare[] {
  if (hop.kind !== 'root-complex' || leg.operation !== 'read' || !leg.from.memory) return [];
  const seconds = wakeSeconds(componentAt(machine, hop.component));
  const source = 'host profile: what a single request waits for';
  return seconds === 0 ? [] : [{ hop: at, name: hop.name, what: 'memory wakes up', seconds, source }];
}

/** What one request carries and where the data lies; absent: 64 B, in no cache. */
export interface Request {
  readonly bytes?: number;
  /** The line is in a cache of the socket that the device hangs off. */
  readonly cached?: boolean;
  /** The links have been idle, so that those that save power must wake up first. */
  readonly idle?: boolean;
}

/**
 * Latency of a leg without waiting, in seconds: one way for a posted write, the round trip for a read, the devices at its
 * ends included. Everything cuts through, so that only the slowest link counts with the whole packet; a device's engine
 * alone takes in a request before it moves it on.
 */
export function legSeconds(machine: Machine, leg: Leg, request: Request = {}): number {
  return legLatency(machine, leg, request).reduce((sum, { seconds }) => sum + seconds, 0);
}

/** The same, part by part: each hop has one share at least, and all of them add up to the latency. */
export function legLatency(machine: Machine, leg: Leg, request: Request = {}): LatencyShare[] {
  if (leg.hops.length === 0) return [];
  const { bytes = 64, cached = false, idle = false } = request;
  const reads = leg.operation === 'read';
  const other = leg.initiator === leg.from.component ? leg.to : leg.from;
  const engine = componentAt(machine, leg.initiator);
  const local = socketOf(machine, leg.initiator)?.id === leg.from.component;
  const wire = wireShares(machine, leg, bytes);
  const end = (name: string, what: string, { value, source }: Sourced<number>): LatencyShare[] =>
    value === 0 ? [] : [{ hop: null, name, what, seconds: value, source }];
  const first = [
    ...end(engine.name, engine.kind === 'gpu' ? 'end of the access' : 'DMA engine', deviceLatency(engine, 'initiator')),
    ...end(engine.name, 'data through the engine', movingLatency(engine, bytes)),
  ];
  const target = other.memory ? null : componentAt(machine, other.component);
  const last = target === null ? [] : end(target.name, 'end of the access', deviceLatency(target, 'target'));
  const hops = leg.hops.flatMap((hop, at): LatencyShare[] => {
    const { name } = hop;
    if (hop.kind === 'memory') {
      const { value, source } = memorySeconds(componentAt(machine, hop.component));
      if (hop.access === 'write') {
        return [{ hop: at, name, what: 'memory', seconds: 0, source: 'a posted write is done where it is accepted' }];
      }
      const hit = cached && local;
      const said = hit ? 'the line is in a cache' : source;
      return [{ hop: at, name, what: 'memory', seconds: hit ? 0 : value, source: said }];
    }
    const stages = hopStages(machine, hop).map(({ what, value, source }): LatencyShare => {
      // A read passes it twice: with the request and with what answers it.
      return { hop: at, name, what: reads ? `${what}, both ways` : what, seconds: (reads ? 2 : 1) * value, source };
    });
    const onWire = wire[at];
    const woken = idle ? [...wakeShares(machine, hop, at), ...hostWakeShares(machine, leg, hop, at)] : [];
    return [...woken, ...(onWire === undefined ? [] : [onWire]), ...stages];
  });
  return [...first, ...hops, ...last];
}

/** Packets cut through: the slowest link counts with the whole of them, the others pass on what comes. */
function wireShares(machine: Machine, leg: Leg, bytes: number): (LatencyShare | undefined)[] {
  const links = leg.hops.map((hop) => (hop.kind === 'link' ? machine.links[hop.link] : undefined));
  const way = links.filter((link) => link !== undefined).map((link) => ({ kind: 'link' as const, ...link.trained }));
  const { serializationSeconds: seconds } =
    leg.operation === 'write'
      ? postedWriteLatency(way, bytes)
      : readRoundTrip({ request: [...way].reverse(), completion: way, completerSeconds: 0, payloadBytes: bytes });
  let slowest = -1;
  let most = -1;
  links.forEach((link, at) => {
    const one = link === undefined ? -1 : serializationSeconds(bytes, link.trained);
    if (one <= most) return;
    most = one;
    slowest = at;
  });
  return leg.hops.map((hop, hopAt): LatencyShare | undefined => {
    if (hop.kind !== 'link') return undefined;
    const { name } = hop;
    const source =
      hopAt === slowest
        ? `${bytes} B with headers over the raw rate of the link`
        : 'cuts through: a slower link counts';
    return { hop: hopAt, name, what: 'serialization', seconds: hopAt === slowest ? seconds : 0, source };
  });
}

/** Time in which a device's engine moves a request between the link and its own memory. */
function movingLatency({ kind }: Component, bytes: number): Sourced<number> {
  const { value, source } = engineSecondsPerByte;
  const moves = kind === 'nic' || kind === 'fpga' || kind === 'device';
  return { value: moves ? bytes * value : 0, source };
}

/**
 * A write and a read of the same address right behind it, in seconds, until the data is back: the read must not pass the
 * write, and finds what it wrote in the cache. `busy`: one of many, so that the host is awake.
 */
export function writeThenReadSeconds(machine: Machine, read: Leg, bytes: number, busy = false): number {
  const engine = componentAt(machine, read.initiator);
  const slowest = read.hops.reduce((most, hop) => {
    const link = hop.kind === 'link' ? machine.links[hop.link] : undefined;
    return link === undefined ? most : Math.max(most, serializationSeconds(bytes, link.trained));
  }, 0);
  const written =
    deviceSeconds(engine, 'initiator') + movingLatency(engine, bytes).value + slowest + writeIssueLatency.value;
  const wake = read.from.memory && !busy ? wakeSeconds(componentAt(machine, read.from.component)) : 0;
  return written + wake + legSeconds(machine, read, { bytes, cached: true });
}

/** Latency of a whole route: its legs, and the calls by which a GPU's copy engine takes up what lies in host memory. */
export function routeSeconds(machine: Machine, route: Route): number {
  return routeLatency(machine, route).reduce((sum, { seconds }) => sum + seconds, 0);
}

/** The same, part by part; `leg` says which of the route's legs a share belongs to. */
export function routeLatency(machine: Machine, route: Route): (LatencyShare & { readonly leg: number })[] {
  return route.legs.flatMap((one, leg) => {
    const shares = legLatency(machine, one, { idle: true });
    const { kind, name } = componentAt(machine, one.initiator);
    const { value: seconds, source } = copyCallLatency;
    const called = route.route === 'host-memory' && kind === 'gpu';
    const call = called ? [{ hop: null, name, what: 'copy call', seconds, source }] : [];
    return [...call, ...shares].map((share) => ({ ...share, leg }));
  });
}
