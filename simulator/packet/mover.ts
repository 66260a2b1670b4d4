import type { Machine } from '../../model/machine.ts';
import { checkOf } from '../cancel.ts';
import type { Mover } from '../engine/mover.ts';
import type { QueueTrack } from '../explain/explain.types.ts';
import { type LimitPhase, SimulationCancelled } from '../simulate.types.ts';
import type { RunTracer } from '../trace/run-trace.ts';
import { type BuiltCopy, buildNetwork, type PacketPlan, type StationLabel } from './build.ts';
import { PacketEngine } from './engine.ts';
import { LimitWatch } from './limits.ts';
import type { Network } from './network.ts';
import { packetTracer } from './observer.ts';
import { QueueWatch } from './queue-watch.ts';
import { SteadySkip } from './steady.ts';

export interface PacketOptions {
  readonly tax?: 'none' | 'measured' | 'worst-case' | undefined;
  /** Decides where bit errors fall; 1 where absent. */
  readonly seed?: number | undefined;
  /** Passes over stretches in which nothing changes; true where absent. */
  readonly skipSteady?: boolean | undefined;
  readonly cancelled?: (() => boolean) | undefined;
  readonly progress?: ((fraction: number) => void) | undefined;
  /** Takes every TLP that a station sends, and what a task is called there. */
  readonly trace?: RunTracer | undefined;
  readonly nameOf?: ((task: number) => string) | undefined;
  /** Keeps how long queues are; false where absent. */
  readonly watchQueues?: boolean | undefined;
}

/** What went through a station, whole run. Bytes are those of the wire, payload those of the copies. */
export interface StationUse extends StationLabel {
  readonly wireBytes: number;
  readonly payloadBytes: number;
  readonly busySeconds: number;
}

const second = 1e12;
/** Events between two looks at the clock of the caller: some milliseconds. */
const slice = 10_000;

/** Moves the copies of a plan packet by packet; everything else of the plan its caller runs. */
export class PacketMover implements Mover {
  readonly engine: PacketEngine;
  readonly labels: readonly StationLabel[];
  readonly copies: ReadonlyMap<number, BuiltCopy>;
  readonly #options: PacketOptions;
  readonly #taskOf = new Map<number, number>();
  /** Tasks that run, and how many of their movements do. */
  readonly #running = new Map<number, number>();
  readonly #firstAt = new Map<number, number>();
  readonly #passedBytes = new Map<number, number>();
  readonly #network: Network;
  readonly #watch: LimitWatch;
  readonly #skip: SteadySkip | null;
  readonly #queues: QueueWatch | null;
  readonly #phases = new Map<number, readonly LimitPhase[]>();
  readonly #firstByte = new Map<number, number>();
  /** Simulated picoseconds beyond the engine's clock: what was passed over. */
  #passed = 0;
  #ended = 0;
  /** Other copies run than at the last look for a steady stretch. */
  #changed = false;

