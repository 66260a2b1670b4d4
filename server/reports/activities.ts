import { formatBytes, formatFraction, formatRate, formatSeconds } from '../../model/quantity.ts';
import type { ActivityResult, CounterResult } from '../../simulator/simulate.types.ts';
import { nextLimitText } from './limits.ts';
import { table } from './table.ts';

/** Processes, pipelines with their stages and collectives as a table; why they were done so below it. */
export function activityTable(activities: readonly ActivityResult[]): string {
  const rows = activities.map((one) => [
    `${one.kind} ${one.name}`,
    one.bytes > 0 ? formatBytes(one.bytes) : '',
    formatSeconds(one.startSeconds),
    formatSeconds(one.endSeconds),
    one.bytes > 0 ? formatRate(one.bytesPerSecond) : '',
    one.busBytesPerSecond === undefined ? '' : formatRate(one.busBytesPerSecond),
    one.latencySeconds === undefined ? '' : formatSeconds(one.latencySeconds),
    one.algorithm ?? '',
    one.bottleneck,
    nextLimitText(one.nextLimit),
  ]);
  const head = ['work', 'size', 'start', 'end', 'bandwidth', 'bus', 'latency', 'how', 'limited by', 'then by'];
  const reasons = activities.flatMap(({ name, reasons: all }) =>
    all.map((reason) => `  - ${name}: ${reason.message} (${reason.code})`),
  );
  const why = reasons.length === 0 ? [] : [['Why it goes this way:', ...reasons].join('\n')];
  return [table(head, rows), ...why].join('\n\n');
}

/** What monitoring tools would have shown. */
export function counterTable(counters: readonly CounterResult[]): string {
  const rows = counters.map((one) => [one.of, one.tool, one.counter, counterValue(one)]);
  return table(['of', 'tool', 'counter', 'value'], rows);
}

function counterValue({ value, unit }: CounterResult): string {
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'bytesPerSecond':
      return formatRate(value);
    case 'megabytesPerSecond':
      return `${value.toFixed(0)} MB/s`;
    case 'percent':
      return `${value.toFixed(0)} %`;
    case 'fraction':
      return formatFraction(value);
    default:
      return String(value);
  }
}
