import type { Check } from '../cancel.ts';
import type { Task } from '../engine/flow.ts';
import { NextOfTasks } from '../engine/next-limit.ts';
import type { LimitPhase } from '../simulate.types.ts';
import type { BuiltCopy, PacketPlan, StationLabel } from './build.ts';
import type { PacketEngine } from './engine.ts';
import { dataLane, requestLane } from './lanes.ts';
import type { Network } from './network.ts';

/** A station that is busy for this share of the time is full. */
const full = 0.9;
/** A lane is held back at a station where a TLP stood behind this share of those that it sent. */
const heldBack = 0.4;

interface Watched {
  readonly copy: BuiltCopy;
  readonly stages: readonly number[];
  readonly phases: LimitPhase[];
  fromSeconds: number;
  fromPicoseconds: number;
  bytes: number;
  passedBytes: number;
  sent: Float64Array;
  crowded: Float64Array;
  busy: Float64Array;
  missed: number;
}

/**
 * Says what holds each copy back, from one change of what runs to the next: the last station on its way that is full and
 * before which its own TLPs queue. Before it they queue as well, but for room; behind it nothing queues.
 */
export class LimitWatch {
  readonly #engine: PacketEngine;
  readonly #network: Network;
  readonly #labels: readonly StationLabel[];
  readonly #copies: ReadonlyMap<number, BuiltCopy>;
  readonly #tasks: readonly Task[];
  readonly #running = new Map<number, Watched>();
  readonly #next: NextOfTasks;
  readonly #check: Check;
  #markedSeconds = -1;

  constructor(
    engine: PacketEngine,
    network: Network,
    labels: readonly StationLabel[],
    copies: ReadonlyMap<number, BuiltCopy>,
    { tasks, resources }: Pick<PacketPlan, 'tasks' | 'resources'>,
    check: Check,
  ) {
    this.#engine = engine;
    this.#network = network;
    this.#labels = labels;
    this.#copies = copies;
    this.#tasks = tasks;
    this.#next = new NextOfTasks(resources, tasks, check);
    this.#check = check;
  }

