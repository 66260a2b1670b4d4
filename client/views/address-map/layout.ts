import { bytesOf, type Span } from './spaces.ts';

/**
 * `even`: what is small is as readable as what is large, free space is short; the order is that of the addresses, the
 * widths are not. `linear`: widths are true to the addresses.
 */
export type Scale = 'even' | 'linear';

/** A span as a box: fractions of the width of the bar, and how many spans it lies in. */
export interface Box {
  readonly span: Span;
  readonly parent: Span | null;
  readonly left: number;
  readonly width: number;
  readonly depth: number;
  /** Spans in it that are too narrow to be drawn. */
  readonly hidden: number;
}

/** Narrower than this fraction of the bar (the two edges of a box on 800 px) is not drawn, and counted by the box around it. */
const least = 0.0025;

/** The boxes of a bar, each behind the one that it lies in. */
export function boxesOf(bar: Span, scale: Scale): readonly Box[] {
  const boxes: Box[] = [];
  const weigh = weights(scale);
  const add = (span: Span, parent: Span | null, left: number, width: number, depth: number): void => {
    const inner: (readonly [Span, number, number])[] = [];
    const whole = weigh(span);
    let at = span.start;
    let offset = 0;
    let hidden = 0;
    for (const child of span.children) {
      // Spans that overlap stand where they end, side by side, rather than over each other.
      offset += gap(child.start - at, scale);
      const share = weigh(child) / whole;
      const childLeft = left + (offset / whole) * width;
      const childWidth = Math.min(share * width, Math.max(0, left + width - childLeft));
      if (childWidth < least) hidden += 1;
      else inner.push([child, childLeft, childWidth]);
      offset += weigh(child);
      at = child.end + 1n > at ? child.end + 1n : at;
    }
    boxes.push({ span, parent, left, width, depth, hidden });
    for (const [child, childLeft, childWidth] of inner) add(child, span, childLeft, childWidth, depth + 1);
  };
  add(bar, null, 0, 1, 0);
  return boxes;
}

export const depthOf = (boxes: readonly Box[]): number => Math.max(0, ...boxes.map((box) => box.depth)) + 1;

/** What a span takes of a bar. Even: at least 4 for each that lies in it, and a little more for twice the bytes. */
function weights(scale: Scale): (span: Span) => number {
  if (scale === 'linear') return (span) => Number(bytesOf(span));
  const known = new Map<Span, number>();
  const weigh = (span: Span): number => {
    const before = known.get(span);
    if (before !== undefined) return before;
    let at = span.start;
    let sum = 0;
    for (const child of span.children) {
      sum += gap(child.start - at, scale) + weigh(child);
      at = child.end + 1n > at ? child.end + 1n : at;
    }
    const rest = span.children.length === 0 ? 0 : gap(span.end + 1n - at, scale);
    const weight = Math.max(4 + Math.log2(Number(bytesOf(span))) / 8, sum + rest);
    known.set(span, weight);
    return weight;
  };
  return weigh;
}

/** What free space takes. */
function gap(bytes: bigint, scale: Scale): number {
  if (bytes <= 0n) return 0;
  return scale === 'linear' ? Number(bytes) : 0.5 + Math.log2(Number(bytes)) / 16;
}
