import type { BdfOf } from '../isolation/acs.ts';
import { type Component, type Connection, componentAt, type Machine, socketOf } from '../machine.ts';
import type { Reason } from '../origin.ts';
import { distanceClass, pcieClass } from '../peer/distance-class.ts';
import { driverVerdict } from '../peer/driver.ts';
import { peerMapping } from '../peer/mapping.ts';
import { deviceLinkBytesPerSecond, deviceLinks, nvlinkBetween } from '../peer/nvlink.ts';
import { formatRate } from '../quantity.ts';
import type { EndpointRef, Via } from '../work.ts';
import { usualInitiator } from './initiator.ts';
import { packetReasons } from './packet-reasons.ts';
import type { Hop, Leg, Route } from './types.ts';

export interface RouteOptions {
  readonly via?: Via;
  readonly initiator?: number | null;
  readonly operation?: 'read' | 'write' | null;
  readonly bdfOf?: BdfOf;
}

/**
 * The way that data takes between two ends, and why. Peer to peer where kernel, driver, IOMMU and host allow it;
 * else staged in host memory. `via host` stages always; `via p2p` and `auto` take the best way that there is.
 */
export function findRoute(machine: Machine, from: EndpointRef, to: EndpointRef, options: RouteOptions = {}): Route {
  const initiator = options.initiator ?? usualInitiator(machine, from, to);
  if (from.memory || to.memory) return memoryRoute(machine, from, to, initiator, options);
  if (from.component === to.component) return selfRoute(from, to, initiator);
  const operation = operationOf(from, initiator, options);
  const provider = initiator === from.component ? to.component : from.component;
  const client = initiator === from.component ? from.component : to.component;
  const verdict = peerMapping(machine, provider, client, options.bdfOf);
  const common = {
    from,
    to,
    mapping: verdict.mapping,
    distance: verdict.distance,
    class: distanceClass(machine, from.component, to.component),
  } as const;
  if (options.via === 'host') {
    const asked: Reason = {
      code: 'route/asked-for-host',
      message: 'The text asks for the way through host memory.',
      at: null,
    };
    return { ...common, ...staged(machine, from, to, [...verdict.reasons, asked]) };
  }
  const nvlink = nvlinkBetween(machine, from.component, to.component);
  if (nvlink !== null) {
    const [first] = nvlink.connections;
    const technology = first?.connection.technology ?? '';
    const hops = nvlink.connections.map(
      ({ connection, forward }): Hop => ({
        kind: 'interconnect',
        connection: connection.id,
        forward,
        parallel: nvlink.parallel,
        name: connection.name,
      }),
    );
    const reasons: Reason[] = [
      {
        code: 'route/nvlink',
        message: `${nvlink.links} ${technologyNames.get(technology) ?? technology} ${nvlink.links === 1 ? 'link joins' : 'links join'} the two: the driver prefers ${nvlink.links === 1 ? 'it' : 'them'} to PCIe.`,
        at: null,
      },
    ];
    if (first?.connection.bytesPerSecond === null) reasons.push(assumedRate(machine, first.connection));
    return { ...common, route: 'direct', legs: [{ from, to, initiator, operation, hops }], reasons };
  }
  const request = { from: from.component, to: to.component, initiator, operation };
  const driver = driverVerdict(machine, request, verdict);
  const reasons = [...verdict.reasons, ...driver.reasons];
  if (driver.way === 'staged') return { ...common, ...staged(machine, from, to, reasons) };
  const throughHost = driver.way === 'host-bridge';
  const hops = peerHops(machine, from.component, to.component, throughHost);
  if (hops === null) return { ...common, route: 'none', legs: [], reasons: [...reasons, noWay] };
  const leg: Leg = { from, to, initiator, operation, hops };
  const all = [...reasons, ...packetReasons(machine, leg)];
  return { ...common, route: throughHost ? 'host-bridge' : 'direct', legs: [leg], reasons: all };
}

const noWay: Reason = { code: 'route/none', message: 'No way leads from one to the other.', at: null };

function operationOf(from: EndpointRef, initiator: number, options: RouteOptions): 'read' | 'write' {
  return options.operation ?? (initiator === from.component ? 'write' : 'read');
}

function selfRoute(from: EndpointRef, to: EndpointRef, initiator: number): Route {
  const reason: Reason = {
    code: 'route/self',
    message: 'Both ends are the same device: nothing crosses PCIe.',
    at: null,
  };
  return {
    from,
    to,
    route: 'direct',
    mapping: 'bus-address',
    distance: 0,
    class: 'X',
    legs: [{ from, to, initiator, operation: 'write', hops: [] }],
    reasons: [reason],
  };
}

