import { Fluid } from './fluid.ts';
import type { FlowClass } from './shared-resource.ts';

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
 * never is (infinity).
 *
 * @throws RangeError for a capacity, size or start that is no number, a negative one, or an unknown resource
 */
export function runFlows({ capacities, flows }: FlowWorkload): { finishSeconds: Float64Array } {
  for (const capacity of capacities) if (!(capacity >= 0)) throw new RangeError(`a capacity is ${capacity}`);
  const finishSeconds = new Float64Array(flows.length).fill(Number.POSITIVE_INFINITY);
  const starts = Float64Array.from(flows, (flow) => flow.startSeconds);
  const order = Uint32Array.from(flows.keys());
  order.sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0) || a - b);
  const fluid = new Fluid(capacities);
  const classes = new Map<string, FlowClass | null>();
  const classOf = (resources: readonly number[]): FlowClass | null => {
    const key = resources.join();
    let known = classes.get(key);
    if (known === undefined) {
      known = makeClass(fluid, capacities, resources);
      classes.set(key, known);
    }
    return known;
  };
  const finish = (flow: number): void => {
    finishSeconds[flow] = fluid.now;
  };
  let arrived = 0;
  for (;;) {
    const arrival = arrived < order.length ? (starts[order[arrived] ?? 0] ?? 0) : Number.POSITIVE_INFINITY;
    const now = Math.min(arrival, fluid.nextFinish());
    if (now === Number.POSITIVE_INFINITY) break;
    fluid.advance(now, finish);
    while (arrived < order.length) {
      const index = order[arrived] ?? 0;
      const flow = flows[index];
      if (flow === undefined || flow.startSeconds > now) break;
      arrived++;
      if (!(flow.bytes >= 0) || Number.isNaN(flow.startSeconds)) {
        throw new RangeError(`flow ${index} has ${flow.bytes} bytes from ${flow.startSeconds} s on`);
      }
      const one = flow.bytes > 0 ? classOf(flow.resources) : null;
      if (one === null) finishSeconds[index] = flow.startSeconds;
      else fluid.start(one, flow.bytes, index);
    }
    fluid.settle();
  }
  return { finishSeconds };
}

/** Null where nothing limits the flow. */
function makeClass(fluid: Fluid, capacities: Float64Array, resources: readonly number[]): FlowClass | null {
  const costs = new Map<number, number>();
  for (const resource of resources) {
    const capacity = capacities[resource];
    if (capacity === undefined) throw new RangeError(`no resource ${resource}`);
    if (capacity < Number.POSITIVE_INFINITY) costs.set(resource, (costs.get(resource) ?? 0) + 1);
  }
  return costs.size === 0 ? null : fluid.makeClass([...costs.keys()], [...costs.values()]);
}
