import { type Check, checkOf } from '../cancel.ts';
import type { LimitKind, LimitPhase } from '../simulate.types.ts';
import { Heap, HeapNode } from './heap.ts';
import type { Mover } from './mover.ts';
import { NextLimits } from './next-limit.ts';
import { type SharedFlow, type Shares, shareFairly } from './sharing.ts';
import { type SlicedServer, Turns } from './time-slices.ts';

/** A resource that tasks share: a direction of a link, a memory, the compute units of a GPU. */
export interface Resource {
  readonly name: string;
  readonly kind: LimitKind;
  readonly capacity: number;
}

/** Places that tasks hold from start to end, first come, first served: cores, copy engines, DMA channels. */
export interface Server {
  readonly name: string;
  readonly slots: number;
}

/** A piece of work: it waits for others, then for its latency, then moves its amount over its resources. */
export interface Task {
  /** Indices of tasks that must be done first. */
  readonly after: readonly number[];
  /** Earliest start. */
  readonly notBefore: number;
  readonly latencySeconds: number;
  /** The last part of it, in which the first of the amount moves already. */
  readonly overlapSeconds?: number;
  readonly amount: number;
  readonly resources: readonly number[];
  readonly costs: readonly number[];
  readonly cap: number;
  readonly capName: string;
  readonly capKind: LimitKind;
  /** Indices of servers of which it holds one slot each; it starts when all of them are free. */
  readonly holds?: readonly number[];
  /** Moves its amount only in the turns of its group; `amount` is seconds of work then. */
  readonly turn?: { readonly server: number; readonly group: number; readonly priority?: number };
}

/** What tasks hold or take turns on, apart from what they share. */
export interface Servers {
  readonly exclusive?: readonly Server[];
  readonly sliced?: readonly SlicedServer[];
}

export interface TaskTimes {
  /** When all that it waits for was done; it starts later where it queues for a server. */
  readonly readySeconds: number;
  readonly startSeconds: number;
  readonly firstByteSeconds: number;
  readonly endSeconds: number;
  /** While it moved: the first may begin before the first byte has arrived. */
  readonly phases: readonly LimitPhase[];
}

export interface EngineOptions {
  readonly cancelled?: (() => boolean) | undefined;
  readonly progress?: ((fraction: number) => void) | undefined;
  /** Tasks whose phases say what would limit next. */
  readonly explained?: ReadonlySet<number> | undefined;
}

interface Running {
  readonly task: Task;
  readonly node: HeapNode<number>;
  waitsFor: number;
  readySeconds: number;
  startSeconds: number;
  flowsAt: number;
  endSeconds: number;
  left: number;
  readonly phases: LimitPhase[];
}

const never = Number.POSITIVE_INFINITY;

/**
 * Runs tasks to their end: rates are shared afresh at every arrival and departure. A pure function of its input.
 * Tasks that wait for one another in a circle never start; their times are infinite.
 */
export function runTasks(
  resources: readonly Resource[],
  tasks: readonly Task[],
  options: EngineOptions = {},
  servers: Servers = {},
  mover: Mover | null = null,
): TaskTimes[] {
  const check = checkOf(options.cancelled);
  const run = new TaskRun(resources, tasks, servers, mover, options.explained ?? new Set(), check);
  while (run.step()) {
    check();
    options.progress?.(tasks.length === 0 ? 1 : run.done / tasks.length);
  }
  return run.times();
}

class TaskRun {
  done = 0;
  readonly #resources: readonly Resource[];
  readonly #capacities: readonly number[];
  readonly #state: Running[];
  readonly #dependents: number[][];
  /** By the time at which they are ready, then at which their first byte flows. */
  readonly #arrivals = new Heap<number>();
  readonly #free: number[];
  readonly #turns: Turns[];
  /** Ready, and waiting for a slot, in the order in which they came. */
  #queued: number[] = [];
  readonly #flowing = new Set<number>();
  #active: number[] = [];
  #shares: Shares = shareFairly([], []);
  #changed = false;
  #now = 0;
  readonly #mover: Mover | null;
  readonly #explained: ReadonlySet<number>;
  readonly #next: NextLimits;
  readonly #check: Check;

