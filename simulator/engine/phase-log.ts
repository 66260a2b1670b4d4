import type { LimitKind, LimitPhase, NextLimit } from '../simulate.types.ts';

/** Nobody asks what comes next. */
export const unasked = -2;
/** The task does not flow. */
const pause = -3;

const stride = 5;

/**
 * What limited a task from its first byte to its last, as plain numbers one behind the other: a long run has millions of
 * phases, and few of them are ever looked at one by one.
 */
export class PhaseLog {
  /** Start, limit, rate, what is next, its rate; each lasts until the next one. */
  readonly #entries: number[] = [];
  #endSeconds = Number.NaN;

  /** From now on a limit holds the task back, and `next` is behind it: -1 for none that is known. */
  add(startSeconds: number, limit: number, rate: number, next: number, nextRate: number): void {
    this.#resume(startSeconds);
    this.#entries.push(startSeconds, limit, rate, next, nextRate);
  }

  /** The task goes on with what it had, if it does not go on already. */
  goOn(startSeconds: number): void {
    this.#resume(startSeconds);
  }

  /** The task stops, for a while. */
  stop(atSeconds: number): void {
    const entries = this.#entries;
    if (entries.length > 0 && entries[entries.length - stride + 1] !== pause) entries.push(atSeconds, pause, 0, 0, 0);
  }

  /** Nothing more comes, or nothing that is known. */
  end(atSeconds: number): void {
    this.#endSeconds = atSeconds;
  }

  /** A pause that takes no time is none. */
  #resume(startSeconds: number): void {
    const entries = this.#entries;
    const last = entries.length - stride;
    if (last >= 0 && entries[last + 1] === pause && entries[last] === startSeconds) entries.length = last;
  }

  /** Each rate with the time from which and until which it held, in their order. */
  eachRate(visit: (startSeconds: number, endSeconds: number, rate: number) => void): void {
    const entries = this.#entries;
    for (let at = 0; at < entries.length; at += stride) {
      if (entries[at + 1] === pause) continue;
      visit(entries[at] ?? 0, entries[at + stride] ?? this.#endSeconds, entries[at + 2] ?? 0);
    }
  }

  phases(limits: readonly { readonly name: string; readonly kind: LimitKind }[]): LimitPhase[] {
    const entries = this.#entries;
    const phases: LimitPhase[] = [];
    for (let at = 0; at < entries.length; at += stride) {
      const limit = entries[at + 1] ?? pause;
      if (limit === pause) continue;
      const startSeconds = entries[at] ?? 0;
      const endSeconds = entries[at + stride] ?? this.#endSeconds;
      const { name: limitedBy, kind } = limits[limit] ?? nothing;
      const phase = { startSeconds, endSeconds, bytesPerSecond: entries[at + 2] ?? 0, limitedBy, kind };
      const next = entries[at + 3] ?? unasked;
      if (next === unasked) phases.push(phase);
      else phases.push({ ...phase, next: nextOf(limits[next], entries[at + 4] ?? 0) });
    }
    return phases;
  }
}

const nothing = { name: '', kind: 'device' } as const;

function nextOf(
  limit: { readonly name: string; readonly kind: LimitKind } | undefined,
  bytesPerSecond: number,
): NextLimit | null {
  return limit === undefined ? null : { limitedBy: limit.name, kind: limit.kind, bytesPerSecond };
}
