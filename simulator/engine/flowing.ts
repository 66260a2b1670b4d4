import type { Check } from '../cancel.ts';
import type { LimitPhase } from '../simulate.types.ts';
import type { RateVisitor, Resource, Task } from './flow.ts';
import { type Behind, NextLimits } from './next-limit.ts';
import { PhaseLog, unasked } from './phase-log.ts';
import { type FlowClass, Limits, World } from './sharing.ts';

interface Flows extends FlowClass {
  readonly place: number;
  count: number;
  /** Its tasks that flow, in no order. */
  readonly members: number[];
  /** As of the last look. */
  rate: number;
  limit: number;
  behind: Behind;
}

/** Rates that differ by less, relative, are one. */
const sameRate = 1e-9;
/** Held back by nothing, as it does not flow. */
const nothing = -1;

/** Tasks whose amounts flow: how fast, until when, and what limits them. */
export class Flowing {
  readonly #tasks: readonly Task[];
  readonly #limits: Limits;
  readonly #world: World;
  readonly #isExplained: Uint8Array;
  readonly #next: NextLimits;
  readonly #classes: Flows[] = [];
  readonly #classOf: (Flows | undefined)[] = [];
  /** Records of tasks that flow, in the core. */
  readonly #records = new Map<number, number>();
  readonly #logs: (PhaseLog | undefined)[] = [];
  /** Of each task the rate and the limit noted last. */
  readonly #rates: Float64Array;
  readonly #held: Int32Array;
  /** Where each task stands among the members of its class. */
  readonly #memberAt: Int32Array;
  /** When tasks that wait for their turn again stopped last. */
  readonly #stopped = new Map<number, number>();
  /** Tasks that began to flow since the last look. */
  #begun: number[] = [];
  readonly #toNote: number[] = [];

  constructor(resources: readonly Resource[], tasks: readonly Task[], explained: ReadonlySet<number>, check: Check) {
    this.#tasks = tasks;
    this.#isExplained = new Uint8Array(tasks.length);
    for (const task of explained) this.#isExplained[task] = 1;
    this.#rates = new Float64Array(tasks.length);
    this.#memberAt = new Int32Array(tasks.length);
    this.#held = new Int32Array(tasks.length).fill(nothing);
    this.#limits = new Limits(resources);
    this.#world = new World(this.#limits, tasks.length, { told: sameRate }, check);
    this.#next = new NextLimits(this.#limits, tasks.length, check);
  }

