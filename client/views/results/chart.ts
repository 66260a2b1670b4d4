import type { Series } from '../../../simulator/explain/explain.types.ts';
import { svg } from './dom.ts';

/** Units of a chart's own coordinates; it is stretched to its place. */
const width = 1000;
const height = 100;
/** From here on a thing is as good as full, and is drawn so. */
export const full = 0.95;

/**
 * A figure over time as steps. Drawn for the eye alone: what it says stands in text beside it.
 *
 * @param window the times at its left and right edge
 * @param most the figure at its upper edge
 */
export function chart(
  { times, values }: Series,
  window: readonly [number, number],
  most: number,
  kind: string,
): SVGElement {
  const [from, to] = window;
  const x = (seconds: number): number => round(((seconds - from) / Math.max(to - from, Number.MIN_VALUE)) * width);
  const y = (value: number): number => round(height - Math.min(1, value / most) * height);
  const path = (wanted: (value: number) => boolean): string => {
    const parts: string[] = [];
    values.forEach((value, index) => {
      if (value <= 0 || !wanted(value)) return;
      const [left, right] = [x(times[index] ?? 0), x(times[index + 1] ?? 0)];
      // A stretch that is too short to see is a hair wide.
      parts.push(`M${left} ${height}V${y(value)}H${Math.max(right, left + 0.6)}V${height}Z`);
    });
    return parts.join('');
  };
  const isFull = (value: number): boolean => kind === 'use' && value >= full * most;
  return svg(
    'svg',
    { class: `chart ${kind}`, viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('path', { class: 'area', d: path((value) => !isFull(value)) }),
    svg('path', { class: 'area full', d: path(isFull) }),
  );
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** The value at a time; null outside. */
export function valueAt({ times, values }: Series, seconds: number): number | null {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle + 1] ?? Number.POSITIVE_INFINITY) <= seconds) low = middle + 1;
    else high = middle;
  }
  return (times[low] ?? Number.POSITIVE_INFINITY) <= seconds ? (values[low] ?? null) : null;
}