  constructor(machine: Machine, plan: PacketPlan, options: PacketOptions) {
    const check = checkOf(options.cancelled);
    const { network, labels, copies } = buildNetwork(machine, plan, options.tax ?? 'measured', check);
    this.#network = network;
    this.#options = options;
    this.labels = labels;
    this.copies = copies;
    this.engine = new PacketEngine(network, options.seed ?? 1, check);
    this.#watch = new LimitWatch(this.engine, network, labels, copies, plan, check);
    this.#skip = options.skipSteady === false ? null : new SteadySkip(this.engine, network);
    check();
    for (const { task, movements } of copies.values()) for (const one of movements) this.#taskOf.set(one, task);
    const { trace, nameOf = String } = options;
    const queues = options.watchQueues === true ? new QueueWatch(this.engine.table, labels) : null;
    this.#queues = queues;
    const names = new Map([...this.#taskOf].map(([movement, task]) => [movement, nameOf(task)]));
    let tracing =
      trace === undefined ? null : packetTracer(this.engine, network, labels, names, trace, () => this.#passed);
    if (queues === null && tracing === null) return;
    this.engine.observer = (stage, tlp, start, service) => {
      queues?.seen(stage, this.engine.waitingAt(stage) - 1, start + this.#passed);
      if (tracing?.(stage, tlp, start, service) === false) tracing = null;
    };
  }

  get isBusy(): boolean {
    return this.#running.size > 0;
  }

  /** Seconds of a task's latency that its packets take by themselves; null for a task that does not move packets. */
  waySeconds(task: number): number | null {
    return this.copies.get(task)?.waySeconds ?? null;
  }

  start(task: number, atSeconds: number): void {
    const copy = this.copies.get(task);
    if (copy === undefined) return;
    this.#watch.mark(atSeconds);
    for (const one of copy.movements) this.engine.start(one, this.#clock(atSeconds));
    this.#running.set(task, copy.movements.length);
    this.#watch.start(task, atSeconds);
    this.#changed = true;
  }

  /** Goes on until a task ends, or up to a time. Gives the task and the time in seconds; task -1 where none ended. */
  advance(untilSeconds: number): { readonly task: number; readonly atSeconds: number } {
    if (this.#changed) this.#restartSkip();
    let until = this.#clock(untilSeconds);
    if (until < Number.POSITIVE_INFINITY) this.engine.setTimer(until);
    for (;;) {
      const ended = this.engine.run(this.#skip?.eventsToGo(slice) ?? slice);
      if (ended === -2 || (ended === -1 && this.engine.now >= until)) return { task: -1, atSeconds: untilSeconds };
      if (ended === -3) {
        this.#poll();
        if (!this.#passOver(until - this.engine.now)) continue;
        until = this.#clock(untilSeconds);
        if (until < Number.POSITIVE_INFINITY) this.engine.setTimer(until);
      }
      if (ended < 0) continue;
      this.#noteFirst(ended);
      const task = this.#taskOf.get(ended) ?? -1;
      const left = (this.#running.get(task) ?? 0) - 1;
      this.#running.set(task, left);
      if (left === 0) return { task, atSeconds: this.#end(task) };
    }
  }

  phases(task: number): readonly LimitPhase[] {
    return this.#phases.get(task) ?? [];
  }

  firstByteSeconds(task: number): number | null {
    return this.#firstByte.get(task) ?? null;
  }

  /** TLPs behind one another, over a run of so many seconds; none where nobody asked for them. */
  queues(makespanSeconds: number): QueueTrack[] {
    return this.#queues?.tracks(makespanSeconds) ?? [];
  }

  /** What every station did. */
  use(): StationUse[] {
    const { table, sent, lanes } = this.engine;
    const wire = new Float64Array(this.labels.length);
    const payload = new Float64Array(this.labels.length);
    const busy = this.engine.busyPicoseconds.map((one) => one / second);
    for (let stage = 0; stage < table.count; stage++) {
      const station = table.station[stage] as number;
      const lane = table.lane[stage] as number;
      const unit = table.unitBytes[stage] as number;
      const count = sent[stage] as number;
      if (count === 0) continue;
      const passed = (this.#passedBytes.get(lane >> 1) ?? 0) / unit;
      const lastMissing = count >= (lanes.totals[lane] as number) ? 1 : 0;
      const full = count - lastMissing + passed;
      wire[station] =
        (wire[station] as number) +
        full * (table.wireBytes[stage] as number) +
        lastMissing * (table.lastWireBytes[stage] as number);
      busy[station] = (busy[station] as number) + (passed * (table.service[stage] as number)) / second;
      if ((lane & 1) === 0) payload[station] = (payload[station] as number) + this.#bytesOf(lane >> 1);
    }
    return this.labels.map((label, station) => ({
      ...label,
      wireBytes: wire[station] as number,
      payloadBytes: payload[station] as number,
      busySeconds: busy[station] as number,
    }));
  }

  /** Bytes of a movement that have passed, those left out among them. */
  #bytesOf(movement: number): number {
    const whole = this.#network.movements[movement]?.data.bytes ?? 0;
    return Math.min(whole, this.engine.movedBytes(movement) + (this.#passedBytes.get(movement) ?? 0));
  }

  #clock(seconds: number): number {
    return Math.round(seconds * second) - this.#passed;
  }

  #end(task: number): number {
    const atSeconds = (this.engine.now + this.#passed) / second;
    const { movements = [] } = this.copies.get(task) ?? {};
    const first = movements.reduce((latest, one) => Math.max(latest, this.#firstAt.get(one) ?? 0), 0);
    this.#running.delete(task);
    this.#ended++;
    this.#firstByte.set(task, first);
    this.#watch.mark(atSeconds);
    this.#phases.set(task, this.#watch.end(task, atSeconds, first));
    this.#changed = true;
    this.#poll();
    return atSeconds;
  }

  #restartSkip(): void {
    this.#changed = false;
    this.#queues?.changes(this.engine.now + this.#passed);
    this.#skip?.restart([...this.#running.keys()].map((task) => this.copies.get(task)?.movements ?? []));
  }

  /** Keeps when a movement's first byte came, before the clock is moved. */
  #noteFirst(movement: number): void {
    const at = this.engine.firstAt[movement] ?? Number.POSITIVE_INFINITY;
    if (at < Number.POSITIVE_INFINITY && !this.#firstAt.has(movement)) {
      this.#firstAt.set(movement, (at + this.#passed) / second);
    }
  }

  /** Leaves out a steady stretch; false where there is none. */
  #passOver(mostPicoseconds: number): boolean {
    const stretch = this.#skip?.find(mostPicoseconds) ?? null;
    if (stretch === null) return false;
    for (const movement of stretch.bytes.keys()) this.#noteFirst(movement);
    const from = this.engine.now + this.#passed;
    this.#passed += stretch.picoseconds;
    this.#queues?.passOver(from, from + stretch.picoseconds);
    this.#options.trace?.passedOver(from / second, (from + stretch.picoseconds) / second);
    for (const [movement, bytes] of stretch.bytes) {
      this.engine.leaveOut(movement, bytes);
      this.#passedBytes.set(movement, (this.#passedBytes.get(movement) ?? 0) + bytes);
      const task = this.#taskOf.get(movement) ?? -1;
      if (this.copies.get(task)?.movements.at(-1) === movement) this.#watch.passOver(task, bytes);
    }
    this.#restartSkip();
    return true;
  }

  #poll(): void {
    const { cancelled, progress } = this.#options;
    if (cancelled?.() === true) throw new SimulationCancelled();
    if (progress === undefined) return;
    let done = this.#ended;
    for (const task of this.#running.keys()) {
      const last = this.copies.get(task)?.movements.at(-1) ?? -1;
      done += this.#bytesOf(last) / Math.max(1, this.#network.movements[last]?.data.bytes ?? 1);
    }
    progress(this.copies.size === 0 ? 1 : done / this.copies.size);
  }
}