  start(task: number, atSeconds: number): void {
    const copy = this.#copies.get(task);
    if (copy === undefined) return;
    const stages = copy.movements.flatMap((movement) =>
      [requestLane(movement), dataLane(movement)].flatMap((lane) => {
        const first = this.#engine.lanes.firstStage[lane] ?? -1;
        return first < 0 ? [] : Array.from({ length: this.#engine.lanes.stageCount[lane] ?? 0 }, (_, at) => first + at);
      }),
    );
    const none = new Float64Array(stages.length);
    const watched: Watched = {
      copy,
      stages,
      phases: [],
      fromSeconds: atSeconds,
      fromPicoseconds: 0,
      bytes: 0,
      passedBytes: 0,
      sent: none,
      crowded: none,
      busy: none,
      missed: 0,
    };
    this.#running.set(task, watched);
    this.#next.start(task);
    this.#remember(watched);
  }

  /** Bytes of a copy that were left out. */
  passOver(task: number, bytes: number): void {
    const watched = this.#running.get(task);
    if (watched !== undefined) watched.passedBytes += bytes;
  }

  /** Something changes: phases of all that runs end here. */
  mark(atSeconds: number): void {
    if (atSeconds === this.#markedSeconds) return;
    this.#markedSeconds = atSeconds;
    for (const [task, watched] of this.#running) this.#close(task, watched, atSeconds);
  }

  /** A copy is over: its phases. `firstByteSeconds` is where the first of them begins. */
  end(task: number, atSeconds: number, firstByteSeconds: number): LimitPhase[] {
    const watched = this.#running.get(task);
    if (watched === undefined) return [];
    this.#close(task, watched, atSeconds);
    this.#running.delete(task);
    this.#next.end(task);
    const flowing = watched.phases.filter(({ endSeconds }) => endSeconds > firstByteSeconds);
    const [first, ...rest] = flowing;
    if (first === undefined) return watched.phases.slice(-1);
    if (first.startSeconds >= firstByteSeconds) return flowing;
    const bytes = first.bytesPerSecond * (first.endSeconds - first.startSeconds);
    const bytesPerSecond = bytes / (first.endSeconds - firstByteSeconds);
    return [{ ...first, startSeconds: firstByteSeconds, bytesPerSecond }, ...rest];
  }

  #close(task: number, watched: Watched, atSeconds: number): void {
    const elapsed = atSeconds - watched.fromSeconds;
    if (elapsed <= 0) return;
    this.#check();
    const bytes = this.#moved(watched) - watched.bytes + watched.passedBytes;
    const { name, kind } = this.#limit(task, watched);
    const phase: LimitPhase = {
      startSeconds: watched.fromSeconds,
      endSeconds: atSeconds,
      bytesPerSecond: bytes / elapsed,
      limitedBy: name,
      kind,
    };
    const last = watched.phases.at(-1);
    if (last !== undefined && isSame(last, phase)) watched.phases[watched.phases.length - 1] = joined(last, phase);
    else watched.phases.push({ ...phase, next: this.#next.behind(task, name, kind) });
    watched.fromSeconds = atSeconds;
    this.#remember(watched);
  }

  #limit(task: number, watched: Watched): Pick<StationLabel, 'name' | 'kind'> {
    const engine = this.#engine;
    const elapsed = engine.now - watched.fromPicoseconds;
    for (let at = watched.stages.length - 1; at >= 0 && elapsed > 0; at--) {
      const stage = watched.stages[at] as number;
      const station = engine.table.station[stage] as number;
      const label = this.#labels[station];
      const sent = (engine.sent[stage] as number) - (watched.sent[at] as number);
      const crowded = (engine.crowded[stage] as number) - (watched.crowded[at] as number);
      const busy = ((engine.busyPicoseconds[station] as number) - (watched.busy[at] as number)) / elapsed;
      if (label !== undefined && busy >= full && sent > 0 && crowded >= heldBack * sent) return label;
    }
    const tags = watched.copy.tagNames.find((name) => name !== null);
    if (tags != null && this.#missed(watched) > watched.missed) return { name: tags, kind: 'tags' };
    return this.#narrowest(task, watched);
  }

  /** What would hold the copy back if it went on: for those that are over before anything is full. */
  #narrowest(task: number, watched: Watched): Pick<StationLabel, 'name' | 'kind'> {
    let best: StationLabel | undefined;
    let most = 0;
    for (const stage of watched.stages) {
      const seconds = (this.#engine.table.service[stage] as number) / (this.#engine.table.unitBytes[stage] as number);
      if (seconds <= most) continue;
      most = seconds;
      best = this.#labels[this.#engine.table.station[stage] as number];
    }
    return best ?? { name: this.#tasks[task]?.capName ?? '', kind: this.#tasks[task]?.capKind ?? 'link' };
  }

  #remember(watched: Watched): void {
    const engine = this.#engine;
    const station = (stage: number) => engine.table.station[stage] as number;
    watched.fromPicoseconds = engine.now;
    watched.bytes = this.#moved(watched);
    watched.passedBytes = 0;
    watched.sent = Float64Array.from(watched.stages, (stage) => engine.sent[stage] as number);
    watched.crowded = Float64Array.from(watched.stages, (stage) => engine.crowded[stage] as number);
    watched.busy = Float64Array.from(watched.stages, (stage) => engine.busyPicoseconds[station(stage)] as number);
    watched.missed = this.#missed(watched);
  }

  #moved({ copy }: Watched): number {
    const last = copy.movements.at(-1) ?? -1;
    const whole = this.#network.movements[last]?.data.bytes ?? 0;
    return Math.min(whole, this.#engine.movedBytes(last));
  }

  #missed({ copy }: Watched): number {
    return copy.movements.reduce((sum, one) => sum + (this.#engine.tags.missed[one] as number), 0);
  }
}

/** Rates that are closer than this are one: packets come in pieces. */
const closeRates = 0.02;

function isSame(a: LimitPhase, b: LimitPhase): boolean {
  const close =
    Math.abs(a.bytesPerSecond - b.bytesPerSecond) <= closeRates * Math.max(a.bytesPerSecond, b.bytesPerSecond);
  return a.limitedBy === b.limitedBy && a.kind === b.kind && close;
}

function joined(a: LimitPhase, b: LimitPhase): LimitPhase {
  const bytes = a.bytesPerSecond * (a.endSeconds - a.startSeconds) + b.bytesPerSecond * (b.endSeconds - b.startSeconds);
  return { ...a, endSeconds: b.endSeconds, bytesPerSecond: bytes / (b.endSeconds - a.startSeconds) };
}
