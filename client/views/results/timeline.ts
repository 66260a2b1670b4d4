/** A bar on an axis, as fractions of the axis. */
export interface Segment {
  readonly left: number;
  readonly width: number;
}

/** Places a span of time on an axis from 0 to `end`. Every span is visible, however short. */
export function segment(startSeconds: number, endSeconds: number, end: number, least = 0.002): Segment {
  if (!(end > 0)) return { left: 0, width: 1 };
  const left = clamp(startSeconds / end);
  const width = Math.max(least, clamp(endSeconds / end) - left);
  return { left: Math.min(left, 1 - width), width };
}

const clamp = (fraction: number): number => Math.min(1, Math.max(0, fraction));

/** Round marks from 0 to `end`: two to five of them, at 1, 2 or 5 times a power of ten. */
export function ticks(end: number): readonly number[] {
  if (!(end > 0) || !Number.isFinite(end)) return [0];
  const rough = end / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((candidate) => candidate >= rough) ?? 10 * power;
  const marks: number[] = [];
  for (let index = 0; index * step <= end * (1 + 1e-9); index++) marks.push(index * step);
  return marks;
}
