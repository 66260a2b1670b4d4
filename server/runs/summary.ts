import { formatIops, formatRate, formatSeconds } from '../../model/quantity.ts';
import type { RunResult } from '../../simulator/simulate.types.ts';
import type { RunRecord } from '../protocol.ts';

/**
 * One run in a few words: `25.1 GB/s · 12.9 us · limited by rp0`.
 *
 * @param short the shortest names of the things in it, where they are known
 */
export function summaryOf(run: RunResult, short: Readonly<Record<string, string>> = {}): string {
  const words: string[] = [];
  const [only] = run.transfers;
  if (only !== undefined && run.transfers.length === 1) {
    words.push(
      formatRate(only.bytesPerSecond),
      formatSeconds(only.endSeconds - only.startSeconds),
      `limited by ${short[only.bottleneck] ?? only.bottleneck}`,
    );
  } else if (run.transfers.length === 0 && run.jobs?.[0] !== undefined && run.jobs.length === 1) {
    const [{ iops, latency, limitedBy }] = run.jobs;
    words.push(formatIops(iops), formatSeconds(latency.mean), `limited by ${short[limitedBy] ?? limitedBy}`);
  } else {
    words.push(formatSeconds(run.makespanSeconds), `${run.transfers.length} transfers`);
  }
  const failed = run.expectations.filter((expectation) => !expectation.passed).length;
  const all = run.expectations.length;
  if (all > 0)
    words.push(failed === 0 ? `${all} ${all === 1 ? 'expectation holds' : 'expectations hold'}` : failing(failed, all));
  return words.join(' · ');
}

const failing = (failed: number, all: number): string =>
  all === 1 ? 'its expectation fails' : `${failed} of ${all} expectations ${failed === 1 ? 'fails' : 'fail'}`;

/** A record in a few words, for lenses and messages. */
export function recordSummary(record: RunRecord): string {
  const parts = record.variants.map(({ label, result }) => {
    // As within a sentence; `ACS off` stays as it is.
    const name = label.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
    const [run] = result.runs;
    if (run === undefined) return `${name}: nothing ran`;
    const failed = result.runs.flatMap((each) => each.expectations).filter((expectation) => !expectation.passed).length;
    const text =
      result.runs.length === 1
        ? summaryOf(run, record.shortNames)
        : `${result.runs.length} runs${failed > 0 ? `, ${failed} ${failed === 1 ? 'expectation fails' : 'expectations fail'}` : ''}`;
    return record.variants.length > 1 ? `${name} ${text}` : text;
  });
  return parts.join(' | ');
}
