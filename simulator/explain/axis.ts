import { type Check, nowAndThen } from '../cancel.ts';
import type { TaskTimes } from '../engine/flow.ts';
import { sorted } from '../sort.ts';
import type { Series } from './explain.types.ts';
import { seriesOf } from './series.ts';

/** Sums of what tasks moved, over the times at which anything changed: many tasks change at one time. */
export class TimeAxis {
  readonly #check: Check;
  /** Every time at which a rate begins or ends, in order. */
  readonly #at: Float64Array;
  /** Of each task, place by place: where a rate begins, where it ends, the rate. */
  readonly #rates: Float64Array[] = [];
  /** What changes at each time, how many begin less those that end, and the span in which anything does. */
  readonly #changes: Float64Array;
  readonly #counts: Int32Array;
  #from: number;
  #to = -1;

  constructor(times: readonly TaskTimes[], check: Check) {
    this.#check = check;
    const known = new Set<number>();
    for (const { eachRate } of times) {
      check();
      eachRate((startSeconds, endSeconds) => {
        known.add(startSeconds);
        known.add(endSeconds);
      });
    }
    this.#at = Float64Array.from(sorted([...known], (a, b) => a - b, check));
    const places = new Map<number, number>();
    const ask = nowAndThen(check, 4096);
    for (const [place, at] of this.#at.entries()) {
      ask();
      places.set(at, place);
    }
    for (const { eachRate } of times) {
      check();
      const rates: number[] = [];
      eachRate((startSeconds, endSeconds, rate) => {
        if (!(endSeconds > startSeconds) || !Number.isFinite(endSeconds) || !Number.isFinite(rate)) return;
        rates.push(places.get(startSeconds) ?? 0, places.get(endSeconds) ?? 0, rate);
      });
      this.#rates.push(Float64Array.from(rates));
    }
    this.#changes = new Float64Array(known.size);
    this.#counts = new Int32Array(known.size);
    this.#from = known.size;
  }

  /** Adds what a task moved, times a factor. */
  add(task: number, factor: number): void {
    this.#check();
    const rates = this.#rates[task] ?? [];
    const [changes, counts] = [this.#changes, this.#counts];
    if (factor === 0 || !Number.isFinite(factor)) return;
    for (let entry = 0; entry < rates.length; entry += 3) {
      const value = (rates[entry + 2] ?? 0) * factor;
      if (value === 0) continue;
      const [from, to] = [rates[entry] ?? 0, rates[entry + 1] ?? 0];
      changes[from] = (changes[from] ?? 0) + value;
      changes[to] = (changes[to] ?? 0) - value;
      counts[from] = (counts[from] ?? 0) + 1;
      counts[to] = (counts[to] ?? 0) - 1;
      this.#from = Math.min(this.#from, from);
      this.#to = Math.max(this.#to, to);
    }
  }

  /** The sum of what was added since the last time; see `sumOf`. */
  take(most: number, endSeconds: number): Series {
    const [at, changes, counts] = [this.#at, this.#changes, this.#counts];
    const [first, last] = [this.#from, this.#to];
    const series = seriesOf(most, endSeconds, nowAndThen(this.#check, 4096), (each) => {
      for (let place = first; place <= last; place++) {
        // Where nothing begins or ends nothing changes.
        if (changes[place] === 0 && counts[place] === 0 && place < last) continue;
        each(at[place] ?? 0, changes[place] ?? 0, counts[place] ?? 0, place === last);
        changes[place] = 0;
        counts[place] = 0;
      }
    });
    this.#from = at.length;
    this.#to = -1;
    return series;
  }
}
