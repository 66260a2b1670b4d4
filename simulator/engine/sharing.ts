import { type Check, noCheck } from '../cancel.ts';

/** What one flow asks of the resources: `cost` units of a resource for each unit of the flow. */
export interface SharedFlow {
  readonly resources: readonly number[];
  readonly costs: readonly number[];
  /** The flow never gets more than this, in units per second. */
  readonly cap: number;
}

export interface Shares {
  /** Units per second of each flow. */
  readonly rates: Float64Array;
  /** The resource that holds each flow back; -1 where its own cap does. */
  readonly limits: Int32Array;
}

/**
 * Max-min fair rates: all flows grow together until a resource is full or a flow reaches its cap; those that it holds
 * stay, the others grow on. Bertsekas and Gallager, Data Networks, 2nd edition, section 6.5.2, with a cost for each
 * flow and resource.
 *
 * @param check asked after each level that something reaches
 */
export function shareFairly(
  capacities: readonly number[],
  flows: readonly SharedFlow[],
  check: Check = noCheck,
): Shares {
  const rates = new Float64Array(flows.length);
  const limits = new Int32Array(flows.length).fill(-1);
  const left = Float64Array.from(capacities);
  const weight = new Float64Array(capacities.length);
  const growing = new Set<number>();
  flows.forEach((flow, index) => {
    growing.add(index);
    flow.resources.forEach((resource, at) => {
      weight[resource] = (weight[resource] ?? 0) + (flow.costs[at] ?? 0);
    });
  });
  let level = 0;
  while (growing.size > 0) {
    check();
    let next = Number.POSITIVE_INFINITY;
    for (let resource = 0; resource < left.length; resource++) {
      const sum = weight[resource] ?? 0;
      if (sum > negligible) next = Math.min(next, level + (left[resource] ?? 0) / sum);
    }
    for (const index of growing) next = Math.min(next, flows[index]?.cap ?? Number.POSITIVE_INFINITY);
    if (!Number.isFinite(next)) {
      for (const index of growing) rates[index] = Number.POSITIVE_INFINITY;
      break;
    }
    const grown = Math.max(0, next - level);
    for (let resource = 0; resource < left.length; resource++) {
      left[resource] = Math.max(0, (left[resource] ?? 0) - grown * (weight[resource] ?? 0));
    }
    level = next;
    const held: [number, number][] = [];
    for (const index of growing) {
      const flow = flows[index];
      if (flow === undefined) continue;
      const full = flow.resources.find((resource) => isFull(resource));
      if (full !== undefined) held.push([index, full]);
      else if (flow.cap <= level * (1 + 1e-12)) held.push([index, -1]);
    }
    // Rounding may leave a resource a hair above zero: the one that set the level then holds its flows.
    if (held.length === 0) for (const index of growing) held.push([index, flows[index]?.resources[0] ?? -1]);
    for (const [index, limit] of held) {
      growing.delete(index);
      rates[index] = level;
      limits[index] = limit;
      const flow = flows[index];
      flow?.resources.forEach((resource, at) => {
        weight[resource] = (weight[resource] ?? 0) - (flow.costs[at] ?? 0);
      });
    }
  }
  return { rates, limits };

  function isFull(resource: number): boolean {
    const capacity = capacities[resource] ?? 0;
    return capacity < Number.POSITIVE_INFINITY && (left[resource] ?? 0) <= capacity * 1e-12;
  }
}

const negligible = 1e-15;