  /** Whether nothing at all limits a task: it takes no time. */
  isUnlimited(task: number): boolean {
    const { resources = [], costs = [], cap = 0 } = this.#tasks[task] ?? {};
    if (cap < Number.POSITIVE_INFINITY) return false;
    return resources.every((one, slot) => !Number.isFinite(this.#limits.capacities[one]) || !((costs[slot] ?? 0) > 0));
  }

  has(task: number): boolean {
    return this.#records.has(task);
  }

  /** A task begins to flow, or goes on. Rates hold after `settle`. */
  start(task: number, amount: number, atSeconds: number): void {
    const flows = this.#of(task);
    if (flows === null) return;
    // What it had before a pause is nothing that goes on, unless the pause takes no time.
    const stopped = this.#stopped.get(task);
    if (stopped !== undefined && stopped !== atSeconds) this.#held[task] = nothing;
    this.#records.set(task, this.#world.core.startTask(flows.place, task, amount));
    this.#begun.push(task);
    this.#memberAt[task] = flows.members.length;
    flows.members.push(task);
    this.#count(flows, 1);
  }

  /** A task stops before its end; gives back what is left of it. */
  stop(task: number, atSeconds: number): number {
    const flows = this.#of(task);
    const record = this.#records.get(task);
    if (flows === null || record === undefined) return 0;
    const left = this.#world.core.stopTask(flows.place, record);
    this.#logs[task]?.stop(atSeconds);
    this.#stopped.set(task, atSeconds);
    this.#forget(task, flows);
    return left;
  }

  settle(): void {
    this.#world.core.settleNow();
  }

  /** When the next task ends by itself. */
  nextEnd(): number {
    return this.#world.core.nextEnd();
  }

  /** Goes on to a time; gives back the tasks that end then. */
  endUntil(seconds: number): number[] {
    const { core } = this.#world;
    const count = core.endUntil(seconds);
    if (count === 0) return [];
    const ended = Array.from(new Uint32Array(core.memory.buffer, core.endedAt(), count));
    for (const task of ended) {
      const flows = this.#of(task);
      this.#logs[task]?.end(seconds);
      if (flows !== null) this.#forget(task, flows);
    }
    return ended;
  }

  /** Notes what limits each task from now on, since time goes on. */
  look(now: number): void {
    const changed = new Map<number, Flows[]>();
    const tasks = this.#toNote;
    tasks.length = 0;
    this.#world.changes((id, rate, limit) => {
      const flows = this.#classes[id];
      if (flows === undefined) return;
      flows.rate = rate;
      flows.limit = this.#world.limitOf(flows, limit);
      let asked = false;
      for (const task of flows.members) {
        tasks.push(task);
        asked ||= this.#isExplained[task] === 1;
      }
      if (asked) addTo(changed, flows);
    });
    for (const task of this.#begun) {
      const flows = this.#classOf[task];
      if (flows === undefined || !this.#records.has(task)) continue;
      flows.rate = this.#world.core.rateOf(flows.place);
      flows.limit = this.#world.limitOf(flows, this.#world.core.limitAt(flows.place));
      if (this.#isSame(task, flows)) {
        this.#logs[task]?.goOn(now);
        continue;
      }
      tasks.push(task);
      if (this.#isExplained[task] === 1) addTo(changed, flows);
    }
    this.#begun = [];
    for (const [limit, all] of changed) this.#next.behind(limit, all);
    for (const task of tasks) this.#note(task, now);
  }

  /** What limited a task, phase after phase; made anew each time. */
  phases(task: number): LimitPhase[] {
    return this.#logs[task]?.phases(this.#limits.all) ?? [];
  }

  /** The rates of a task, as `PhaseLog` gives them. */
  eachRate(task: number, visit: RateVisitor): void {
    this.#logs[task]?.eachRate(visit);
  }

  /** No task goes on after this. */
  close(atSeconds: number): void {
    for (const task of this.#records.keys()) this.#logs[task]?.end(atSeconds);
  }

  #note(task: number, now: number): void {
    const flows = this.#classOf[task];
    // A class may have changed, and a task of it have begun.
    if (flows === undefined || this.#isSame(task, flows)) return;
    const { limit, rate, behind } = flows;
    this.#rates[task] = rate;
    this.#held[task] = limit;
    let log = this.#logs[task];
    if (log === undefined) {
      log = new PhaseLog();
      this.#logs[task] = log;
    }
    if (this.#isExplained[task] === 1) log.add(now, limit, rate, behind.limit, behind.rate);
    else log.add(now, limit, rate, unasked, 0);
  }

  /** Whether a task goes on as it did. */
  #isSame(task: number, { limit, rate }: Flows): boolean {
    return this.#held[task] === limit && Math.abs((this.#rates[task] ?? 0) - rate) <= rate * sameRate;
  }

  #forget(task: number, flows: Flows): void {
    this.#records.delete(task);
    const last = flows.members.pop() ?? task;
    const at = this.#memberAt[task] ?? 0;
    if (last !== task) {
      flows.members[at] = last;
      this.#memberAt[last] = at;
    }
    this.#count(flows, -1);
  }

  #count(flows: Flows, by: number): void {
    flows.count += by;
    this.#next.change(flows, by);
  }

  #of(index: number): Flows | null {
    const known = this.#classOf[index];
    if (known !== undefined) return known;
    const task = this.#tasks[index];
    if (task === undefined) return null;
    const capLimit = this.#limits.ofCap(task);
    const place = this.#world.classOn(task, capLimit);
    const id = this.#world.core.idOf(place);
    const behind = { limit: -1, rate: 0 };
    const made: Flows = { id, task, capLimit, place, count: 0, members: [], rate: 0, limit: -1, behind };
    const flows = this.#classes[id] ?? made;
    this.#classes[id] = flows;
    this.#classOf[index] = flows;
    return flows;
  }
}

function addTo(changed: Map<number, Flows[]>, flows: Flows): void {
  const known = changed.get(flows.limit);
  if (known === undefined) changed.set(flows.limit, [flows]);
  else known.push(flows);
}
