/** How often an enclosing block is repeated, and which copy this is: the outermost first. */
export interface Copy {
  readonly count: number;
  readonly index: number;
}

/** Which element of a range of `count` belongs to this copy: the innermost repetitions whose product is `count`. */
export function deal(count: number, copies: readonly Copy[]): number | undefined {
  if (count === 1) return 0;
  let product = 1;
  let index = 0;
  for (const copy of [...copies].reverse()) {
    index += copy.index * product;
    product *= copy.count;
    if (product === count) return index;
  }
  return undefined;
}

/** The lengths that a range below these copies may have. */
export function repetitions(copies: readonly Copy[]): number[] {
  let product = 1;
  const lengths: number[] = [];
  for (const copy of [...copies].reverse()) {
    product *= copy.count;
    if (!lengths.includes(product)) lengths.push(product);
  }
  return lengths;
}
