import type { EndpointRef } from '../model/work.ts';
import { callsAndLatencies } from './explain/together.ts';
import type { LimitPhase } from './simulate.types.ts';

/** Bytes over time; 0 where there was none, or no end. */
export const rate = (bytes: number, seconds: number) => (seconds > 0 && Number.isFinite(seconds) ? bytes / seconds : 0);

/** What held work back for the longest time. */
export function longest(phases: readonly LimitPhase[]): string {
  const seconds = new Map<string, number>();
  let best = '';
  for (const phase of phases) {
    const sum = (seconds.get(phase.limitedBy) ?? 0) + phase.endSeconds - phase.startSeconds;
    seconds.set(phase.limitedBy, sum);
    if (best === '' || sum > (seconds.get(best) ?? 0)) best = phase.limitedBy;
  }
  return best;
}

/** The devices that a list of ends names, without repetition. */
export function devicesOf(ends: readonly EndpointRef[]): number[] {
  return [...new Set(ends.filter((end) => !end.memory).map((end) => end.component))];
}

/**
 * What limited work that took `seconds` in all: for most of the time in which bytes moved or kernels ran, or, where that was less
 * than half of it, the calls, fetches and interrupts around.
 */
export function mostOf(phases: readonly LimitPhase[], seconds: number): string {
  const moved = phases.reduce((sum, phase) => sum + phase.endSeconds - phase.startSeconds, 0);
  return moved < seconds / 2 ? callsAndLatencies : longest(phases);
}
