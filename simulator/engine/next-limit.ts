import { type Check, noCheck } from '../cancel.ts';
import type { LimitKind, NextLimit } from '../simulate.types.ts';
import type { Resource, Task } from './flow.ts';
import { type Shares, shareFairly } from './sharing.ts';

type Flow = Pick<Task, 'resources' | 'costs' | 'cap' | 'capName' | 'capKind'>;

const nothing: Flow = { resources: [], costs: [], cap: 0, capName: '', capKind: 'device' };

/**
 * What would hold tasks back if one limit were lifted: the rates of all that run, shared afresh without it. Both directions
 * of a link have one name, and a wider link widens both, so that limits go by name.
 */
export class NextLimits {
  readonly #resources: readonly Resource[];
  readonly #capacities: readonly number[];
  readonly #tasks: readonly Task[];
  readonly #check: Check;
  #running: readonly number[] = [];
  /** Made when the first asks: of the tasks that run, what they share and where each stands. */
  #flows: Flow[] | null = null;
  #places: Map<number, number> | null = null;
  readonly #shares = new Map<string, Shares>();

  constructor(resources: readonly Resource[], tasks: readonly Task[], check: Check = noCheck) {
    this.#check = check;
    this.#resources = resources;
    this.#capacities = resources.map(({ capacity }) => capacity);
    this.#tasks = tasks;
  }

  /** From now on these tasks run. */
  run(running: readonly number[]): void {
    this.#running = running;
    this.#flows = null;
    this.#places = null;
    this.#shares.clear();
  }

  /** What comes behind a limit of a task that runs; null where nothing else is known to limit it. */
  behind(task: number, name: string, kind: LimitKind): NextLimit | null {
    this.#places ??= new Map(this.#running.map((one, place) => [one, place]));
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
    const capacities = this.#resources.map((one, at) =>
      one.name === name && one.kind === kind ? Number.POSITIVE_INFINITY : (this.#capacities[at] ?? 0),
    );
    this.#flows ??= this.#running.map((task) => this.#tasks[task] ?? nothing);
    const flows = this.#flows.map(
      (one): Pick<Flow, 'resources' | 'costs' | 'cap'> =>
        one.capName === name && one.capKind === kind
          ? { resources: one.resources, costs: one.costs, cap: Number.POSITIVE_INFINITY }
          : one,
    );
    const shares = shareFairly(capacities, flows, this.#check);
    this.#shares.set(key, shares);
    return shares;
  }
}
