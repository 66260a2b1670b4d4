import { type Check, noCheck } from './cancel.ts';

/** So many are sorted, or merged, between two checks: about a millisecond. */
const piece = 4096;

/** A sorted copy; equal items keep their order. Asks on the way, since a long sort takes as long as a run. */
export function sorted<T>(items: readonly T[], compare: (a: T, b: T) => number, check: Check = noCheck): T[] {
  let runs: T[][] = [];
  for (let from = 0; from < items.length; from += piece) {
    check();
    runs.push(items.slice(from, from + piece).sort(compare));
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let at = 0; at < runs.length; at += 2)
      merged.push(mergeOf(runs[at] ?? [], runs[at + 1] ?? [], compare, check));
    runs = merged;
  }
  return runs[0] ?? [];
}

function mergeOf<T>(left: readonly T[], right: T[], compare: (a: T, b: T) => number, check: Check): T[] {
  if (right.length === 0) return [...left];
  const merged: T[] = [];
  let [from, to] = [0, 0];
  while (from < left.length && to < right.length) {
    if (merged.length % piece === 0) check();
    const [one, other] = [left[from] as T, right[to] as T];
    if (compare(one, other) <= 0) {
      merged.push(one);
      from++;
    } else {
      merged.push(other);
      to++;
    }
  }
  for (; from < left.length; from++) merged.push(left[from] as T);
  for (; to < right.length; to++) merged.push(right[to] as T);
  return merged;
}
