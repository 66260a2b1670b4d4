import { rawBytesPerSecond } from '../model/link/generation.ts';
import type { TaxSetting } from '../model/link/tax.ts';
import type { Machine } from '../model/machine.ts';
import { legSeconds } from '../model/route/latency.ts';
import { findRoute } from '../model/route/route.ts';
import type { EndpointRef } from '../model/work.ts';
import { type Check, noCheck } from './cancel.ts';
import { type CopyOptions, type PlannedCopy, planCopy } from './demands.ts';
import type { Resource, Server, Servers, Task, TaskTimes } from './engine/flow.ts';
import type { SlicedServer } from './engine/time-slices.ts';
import { replayFactor } from './replays.ts';
import type { LimitKind } from './simulate.types.ts';
import type { TraceRecord } from './trace/records.ts';

/** What every piece of work can say: what it waits for, what it holds, and how a trace shows it. */
export interface StepOptions {
  /** Tasks that must be done first. */
  readonly after?: readonly number[];
  readonly notBefore?: number;
  /** Servers of which it holds a slot: `plan.server(…)`. */
  readonly holds?: readonly number[];
  readonly trace?: StepTrace;
}

export interface StepTrace {
  /** Slash-separated, outermost first: `train/s0`. */
  readonly track: string;
  readonly name: string;
  /** What belongs together across tracks: one call and what comes of it. */
  readonly flow?: string;
  readonly args?: Readonly<Record<string, string | number>>;
}

/** A copy of bytes in a plan. `planned` where the way is known already; else it is found. */
export interface CopyStep extends StepOptions {
  readonly planned?: PlannedCopy;
  readonly options?: Partial<CopyOptions>;
  /** Time before the first byte beside that of the way itself. */
  readonly setupSeconds?: number;
  /** Bytes per second that it can never pass, and what says so. */
  readonly cap?: { readonly bytesPerSecond: number; readonly name: string; readonly kind?: LimitKind };
  /** Resources beside those of the way, with what a byte costs. */
  readonly extra?: readonly { readonly resource: number; readonly cost: number }[];
}

/** Seconds of work on a shared or a sliced machine: a kernel on a GPU. */
export interface WorkStep extends StepOptions {
  readonly resource: number;
  readonly name: string;
  readonly turn?: { readonly server: number; readonly group: number; readonly priority?: number };
}

/** Tasks, what they share and hold, and what each of them is: drivers and collectives write into it, the engine runs it. */
export class Plan {
  readonly machine: Machine;
  readonly tax: TaxSetting;
  /** No latencies and no costs of software: bytes over capacities alone. */
  readonly ideal: boolean;
  /** Asked whenever something is planned, and by whoever goes through all that was. */
  readonly check: Check;
  readonly resources: Resource[] = [];
  readonly tasks: Task[] = [];
  readonly copies = new Map<number, PlannedCopy>();
  /** Defaults that the run rests on, in words. */
  readonly assumptions = new Set<string>();
  readonly #servers: Server[] = [];
  readonly #sliced: SlicedServer[] = [];
  readonly #groups: string[] = [];
  readonly #indices = new Map<string, number>();
  readonly #compute = new Map<number, number>();
  readonly #traces = new Map<number, StepTrace>();
  readonly #planned = new Map<string, PlannedCopy>();
  readonly #controls = new Map<string, number>();
  readonly #lists = new Map<string, Map<string, number>>();

  constructor(machine: Machine, tax: TaxSetting, ideal = false, check: Check = noCheck) {
    this.check = check;
    this.machine = machine;
    this.tax = ideal ? 'none' : tax;
    this.ideal = ideal;
  }

  /** The index of a shared resource; made where the key is new. */
  resource(key: string, resource: Resource): number {
    return this.#known(`resource ${key}`, this.resources, resource);
  }

  /** The GPU whose compute units a resource is, or those of an instance of it; null for other resources. */
  gpuOf(resource: number): number | null {
    return this.#compute.get(resource) ?? null;
  }

  /** What kernels of a GPU, or of one of its instances, share. */
  compute(key: string, gpu: number, resource: Resource): number {
    const index = this.resource(key, resource);
    this.#compute.set(index, gpu);
    return index;
  }

  /** The index of a server; made where the key is new. */
  server(key: string, server: Server): number {
    return this.#known(`server ${key}`, this.#servers, server);
  }

  /** The index of a machine that takes turns; made where the key is new. */
  sliced(key: string, server: SlicedServer): number {
    return this.#known(`sliced ${key}`, this.#sliced, server);
  }

