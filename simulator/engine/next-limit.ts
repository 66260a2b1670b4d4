import type { Check } from '../cancel.ts';
import type { LimitKind, NextLimit } from '../simulate.types.ts';
import type { Resource, Task } from './flow.ts';
import { type FlowClass, Limits, World, type WorldOptions } from './sharing.ts';

/** Rates beyond anything stand for none: nothing else is known to limit. */
const unlimited = 1e25;
/** Worlds that are kept at most, each with a memory of its own. */
const mostWorlds = 16;
/** Rates that differ by less, relative, are one. */
const told = 1e-13;
/** What lifting a limit has taken, in steps of the core for each class that flows, when a world without it pays. */
const worthAWorld = 4;

/** A world beside the one that runs, and what flows in it so far. */
interface Beside {
  readonly world: World;
  /** By the number of the class: where it stands in this world, and its flows there. */
  readonly places: number[];
  readonly counts: number[];
  /** In a world of its own: numbers of the classes there, and by those the rates and limits as they are now. */
  readonly numbers: number[];
  readonly rates: number[];
  readonly limits: number[];
  /** How much of the changes it has followed. */
  followed: number;
}

/** What would limit instead, and the rate that it would leave. */
export interface Behind {
  /** A number of `Limits`; -1 where nothing else is known to limit. */
  limit: number;
  rate: number;
}

interface Asking extends FlowClass {
  readonly behind: Behind;
}

/**
 * What would hold flows back if one limit were lifted: the rates of all that flow, shared without it. A limit that few
 * flows wait for is lifted for a moment in a world that all such questions share; one that holds many back gets a world
 * of its own, in which it never was.
 */
export class NextLimits {
  readonly #limits: Limits;
  readonly #classes: number;
  readonly #check: Check;
  readonly #changed: FlowClass[] = [];
  #flowing = 0;
  readonly #worlds = new Map<number, Beside>();
  readonly #spent = new Map<number, number>();
  #shared: Beside | null = null;
  /** Caps of classes in the shared world, by their limit. */
  readonly #caps = new Map<number, number[]>();

  /** @param classes of flows there can be at most */
  constructor(limits: Limits, classes: number, check: Check) {
    this.#limits = limits;
    this.#classes = classes;
    this.#check = check;
  }

  /** The count of a class is another one, by so many. */
  change(flows: FlowClass, by: number): void {
    this.#changed.push(flows);
    this.#flowing += by;
  }

  /** What comes behind a limit of classes that flow, written into them. */
  behind(limit: number, classes: readonly Asking[]): void {
    const own = this.#worlds.get(limit);
    if (own !== undefined) {
      this.#follow(own);
      for (const flows of classes) {
        const number = own.numbers[flows.id] ?? -1;
        const rate = own.rates[number] ?? unlimited;
        flows.behind.rate = rate;
        flows.behind.limit = rate < unlimited ? own.world.limitOf(flows, own.limits[number] ?? -1) : -1;
      }
      return;
    }
    this.#shared ??= this.#beside({ liftable: true });
    const shared = this.#shared;
    this.#follow(shared);
    const { core } = shared.world;
    const before = core.steps.value;
    const lifted = (this.#limits.resources[limit] ?? []).map((index) => core.resourceAt(index));
    lifted.push(...(this.#caps.get(limit) ?? []));
    for (const resource of lifted) core.liftOne(resource);
    core.settleNow();
    this.#read(shared, classes);
    for (const resource of lifted) core.lowerOne(resource);
    core.settleLowered();
    const spent = (this.#spent.get(limit) ?? 0) + core.steps.value - before;
    this.#spent.set(limit, spent);
    if (spent < worthAWorld * this.#flowing || this.#worlds.size >= mostWorlds) return;
    this.#worlds.set(limit, this.#beside({ without: limit, told }));
  }

  #beside(options: WorldOptions): Beside {
    const world = new World(this.#limits, this.#classes, options, this.#check);
    return { world, places: [], counts: [], numbers: [], rates: [], limits: [], followed: 0 };
  }

  #follow(beside: Beside): void {
    const { world, places, counts } = beside;
    const { core } = world;
    if (beside.followed === this.#changed.length) return;
    for (; beside.followed < this.#changed.length; beside.followed++) {
      const flows = this.#changed[beside.followed];
      if (flows === undefined) continue;
      const { id, task, capLimit, count } = flows;
      const before = counts[id] ?? 0;
      if (count === before) continue;
      let place = places[id];
      if (place === undefined) {
        place = world.classOn(task, capLimit);
        places[id] = place;
        beside.numbers[id] = core.idOf(place);
        if (beside === this.#shared) this.#keepCap(core.capOf(place), capLimit);
      }
      core.change(place, count - before);
      counts[id] = count;
    }
    core.settleNow();
    if (beside === this.#shared) return;
    world.changes((number, rate, limit) => {
      beside.rates[number] = rate;
      beside.limits[number] = limit;
    });
  }

  #keepCap(resource: number, limit: number): void {
    if (resource === 0) return;
    const known = this.#caps.get(limit);
    if (known === undefined) this.#caps.set(limit, [resource]);
    else known.push(resource);
  }

  #read({ world, places }: Beside, classes: readonly Asking[]): void {
    const { core } = world;
    for (const flows of classes) {
      const place = places[flows.id] ?? 0;
      const rate = core.rateOf(place);
      flows.behind.rate = rate;
      flows.behind.limit = rate < unlimited ? world.limitOf(flows, core.limitAt(place)) : -1;
    }
  }
}

interface Moved extends Asking {
  count: number;
}

/** The same for tasks that something else moves: packet by packet. */
export class NextOfTasks {
  readonly #limits: Limits;
  readonly #next: NextLimits;
  readonly #tasks: readonly Task[];
  readonly #running = new Map<number, Moved>();

  constructor(resources: readonly Resource[], tasks: readonly Task[], check: Check) {
    this.#limits = new Limits(resources);
    this.#next = new NextLimits(this.#limits, tasks.length, check);
    this.#tasks = tasks;
  }

  start(index: number): void {
    const task = this.#tasks[index];
    if (task === undefined || this.#running.has(index)) return;
    const behind = { limit: -1, rate: 0 };
    const moved = { id: index, task, capLimit: this.#limits.ofCap(task), count: 1, behind };
    this.#running.set(index, moved);
    this.#next.change(moved, 1);
  }

  end(index: number): void {
    const moved = this.#running.get(index);
    if (moved === undefined) return;
    this.#running.delete(index);
    moved.count = 0;
    this.#next.change(moved, -1);
  }

  /** What comes behind a limit of a task that runs; null where nothing else is known to limit it. */
  behind(index: number, name: string, kind: LimitKind): NextLimit | null {
    const moved = this.#running.get(index);
    if (moved === undefined) return null;
    this.#next.behind(this.#limits.numberOf(name, kind), [moved]);
    const limit = this.#limits.all[moved.behind.limit];
    return limit === undefined ? null : { limitedBy: limit.name, kind: limit.kind, bytesPerSecond: moved.behind.rate };
  }
}
