import type { Overrides } from './dma.ts';
import { fitted } from './fitted.ts';
import { type Judged, judge } from './predict.ts';
import type { Row } from './row.ts';
import { compare, median } from './statistics.ts';

/** How well constants that were fitted to other hosts predict one host. */
export interface CrossCheck {
  readonly host: string;
  readonly constants: string;
  readonly rows: number;
  readonly median: number;
  readonly within: number;
}

const hostName = ({ source }: Row) => /Xeon-((?:E\d-)?[0-9A-Za-z]+)/.exec(source)?.[1] ?? '';

/** Leaves out one host at a time, with all its sockets and IOMMU modes. */
export async function crossCheck(rows: readonly Row[]): Promise<CrossCheck[]> {
  const measured = rows.filter(({ source }) => source.startsWith('pcie-bench/data'));
  const hosts = [...new Set(measured.map(hostName))];
  if (hosts.length < 2) return [];
  const result: CrossCheck[] = [];
  for (const host of hosts) {
    const others = measured.filter((row) => hostName(row) !== host);
    const overrides = await refitted(others);
    const errors = await errorsOf(
      measured.filter((row) => hostName(row) === host),
      overrides,
    );
    const { rootComplexSeconds = 0, outstandingReads = 0, writeIops = 0 } = overrides;
    result.push({
      host,
      constants:
        `root complex ${(rootComplexSeconds * 1e9).toFixed(0)} ns, ${outstandingReads} reads in flight, ` +
        `${(writeIops / 1e6).toFixed(1)} M writes a second`,
      rows: errors.length,
      median: median(errors),
      within: errors.filter((error) => error <= 0.15).length / errors.length,
    });
  }
  // How often lines share a completion is fitted to one NIC; GPUs that read host memory are then a prediction.
  const copies = rows.filter(({ id, scenario, metric, gen }) => {
    const text = `${scenario} ${metric}`;
    return !fitted.has(id) && /H2D|ingress|PCI_BW/.test(text) && !/remote|\bSM\b/.test(text) && gen !== '5';
  });
  const errors = await errorsOf(copies, {});
  if (errors.length > 0) {
    const within = errors.filter((error) => error <= 0.15).length / errors.length;
    const constants = 'lines that share a completion, by pcie-bench alone';
    result.push({
      host: 'GPUs of Gen3 and Gen4 that read host memory',
      constants,
      rows: errors.length,
      median: median(errors),
      within,
    });
  }
  return result;
}

async function errorsOf(rows: readonly Row[], overrides: Overrides): Promise<number[]> {
  const judged: readonly Judged[] = await judge(rows, overrides);
  return compare(judged).map(({ error }) => Math.abs(error));
}

/** One constant after the other by the least sum of errors, over rows that it bears on. */
async function refitted(rows: readonly Row[]): Promise<Overrides> {
  const best = async (subset: readonly Row[], choices: readonly Overrides[]): Promise<Overrides> => {
    let found: Overrides = choices[0] ?? {};
    let least = Number.POSITIVE_INFINITY;
    for (const choice of choices) {
      const sum = (await errorsOf(subset, choice)).reduce((total, error) => total + error, 0);
      if (sum < least) [least, found] = [sum, choice];
    }
    return found;
  };
  const steps = (from: number, to: number, by: number) =>
    Array.from({ length: Math.round((to - from) / by) + 1 }, (_, index) => from + index * by);
  const latencies = rows.filter(({ metric }) => /latency/.test(metric));
  const small = (pattern: RegExp) =>
    rows.filter((row) => pattern.test(row.scenario) && /throughput/.test(row.metric) && Number(row.payload) <= 64);
  let overrides = await best(
    latencies,
    steps(150e-9, 350e-9, 5e-9).map((rootComplexSeconds) => ({ rootComplexSeconds })),
  );
  overrides = await best(
    small(/_RD\b|DMA rd/),
    steps(24, 44, 1).map((outstandingReads) => ({ ...overrides, outstandingReads })),
  );
  return best(
    small(/_WR\b|DMA wr/),
    steps(40e6, 56e6, 0.5e6).map((writeIops) => ({ ...overrides, writeIops })),
  );
}
