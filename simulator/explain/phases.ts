import type { LimitPhase, NextLimit } from '../simulate.types.ts';

const secondsOf = ({ startSeconds, endSeconds }: LimitPhase): number => endSeconds - startSeconds;

/** What moved in it. What takes no time moves nothing, however fast. */
const bytesOf = (phase: LimitPhase): number => (secondsOf(phase) > 0 ? phase.bytesPerSecond * secondsOf(phase) : 0);

/**
 * Phases of a transfer with as much as a reader wants to know: neighbours that one thing limits are one, at their mean rate.
 * What moves stays the same.
 *
 * @param most phases at most; where there are more, each of as many equal parts of the time is named by what limited longest
 */
export function mergedPhases(phases: readonly LimitPhase[], most: number): readonly LimitPhase[] {
  const merged = neighbours(phases);
  if (merged.length <= most) return merged;
  const from = merged[0]?.startSeconds ?? 0;
  const width = ((merged.at(-1)?.endSeconds ?? from) - from) / most;
  if (!(width > 0) || !Number.isFinite(width)) return merged.slice(0, most);
  const parts: LimitPhase[] = [];
  let first = 0;
  for (let part = 0; part < most; part++) {
    const startSeconds = from + part * width;
    const endSeconds = part + 1 === most ? (merged.at(-1)?.endSeconds ?? startSeconds) : startSeconds + width;
    let longest: LimitPhase | undefined;
    let longestInside = 0;
    let bytes = 0;
    for (let index = first; index < merged.length; index++) {
      const phase = merged[index];
      if (phase === undefined || phase.startSeconds >= endSeconds) break;
      const inside = Math.min(phase.endSeconds, endSeconds) - Math.max(phase.startSeconds, startSeconds);
      if (phase.endSeconds <= endSeconds) first = index + 1;
      if (inside <= 0) continue;
      bytes += inside * phase.bytesPerSecond;
      if (inside <= longestInside) continue;
      longestInside = inside;
      longest = phase;
    }
    if (longest === undefined) continue;
    parts.push({ ...longest, startSeconds, endSeconds, bytesPerSecond: bytes / (endSeconds - startSeconds) });
  }
  return neighbours(parts);
}

type Growing = { -readonly [key in keyof LimitPhase]: LimitPhase[key] };

/** A phase that grows by its neighbours: by as many as there are, so that none of them leaves anything behind. */
class Merged {
  readonly phase: Growing;
  /** The longest of those that became one says what would come next. */
  #longest: number;

  constructor(first: LimitPhase) {
    this.phase = { ...first };
    this.#longest = secondsOf(first);
  }

  add(phase: LimitPhase): void {
    const before = this.phase;
    const [one, other] = [secondsOf(before), secondsOf(phase)];
    const bytes = bytesOf(before) + bytesOf(phase);
    const mean = meanNext(before.next, one, phase.next, other);
    if (mean !== null) before.next = mean;
    else if (other > this.#longest) {
      if (phase.next === undefined) delete before.next;
      else before.next = phase.next;
    }
    this.#longest = Math.max(this.#longest, other);
    before.endSeconds = phase.endSeconds;
    before.bytesPerSecond = one + other > 0 ? bytes / (one + other) : phase.bytesPerSecond;
  }
}

/** Where the same comes next behind both, its mean rate; null where what comes behind the longer one stays. */
function meanNext(
  next: NextLimit | null | undefined,
  one: number,
  then: NextLimit | null | undefined,
  other: number,
): NextLimit | null {
  if (next == null || then == null || one + other <= 0) return null;
  if (next.kind !== then.kind || next.limitedBy !== then.limitedBy) return null;
  const bytesPerSecond = (next.bytesPerSecond * one + then.bytesPerSecond * other) / (one + other);
  return { limitedBy: next.limitedBy, kind: next.kind, bytesPerSecond };
}

function neighbours(phases: readonly LimitPhase[]): LimitPhase[] {
  const merged: LimitPhase[] = [];
  let last: LimitPhase | undefined;
  let growing: Merged | null = null;
  for (const phase of phases) {
    if (last === undefined || last.kind !== phase.kind || last.limitedBy !== phase.limitedBy) {
      growing = null;
      merged.push(phase);
      last = phase;
      continue;
    }
    if (growing === null) {
      growing = new Merged(last);
      merged[merged.length - 1] = growing.phase;
      last = growing.phase;
    }
    growing.add(phase);
  }
  return merged;
}

/** Phases from a time on: what moved before counts to the first of them. */
export function phasesFrom(phases: readonly LimitPhase[], startSeconds: number): readonly LimitPhase[] {
  let before = 0;
  for (const [at, phase] of phases.entries()) {
    if (phase.startSeconds >= startSeconds && before === 0) return phases.slice(at);
    const bytes = phase.bytesPerSecond * (phase.endSeconds - phase.startSeconds);
    if (phase.endSeconds > startSeconds) {
      const from = Math.max(startSeconds, phase.startSeconds);
      const bytesPerSecond = (before + bytes) / (phase.endSeconds - from);
      return [{ ...phase, startSeconds: from, bytesPerSecond }, ...phases.slice(at + 1)];
    }
    before += bytes;
  }
  return phases.slice(-1).map((phase) => ({ ...phase, startSeconds: phase.endSeconds }));
}
