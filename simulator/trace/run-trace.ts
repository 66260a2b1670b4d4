import { type Check, noCheck } from '../cancel.ts';
import type { RunResult, SimulationResult } from '../simulate.types.ts';
import { sorted } from '../sort.ts';
import { PerfettoWriter } from './perfetto.ts';

/** What a copy did to one resource on its way: for the tracks of links, memories and devices. */
export interface CarriedCopy {
  readonly name: string;
  readonly phases: RunResult['transfers'][number]['phases'];
  /** In the order in which the data passes them, without repetition. */
  readonly resources: readonly CarryingResource[];
}

export interface CarryingResource {
  /** See `trackName`. */
  readonly track: string;
  /** Units for a byte of the copy, and units per second in all. */
  readonly cost: number;
  readonly capacity: number;
}

/** Takes what a run does, while it runs (packets) and when it is over. */
export interface RunTracer {
  beginRun(name: string): void;
  /** A TLP that a station sends; `flow` is the same for one TLP all the way. False where no more are wanted. */
  packet(track: string, name: string, startSeconds: number, endSeconds: number, flow: string): boolean;
  /** TLPs that stand in a queue. */
  queue(track: string, atSeconds: number, tlps: number): void;
  /** A stretch that was passed over, since nothing changed in it. */
  passedOver(startSeconds: number, endSeconds: number): void;
  endRun(run: RunResult, copies: readonly CarriedCopy[]): void;
}

/** The track of a resource by its name and key: `cpu0.rp0 up`, `cpu0.rp0.ssd0 read`; the name alone for the others. */
export function trackName(name: string, key: string): string {
  const way = /^(?:link|device):\d+:(\w+)$/.exec(key)?.[1];
  return way === undefined ? name : `${name} ${way}`;
}

/** TLPs in a trace at most, over all runs: a gigabyte is some ten million of them. */
const mostPackets = 200_000;

/** Traces runs into a writer. Tracks: directions of links, queues, memories and devices, engines and software. */
export class PerfettoTracer implements RunTracer {
  readonly #writer: PerfettoWriter;
  readonly #label: string;
  readonly #most: number;
  readonly #check: Check;
  #packets = 0;
  #hasPackets = false;

  /**
   * @param label stands in front of the names of runs
   * @param check asked while a run is written
   */
  constructor(writer: PerfettoWriter, most = mostPackets, label = '', check: Check = noCheck) {
    this.#check = check;
    this.#writer = writer;
    this.#label = label;
    this.#most = most;
  }

  beginRun(name: string): void {
    this.#writer.beginRun(this.#label === '' ? name : `${this.#label}: ${name}`);
    this.#hasPackets = false;
  }

