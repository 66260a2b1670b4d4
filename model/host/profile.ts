import { memoryLatency, remoteSocketLatency, rootComplexLatency } from '../link/latency.ts';
import type { Component, Connection, Machine } from '../machine.ts';
import type { Sourced } from '../origin.ts';
import { deviceLinkBytesPerSecond } from '../peer/nvlink.ts';
import { hostProfile, socketProfile } from './profiles.ts';

/**
 * What holds of a host: what the text says, else what the profile of its CPU knows. Each figure names its source; `theText`
 * marks those that the text states.
 */

export const theText = 'the text';

/** Effective bytes per second between two sockets, one direction. `peers`: for traffic between devices. */
export function interconnectBytesPerSecond(connection: Connection, machine: Machine, peers = false): Sourced<number> {
  if (connection.bytesPerSecond === null && isOneNode(connection, machine)) {
    return { value: Number.POSITIVE_INFINITY, source: 'host bridges of one NUMA node: nothing known' };
  }
  const socket = machine.components[connection.from];
  const profile = socket === undefined ? null : socketProfile(machine, socket);
  const carried: Sourced<number> =
    connection.bytesPerSecond !== null
      ? { value: connection.bytesPerSecond, source: theText }
      : (profile?.interconnectBytesPerSecond ?? { value: Number.POSITIVE_INFINITY, source: 'nothing known' });
  const forPeers = peers ? (profile?.peerInterconnectBytesPerSecond ?? null) : null;
  // What the text states bounds peers as well; a profile's figure for them stands for itself.
  if (forPeers === null || (carried.source === theText && carried.value < forPeers.value)) return carried;
  return forPeers;
}

/** A line, as latencies are stated for. */
const smallBytes = 64;

/**
 * One way across a connection, in seconds. Between sockets half of what the way adds to a round trip; between devices the
 * time on the wire where the text does not say, since the ends count for the most of it.
 */
export function interconnectSeconds(connection: Connection, machine: Machine): Sourced<number> {
  if (connection.latencySeconds !== null) return { value: connection.latencySeconds, source: theText };
  if (isOneNode(connection, machine)) return { value: 0, source: 'host bridges of one NUMA node: nothing known' };
  const sockets = [connection.from, connection.to].every((id) => machine.components[id]?.kind === 'socket');
  if (sockets) return { value: remoteSocketLatency.value / 2, source: `half of: ${remoteSocketLatency.source}` };
  const rate = deviceLinkBytesPerSecond(machine, connection);
  if (rate === null) return { value: 0, source: 'nothing known' };
  const seconds = (smallBytes * Math.max(1, connection.links)) / rate.value;
  return { value: seconds, source: `derived: ${smallBytes} B on one of its links; no more is published of it alone` };
}

/** Whether a connection joins host bridges of one NUMA node: each is a socket of its own, and both are on one die. */
function isOneNode(connection: Connection, machine: Machine): boolean {
  const [from, to] = [machine.components[connection.from], machine.components[connection.to]];
  if (from?.kind !== 'socket' || to?.kind !== 'socket') return false;
  return from.settings.numaNode !== undefined && from.settings.numaNode === to.settings.numaNode;
}

/** From a root port to memory or to another root port, one way. */
export function rootComplexSeconds(socket: Component): Sourced<number> {
  const said = socket.settings.rootComplexLatencySeconds;
  if (said !== undefined) return { value: said, source: theText };
  return hostProfile(socket).rootComplexSeconds ?? rootComplexLatency;
}

/** What a single request waits for until a host that saves power has woken up, in seconds; 0 where nothing is known of it. */
export function wakeSeconds(socket: Component): number {
  return hostProfile(socket).wakeSeconds?.value ?? 0;
}

/** Access to memory behind the root complex. */
export function memorySeconds(socket: Component): Sourced<number> {
  const said = socket.settings.memoryLatencySeconds;
  return said === undefined ? memoryLatency : { value: said, source: theText };
}

/** Whether a root complex forwards peer requests of a kind; null where neither the text nor a public source says. */
export function forwardsPeers(socket: Component, operation: 'read' | 'write'): Sourced<boolean> | null {
  const { forwardsPeerReads, forwardsPeerWrites } = socket.settings;
  const said = operation === 'read' ? forwardsPeerReads : forwardsPeerWrites;
  if (said !== undefined) return { value: said, source: theText };
  const profile = hostProfile(socket);
  return operation === 'read' ? profile.forwardsPeerReads : profile.forwardsPeerWrites;
}

/** Largest piece in which a root complex hands on what this initiator writes to a peer, in bytes; null: as it came. */
export function peerWriteSplitBytes(machine: Machine, socket: Component, { kind }: Component): Sourced<number> | null {
  const said = socket.settings.peerWriteSplitBytes;
  if (said !== undefined) return { value: said, source: theText };
  const profile = socketProfile(machine, socket);
  return kind === 'gpu' && !profile.splitsGpuWrites.value ? null : profile.peerWriteSplitBytes;
}

/** Bytes of peer traffic on their way from one root port to one of another socket; null where unknown. */
export function peerBytesInFlightOfPorts(machine: Machine, socket: Component): Sourced<number> | null {
  return socketProfile(machine, socket).peerBytesInFlightOfPorts;
}

/** What a GPU's copy engine moves from or to memory of another socket, in bytes per second; null where unknown. */
export function remoteCopyBytesPerSecond(socket: Component, operation: 'read' | 'write'): Sourced<number> | null {
  return hostProfile(socket).remoteCopyBytesPerSecond?.[operation] ?? null;
}

/** How often lines of short reads share a completion on a link of this generation; null: payloads are filled. */
export function lineCombining(socket: Component, generation: number): Sourced<number> | null {
  return generation >= 5 ? null : hostProfile(socket).lineCombining;
}

/** Last-level cache that DMA reads of local memory can hit, in bytes; null where unknown. */
export function cacheBytes(socket: Component): Sourced<number> | null {
  return hostProfile(socket).cacheBytes;
}

/** Pages in which an IOMMU translates for a device of this socket, in bytes: those asked for, where it knows them. */
export function iommuPageBytes(socket: Component, wanted: number): number {
  return hostProfile(socket).superpages?.value === false ? 4096 : wanted;
}

const orderedFamilies: readonly number[] = [0x17, 0x19];
const orderedWrites: Sourced<number> = {
  value: 18.75e9,
  source:
    '150 Gb/s without Relaxed Ordering, 200 Gb/s with it, EPYC and a 200 Gb/s adapter: github.com/openucx/ucx/pull/8062',
};

/**
 * What a device reaches with writes to memory that must not pass one another, bytes per second; null where the host is not
 * known to lose by them. EPYC of the first three generations: families 17h and 19h.
 */
export function orderedWriteBytesPerSecond({ settings }: Component): Sourced<number> | null {
  const { cpuVendor, cpuFamily } = settings;
  return cpuVendor === 'amd' && cpuFamily !== undefined && orderedFamilies.includes(cpuFamily) ? orderedWrites : null;
}