/** A transfer to or from host memory: up to the root complex, across to the memory's socket, or the other way. */
function memoryRoute(
  machine: Machine,
  from: EndpointRef,
  to: EndpointRef,
  initiator: number,
  options: RouteOptions,
): Route {
  const leg = memoryLeg(machine, from, to, initiator, options.operation ?? null);
  const device = from.memory ? to : from;
  const memory = from.memory ? from : to;
  const local = socketOf(machine, device.component)?.id === memory.component;
  const common = { from, to, mapping: 'not-peer', distance: null } as const;
  const kind =
    from.memory && to.memory
      ? from.component === to.component
        ? 'X'
        : 'SYS'
      : local
        ? 'PHB'
        : pcieClass(machine, device.component, memory.component);
  if (leg === null) return { ...common, class: kind, route: 'none', legs: [], reasons: [noWay] };
  const reason: Reason = local
    ? { code: 'route/local-memory', message: 'The memory is that of the socket that the device hangs off.', at: null }
    : {
        code: 'route/remote-memory',
        message:
          kind === 'NODE'
            ? 'The memory belongs to the same NUMA node; the device hangs off another host bridge of it.'
            : 'The memory belongs to another socket: the data crosses between the sockets.',
        at: null,
      };
  return { ...common, class: kind, route: 'direct', legs: [leg], reasons: [reason] };
}

function memoryLeg(
  machine: Machine,
  from: EndpointRef,
  to: EndpointRef,
  initiator: number,
  operation: 'read' | 'write' | null,
): Leg | null {
  const hops: Hop[] = [];
  const source = componentAt(machine, from.component);
  const target = componentAt(machine, to.component);
  const resolved = operation ?? (initiator === from.component ? 'write' : 'read');
  const coherent = coherentLink(machine, from.component, to.component);
  if (coherent !== null && from.memory !== to.memory) {
    const memory = from.memory ? [memoryHop(source, 'read'), coherent] : [coherent, memoryHop(target, 'write')];
    return { from, to, initiator, operation: resolved, hops: memory };
  }
  const fromSocket = from.memory ? source : socketOf(machine, from.component);
  const toSocket = to.memory ? target : socketOf(machine, to.component);
  if (fromSocket === null || toSocket === null) return null;
  if (from.memory) hops.push(memoryHop(source, 'read'));
  else hops.push(...climb(machine, from.component, fromSocket.id));
  const other = fromSocket.id !== toSocket.id;
  hops.push(other && from.memory ? fabric(fromSocket) : rootComplex(fromSocket));
  const between = socketsBetween(machine, fromSocket.id, toSocket.id);
  if (between === null) return null;
  hops.push(...between);
  if (other) hops.push(to.memory ? fabric(toSocket) : rootComplex(toSocket));
  if (to.memory) hops.push(memoryHop(target, 'write'));
  else hops.push(...descend(machine, to.component, toSocket.id));
  return { from, to, initiator, operation: resolved, hops };
}

const technologyNames: ReadonlyMap<string, string> = new Map([
  ['nvlink', 'NVLink'],
  ['xgmi', 'xGMI'],
  ['c2c', 'NVLink-C2C'],
  ['infinity-fabric', 'Infinity Fabric'],
]);

/** What is taken of a connection whose rate nobody says. */
function assumedRate(machine: Machine, connection: Connection): Reason {
  const assumed = deviceLinkBytesPerSecond(machine, connection);
  const message =
    assumed === null
      ? `Nothing says how fast ${connection.name} is: what it carries is not known.`
      : `Nothing says how fast they are: ${formatRate(assumed.value / Math.max(1, connection.links))} each way is assumed of each. ${assumed.source}.`;
  return { code: 'route/assumed-rate', message, at: null };
}

/** A link beside PCIe between a device and a socket, as NVLink-C2C joins a GPU to the memory of its CPU. */
function coherentLink(machine: Machine, from: number, to: number): Hop | null {
  const link = deviceLinks(machine, from).find((one) => one.from === to || one.to === to);
  if (link === undefined) return null;
  return { kind: 'interconnect', connection: link.id, forward: link.from === from, name: link.name };
}