  packet(track: string, name: string, startSeconds: number, endSeconds: number, flow: string): boolean {
    this.#hasPackets = true;
    if (this.#packets === this.#most) {
      this.#writer.instant('simulation', `no more TLPs are shown: ${this.#most} are`, startSeconds);
    }
    if (this.#packets++ >= this.#most) return false;
    this.#writer.slice(track, name, startSeconds, endSeconds, undefined, flow);
    return true;
  }

  queue(track: string, atSeconds: number, tlps: number): void {
    this.#writer.counter(`queue ${track}`, atSeconds, { TLPs: tlps });
  }

  passedOver(startSeconds: number, endSeconds: number): void {
    this.#writer.slice('simulation', 'steady: passed over', startSeconds, endSeconds);
  }

  endRun(run: RunResult, copies: readonly CarriedCopy[]): void {
    traceTransfers(this.#writer, run, this.#check);
    if (!this.#hasPackets) traceResources(this.#writer, copies, this.#check);
    traceRecords(this.#writer, run, this.#check);
  }
}

/** A finished run without its packets, piece by piece. */
export function* perfettoChunks(result: SimulationResult): Generator<string> {
  const chunks: string[] = [];
  const writer = new PerfettoWriter((chunk) => chunks.push(chunk), { seed: result.seed, fidelity: result.fidelity });
  for (const run of result.runs) {
    writer.beginRun(run.name);
    traceTransfers(writer, run);
    traceRecords(writer, run);
    yield* chunks.splice(0);
  }
  writer.close();
  yield* chunks;
}

/** A bar for each transfer, and within it what limited it. */
function traceTransfers(writer: PerfettoWriter, run: RunResult, check: Check = noCheck): void {
  for (const { name, startSeconds, endSeconds, route, bytes, bottleneck, phases } of run.transfers) {
    check();
    writer.slice(`transfer ${name}`, name, startSeconds, endSeconds, { route, bytes, bottleneck });
    for (const phase of phases) {
      const { bytesPerSecond, kind, next } = phase;
      const args = { bytesPerSecond, kind, ...(next == null ? {} : { nextLimit: next.limitedBy }) };
      writer.slice(`transfer ${name}`, `limited by ${phase.limitedBy}`, phase.startSeconds, phase.endSeconds, args);
    }
  }
  for (const { process, stream, label, startSeconds, endSeconds } of run.operations) {
    check();
    writer.slice(`${process}.${stream}`, label, startSeconds, endSeconds);
  }
}

/** Steps of software and devices; what belongs together is joined by arrows. */
function traceRecords(writer: PerfettoWriter, run: RunResult, check: Check = noCheck): void {
  const records = sorted(run.records ?? [], (a, b) => a.startSeconds - b.startSeconds, check);
  // Bars of one track that overlap get tracks of their own beside it.
  const endsOf = new Map<string, number[]>();
  for (const { track, name, startSeconds, endSeconds, args, flow } of records) {
    check();
    const ends = endsOf.get(track) ?? [];
    endsOf.set(track, ends);
    const free = ends.findIndex((end) => end <= startSeconds);
    const row = free < 0 ? ends.length : free;
    ends[row] = endSeconds;
    writer.slice(row === 0 ? track : `${track} (${row + 1})`, name, startSeconds, endSeconds, args, flow);
  }
}

/** On the track of each resource what it carries, from one change to the next, and how much of it is used. */
function traceResources(writer: PerfettoWriter, copies: readonly CarriedCopy[], check: Check): void {
  const tracks = new Map<string, { readonly copy: CarriedCopy; readonly resource: CarryingResource }[]>();
  for (const copy of copies) {
    check();
    for (const resource of copy.resources) {
      const carried = tracks.get(resource.track) ?? [];
      carried.push({ copy, resource });
      tracks.set(resource.track, carried);
    }
  }
  const started = new Set<string>();
  for (const [track, carried] of tracks) {
    const times = [
      ...new Set(carried.flatMap(({ copy }) => copy.phases.flatMap((one) => [one.startSeconds, one.endSeconds]))),
    ];
    times.sort((a, b) => a - b);
    const cursors = carried.map(() => 0);
    times.slice(0, -1).forEach((from, at) => {
      check();
      const to = times[at + 1] ?? from;
      const args: Record<string, number> = {};
      let used = 0;
      carried.forEach(({ copy, resource }, index) => {
        while ((copy.phases[cursors[index] ?? 0]?.endSeconds ?? Number.POSITIVE_INFINITY) <= from) {
          cursors[index] = (cursors[index] ?? 0) + 1;
        }
        const phase = copy.phases[cursors[index] ?? 0];
        if (phase === undefined || phase.startSeconds > from) return;
        args[copy.name] = phase.bytesPerSecond;
        used += (phase.bytesPerSecond * resource.cost) / resource.capacity;
      });
      const names = Object.keys(args);
      if (names.length === 0) return;
      const [only] = names;
      const name = names.length === 1 && only !== undefined ? only : `${names.length} copies`;
      writer.slice(track, name, from, to, { ...args, utilisation: used });
      for (const one of names) {
        if (started.has(`${track} ${one}`)) continue;
        started.add(`${track} ${one}`);
        writer.arrow(one, track, from);
      }
    });
  }
}
