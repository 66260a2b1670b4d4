import { formatBytes, formatFraction, formatRate, formatSeconds } from '../../model/quantity.ts';
import type { RunResult } from '../../simulator/simulate.types.ts';
import type { RunRecord } from '../protocol.ts';
import { activityTable, counterTable } from './activities.ts';
import { jobTable } from './jobs.ts';
import { nextLimitText, phaseLines } from './limits.ts';
import { table } from './table.ts';

/** The results of a record as text: a comparison side by side, then every run with its transfers, links and expectations. */
export function runReport(record: RunRecord): string {
  const { options } = record;
  const head = [
    `${record.name ?? 'All work'}${record.stale ? '   (STALE: the text has changed since)' : ''}`,
    `fidelity ${options.fidelity}, tax ${options.tax}, seed ${options.seed}`,
  ];
  const sections = [head.join('\n')];
  if (record.variants.length > 1) sections.push(comparison(record));
  for (const { label, result } of record.variants) {
    for (const run of result.runs) {
      const title = record.variants.length > 1 ? `${run.name}, ${label}` : run.name;
      sections.push(runSection(title, run));
    }
  }
  return `${sections.join('\n\n')}\n`;
}

function comparison(record: RunRecord): string {
  const rows = record.variants.flatMap(({ label, result }) =>
    result.runs.flatMap((run) =>
      run.transfers.map((transfer) => [
        transfer.name,
        label,
        formatRate(transfer.bytesPerSecond),
        formatSeconds(transfer.endSeconds - transfer.startSeconds),
        formatSeconds(transfer.firstByteSeconds),
        transfer.route,
        transfer.bottleneck,
      ]),
    ),
  );
  rows.sort((a, b) => (a[0] === b[0] ? 0 : (a[0] ?? '') < (b[0] ?? '') ? -1 : 1));
  return table(['transfer', 'way', 'bandwidth', 'time', 'first byte', 'route', 'limited by'], rows);
}

function runSection(title: string, run: RunResult): string {
  const parts = [`${title}\n${'-'.repeat(title.length)}`, `makespan ${formatSeconds(run.makespanSeconds)}`];
  if (run.transfers.length > 0) {
    const rows = run.transfers.map((transfer) => [
      transfer.name,
      `${transfer.from} -> ${transfer.to}`,
      formatBytes(transfer.bytes),
      formatSeconds(transfer.startSeconds),
      formatSeconds(transfer.endSeconds),
      formatRate(transfer.bytesPerSecond),
      transfer.route,
      transfer.bottleneck,
      nextLimitText(transfer.nextLimit),
    ]);
    const columns = ['transfer', 'ends', 'size', 'start', 'end', 'bandwidth', 'route', 'limited by', 'then by'];
    parts.push(table(columns, rows));
    for (const transfer of run.transfers) {
      const lines = phaseLines(transfer);
      if (lines.length > 0) {
        parts.push([`What limited ${transfer.name}:`, ...lines.map((line) => `  - ${line}`)].join('\n'));
      }
    }
    const reasons = run.transfers.filter((transfer) => transfer.reasons.length > 0);
    for (const transfer of reasons) {
      const lines = transfer.reasons.map(
        (reason) => `  - ${reason.at === null ? '' : `${reason.at}: `}${reason.message} (${reason.code})`,
      );
      parts.push([`Why ${transfer.name} goes this way:`, ...lines].join('\n'));
    }
  }
  if (run.jobs !== undefined) parts.push(jobTable(run.jobs));
  const listed = new Set((run.jobs ?? []).map(({ name }) => name));
  const activities = (run.activities ?? []).filter(({ name }) => !listed.has(name));
  if (activities.length > 0) parts.push(activityTable(activities));
  for (const { name, phases = [] } of [...(run.jobs ?? []), ...activities]) {
    const lines = phaseLines({ phases });
    if (lines.length > 0) parts.push([`What limited ${name}:`, ...lines.map((line) => `  - ${line}`)].join('\n'));
  }
  if (run.operations.length > 0) {
    const rows = run.operations.map((each) => [
      each.process,
      each.stream,
      each.label,
      formatSeconds(each.startSeconds),
      formatSeconds(each.endSeconds),
    ]);
    parts.push(table(['process', 'stream', 'operation', 'start', 'end'], rows));
  }
  const links = run.links.filter((link) => link.wireBytes > 0);
  if (links.length > 0) {
    const rows = links.map((link) => [
      link.name,
      link.direction,
      formatBytes(link.payloadBytes),
      formatBytes(link.wireBytes),
      formatFraction(link.utilisation),
    ]);
    parts.push(table(['link', 'way', 'payload', 'on the wire', 'busy'], rows));
  }
  const resources = run.resources.filter((resource) => resource.bytes > 0);
  if (resources.length > 0) {
    const rows = resources.map((resource) => [
      resource.name,
      resource.kind,
      formatBytes(resource.bytes),
      formatFraction(resource.utilisation),
    ]);
    parts.push(table(['resource', 'kind', 'bytes', 'busy'], rows));
  }
  const counters = run.counters ?? [];
  if (counters.length > 0) parts.push(counterTable(counters));
  if (run.expectations.length > 0) {
    parts.push(
      run.expectations
        .map((each) => `${each.passed ? 'holds' : 'FAILS'}  ${each.text}   ${each.message}`.trimEnd())
        .join('\n'),
    );
  }
  for (const [title2, lines] of [
    ['Left out, because the engine does not know it:', run.notSimulated],
    ['Assumed, because the text does not say:', run.assumptions],
  ] as const) {
    if (lines.length > 0) parts.push([title2, ...lines.map((line) => `  - ${line}`)].join('\n'));
  }
  return parts.join('\n\n');
}
