/** The value below which a share of the values lies: 0.5 is the median. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** `6.1 / 9.0`: median and 95th percentile, in milliseconds. */
export function milliseconds(seconds: readonly number[]): string {
  return [0.5, 0.95].map((share) => (quantile(seconds, share) * 1000).toFixed(1)).join(' / ');
}
