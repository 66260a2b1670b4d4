import { type Check, checkOf } from '../cancel.ts';
import type { LimitKind, LimitPhase } from '../simulate.types.ts';
import { Flowing } from './flowing.ts';
import { Heap, HeapNode } from './heap.ts';
import type { Mover } from './mover.ts';
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
  /** While it moved: the first may begin before the first byte has arrived. Made when they are read, and each time anew. */
  readonly phases: readonly LimitPhase[];
  /** The rates of the phases alone, without making them. */
  readonly eachRate: (visit: RateVisitor) => void;
}

export type RateVisitor = (startSeconds: number, endSeconds: number, bytesPerSecond: number) => void;

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
  /** The place in the order in which tasks began to flow. */
  order: number;
  /** Of a task that the mover has moved. */
  moved: readonly LimitPhase[] | null;
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
  readonly #state: Running[];
  readonly #dependents: number[][];
  /** By the time at which they are ready, then at which their first byte flows. */
  readonly #arrivals = new Heap<number>();
  readonly #free: number[];
  readonly #turns: Turns[];
  /** Ready, and waiting for a slot, in the order in which they came. */
  #queued: number[] = [];
  readonly #flowing: Flowing;
  /** Tasks that take no time. */
  #instant: number[] = [];
  /** Tasks that flow in the turns of their groups. */
  readonly #turning = new Set<number>();
  #begun = 0;
  #now = 0;
  readonly #mover: Mover | null;
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
    this.#flowing = new Flowing(resources, tasks, explained, check);
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
      order: 0,
      moved: null,
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
    this.#share();
    return true;
  }

  times(): TaskTimes[] {
    const flowing = this.#flowing;
    flowing.close(this.#now);
    return this.#state.map(
      ({ readySeconds, startSeconds, flowsAt: firstByteSeconds, endSeconds, moved }, index): TaskTimes => ({
        readySeconds,
        startSeconds,
        firstByteSeconds,
        endSeconds,
        get phases() {
          return moved ?? flowing.phases(index);
        },
        eachRate(visit) {
          if (moved === null) flowing.eachRate(index, visit);
          else for (const phase of moved) visit(phase.startSeconds, phase.endSeconds, phase.bytesPerSecond);
        },
      }),
    );
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
    state.order = this.#begun++;
    const { turn, amount } = state.task;
    if (amount <= 0 || this.#flowing.isUnlimited(index)) this.#instant.push(index);
    else if (turn === undefined) this.#flowing.start(index, amount, this.#now);
    else {
      this.#turning.add(index);
      this.#turns[turn.server]?.join(turn.group, index, amount, this.#now, turn.priority);
    }
  }

  #share(): void {
    for (const index of this.#turning) {
      const state = this.#state[index];
      const turn = state?.task.turn;
      if (state === undefined || turn === undefined) continue;
      const runs = this.#turns[turn.server]?.runs(turn.group, index, this.#now) !== false;
      if (runs === this.#flowing.has(index)) continue;
      if (runs) this.#flowing.start(index, state.left, this.#now);
      else state.left = this.#flowing.stop(index, this.#now);
    }
    this.#flowing.settle();
  }

  /** When something changes next: a task arrives, begins to flow, ends, or a turn does. */
  #nextEvent(): number {
    if (this.#instant.length > 0) return this.#now;
    let until = this.#arrivals.first()?.key ?? never;
    until = Math.min(until, Math.max(this.#now, this.#flowing.nextEnd()));
    for (const turns of this.#turns) until = Math.min(until, turns.nextEvent(this.#now));
    return until;
  }

  #move(until: number): void {
    if (until > this.#now) this.#flowing.look(this.#now);
    const over = this.#flowing.endUntil(until);
    over.push(...this.#instant.splice(0));
    over.sort((a, b) => (this.#state[a]?.order ?? 0) - (this.#state[b]?.order ?? 0));
    for (const index of over) {
      const state = this.#state[index];
      if (state === undefined) continue;
      state.flowsAt = Math.min(until, state.startSeconds + state.task.latencySeconds);
      this.#end(index, state, until);
    }
  }

  #endMoved(index: number, state: Running, at: number): void {
    state.moved = this.#mover?.phases(index) ?? [];
    state.flowsAt = this.#mover?.firstByteSeconds(index) ?? state.flowsAt;
    this.#end(index, state, at);
  }

  #end(index: number, state: Running, at: number): void {
    state.endSeconds = at;
    this.done++;
    const { turn, holds } = state.task;
    if (turn !== undefined && this.#turning.delete(index)) this.#turns[turn.server]?.leave(turn.group, index, at);
    for (const server of holds ?? []) this.#free[server] = (this.#free[server] ?? 0) + 1;
    for (const dependent of this.#dependents[index] ?? []) {
      const next = this.#state[dependent];
      if (next === undefined) continue;
      next.waitsFor--;
      if (next.waitsFor === 0) this.#arrive(next, Math.max(next.task.notBefore, at));
    }
  }
}
