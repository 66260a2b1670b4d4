/**
 * Progressive filling as the textbook has it (Bertsekas and Gallager, Data Networks, 2nd edition, section 6.5.2), flow
 * by flow and from empty at every event: slow, and short enough to be seen to be right. The tests compare with it.
 */
export interface PlainFlow {
  readonly bytes: number;
  readonly startSeconds: number;
  readonly resources: readonly number[];
  /** Units of each resource for one byte; 1 where absent. */
  readonly costs?: readonly number[];
}

const costAt = (flow: PlainFlow, slot: number) => flow.costs?.[slot] ?? 1;

/** Max-min fair rates of flows that are all under way. */
function plainRates(capacities: ArrayLike<number>, flows: readonly PlainFlow[]): number[] {
  const rates = flows.map(() => -1);
  const left = Array.from(capacities);
  for (;;) {
    const open = left.map(() => 0);
    flows.forEach((flow, index) => {
      if ((rates[index] ?? 0) >= 0) return;
      flow.resources.forEach((resource, slot) => {
        open[resource] = (open[resource] ?? 0) + costAt(flow, slot);
      });
    });
    let least = Number.POSITIVE_INFINITY;
    let tightest = -1;
    open.forEach((weight, resource) => {
      const share = weight > 0 ? Math.max(0, left[resource] ?? 0) / weight : Number.POSITIVE_INFINITY;
      if (share >= least) return;
      least = share;
      tightest = resource;
    });
    if (tightest < 0) return rates;
    flows.forEach((flow, index) => {
      if ((rates[index] ?? 0) >= 0 || !flow.resources.includes(tightest)) return;
      rates[index] = least;
      flow.resources.forEach((resource, slot) => {
        left[resource] = (left[resource] ?? 0) - least * costAt(flow, slot);
      });
    });
  }
}

/** Finish times of flows that arrive and leave. */
export function plainFlows(capacities: ArrayLike<number>, flows: readonly PlainFlow[]): number[] {
  const finish = flows.map(() => Number.POSITIVE_INFINITY);
  const left = flows.map((flow) => flow.bytes);
  const under = new Set<number>();
  const waiting = new Set(flows.keys());
  let now = Math.min(...flows.map((flow) => flow.startSeconds));
  for (;;) {
    for (const index of [...waiting]) {
      const flow = flows[index];
      if (flow === undefined || flow.startSeconds > now) continue;
      waiting.delete(index);
      under.add(index);
    }
    const active = [...under];
    const rates = plainRates(
      capacities,
      active.map((index) => flows[index]).filter((flow) => flow !== undefined),
    );
    let until = Math.min(...[...waiting].map((index) => flows[index]?.startSeconds ?? 0));
    active.forEach((index, at) => {
      until = Math.min(until, now + (left[index] ?? 0) / (rates[at] ?? 0));
    });
    if (!Number.isFinite(until)) return finish;
    active.forEach((index, at) => {
      const rest = (left[index] ?? 0) - (rates[at] ?? 0) * (until - now);
      left[index] = rest;
      // Done as well where what is left takes less time than the clock can show.
      if (rest > (flows[index]?.bytes ?? 0) * 1e-12 && until + rest / (rates[at] ?? 0) > until) return;
      finish[index] = until;
      under.delete(index);
    });
    now = until;
  }
}
