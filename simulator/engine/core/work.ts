import { check } from './host';

const stepsBetween: u32 = 0x1000;
let untilCheck: u32 = stepsBetween;

/** Steps of settlements so far: what one costs, the same on every machine. */
export let steps: f64 = 0;

export function tire(): void {
  steps += 1;
  if (--untilCheck > 0) return;
  untilCheck = stepsBetween;
  check();
}
