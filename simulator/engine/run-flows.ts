import { type SharingCore, startCore } from './sharing-core.ts';

/** Flows over resources. */
export interface FlowWorkload {
  /** Units per second of each resource. */
  readonly capacities: Float64Array;
  readonly flows: readonly {
    readonly bytes: number;
    readonly startSeconds: number;
    /** Indices of capacities. A resource that is named twice carries the flow twice. */
    readonly resources: readonly number[];
  }[];
}

/**
 * Finish times under pure max-min fair sharing, to machine precision: arrivals and departures in any number.
 * A flow without bytes or without a resource that limits it is done at its start; one over a resource without capacity
 * never is (infinity). The work is done in WebAssembly (`core/`), in a memory of this call's own.
 *
 * @throws RangeError for a capacity, size or start that is no number, a negative capacity or size, or an unknown resource
 */
export function runFlows({ capacities, flows }: FlowWorkload): { finishSeconds: Float64Array } {
  for (let index = 0; index < capacities.length; index++) {
    if (!((capacities[index] ?? 0) >= 0))
      throw new RangeError(`resource ${index} has a capacity of ${capacities[index]}`);
  }
  const core = startCore();
  give(core, { capacities, flows });
  const at = core.run();
  return { finishSeconds: new Float64Array(core.memory.buffer, at, flows.length).slice() };
}

/** Writes a workload into the memory of the core, in the layout that `prepare` says. */
function give(core: SharingCore, { capacities, flows }: FlowWorkload): void {
  const count = flows.length;
  let entries = 0;
  for (let index = 0; index < count; index++) entries += flows[index]?.resources.length ?? 0;
  const at = core.prepare(capacities.length, count, entries);
  const { buffer } = core.memory;
  new Float64Array(buffer, at, capacities.length).set(capacities);
  const bytes = new Float64Array(buffer, core.bytesAt(), count);
  const starts = new Float64Array(buffer, core.startsAt(), count);
  const order = new Uint32Array(buffer, core.orderAt(), count);
  const routeEnds = new Uint32Array(buffer, core.routeEndsAt(), count);
  const routes = new Uint32Array(buffer, core.routesAt(), entries);
  let end = 0;
  let before = Number.NEGATIVE_INFINITY;
  let inOrder = true;
  for (let index = 0; index < count; index++) {
    const flow = flows[index];
    if (flow === undefined) continue;
    const { bytes: size, startSeconds, resources } = flow;
    if (!(size >= 0)) throw new RangeError(`flow ${index} has ${size} bytes`);
    if (!(startSeconds > Number.NEGATIVE_INFINITY)) throw new RangeError(`flow ${index} starts at ${startSeconds} s`);
    bytes[index] = size;
    starts[index] = startSeconds;
    order[index] = index;
    if (startSeconds < before) inOrder = false;
    before = startSeconds;
    for (let entry = 0; entry < resources.length; entry++) {
      const resource = resources[entry] ?? -1;
      if (resource >>> 0 !== resource || resource >= capacities.length) {
        throw new RangeError(`flow ${index}: there is no resource ${resource}`);
      }
      routes[end++] = resource;
    }
    routeEnds[index] = end;
  }
  if (!inOrder) order.sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0) || a - b);
}
