import { formatRate, formatSeconds } from '../../model/quantity.ts';
import { callsAndLatencies } from '../../simulator/explain/together.ts';
import type { NextLimit, TransferResult } from '../../simulator/simulate.types.ts';

/** The limit behind the limit in a few words: `cpu0.memory at 51.2 GB/s`; empty where nothing else is known. */
export const nextLimitText = (next: NextLimit | null | undefined): string =>
  next == null ? '' : `${next.limitedBy} at ${formatRate(next.bytesPerSecond)}`;

/** Phases that a text shows of one transfer at most. */
const mostPhases = 12;

/** Latency that is worth a word: its share of the time. */
const mostWaiting = 0.1;

/**
 * What held a transfer or other work back, phase after phase, one line each; nothing where one thing did from the first byte to the last,
 * and the first came soon.
 * Phases that follow each other with the same limit stand in one line.
 */
export function phaseLines({ phases }: Pick<TransferResult, 'phases'>): string[] {
  const spans: { startSeconds: number; endSeconds: number; bytes: number; words: string; next: string }[] = [];
  for (const phase of phases) {
    const { startSeconds, endSeconds, bytesPerSecond, limitedBy, kind } = phase;
    const words =
      kind === 'latency' && bytesPerSecond === 0 && limitedBy !== callsAndLatencies
        ? `latency, most of it ${limitedBy}`
        : limitedBy;
    const bytes = bytesPerSecond * (endSeconds - startSeconds);
    const before = spans.at(-1);
    const next = phase.next == null ? '' : phase.next.limitedBy;
    if (before !== undefined && before.words === words && before.next === next) {
      before.endSeconds = endSeconds;
      before.bytes += bytes;
    } else spans.push({ startSeconds, endSeconds, bytes, words, next });
  }
  const seconds = (all: typeof spans) => all.reduce((sum, one) => sum + one.endSeconds - one.startSeconds, 0);
  const waited = seconds(spans.filter(({ bytes }) => bytes === 0));
  if (spans.filter(({ bytes }) => bytes > 0).length < 2 && waited <= mostWaiting * seconds(spans)) return [];
  const lines = spans.map(({ startSeconds, endSeconds, bytes, words, next }) => {
    const rate = endSeconds > startSeconds ? bytes / (endSeconds - startSeconds) : 0;
    const then = next === '' ? '' : `, then ${next}`;
    const moved = rate > 0 ? `${formatRate(rate)}, ` : '';
    return `${formatSeconds(startSeconds)} to ${formatSeconds(endSeconds)}: ${moved}limited by ${words}${then}`;
  });
  const more = lines.length - mostPhases;
  return more > 0 ? [...lines.slice(0, mostPhases), `and ${more} more`] : lines;
}
