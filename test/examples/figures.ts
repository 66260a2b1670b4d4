import type { RunResult } from '../../simulator/simulate.types.ts';

/** A unit as the comments write it, and what it is in SI. */
const units: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  ms: 1e-3,
  s: 1,
  'MB/s': 1e6,
  'GB/s': 1e9,
  IOPS: 1,
  kIOPS: 1e3,
  MIOPS: 1e6,
};

/** Figures in the column `simulated` of the table at the head of a file. */
export function simulatedFigures(text: string): { readonly text: string; readonly value: number }[] {
  const lines = text.split('\n');
  const head = lines.findIndex((line) => line.startsWith('//') && /\bsimulated\b.*\bmeasured\b/.test(line));
  const [start, end] = [lines[head]?.indexOf('simulated') ?? -1, lines[head]?.indexOf('measured') ?? -1];
  if (head < 0) return [];
  const table = lines.slice(
    head + 1,
    lines.findIndex((line, at) => at > head && !line.startsWith('//   ')),
  );
  return table.flatMap((line) =>
    [...line.slice(start, end).matchAll(/(\d+(?:\.\d+)?) (ns|us|ms|s|MB\/s|GB\/s|IOPS|kIOPS|MIOPS)(?![\w/])/g)].map(
      ([figure, number = '', unit = '']) => ({ text: figure, value: Number(number) * (units[unit] ?? Number.NaN) }),
    ),
  );
}

/** Everything that a run says in seconds, bytes or operations a second. */
export function figuresOf(run: RunResult): number[] {
  const sum = (all: readonly number[]) => all.reduce((one, other) => one + other, 0);
  const counters = (run.counters ?? []).map(({ value, unit }) => (unit === 'megabytesPerSecond' ? value * 1e6 : value));
  return [
    run.makespanSeconds,
    ...counters,
    ...run.transfers.flatMap((one) => [
      one.bytesPerSecond,
      one.endSeconds - one.startSeconds,
      one.firstByteSeconds - one.startSeconds,
    ]),
    sum(run.transfers.map(({ bytes }) => bytes)) / run.makespanSeconds,
    sum(run.transfers.map(({ bytesPerSecond }) => bytesPerSecond)),
    ...(run.jobs ?? []).flatMap((job) => [
      job.iops,
      job.bytesPerSecond,
      job.cpuSecondsPerOperation,
      ...Object.values(job.latency),
    ]),
    ...(run.activities ?? []).flatMap((one) => [
      one.bytesPerSecond,
      one.busBytesPerSecond ?? 0,
      one.latencySeconds ?? 0,
      one.endSeconds,
      one.endSeconds - one.startSeconds,
    ]),
    ...run.operations.flatMap((one) => [one.endSeconds, one.endSeconds - one.startSeconds]),
  ];
}

/** Figures of comments are rounded, some of them to two digits. */
export const tolerance = 0.03;
