import type { LimitKind, NextLimit } from '../simulate.types.ts';
import type { Resource, Task } from './flow.ts';
import { type Shares, shareFairly } from './sharing.ts';

/**
 * What would hold tasks back if one limit were lifted: the rates of all that run, shared afresh without it. Both directions
 * of a link have one name, and a wider link widens both, so that limits go by name.
 */
export class NextLimits {
  readonly #resources: readonly Resource[];
  readonly #capacities: readonly number[];
  readonly #tasks: readonly Task[];
  #running: readonly number[] = [];
  #places = new Map<number, number>();
  readonly #shares = new Map<string, Shares>();

  constructor(resources: readonly Resource[], tasks: readonly Task[]) {
    this.#resources = resources;
    this.#capacities = resources.map(({ capacity }) => capacity);
    this.#tasks = tasks;
  }

  /** From now on these tasks run. */
  run(running: readonly number[]): void {
    this.#running = running;
    this.#places = new Map(running.map((task, at) => [task, at]));
    this.#shares.clear();
  }

  /** What comes behind a limit of a task that runs; null where nothing else is known to limit it. */
  behind(task: number, name: string, kind: LimitKind): NextLimit | null {
    const at = this.#places.get(task);
    const own = this.#tasks[task];
    if (at === undefined || own === undefined) return null;
    const shares = this.#without(name, kind);
    const rate = shares.rates[at] ?? Number.POSITIVE_INFINITY;
    if (!Number.isFinite(rate)) return null;
    const limit = this.#resources[shares.limits[at] ?? -1];
    return { limitedBy: limit?.name ?? own.capName, kind: limit?.kind ?? own.capKind, bytesPerSecond: rate };
  }

  #without(name: string, kind: LimitKind): Shares {
    const key = `${kind} ${name}`;
    const known = this.#shares.get(key);
    if (known !== undefined) return known;
    const isLifted = (one: Resource | undefined) => one?.name === name && one.kind === kind;
    const flows = this.#running.map((task) => {
      const { resources = [], costs = [], cap = Number.POSITIVE_INFINITY, capName, capKind } = this.#tasks[task] ?? {};
      const kept = resources.flatMap((resource, at) => (isLifted(this.#resources[resource]) ? [] : [at]));
      return {
        resources: kept.map((slot) => resources[slot] ?? 0),
        costs: kept.map((slot) => costs[slot] ?? 0),
        cap: capName === name && capKind === kind ? Number.POSITIVE_INFINITY : cap,
      };
    });
    const shares = shareFairly(this.#capacities, flows);
    this.#shares.set(key, shares);
    return shares;
  }
}