  /** A number for a group that takes turns; the same for the same key. */
  group(key: string): number {
    return this.#known(`group ${key}`, this.#groups, key);
  }

  /** The number of a key in a list of them, from 0 in the order in which they were asked for. */
  numberIn(list: string, key: string): number {
    const known = this.#lists.get(list) ?? new Map<string, number>();
    this.#lists.set(list, known);
    const number = known.get(key) ?? known.size;
    known.set(key, number);
    return number;
  }

  get servers(): Servers {
    return { exclusive: this.#servers, sliced: this.#sliced };
  }

  /** The way of a copy; found once for the same ends and options. */
  way(from: EndpointRef, to: EndpointRef, options: Partial<CopyOptions> = {}): PlannedCopy {
    const key = JSON.stringify([from, to, options]);
    let planned = this.#planned.get(key);
    if (planned === undefined) {
      this.check();
      const found = planCopy(this.machine, from, to, { ...options, tax: this.tax });
      planned = this.ideal ? idealise(this.machine, found) : found;
      this.#planned.set(key, planned);
    }
    return planned;
  }

  /**
   * Time of one small control access without waiting, in seconds: one way for a posted write (a doorbell, an interrupt),
   * the round trip for a read (a descriptor). 0 where no way leads there.
   */
  control(from: EndpointRef, to: EndpointRef, initiator: number, operation: 'read' | 'write'): number {
    if (this.ideal) return 0;
    const key = [from.component, from.memory, to.component, to.memory, initiator, operation].join();
    let seconds = this.#controls.get(key);
    if (seconds === undefined) {
      this.check();
      const route = findRoute(this.machine, from, to, { initiator, operation });
      seconds = route.legs.reduce((sum, leg) => sum + legSeconds(this.machine, leg), 0);
      this.#controls.set(key, seconds);
    }
    return seconds;
  }

  /** A step of fixed time: a call, a doorbell, an interrupt. Nothing in fidelity ideal. */
  step(seconds: number, options: StepOptions = {}): number {
    return this.#add({ latencySeconds: this.ideal ? 0 : seconds }, options);
  }

  /** Seconds of work that share a resource, and take turns where `turn` says so. */
  work(seconds: number, options: WorkStep): number {
    const { resource, name, turn } = options;
    const shared = { amount: seconds, resources: [resource], costs: [1], cap: 1, capName: name };
    return this.#add(turn === undefined ? shared : { ...shared, turn }, options);
  }

  /** A copy of bytes between two ends. */
  copy(from: EndpointRef, to: EndpointRef, bytes: number, step: CopyStep = {}): number {
    const planned = step.planned ?? this.way(from, to, step.options);
    for (const assumption of planned.assumptions) this.assumptions.add(assumption);
    const costs = new Map<number, number>();
    const ask = (resource: number, cost: number) => costs.set(resource, (costs.get(resource) ?? 0) + cost);
    for (const demand of planned.demands) {
      if (!Number.isFinite(demand.capacity)) continue;
      const { name, kind, capacity } = demand;
      const more = this.ideal ? 1 : replayFactor(this.machine, demand);
      ask(this.resource(demand.key, { name, kind, capacity }), demand.cost * more);
    }
    if (!this.ideal) for (const { resource, cost } of step.extra ?? []) ask(resource, cost);
    // Tags belong to the requester: all its copies draw on them, each for as long as its round trip takes.
    if (planned.capKind === 'tags' && Number.isFinite(planned.cap)) {
      const { capName: name, capKind: kind } = planned;
      ask(this.resource(`tags ${name}`, { name, kind, capacity: 1 }), 1 / planned.cap);
    }
    const capped = !this.ideal && step.cap !== undefined && step.cap.bytesPerSecond < planned.cap ? step.cap : null;
    const task = this.#add(
      {
        latencySeconds: planned.latencySeconds + (this.ideal ? 0 : (step.setupSeconds ?? 0)),
        overlapSeconds: planned.overlapSeconds,
        amount: bytes,
        resources: [...costs.keys()],
        costs: [...costs.values()],
        cap: capped?.bytesPerSecond ?? planned.cap,
        capName: capped?.name ?? planned.capName,
        capKind: capped === null ? planned.capKind : (capped.kind ?? 'engine'),
      },
      step,
    );
    this.copies.set(task, planned);
    return task;
  }

  /** Makes a task wait for others as well. */
  alsoAfter(task: number, others: readonly number[]): void {
    const known = this.tasks[task];
    if (known !== undefined) this.tasks[task] = { ...known, after: [...known.after, ...others] };
  }