/** Through host memory in two DMAs: into the memory of the source's socket, and out of it. */
function staged(
  machine: Machine,
  from: EndpointRef,
  to: EndpointRef,
  reasons: readonly Reason[],
): Pick<Route, 'route' | 'legs' | 'reasons'> {
  const socket = socketOf(machine, from.component) ?? socketOf(machine, to.component);
  if (socket === null) return { route: 'none', legs: [], reasons: [...reasons, noWay] };
  const memory: EndpointRef = { component: socket.id, memory: true };
  const into = memoryLeg(machine, from, memory, from.component, 'write');
  const out = memoryLeg(machine, memory, to, to.component, 'read');
  if (into === null || out === null) return { route: 'none', legs: [], reasons: [...reasons, noWay] };
  const reason: Reason = {
    code: 'route/staged',
    message: `The data is written to the memory of ${socket.name} and read back from it: every link of both ways carries it, and memory twice.`,
    at: socket.name,
  };
  return { route: 'host-memory', legs: [into, out], reasons: [...reasons, reason] };
}

/** Up from one device, across at the lowest common switch (or at the root complex), and down. */
function peerHops(machine: Machine, from: number, to: number, throughHost: boolean): Hop[] | null {
  if (!throughHost) {
    const down = containers(machine, to);
    const common = containers(machine, from).find(
      (one) => (one.kind === 'switch' || one.kind === 'bridge') && down.includes(one),
    );
    if (common !== undefined) {
      const crossing: Hop = { kind: 'switch', component: common.id, name: common.name };
      return [...climb(machine, from, common.id), crossing, ...descend(machine, to, common.id)];
    }
  }
  const [fromSocket, toSocket] = [socketOf(machine, from), socketOf(machine, to)];
  if (fromSocket === null || toSocket === null) return null;
  const between = socketsBetween(machine, fromSocket.id, toSocket.id);
  if (between === null) return null;
  const crossing =
    fromSocket.id === toSocket.id
      ? [rootComplex(fromSocket)]
      : [rootComplex(fromSocket), ...between, rootComplex(toSocket)];
  return [...climb(machine, from, fromSocket.id), ...crossing, ...descend(machine, to, toSocket.id)];
}

function containers(machine: Machine, id: number): Component[] {
  const result: Component[] = [];
  for (let at = componentAt(machine, id).parent; at !== null; at = componentAt(machine, at).parent)
    result.push(componentAt(machine, at));
  return result;
}

/** The hops from a device up to a container, which is not itself among them. */
function climb(machine: Machine, id: number, until: number): Hop[] {
  const hops: Hop[] = [];
  for (let at: number | null = id; at !== null && at !== until; at = componentAt(machine, at).parent) {
    const component = componentAt(machine, at);
    if (at !== id && (component.kind === 'switch' || component.kind === 'chipset')) {
      hops.push({ kind: 'switch', component: at, name: component.name });
    }
    const link = machine.links[machine.linkAbove[at] ?? -1];
    if (link !== undefined) hops.push({ kind: 'link', link: link.id, direction: 'up', name: link.name });
  }
  return hops;
}

function descend(machine: Machine, id: number, from: number): Hop[] {
  return climb(machine, id, from)
    .reverse()
    .map((hop) => (hop.kind === 'link' ? { ...hop, direction: 'down' as const } : hop));
}

const rootComplex = (socket: Component): Hop => ({ kind: 'root-complex', component: socket.id, name: socket.name });
const fabric = ({ id, name }: Component): Hop => ({ kind: 'root-complex', component: id, fabricOnly: true, name });
const memoryHop = (socket: Component, access: 'read' | 'write'): Hop => ({
  kind: 'memory',
  component: socket.id,
  access,
  name: `${socket.name}.memory`,
});

/** The interconnects from one socket to another by the fewest steps; null where none leads there. */
function socketsBetween(machine: Machine, from: number, to: number): Hop[] | null {
  if (from === to) return [];
  const came = new Map<number, { readonly before: number; readonly hop: Hop }>();
  const queue = [from];
  for (let at = queue.shift(); at !== undefined && !came.has(to); at = queue.shift()) {
    for (const connection of machine.connections) {
      const next = connection.from === at ? connection.to : connection.to === at ? connection.from : -1;
      if (next < 0 || next === from || came.has(next) || machine.components[next]?.kind !== 'socket') continue;
      const hop: Hop = {
        kind: 'interconnect',
        connection: connection.id,
        forward: connection.from === at,
        name: connection.name,
      };
      came.set(next, { before: at, hop });
      queue.push(next);
    }
  }
  const hops: Hop[] = [];
  for (let at = to; at !== from; ) {
    const step = came.get(at);
    if (step === undefined) return null;
    hops.unshift(step.hop);
    at = step.before;
  }
  return hops;
}
