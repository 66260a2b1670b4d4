import type { QueueTrack } from '../explain/explain.types.ts';
import { rounded } from '../explain/series.ts';
import type { StationLabel } from './build.ts';
import type { StageTable } from './lanes.ts';

/** Parts of the time that a queue is kept in: enough for a picture, and even. */
const parts = 256;
/** The first parts are so long, in picoseconds: shorter than any TLP takes. They double as the run goes on. */
const firstWidth = 1024;
/** Queues that are shown at most, the longest of them. */
const mostQueues = 40;

const second = 1e12;

/** TLPs that stand at one station, over time. */
class Queue {
  /** TLPs times picoseconds, by part of the time. */
  readonly #area = new Float64Array(parts);
  #width = firstWidth;
  #at = 0;
  #depth = 0;
  /** Since a copy began or ended, or the last steady stretch did. */
  #sinceAt = 0;
  #sinceArea = 0;
  area = 0;
  peak = 0;

  /** @param since when a copy began or ended last */
  set(at: number, depth: number, since: number): void {
    this.#mark(since);
    this.#hold(at, this.#depth);
    this.#depth = depth;
    if (depth > this.peak) this.peak = depth;
  }

  /** A stretch in which all went on as before: with the mean of what was before it. */
  passOver(from: number, to: number, since: number): void {
    this.#mark(since);
    this.#hold(from, this.#depth);
    const mean = from > this.#sinceAt ? this.#sinceArea / (from - this.#sinceAt) : this.#depth;
    this.#hold(to, mean);
    this.#sinceAt = to;
    this.#sinceArea = 0;
  }

  /** The mean depth of each part, up to a time. */
  series(end: number): { readonly times: number[]; readonly values: number[] } {
    this.#hold(end, this.#depth);
    const times = [0];
    const values: number[] = [];
    for (let part = 0; part * this.#width < end; part++) {
      const until = Math.min(end, (part + 1) * this.#width);
      const value = (this.#area[part] as number) / (until - part * this.#width);
      if (values.at(-1) === value) times[times.length - 1] = until / second;
      else {
        values.push(value);
        times.push(until / second);
      }
    }
    return { times, values };
  }

  #mark(since: number): void {
    if (since <= this.#sinceAt) return;
    this.#hold(since, this.#depth);
    this.#sinceAt = since;
    this.#sinceArea = 0;
  }

  #hold(until: number, depth: number): void {
    if (until <= this.#at) return;
    while (until > parts * this.#width) this.#double();
    if (depth > 0) {
      const area = depth * (until - this.#at);
      this.area += area;
      this.#sinceArea += area;
      let from = this.#at;
      for (let part = Math.floor(from / this.#width); from < until; part++) {
        const to = Math.min(until, (part + 1) * this.#width);
        this.#area[part] = (this.#area[part] as number) + depth * (to - from);
        from = to;
      }
    }
    this.#at = until;
  }

  #double(): void {
    for (let part = 0; part < parts / 2; part++) {
      this.#area[part] = (this.#area[2 * part] as number) + (this.#area[2 * part + 1] as number);
    }
    this.#area.fill(0, parts / 2);
    this.#width *= 2;
  }
}

/**
 * How many TLPs stood behind one another at each station, over a run of any length in bounded memory. Seen whenever a
 * station sends: what comes while it does not is seen with the next TLP that sets out.
 */
export class QueueWatch {
  readonly #table: StageTable;
  readonly #labels: readonly StationLabel[];
  readonly #queues = new Map<number, Queue>();
  /** TLPs that wait at each stage, as they were seen last. */
  readonly #waiting: Float64Array;
  /** TLPs that wait at each station. */
  readonly #depth: Float64Array;
  #since = 0;

  constructor(table: StageTable, labels: readonly StationLabel[]) {
    this.#table = table;
    this.#labels = labels;
    this.#waiting = new Float64Array(table.count);
    this.#depth = new Float64Array(labels.length);
  }

  /**
   * A stage sends, and so many TLPs wait behind.
   *
   * @param at picoseconds since the run began
   */
  seen(stage: number, waiting: number, at: number): void {
    const before = this.#waiting[stage] as number;
    // What waits at the first stage of its way has not set out: that is no queue.
    if (waiting === before || this.#table.first[stage] === 1) return;
    this.#waiting[stage] = waiting;
    const station = this.#table.station[stage] as number;
    const depth = (this.#depth[station] as number) + waiting - before;
    this.#depth[station] = depth;
    let queue = this.#queues.get(station);
    if (queue === undefined) {
      queue = new Queue();
      this.#queues.set(station, queue);
    }
    queue.set(at, depth, this.#since);
  }

  /** A copy begins or ends: nothing goes on as before. */
  changes(at: number): void {
    this.#since = at;
  }

  /** Times in picoseconds since the run began. */
  passOver(from: number, to: number): void {
    for (const queue of this.#queues.values()) queue.passOver(from, to, this.#since);
  }

  /** The queues that were longest on average, in that order. */
  tracks(makespanSeconds: number): QueueTrack[] {
    const end = makespanSeconds * second;
    if (end <= 0) return [];
    return [...this.#queues]
      .map(([station, queue]) => ({ station, queue }))
      .sort((a, b) => b.queue.area - a.queue.area || a.station - b.station)
      .slice(0, mostQueues)
      .flatMap(({ station, queue }): QueueTrack[] => {
        const label = this.#labels[station];
        if (label === undefined) return [];
        const { name, kind, key } = label;
        const way = /^(?:link|device):\d+:(up|down|read|write|send|receive)$/.exec(key)?.[1] ?? null;
        const depth = rounded({ ...queue.series(end), averaged: true });
        return [{ name, kind, way: way as QueueTrack['way'], depth, mean: queue.area / end, peak: queue.peak }];
      });
  }
}
