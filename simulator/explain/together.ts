import { type Check, noCheck } from '../cancel.ts';
import type { TaskTimes } from '../engine/flow.ts';
import type { LimitPhase, NextLimit } from '../simulate.types.ts';
import { sorted } from '../sort.ts';
import { mergedPhases } from './phases.ts';

/** What holds back work of which nothing moves: calls, fetches, interrupts, and the way before the first byte. */
export const callsAndLatencies = 'calls and latencies';

/** Phases of one piece of work at most. */
const mostPhases = 200;

/** What one thing holds back at a time. */
interface Held {
  readonly phase: LimitPhase;
  count: number;
  rate: number;
  /** Rates that the limit behind would leave, and how many are not known. */
  nextRate: number;
  unknown: number;
  readonly nexts: Map<string, { readonly next: NextLimit; count: number }>;
}

/**
 * Phases of work that is many tasks, from its start to its end: at each time what holds back the most of them, the rate of all,
 * and what they would reach without it. Where nothing moves that is latency.
 */
export function phasesTogether(
  times: readonly Pick<TaskTimes, 'phases'>[],
  startSeconds: number,
  endSeconds: number,
  check: Check = noCheck,
): LimitPhase[] {
  if (!(endSeconds > startSeconds) || !Number.isFinite(endSeconds)) return [];
  const changes: { readonly at: number; readonly sign: 1 | -1; readonly phase: LimitPhase }[] = [];
  for (const { phases } of times) {
    check();
    for (const phase of phases) {
      if (phase.kind === 'latency' && phase.bytesPerSecond === 0) continue;
      const from = Math.max(startSeconds, phase.startSeconds);
      const to = Math.min(endSeconds, phase.endSeconds);
      if (to > from) changes.push({ at: from, sign: 1, phase }, { at: to, sign: -1, phase });
    }
  }
  const all = sorted(changes, (a, b) => a.at - b.at, check);
  const held = new Map<string, Held>();
  const phases: LimitPhase[] = [];
  let at = startSeconds;
  for (let index = 0; index <= all.length; ) {
    check();
    const until = all[index]?.at ?? endSeconds;
    if (until > at) phases.push(phaseOf(held, at, until));
    at = Math.max(at, until);
    if (index === all.length) break;
    for (let one = all[index]; one !== undefined && one.at === until; one = all[++index]) change(held, one);
  }
  return [...mergedPhases(phases, mostPhases)];
}

function change(all: Map<string, Held>, { sign, phase }: { readonly sign: 1 | -1; readonly phase: LimitPhase }): void {
  const key = `${phase.kind} ${phase.limitedBy}`;
  const held = all.get(key) ?? { phase, count: 0, rate: 0, nextRate: 0, unknown: 0, nexts: new Map() };
  all.set(key, held);
  held.count += sign;
  held.rate += sign * phase.bytesPerSecond;
  const { next } = phase;
  if (next == null) held.unknown += sign;
  else {
    held.nextRate += sign * next.bytesPerSecond;
    const behind = `${next.kind} ${next.limitedBy}`;
    const known = held.nexts.get(behind) ?? { next, count: 0 };
    held.nexts.set(behind, known);
    known.count += sign;
    if (known.count === 0) held.nexts.delete(behind);
  }
  // Sums that went up and down leave rounding behind.
  if (held.count === 0) all.delete(key);
}

function phaseOf(all: ReadonlyMap<string, Held>, startSeconds: number, endSeconds: number): LimitPhase {
  let most: Held | undefined;
  let rate = 0;
  for (const held of all.values()) {
    rate += held.rate;
    if (most === undefined || held.count > most.count) most = held;
  }
  if (most === undefined) {
    const limit = { limitedBy: callsAndLatencies, kind: 'latency' } as const;
    return { startSeconds, endSeconds, bytesPerSecond: 0, ...limit, next: null };
  }
  let behind: { readonly next: NextLimit; readonly count: number } | undefined;
  for (const one of most.nexts.values()) if (behind === undefined || one.count > behind.count) behind = one;
  const { limitedBy, kind } = most.phase;
  const next =
    behind === undefined || most.unknown > 0
      ? null
      : { ...behind.next, bytesPerSecond: rate - most.rate + most.nextRate };
  return { startSeconds, endSeconds, bytesPerSecond: rate, limitedBy, kind, next };
}

/** What comes behind a limit, where that held for the longest; behind latency comes what holds back once something moves. */
export function nextBehind(phases: readonly LimitPhase[], limitedBy: string): NextLimit | null {
  const seconds = (phase: LimitPhase | undefined) => (phase === undefined ? 0 : phase.endSeconds - phase.startSeconds);
  let longest: LimitPhase | undefined;
  for (const phase of phases) {
    const isIt = limitedBy === callsAndLatencies ? phase.bytesPerSecond > 0 : phase.limitedBy === limitedBy;
    if (isIt && seconds(phase) > seconds(longest)) longest = phase;
  }
  if (longest === undefined) return null;
  if (limitedBy !== callsAndLatencies) return longest.next ?? null;
  return { limitedBy: longest.limitedBy, kind: longest.kind, bytesPerSecond: longest.bytesPerSecond };
}