  constructor(
    resources: readonly Resource[],
    tasks: readonly Task[],
    servers: Servers,
    mover: Mover | null,
    explained: ReadonlySet<number>,
    check: Check,
  ) {
    this.#check = check;
    this.#mover = mover;
    this.#explained = explained;
    this.#next = new NextLimits(resources, tasks, check);
    this.#resources = resources;
    this.#capacities = resources.map((resource) => resource.capacity);
    this.#free = (servers.exclusive ?? []).map((server) => server.slots);
    this.#turns = (servers.sliced ?? []).map((server) => new Turns(server));
    this.#dependents = tasks.map(() => []);
    this.#state = tasks.map((task, index) => ({
      task,
      node: new HeapNode(index, index),
      waitsFor: 0,
      readySeconds: never,
      startSeconds: never,
      flowsAt: never,
      endSeconds: never,
      left: task.amount,
      phases: [],
    }));
    this.#state.forEach((state, index) => {
      check();
      for (const before of new Set(state.task.after)) {
        state.waitsFor++;
        // What waits for a task that is not there never starts.
        this.#dependents[before]?.push(index);
      }
      if (state.waitsFor === 0) this.#arrive(state, Math.max(0, state.task.notBefore));
    });
  }

  /** Goes on to the next event; false where nothing happens any more. */
  step(): boolean {
    let until = this.#nextEvent();
    let moved = -1;
    if (this.#mover?.isBusy === true) {
      const { task, atSeconds } = this.#mover.advance(until);
      moved = task;
      until = Math.max(this.#now, Math.min(until, atSeconds));
    }
    if (!Number.isFinite(until)) return false;
    this.#move(until);
    this.#now = until;
    const over = this.#state[moved];
    if (over !== undefined) this.#endMoved(moved, over, until);
    for (const turns of this.#turns) turns.advance(until);
    for (let node = this.#arrivals.first(); node !== undefined && node.key <= until; node = this.#arrivals.first()) {
      this.#check();
      this.#arrivals.remove(node);
      const state = this.#state[node.value];
      if (state === undefined) continue;
      if (state.readySeconds === never) {
        state.readySeconds = node.key;
        this.#queued.push(node.value);
      } else this.#flow(node.value, state);
    }
    this.#startQueued();
    if (this.#changed || this.#turns.length > 0) this.#share();
    return true;
  }

  times(): TaskTimes[] {
    return this.#state.map((state) => ({
      readySeconds: state.readySeconds,
      startSeconds: state.startSeconds,
      firstByteSeconds: state.flowsAt,
      endSeconds: state.endSeconds,
      phases: state.phases,
    }));
  }

  #arrive(state: Running, at: number): void {
    if (Number.isFinite(at)) this.#arrivals.set(state.node, at);
  }

  #startQueued(): void {
    if (this.#queued.length === 0) return;
    const kept: number[] = [];
    for (const index of this.#queued) {
      this.#check();
      const state = this.#state[index];
      if (state === undefined) continue;
      const holds = state.task.holds ?? [];
      if (!holds.every((server) => (this.#free[server] ?? 0) > 0)) {
        kept.push(index);
        continue;
      }
      for (const server of holds) this.#free[server] = (this.#free[server] ?? 0) - 1;
      state.startSeconds = Math.max(state.readySeconds, this.#now);
      const bySelf = this.#mover?.waySeconds(index) ?? state.task.overlapSeconds ?? 0;
      state.flowsAt = state.startSeconds + Math.max(0, state.task.latencySeconds - bySelf);
      if (state.flowsAt > this.#now) this.#arrivals.set(state.node, state.flowsAt);
      else this.#flow(index, state);
    }
    this.#queued = kept;
  }

  #flow(index: number, state: Running): void {
    if (this.#mover?.waySeconds(index) != null) {
      this.#mover.start(index, this.#now);
      return;
    }
    this.#flowing.add(index);
    this.#changed = true;
    const { turn, amount } = state.task;
    if (turn !== undefined && amount > 0)
      this.#turns[turn.server]?.join(turn.group, index, amount, this.#now, turn.priority);
  }

  #share(): void {
    this.#changed = false;
    this.#active = [...this.#flowing].filter((index) => {
      const turn = this.#state[index]?.task.turn;
      return turn === undefined || this.#turns[turn.server]?.runs(turn.group, index, this.#now) !== false;
    });
    if (this.#explained.size > 0) this.#next.run(this.#active);
    this.#shares = shareFairly(
      this.#capacities,
      this.#active.map((index) => asFlow(this.#state[index]?.task)),
      this.#check,
    );
  }

  /** When something changes next: a task arrives, begins to flow, ends, or a turn does. */
  #nextEvent(): number {
    let until = this.#arrivals.first()?.key ?? never;
    this.#active.forEach((index, at) => {
      const rate = this.#shares.rates[at] ?? 0;
      const left = this.#state[index]?.left ?? 0;
      if (left <= 0 || !Number.isFinite(rate)) until = Math.min(until, this.#now);
      else if (rate > 0) until = Math.min(until, this.#now + left / rate);
    });
    for (const turns of this.#turns) until = Math.min(until, turns.nextEvent(this.#now));
    return until;
  }

  #move(until: number): void {
    const elapsed = until - this.#now;
    this.#active.forEach((index, at) => {
      const state = this.#state[index];
      if (state === undefined) return;
      const rate = this.#shares.rates[at] ?? 0;
      const limit = this.#shares.limits[at] ?? -1;
      const moved = rate * elapsed;
      if (elapsed > 0) {
        const begun = addPhase(state.phases, phaseOf(state.task, this.#resources[limit], this.#now, until, rate));
        if (begun !== null && this.#explained.has(index)) state.phases.push(this.#explain(index, begun));
        else if (begun !== null) state.phases.push(begun);
      }
      const left = state.left - moved;
      // What is left is done, too, where its time is too short to move the clock on.
      const over = !Number.isFinite(rate) || left <= state.task.amount * 1e-12 || until + left / rate <= until;
      state.left = over ? 0 : left;
      if (!over) return;
      state.flowsAt = Math.min(until, state.startSeconds + state.task.latencySeconds);
      this.#end(index, state, until);
    });
  }

  #explain(index: number, phase: LimitPhase): LimitPhase {
    return { ...phase, next: this.#next.behind(index, phase.limitedBy, phase.kind) };
  }

  #endMoved(index: number, state: Running, at: number): void {
    state.phases.push(...(this.#mover?.phases(index) ?? []));
    state.flowsAt = this.#mover?.firstByteSeconds(index) ?? state.flowsAt;
    this.#end(index, state, at);
  }

  #end(index: number, state: Running, at: number): void {
    state.endSeconds = at;
    this.done++;
    this.#flowing.delete(index);
    this.#changed = true;
    const { turn, holds, amount } = state.task;
    if (turn !== undefined && amount > 0) this.#turns[turn.server]?.leave(turn.group, index, at);
    for (const server of holds ?? []) this.#free[server] = (this.#free[server] ?? 0) + 1;
    for (const dependent of this.#dependents[index] ?? []) {
      const next = this.#state[dependent];
      if (next === undefined) continue;
      next.waitsFor--;
      if (next.waitsFor === 0) this.#arrive(next, Math.max(next.task.notBefore, at));
    }
  }
}

const asFlow = (task: Task | undefined): SharedFlow => ({
  resources: task?.resources ?? [],
  costs: task?.costs ?? [],
  cap: task?.cap ?? never,
});

function phaseOf(
  task: Task,
  limit: Resource | undefined,
  startSeconds: number,
  endSeconds: number,
  rate: number,
): LimitPhase {
  return {
    startSeconds,
    endSeconds,
    bytesPerSecond: rate,
    limitedBy: limit?.name ?? task.capName,
    kind: limit?.kind ?? task.capKind,
  };
}

/** Makes the last phase longer where nothing changed; gives back a phase that is another one. */
function addPhase(phases: LimitPhase[], phase: LimitPhase): LimitPhase | null {
  const last = phases.at(-1);
  const same =
    last !== undefined &&
    last.limitedBy === phase.limitedBy &&
    last.kind === phase.kind &&
    last.endSeconds === phase.startSeconds &&
    Math.abs(last.bytesPerSecond - phase.bytesPerSecond) <= phase.bytesPerSecond * 1e-9;
  if (last === undefined || !same) return phase;
  phases[phases.length - 1] = { ...last, endSeconds: phase.endSeconds };
  return null;
}
