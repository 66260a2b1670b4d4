import type { Series } from '../../simulator/explain/explain.types.ts';
import type { RunRecord } from '../protocol.ts';
import { variantName } from './variants.ts';

/** A record as JSON that a person can read too: what the view knows, without what only this server understands. */
export function jsonOf(record: RunRecord): string {
  const { name, options, variants, comparison, stale, elapsedSeconds } = record;
  const compared = comparison === null ? {} : { comparison };
  return `${JSON.stringify({ name, options, stale, elapsedSeconds, ...compared, variants }, numberOrNull, 2)}\n`;
}

/** What never ends is null in JSON; that it is so on purpose stands here. */
const numberOrNull = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? null : value;

const columns = [
  'variant',
  'run',
  'kind',
  'name',
  'detail',
  'start_s',
  'end_s',
  'bytes',
  'bytes_per_second',
  'share',
  'limited_by',
  'operations_per_second',
  'packets',
] as const;
type Row = Partial<Record<(typeof columns)[number], string | number>>;

/**
 * A record as one table. `kind` says what a row is: `transfer`; `latency` and `phase` of the transfer in `name`; `link` and
 * `resource` over the whole run; `use` of one, and `queue` of packets before one, over a stretch of time; `job`, `work`,
 * `operation`, `expectation`.
 */
export function csvOf(record: RunRecord): string {
  const lines = [columns.join(',')];
  for (const { variant, result, explanations } of record.variants) {
    result.runs.forEach((run, index) => {
      const add = (row: Row): void => {
        const whole: Row = { variant: variantName(variant), run: run.name, ...row };
        lines.push(columns.map((column) => cell(whole[column])).join(','));
      };
      for (const one of run.transfers) {
        const { name, from, to, startSeconds: start_s, endSeconds: end_s, bytes, bytesPerSecond, bottleneck } = one;
        const times = { start_s, end_s };
        const rate = { bytes_per_second: bytesPerSecond, limited_by: bottleneck };
        add({ kind: 'transfer', name, detail: `${from} to ${to}, ${one.route}`, ...times, bytes, ...rate });
        for (const phase of one.phases) {
          add({
            kind: 'phase',
            name,
            detail: phase.kind,
            start_s: phase.startSeconds,
            end_s: phase.endSeconds,
            bytes_per_second: phase.bytesPerSecond,
            limited_by: phase.limitedBy,
          });
        }
      }
      for (const { name, direction, wireBytes: bytes, utilisation: share } of run.links) {
        add({ kind: 'link', name, detail: direction, bytes, share });
      }
      for (const { name, kind, bytes, utilisation: share } of run.resources) {
        add({ kind: 'resource', name, detail: kind, bytes, share });
      }
      const jobs = run.jobs ?? [];
      for (const { name, pattern, blockBytes, bytesPerSecond, iops, limitedBy } of jobs) {
        const rate = { bytes_per_second: bytesPerSecond, operations_per_second: iops, limited_by: limitedBy };
        add({ kind: 'job', name, detail: `${pattern} ${blockBytes} B`, ...rate });
      }
      for (const one of run.activities ?? []) {
        if (jobs.some(({ name }) => name === one.name)) continue;
        const { name, kind: detail, startSeconds: start_s, endSeconds: end_s, bytes, bottleneck: limited_by } = one;
        add({ kind: 'work', name, detail, start_s, end_s, bytes, bytes_per_second: one.bytesPerSecond, limited_by });
      }
      for (const { process, stream, label, startSeconds: start_s, endSeconds: end_s } of run.operations) {
        add({ kind: 'operation', name: `${process}.${stream}`, detail: label, start_s, end_s });
      }
      for (const { text, passed } of run.expectations) {
        add({ kind: 'expectation', name: text, detail: passed ? 'passed' : 'failed' });
      }
      const explanation = explanations[index];
      for (const { name, latency } of explanation?.transfers ?? []) {
        let at = run.transfers.find((transfer) => transfer.name === name)?.startSeconds ?? 0;
        for (const { name: thing, what, seconds } of latency) {
          add({ kind: 'latency', name, detail: `${thing}: ${what}`, start_s: at, end_s: at + seconds });
          at += seconds;
        }
      }
      for (const { name, way, kind, use } of explanation?.use ?? []) {
        for (const [start_s, end_s, share] of stretches(use)) {
          add({ kind: 'use', name, detail: way ?? kind, start_s, end_s, share });
        }
      }
      for (const { name, way, kind, depth } of explanation?.queues ?? []) {
        for (const [start_s, end_s, packets] of stretches(depth)) {
          add({ kind: 'queue', name, detail: way ?? kind, start_s, end_s, packets });
        }
      }
    });
  }
  return `${lines.join('\r\n')}\r\n`;
}

function stretches({ times, values }: Series): [number, number, number][] {
  return values.map((value, index) => [times[index] ?? 0, times[index + 1] ?? 0, value]);
}

/** A cell as RFC 4180 has it. A text that a spreadsheet would take for a formula gets an apostrophe. */
function cell(value: string | number | undefined): string {
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return '';
  const text = String(value);
  if (typeof value === 'number') return text;
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
