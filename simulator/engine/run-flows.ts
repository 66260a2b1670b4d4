/** Flows over resources: what `runFlows` takes. Capacities in bytes per second. */
export interface FlowWorkload {
  readonly capacities: Float64Array;
  readonly flows: readonly {
    readonly bytes: number;
    readonly startSeconds: number;
    readonly resources: readonly number[];
  }[];
}

/** Flows over the same resources share everything: they are one class, and only their bytes differ. */
interface FlowClass {
  readonly resources: readonly number[];
  /** Flows under way, by the amount of service at which each is done: the least first. */
  readonly active: { readonly doneAt: number; readonly flow: number }[];
  /** Bytes that each flow of the class has had since the class began. */
  served: number;
  rate: number;
}

/**
 * Finish times under pure max-min fair sharing, by progressive filling: arrivals and departures in any number.
 * Flows without a resource finish at once; a flow over a resource without capacity never does (infinity).
 */
export function runFlows(workload: FlowWorkload): { finishSeconds: Float64Array } {
  const { capacities, flows } = workload;
  const finishSeconds = new Float64Array(flows.length);
  const classes = new Map<string, FlowClass>();
  const arrivals = flows
    .map((_, index) => index)
    .sort((a, b) => (flows[a]?.startSeconds ?? 0) - (flows[b]?.startSeconds ?? 0) || a - b);
  const running = new Set<FlowClass>();
  let now = 0;
  let next = 0;
  while (next < arrivals.length || running.size > 0) {
    const arrival = next < arrivals.length ? (flows[arrivals[next] ?? 0]?.startSeconds ?? 0) : Number.POSITIVE_INFINITY;
    let departure = Number.POSITIVE_INFINITY;
    for (const one of running) {
      const first = one.active[0];
      if (first !== undefined && one.rate > 0)
        departure = Math.min(departure, now + (first.doneAt - one.served) / one.rate);
    }
    const at = Math.min(arrival, departure);
    if (!Number.isFinite(at)) {
      for (const one of running) for (const { flow } of one.active) finishSeconds[flow] = Number.POSITIVE_INFINITY;
      break;
    }
    for (const one of running) one.served += one.rate * Math.max(0, at - now);
    now = at;
    // What ends at this instant up to rounding ends together.
    for (const one of running) {
      while (one.active.length > 0) {
        const first = one.active[0];
        if (
          first === undefined ||
          (first.doneAt - one.served > first.doneAt * 1e-14 && (first.doneAt - one.served) / one.rate > now * 1e-15)
        )
          break;
        finishSeconds[first.flow] = now;
        pop(one.active);
      }
      if (one.active.length === 0) {
        running.delete(one);
        one.served = 0;
      }
    }
    while (next < arrivals.length) {
      const index = arrivals[next] ?? 0;
      const flow = flows[index];
      if (flow === undefined || flow.startSeconds > now) break;
      next++;
      if (flow.resources.length === 0 || flow.bytes <= 0) {
        finishSeconds[index] = flow.startSeconds;
        continue;
      }
      const resources = [...new Set(flow.resources)].sort((a, b) => a - b);
      const key = resources.join(',');
      let one = classes.get(key);
      if (one === undefined) {
        one = { resources, active: [], served: 0, rate: 0 };
        classes.set(key, one);
      }
      push(one.active, { doneAt: one.served + flow.bytes, flow: index });
      running.add(one);
    }
    fill(capacities, running);
  }
  return { finishSeconds };
}

/** Max-min rates of the classes, each counted as often as it has flows. */
function fill(capacities: Float64Array, running: ReadonlySet<FlowClass>): void {
  const left = new Map<number, number>();
  const count = new Map<number, number>();
  const on = new Map<number, FlowClass[]>();
  for (const one of running) {
    one.rate = -1;
    for (const resource of one.resources) {
      left.set(resource, capacities[resource] ?? 0);
      count.set(resource, (count.get(resource) ?? 0) + one.active.length);
      const list = on.get(resource);
      if (list === undefined) on.set(resource, [one]);
      else list.push(one);
    }
  }
  let open = running.size;
  while (open > 0) {
    let least = Number.POSITIVE_INFINITY;
    let tightest = -1;
    for (const [resource, flows] of count) {
      if (flows === 0) continue;
      const share = (left.get(resource) ?? 0) / flows;
      if (share < least) {
        least = share;
        tightest = resource;
      }
    }
    if (tightest < 0) break;
    for (const one of on.get(tightest) ?? []) {
      if (one.rate >= 0) continue;
      one.rate = least;
      open--;
      for (const resource of one.resources) {
        const flows = one.active.length;
        left.set(resource, Math.max(0, (left.get(resource) ?? 0) - least * flows));
        count.set(resource, (count.get(resource) ?? 0) - flows);
      }
    }
    count.set(tightest, 0);
  }
}

type Entry = FlowClass['active'][number];

/** A binary heap by `doneAt`, ties by the order of the flows. */
const before = (a: Entry, b: Entry) => a.doneAt < b.doneAt || (a.doneAt === b.doneAt && a.flow < b.flow);

function push(heap: Entry[], entry: Entry): void {
  let at = heap.length;
  heap.push(entry);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !before(entry, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    const left = heap[child];
    if (left === undefined) break;
    const right = heap[child + 1];
    if (right !== undefined && before(right, left)) child++;
    const chosen = heap[child];
    if (chosen === undefined || !before(chosen, last)) break;
    heap[at] = chosen;
    at = child;
  }
  heap[at] = last;
}
