/**
 * Stages in a row with little room between them. Two stages that could each do r operations a second do less than r
 * together: now the first stands still because the room is full, now the second because it is empty. The closed form is
 * that of a queue with one server and room for k (M/M/1/k: Kleinrock, Queueing Systems I, section 3.6).
 */
export function inSeries(first: number, second: number, room: number): number {
  const slow = Math.min(first, second);
  const fast = Math.max(first, second);
  if (slow <= 0 || !Number.isFinite(fast)) return Math.max(0, slow);
  const load = slow / fast;
  // Close to 1 the closed form is 0 / 0; its limit is k / (k + 1).
  if (load > 1 - 1e-9) return (slow * room) / (room + 1);
  return (slow * (1 - load ** room)) / (1 - load ** (room + 1));
}

/** Any number of stages, folded from the slowest on, operations a second. Infinite without any stage. */
export function allInSeries(rates: readonly number[], room: number): number {
  const sorted = [...rates].sort((a, b) => a - b);
  let result = Number.POSITIVE_INFINITY;
  for (const rate of sorted) result = inSeries(result, rate, room);
  return result;
}
