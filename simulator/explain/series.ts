import { type Check, noCheck, nowAndThen } from '../cancel.ts';
import { sorted } from '../sort.ts';
import type { Series } from './explain.types.ts';

/** Something that adds to a figure for a while. */
export interface Interval {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly value: number;
}

export const emptySeries: Series = { times: [], values: [], averaged: false };

/** Values that differ by less are the same: what is left of sums that went up and down. */
const slack = 1e-9;

/**
 * The sum of intervals over time.
 *
 * @param most changes at most; where there are more, means over as many equal parts of the time from 0 to `endSeconds`
 */
export function sumOf(
  intervals: readonly Interval[],
  most: number,
  endSeconds: number,
  check: Check = noCheck,
): Series {
  const changes: { readonly at: number; readonly change: number; readonly count: number }[] = [];
  const ask = nowAndThen(check, 4096);
  for (const { startSeconds, endSeconds: end, value } of intervals) {
    ask();
    if (!(end > startSeconds) || !Number.isFinite(end) || value === 0) continue;
    changes.push({ at: startSeconds, change: value, count: 1 }, { at: end, change: -value, count: -1 });
  }
  const events = sorted(changes, (a, b) => a.at - b.at, check);
  return seriesOf(most, endSeconds, ask, (each) => {
    for (let index = 0; index < events.length; ) {
      const at = events[index]?.at ?? 0;
      let [change, count] = [0, 0];
      for (let event = events[index]; event !== undefined && event.at === at; event = events[++index]) {
        change += event.change;
        count += event.count;
      }
      each(at, change, count, index === events.length);
    }
  });
}

/** Takes the changes of a sum in the order of their times, how many things begin less those that end, and which is the last. */
type Changes = (each: (at: number, change: number, count: number, isLast: boolean) => void) => void;

/** The sum of changes over time; see `sumOf`. */
export function seriesOf(most: number, endSeconds: number, ask: Check, changes: Changes): Series {
  const times: number[] = [];
  const values: number[] = [];
  let sum = 0;
  let running = 0;
  changes((at, change, count, isLast) => {
    ask();
    sum += change;
    running += count;
    // Nothing runs: what is left is rounding.
    if (running === 0) sum = 0;
    const before = values.at(-1);
    if (before !== undefined && !isLast && Math.abs(before - sum) <= slack * Math.max(before, sum)) return;
    times.push(at);
    if (!isLast) values.push(sum);
  });
  const exact = { times, values, averaged: false };
  return values.length <= most || endSeconds <= 0 ? exact : averages(exact, most, endSeconds);
}

function averages({ times, values }: Series, parts: number, endSeconds: number): Series {
  const width = endSeconds / parts;
  const sums = new Array<number>(parts).fill(0);
  values.forEach((value, index) => {
    const from = times[index] ?? 0;
    const to = Math.min(times[index + 1] ?? from, endSeconds);
    for (let part = Math.min(parts - 1, Math.floor(from / width)); part < parts && part * width < to; part++) {
      const inside = Math.min(to, (part + 1) * width) - Math.max(from, part * width);
      sums[part] = (sums[part] ?? 0) + value * Math.max(0, inside);
    }
  });
  return {
    times: Array.from({ length: parts + 1 }, (_, part) => part * width),
    values: sums.map((sum) => sum / width),
    averaged: true,
  };
}

/** Its values times the time that they last. */
export function integralOf({ times, values }: Series): number {
  return values.reduce((sum, value, index) => sum + value * ((times[index + 1] ?? 0) - (times[index] ?? 0)), 0);
}

/** The highest value; 0 where there is none. */
export const peakOf = ({ values }: Series): number => values.reduce((most, value) => Math.max(most, value), 0);

/** The same with figures as short as a picture needs them: times to nine, values to five significant digits. */
export function rounded({ times, values, averaged }: Series): Series {
  return { times: times.map((at) => round(at, 9)), values: values.map((value) => round(value, 5)), averaged };
}

const round = (value: number, digits: number): number => Number(value.toPrecision(digits));
