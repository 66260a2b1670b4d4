import { formatBytes, formatIops, formatRate, formatSeconds } from '../../model/quantity.ts';
import type { JobResult } from '../../simulator/jobs/job.types.ts';
import { nextLimitText } from './limits.ts';
import { table } from './table.ts';

/** Jobs in the figures that fio prints, one a row. */
export function jobTable(jobs: readonly JobResult[]): string {
  const rows = jobs.map((job) => [
    job.name,
    `${job.pattern} ${formatBytes(job.blockBytes)}`,
    `${job.threads} x ${job.depth}`,
    job.engine,
    formatIops(job.iops),
    formatRate(job.bytesPerSecond),
    formatSeconds(job.latency.mean),
    formatSeconds(job.latency.p50),
    formatSeconds(job.latency.p99),
    formatSeconds(job.latency.p999),
    formatSeconds(job.cpuSecondsPerOperation),
    job.route,
    job.errorsPerOperation > 0
      ? `${job.limitedBy}; ${(job.errorsPerOperation * 100).toPrecision(3)} % refused by the drive`
      : job.limitedBy,
    nextLimitText(job.nextLimit),
  ]);
  const head = ['job', 'pattern', 'in flight', 'engine', 'IOPS', 'rate', 'mean', 'p50', 'p99', 'p99.9', 'CPU each'];
  return table([...head, 'route', 'limited by', 'then by'], rows);
}
