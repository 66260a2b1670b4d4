import { fitted } from './fitted.ts';
import type { Judged } from './predict.ts';

/** A row with a prediction and a measured value. */
export interface Compared {
  readonly judged: Judged;
  readonly measured: number;
  readonly predicted: number;
  readonly profile: string;
  /** (predicted - measured) / measured. */
  readonly error: number;
  /** The constant that the row gave, or null. */
  readonly gave: string | null;
}

export function compare(all: readonly Judged[]): Compared[] {
  return all.flatMap((judged) => {
    const { measured, prediction, row } = judged;
    if (measured === null || measured === 0 || 'unknown' in prediction) return [];
    const { predicted, profile } = prediction;
    const error = (predicted - measured) / measured;
    return [{ judged, measured, predicted, profile, error, gave: fitted.get(row.id) ?? null }];
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1] ?? Number.NaN, sorted[middle] ?? Number.NaN];
  return sorted.length % 2 === 0 ? (low + high) / 2 : high;
}

export interface Summary {
  readonly name: string;
  readonly rows: number;
  readonly unknown: number;
  /** Median of |error|; NaN without rows. */
  readonly median: number;
  /** Share of rows within 15 %. */
  readonly within: number;
  /** Rows that gave no constant, and the same of them alone. */
  readonly free: number;
  readonly freeMedian: number;
  readonly freeWithin: number;
}

const shareWithin = (rows: readonly Compared[], bound: number) =>
  rows.length === 0 ? Number.NaN : rows.filter(({ error }) => Math.abs(error) <= bound).length / rows.length;
const middle = (rows: readonly Compared[]) => median(rows.map(({ error }) => Math.abs(error)));

export function summarize(name: string, rows: readonly Compared[], unknown: number): Summary {
  const free = rows.filter(({ gave }) => gave === null);
  return {
    name,
    rows: rows.length,
    unknown,
    median: middle(rows),
    within: shareWithin(rows, 0.15),
    free: free.length,
    freeMedian: middle(free),
    freeWithin: shareWithin(free, 0.15),
  };
}

/** One line a family, by name; then all rows, and the median over the families. */
export function families(all: readonly Judged[]): {
  readonly each: readonly Summary[];
  readonly whole: Summary;
  readonly overFamilies: number;
  readonly overFamiliesFree: number;
} {
  const compared = compare(all);
  const names = [...new Set(all.map(({ family }) => family))].sort();
  const each = names.map((name) => {
    const unknown = all.filter(({ family, prediction }) => family === name && 'unknown' in prediction).length;
    return summarize(
      name,
      compared.filter(({ judged }) => judged.family === name),
      unknown,
    );
  });
  const whole = summarize('all', compared, all.length - compared.length);
  const defined = (values: readonly number[]) => values.filter(Number.isFinite);
  return {
    each,
    whole,
    overFamilies: median(defined(each.map((one) => one.median))),
    overFamiliesFree: median(defined(each.map((one) => one.freeMedian))),
  };
}
