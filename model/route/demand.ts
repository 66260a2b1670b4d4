import { interconnectBytesPerSecond, interconnectSeconds, memorySeconds, rootComplexSeconds } from '../host/profile.ts';
import { steadyBandwidth } from '../link/efficiency.ts';
import { switchLatency } from '../link/latency.ts';
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

/** Max_Payload_Size and Max_Read_Request_Size that hold on a leg. */
export interface LegSizes {
  readonly mps: 128 | 256 | 512 | 1024 | 2048 | 4096;
  readonly mrrs: 128 | 256 | 512 | 1024 | 2048 | 4096;
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

/** Everything that a leg asks for, in the order of its hops. Requests of a read load the links the other way. */
export function legDemands(machine: Machine, leg: Leg, tax: TaxSetting): Demand[] {
  const sizes = legSizes(machine, leg);
  const demands: Demand[] = [];
  let split = Number.POSITIVE_INFINITY;
  const peers = !leg.from.memory && !leg.to.memory;
  for (const hop of leg.hops) {
    switch (hop.kind) {
      case 'link': {
        const link = machine.links[hop.link];
        if (link !== undefined) demands.push(...linkDemands(link, hop.direction, leg, sizes, split, tax));
        break;
      }
      case 'memory': {
        const capacity = componentAt(machine, hop.component).settings.memoryBytesPerSecond ?? Number.POSITIVE_INFINITY;
        demands.push({
          key: `memory:${hop.component}`,
          name: hop.name,
          kind: 'memory',
          link: null,
          capacity,
          cost: 1,
          carriesPayload: true,
        });
        break;
      }
      case 'interconnect': {
        const connection = machine.connections[hop.connection];
        if (connection === undefined) break;
        const between = componentAt(machine, connection.from).kind === 'socket';
        const capacity = between
          ? interconnectBytesPerSecond(connection, machine).value
          : (connection.bytesPerSecond ?? Number.POSITIVE_INFINITY) * (hop.parallel ?? 1);
        const key = `interconnect:${hop.connection}:${hop.forward ? 'forward' : 'back'}`;
        demands.push({
          key,
          name: hop.name,
          kind: 'interconnect',
          link: null,
          capacity,
          cost: 1,
          carriesPayload: true,
        });
        break;
      }
      case 'root-complex': {
        if (!peers) break;
        const { settings } = componentAt(machine, hop.component);
        split = settings.peerWriteSplitBytes ?? split;
        const capacity = settings.peerBytesPerSecond ?? Number.POSITIVE_INFINITY;
        demands.push({
          key: `root-complex:${hop.component}`,
          name: hop.name,
          kind: 'root-complex',
          link: null,
          capacity,
          cost: 1,
          carriesPayload: true,
        });
        break;
      }
      case 'switch':
        break;
    }
  }
  return demands;
}

function linkDemands(
  link: Link,
  direction: 'up' | 'down',
  leg: Leg,
  sizes: LegSizes,
  split: number,
  tax: TaxSetting,
): Demand[] {
  const bandwidth = steadyBandwidth({ ...link.trained, mps: sizes.mps, mrrs: sizes.mrrs, tax });
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
    // A root complex that cuts peer writes into pieces sends each with a header of its own.
    const header = capacity / bandwidth.writeBytesPerSecond - 1;
    const cost = split < sizes.mps ? 1 + (header * sizes.mps) / split : 1 + header;
    return [demand(direction, cost, true)];
  }
  const { requestWireBytes, completionWireBytes } = bandwidth.read;
  const other = direction === 'up' ? 'down' : 'up';
  const bytes = bandwidth.read.requests * sizes.mrrs;
  return [demand(direction, completionWireBytes / bytes, true), demand(other, requestWireBytes / bytes, false)];
}

/** Demands of all legs of a route; a staged route asks twice of what both its legs pass. */
export function routeDemands(machine: Machine, route: Route, tax: TaxSetting): Demand[] {
  return route.legs.flatMap((leg) => legDemands(machine, leg, tax));
}

/** Time that one hop adds to a small packet, without waiting. */
export function hopSeconds(machine: Machine, hop: Hop, wireBytes: number): number {
  switch (hop.kind) {
    case 'link': {
      const link = machine.links[hop.link];
      if (link === undefined) return 0;
      return wireBytes / steadyBandwidth({ ...link.trained, tax: 'none' }).rawBytesPerSecond;
    }
    case 'switch':
      return componentAt(machine, hop.component).settings.latencySeconds ?? switchLatency.value;
    case 'root-complex':
      return rootComplexSeconds(componentAt(machine, hop.component)).value;
    case 'interconnect': {
      const connection = machine.connections[hop.connection];
      return connection === undefined ? 0 : interconnectSeconds(connection).value;
    }
    case 'memory':
      return hop.access === 'read' ? memorySeconds(componentAt(machine, hop.component)).value : 0;
  }
}

/**
 * Latency of a leg without waiting, in seconds: one way for a posted 64 B write, the round trip for a 64 B read.
 * A packet is passed on as it comes in (cut-through), so only the slowest link counts with its whole length.
 */
export function legSeconds(machine: Machine, leg: Leg): number {
  const header = 24; // MWr and MRd with 64-bit addresses, framing included: model/link/tlp.ts
  const completion = 20; // CplD
  const way = (bytes: number): number => {
    let fixed = 0;
    let slowest = 0;
    for (const hop of leg.hops) {
      if (hop.kind === 'link') slowest = Math.max(slowest, hopSeconds(machine, hop, bytes));
      else fixed += hopSeconds(machine, hop, bytes);
    }
    return fixed + slowest;
  };
  return leg.operation === 'write' ? way(64 + header) : way(header) + way(64 + completion);
}
