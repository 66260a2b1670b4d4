import type { LimitPhase } from '../simulate.types.ts';

/** Moves some tasks of a run in a way of its own: packet by packet. Times are seconds. */
export interface Mover {
  readonly isBusy: boolean;
  /** The part of a task's latency that its own moving takes; null for a task that is not moved here. */
  waySeconds(task: number): number | null;
  start(task: number, atSeconds: number): void;
  /** Goes on until a task ends or up to a time. Gives the time reached, and the task that ended then, -1 for none. */
  advance(untilSeconds: number): { readonly task: number; readonly atSeconds: number };
  /** Of a task that has ended. */
  phases(task: number): readonly LimitPhase[];
  firstByteSeconds(task: number): number | null;
}
