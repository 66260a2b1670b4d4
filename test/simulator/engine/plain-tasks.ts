import type { Resource, Task } from '../../../simulator/engine/flow.ts';
import type { LimitPhase } from '../../../simulator/simulate.types.ts';

/**
 * Tasks that flow, shared from empty at every event, and once more for everything that limits one: slow, and short enough
 * to be seen to be right. Latencies, dependencies, servers and turns are not here. The tests compare with it.
 */
export interface PlainTimes {
  readonly endSeconds: number;
  readonly phases: readonly LimitPhase[];
}

interface Shares {
  readonly rates: number[];
  /** Index of a resource; -1 for the task's own cap. */
  readonly limits: number[];
}

/** Progressive filling; of resources that are full at once, the first on the way of a task holds it back. */
function plainShares(
  capacities: readonly number[],
  tasks: readonly Pick<Task, 'resources' | 'costs' | 'cap'>[],
): Shares {
  const rates = tasks.map(() => Number.POSITIVE_INFINITY);
  const limits = tasks.map(() => -1);
  const growing = new Set(tasks.keys());
  const used = capacities.map(() => 0);
  for (;;) {
    const weights = capacities.map(() => 0);
    for (const index of growing) {
      tasks[index]?.resources.forEach((resource, slot) => {
        weights[resource] = (weights[resource] ?? 0) + (tasks[index]?.costs[slot] ?? 0);
      });
    }
    const share = (resource: number) =>
      (weights[resource] ?? 0) > 0
        ? Math.max(0, (capacities[resource] ?? 0) - (used[resource] ?? 0)) / (weights[resource] ?? 1)
        : Number.POSITIVE_INFINITY;
    const levels = capacities.map((_, resource) => share(resource));
    const level = Math.min(...levels, ...[...growing].map((index) => tasks[index]?.cap ?? 0));
    if (!Number.isFinite(level)) return { rates, limits };
    for (const index of [...growing]) {
      const { resources, costs, cap } = tasks[index] ?? { resources: [], costs: [], cap: 0 };
      const full = resources.find((resource) => (levels[resource] ?? 0) <= level * (1 + 1e-11));
      if (full === undefined && cap > level * (1 + 1e-12)) continue;
      growing.delete(index);
      rates[index] = level;
      limits[index] = full ?? -1;
      resources.forEach((resource, slot) => {
        used[resource] = (used[resource] ?? 0) + level * (costs[slot] ?? 0);
      });
    }
  }
}

export function plainTasks(resources: readonly Resource[], tasks: readonly Task[]): PlainTimes[] {
  const capacities = resources.map(({ capacity }) => capacity);
  const times = tasks.map(() => ({ endSeconds: Number.POSITIVE_INFINITY, phases: [] as LimitPhase[] }));
  const left = tasks.map(({ amount }) => amount);
  const waiting = new Set(tasks.keys());
  const flowing = new Set<number>();
  for (let now = 0; ; ) {
    for (const index of waiting) {
      if ((tasks[index]?.notBefore ?? 0) > now) continue;
      waiting.delete(index);
      flowing.add(index);
    }
    const active = [...flowing];
    const own = active.flatMap((index) => tasks[index] ?? []);
    const shares = plainShares(capacities, own);
    const behind = new Map<string, Shares>();
    const limitOf = (all: Shares, at: number) => {
      const resource = resources[all.limits[at] ?? -1];
      const { capName, capKind } = own[at] ?? { capName: '', capKind: 'device' };
      return { limitedBy: resource?.name ?? capName, kind: resource?.kind ?? capKind };
    };
    const without = ({ limitedBy, kind }: Pick<LimitPhase, 'limitedBy' | 'kind'>): Shares => {
      const key = `${kind} ${limitedBy}`;
      const known = behind.get(key);
      if (known !== undefined) return known;
      const lifted = plainShares(
        resources.map((one) => (one.name === limitedBy && one.kind === kind ? Number.POSITIVE_INFINITY : one.capacity)),
        own.map((one) =>
          one.capName === limitedBy && one.capKind === kind ? { ...one, cap: Number.POSITIVE_INFINITY } : one,
        ),
      );
      behind.set(key, lifted);
      return lifted;
    };
    let until = Math.min(...[...waiting].map((index) => tasks[index]?.notBefore ?? 0));
    active.forEach((index, at) => {
      until = Math.min(until, now + (left[index] ?? 0) / (shares.rates[at] ?? 0));
    });
    if (!Number.isFinite(until)) return times;
    active.forEach((index, at) => {
      const time = times[index];
      const rate = shares.rates[at] ?? 0;
      if (time === undefined) return;
      if (until > now) {
        const limit = limitOf(shares, at);
        const last = time.phases.at(-1);
        const isSame =
          last?.limitedBy === limit.limitedBy &&
          last.kind === limit.kind &&
          Math.abs(last.bytesPerSecond - rate) <= rate * 1e-9;
        if (last !== undefined && isSame) time.phases[time.phases.length - 1] = { ...last, endSeconds: until };
        else {
          const lifted = without(limit);
          const bytesPerSecond = lifted.rates[at] ?? 0;
          const next = Number.isFinite(bytesPerSecond) ? { ...limitOf(lifted, at), bytesPerSecond } : null;
          time.phases.push({ startSeconds: now, endSeconds: until, bytesPerSecond: rate, ...limit, next });
        }
      }
      const rest = (left[index] ?? 0) - (Number.isFinite(rate) ? rate * (until - now) : (left[index] ?? 0));
      left[index] = rest;
      if (rest > (tasks[index]?.amount ?? 0) * 1e-12 && until + rest / rate > until) return;
      flowing.delete(index);
      time.endSeconds = until;
    });
    now = until;
  }
}
