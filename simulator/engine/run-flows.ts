import { finding, type SharingCore, startCore } from './sharing-core.ts';

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
export function runFlows(workload: FlowWorkload): { finishSeconds: Float64Array } {
  return { finishSeconds: finishTimes(startCore(), workload) };
}

function finishTimes(core: SharingCore, workload: FlowWorkload): Float64Array {
  give(core, workload);
  const found = core.check();
  if (found === finding.unsorted) sort(core, workload.flows.length);
  else if (found > 0) throw new RangeError(describe(found, core.faultAt(), workload));
  const at = core.run();
  return new Float64Array(core.memory.buffer, at, workload.flows.length).slice();
}

/** Writes a workload into the memory of the core; little else, since a first call interprets this. */
function give(core: SharingCore, { capacities, flows }: FlowWorkload): void {
  const count = flows.length;
  let entries = 0;
  for (let index = 0; index < count; index++) entries += flows[index]?.resources.length ?? 0;
  const at = core.prepare(capacities.length, count, entries);
  const { buffer } = core.memory;
  new Float64Array(buffer, at, capacities.length).set(capacities);
  const bytes = new Float64Array(buffer, core.bytesAt(), count);
  const starts = new Float64Array(buffer, core.startsAt(), count);
  const routeEnds = new Uint32Array(buffer, core.routeEndsAt(), count);
  const routes = new Float64Array(buffer, core.routesAt(), entries);
  let end = 0;
  for (let index = 0; index < count; index++) {
    const flow = flows[index];
    if (flow === undefined) continue;
    bytes[index] = flow.bytes;
    starts[index] = flow.startSeconds;
    routes.set(flow.resources, end);
    end += flow.resources.length;
    routeEnds[index] = end;
  }
}

function sort(core: SharingCore, count: number): void {
  const starts = new Float64Array(core.memory.buffer, core.startsAt(), count);
  const order = new Uint32Array(core.memory.buffer, core.orderAt(), count);
  order.sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0) || a - b);
}

function describe(found: number, index: number, { capacities, flows }: FlowWorkload): string {
  if (found === finding.badCapacity) return `resource ${index} has a capacity of ${capacities[index]}`;
  const flow = flows[index];
  if (found === finding.badBytes) return `flow ${index} has ${flow?.bytes} bytes`;
  if (found === finding.badStart) return `flow ${index} starts at ${flow?.startSeconds} s`;
  const resource = flow?.resources.find((one) => !(one in capacities));
  return `flow ${index}: there is no resource ${resource}`;
}

/** A function of WebAssembly is compiled when it is first called: when this file is loaded, a few flows call each. */
function makeReady(): void {
  const flows = Array.from({ length: 8 }, (_, index) => ({
    bytes: 8 + index,
    startSeconds: index >> 1,
    resources: [index % 3, 3 + (index % 2), 5],
  }));
  try {
    finishTimes(startCore(), { capacities: Float64Array.of(3, 4, 5, 6, 7, 8), flows });
  } catch {
    // No WebAssembly here: `runFlows` says so when it is asked.
  }
}

makeReady();
