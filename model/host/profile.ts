import { memoryLatency, remoteSocketLatency, rootComplexLatency } from '../link/latency.ts';
import type { Component, Connection, Machine } from '../machine.ts';
import type { Sourced } from '../origin.ts';

/**
 * What the text does not say of a host, by the make of its CPU. Each figure names its source; a consumer that uses one
 * says that it did.
 */

const ncclPlanner = 'NVIDIA NCCL, src/graph/topo.h: bandwidth between CPUs that its planner assumes';

/** Effective bytes per second between two sockets, one direction. */
export function interconnectBytesPerSecond(connection: Connection, machine: Machine): Sourced<number> {
  if (connection.bytesPerSecond !== null) return { value: connection.bytesPerSecond, source: 'the text' };
  const vendor = machine.components[connection.from]?.settings.cpuVendor;
  if (vendor === 'amd') return { value: 16e9, source: ncclPlanner };
  if (vendor === 'arm' || vendor === 'nvidia') return { value: 6e9, source: ncclPlanner };
  return { value: 10e9, source: ncclPlanner };
}

/** One way across a connection. */
export function interconnectSeconds(connection: Connection): Sourced<number> {
  return connection.latencySeconds === null
    ? remoteSocketLatency
    : { value: connection.latencySeconds, source: 'the text' };
}

/** From a root port to memory or to another root port, one way. */
export function rootComplexSeconds(socket: Component): Sourced<number> {
  const said = socket.settings.rootComplexLatencySeconds;
  return said === undefined ? rootComplexLatency : { value: said, source: 'the text' };
}

/** Access to memory behind the root complex. */
export function memorySeconds(socket: Component): Sourced<number> {
  const said = socket.settings.memoryLatencySeconds;
  return said === undefined ? memoryLatency : { value: said, source: 'the text' };
}