  /**
   * What the tasks were, once they have run: on the track of who asked for them, and on those of the engines, channels and
   * cores that they held. What never ran is left out; what queued for a server says how long.
   */
  records(times: readonly TaskTimes[]): TraceRecord[] {
    const records: TraceRecord[] = [];
    for (const [task, trace] of this.#traces) {
      this.check();
      const { track, name, flow, args } = trace;
      const time = times[task];
      if (time === undefined || !Number.isFinite(time.endSeconds)) continue;
      const { startSeconds, endSeconds } = time;
      const queued = startSeconds - time.readySeconds;
      const said = queued > 0 ? { ...args, queuedSeconds: queued } : args;
      records.push({
        track,
        name,
        startSeconds,
        endSeconds,
        ...(flow === undefined ? {} : { flow }),
        ...(said === undefined ? {} : { args: said }),
      });
      records.push(...this.#onEngines(task, trace, time));
    }
    return records;
  }

  /** A task on the tracks of what worked on it: servers for all of its time, compute units while it had them. */
  #onEngines(task: number, { track: asker, name, flow }: StepTrace, time: TaskTimes): TraceRecord[] {
    const { holds = [], resources = [] } = this.tasks[task] ?? {};
    const by = { args: { by: asker }, ...(flow === undefined ? {} : { flow }) };
    const { startSeconds, endSeconds } = time;
    const held = holds.flatMap((server) => {
      const track = this.#servers[server]?.name;
      return track === undefined ? [] : [{ track, name, startSeconds, endSeconds, ...by }];
    });
    const computed = resources
      .filter((resource) => this.#compute.has(resource))
      .flatMap((resource) => {
        const track = this.resources[resource]?.name ?? '';
        return turnsOf(time).map((turn) => ({ track, name, ...turn, ...by }));
      });
    return [...held, ...computed];
  }

  #known<T>(key: string, all: T[], one: T): number {
    const known = this.#indices.get(key);
    if (known !== undefined) return known;
    all.push(one);
    this.#indices.set(key, all.length - 1);
    return all.length - 1;
  }

  #add(part: Partial<Task>, { after = [], notBefore = 0, holds, trace }: StepOptions): number {
    this.check();
    const index = this.tasks.length;
    this.tasks.push({
      ...nothing,
      ...part,
      after,
      notBefore,
      ...(holds === undefined || holds.length === 0 ? {} : { holds }),
    });
    if (trace !== undefined) this.#traces.set(index, trace);
    return index;
  }
}

/** Turns of one task that a trace shows apart. */
const mostTurns = 1000;

/** When a task moved on: phases that follow each other are one; all of its time where there are too many. */
function turnsOf({ phases, startSeconds, endSeconds }: TaskTimes): Pick<TraceRecord, 'startSeconds' | 'endSeconds'>[] {
  const turns: { startSeconds: number; endSeconds: number }[] = [];
  for (const phase of phases) {
    if (phase.bytesPerSecond <= 0) continue;
    const last = turns.at(-1);
    if (last !== undefined && phase.startSeconds <= last.endSeconds) last.endSeconds = phase.endSeconds;
    else turns.push({ startSeconds: phase.startSeconds, endSeconds: phase.endSeconds });
  }
  return turns.length > mostTurns ? [{ startSeconds, endSeconds }] : turns;
}

const nothing: Task = {
  after: [],
  notBefore: 0,
  latencySeconds: 0,
  amount: 0,
  resources: [],
  costs: [],
  cap: Number.POSITIVE_INFINITY,
  capName: '',
  capKind: 'engine',
};

/** Raw sharing: no latency, no headers, no limits but capacities; a link's is what its line code leaves. */
function idealise(machine: Machine, planned: PlannedCopy): PlannedCopy {
  const raw = ({ link, capacity }: PlannedCopy['demands'][number]): number => {
    const trained = link === null ? undefined : machine.links[link.id]?.trained;
    return trained === undefined ? capacity : rawBytesPerSecond(trained.generation, trained.lanes);
  };
  const demands = planned.demands
    .filter((demand) => demand.carriesPayload)
    .map((demand) => ({ ...demand, cost: 1, capacity: raw(demand) }));
  return {
    ...planned,
    demands,
    cap: Number.POSITIVE_INFINITY,
    latencySeconds: 0,
    gatherSeconds: 0,
    overlapSeconds: 0,
    asked: [],
  };
}
