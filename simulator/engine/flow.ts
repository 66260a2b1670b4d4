import { type LimitPhase, SimulationCancelled } from '../simulate.types.ts';
import { type SharedFlow, shareFairly } from './sharing.ts';

/** A resource that tasks share: a direction of a link, a memory, the compute units of a GPU. */
export interface Resource {
  readonly name: string;
  readonly kind: LimitPhase['kind'];
  readonly capacity: number;
}

/** A piece of work: it waits for others, then for its latency, then moves its amount over its resources. */
export interface Task {
  /** Indices of tasks that must be done first. */
  readonly after: readonly number[];
  /** Earliest start. */
  readonly notBefore: number;
  readonly latencySeconds: number;
  readonly amount: number;
  readonly resources: readonly number[];
  readonly costs: readonly number[];
  readonly cap: number;
  readonly capName: string;
  readonly capKind: LimitPhase['kind'];
}

export interface TaskTimes {
  readonly startSeconds: number;
  readonly firstByteSeconds: number;
  readonly endSeconds: number;
  readonly phases: readonly LimitPhase[];
}

export interface EngineOptions {
  readonly cancelled?: (() => boolean) | undefined;
  readonly progress?: ((fraction: number) => void) | undefined;
}

interface Running {
  startSeconds: number;
  flowsAt: number;
  endSeconds: number;
  left: number;
  phases: LimitPhase[];
}

/**
 * Runs tasks to their end: rates are shared afresh at every arrival and departure. A pure function of its input.
 * Tasks that wait for one another in a circle never start; their times are infinite.
 */
export function runTasks(
  resources: readonly Resource[],
  tasks: readonly Task[],
  options: EngineOptions = {},
): TaskTimes[] {
  const state: (Running | undefined)[] = tasks.map(() => undefined);
  const done = new Set<number>();
  const waiting = new Set(tasks.keys());
  const flowing = new Set<number>();
  const capacities = resources.map((resource) => resource.capacity);
  let now = 0;
  for (;;) {
    if (options.cancelled?.() === true) throw new SimulationCancelled();
    for (const index of [...waiting]) {
      const task = tasks[index];
      if (task === undefined || !task.after.every((one) => done.has(one))) continue;
      const ready = Math.max(task.notBefore, ...task.after.map((one) => state[one]?.endSeconds ?? 0));
      if (ready > now) continue;
      waiting.delete(index);
      state[index] = {
        startSeconds: ready,
        flowsAt: ready + task.latencySeconds,
        endSeconds: Number.POSITIVE_INFINITY,
        left: task.amount,
        phases: [],
      };
      flowing.add(index);
    }
    const active = [...flowing].filter((index) => (state[index]?.flowsAt ?? 0) <= now);
    const shares = shareFairly(
      capacities,
      active.map((index) => asFlow(tasks[index])),
    );
    const until = nextEvent(now, tasks, state, waiting, flowing, active, shares.rates, done);
    if (!Number.isFinite(until)) break;
    const elapsed = until - now;
    active.forEach((index, at) => {
      const running = state[index];
      const task = tasks[index];
      if (running === undefined || task === undefined) return;
      const rate = shares.rates[at] ?? 0;
      const limit = shares.limits[at] ?? -1;
      const moved = rate * elapsed;
      if (elapsed > 0) addPhase(running.phases, phaseOf(task, resources[limit], now, until, rate));
      running.left = !Number.isFinite(rate) || running.left - moved <= task.amount * 1e-12 ? 0 : running.left - moved;
      if (running.left > 0) return;
      running.endSeconds = until;
      flowing.delete(index);
      done.add(index);
    });
    now = until;
    options.progress?.(tasks.length === 0 ? 1 : done.size / tasks.length);
    if (flowing.size === 0 && waiting.size === 0) break;
  }
  return tasks.map((_, index) => {
    const running = state[index];
    const never = Number.POSITIVE_INFINITY;
    return running === undefined
      ? { startSeconds: never, firstByteSeconds: never, endSeconds: never, phases: [] }
      : {
          startSeconds: running.startSeconds,
          firstByteSeconds: running.flowsAt,
          endSeconds: running.endSeconds,
          phases: running.phases,
        };
  });
}

const asFlow = (task: Task | undefined): SharedFlow => ({
  resources: task?.resources ?? [],
  costs: task?.costs ?? [],
  cap: task?.cap ?? Number.POSITIVE_INFINITY,
});

/** When something changes next: a task starts, begins to flow, or ends. */
function nextEvent(
  now: number,
  tasks: readonly Task[],
  state: readonly (Running | undefined)[],
  waiting: ReadonlySet<number>,
  flowing: ReadonlySet<number>,
  active: readonly number[],
  rates: Float64Array,
  done: ReadonlySet<number>,
): number {
  let until = Number.POSITIVE_INFINITY;
  for (const index of waiting) {
    const task = tasks[index];
    if (task === undefined || !task.after.every((one) => done.has(one))) continue;
    until = Math.min(until, Math.max(now, task.notBefore));
  }
  for (const index of flowing) {
    const at = state[index]?.flowsAt ?? 0;
    if (at > now) until = Math.min(until, at);
  }
  active.forEach((index, at) => {
    const rate = rates[at] ?? 0;
    const left = state[index]?.left ?? 0;
    if (left <= 0 || !Number.isFinite(rate)) until = Math.min(until, now);
    else if (rate > 0) until = Math.min(until, now + left / rate);
  });
  return until;
}

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

/** Adds a phase, or makes the last one longer where nothing changed. */
function addPhase(phases: LimitPhase[], phase: LimitPhase): void {
  const last = phases.at(-1);
  const same =
    last !== undefined &&
    last.limitedBy === phase.limitedBy &&
    last.kind === phase.kind &&
    Math.abs(last.bytesPerSecond - phase.bytesPerSecond) <= phase.bytesPerSecond * 1e-9;
  if (last !== undefined && same) phases[phases.length - 1] = { ...last, endSeconds: phase.endSeconds };
  else phases.push(phase);
}
