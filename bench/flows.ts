// Flows per processor second of `runFlows`, and of SimGrid 3.32 on the same files where g++ and libsimgrid-dev are there.
// Every first run is the first call in a process of its own, and so is every run of SimGrid.
//   node bench/flows.ts [--large] [--no-simgrid]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { FlowWorkload } from '../simulator/engine/run-flows.ts';
import { makeWorkload, type WorkloadShape } from './flows-workloads.ts';
import { quantile } from './statistics.ts';

interface Shape extends Omit<WorkloadShape, 'seed'> {
  /** It would take hours. */
  readonly withoutSimgrid?: boolean;
}

const large = process.argv.includes('--large');
const shapes: readonly Shape[] = [
  { endpoints: 16, flows: 1000, arrivals: 'burst', traffic: 'mixed' },
  { endpoints: 16, flows: 1000, arrivals: 'rho90', traffic: 'mixed' },
  { endpoints: 16, flows: 10_000, arrivals: 'rho90', traffic: 'mixed' },
  { endpoints: 256, flows: 1000, arrivals: 'burst', traffic: 'mixed' },
  { endpoints: 256, flows: 1000, arrivals: 'rho90', traffic: 'mixed' },
  { endpoints: 256, flows: 10_000, arrivals: 'burst', traffic: 'mixed' },
  { endpoints: 256, flows: 10_000, arrivals: 'rho90', traffic: 'mixed' },
  { endpoints: 256, flows: 10_000, arrivals: 'rho90', traffic: 'local' },
  { endpoints: 4096, flows: 10_000, arrivals: 'rho90', traffic: 'mixed' },
  ...(large
    ? ([
        { endpoints: 4096, flows: 10_000, arrivals: 'burst', traffic: 'mixed', withoutSimgrid: true },
        { endpoints: 4096, flows: 100_000, arrivals: 'rho90', traffic: 'mixed' },
        { endpoints: 4096, flows: 100_000, arrivals: 'rho90', traffic: 'local' },
        { endpoints: 4096, flows: 100_000, arrivals: 'burst', traffic: 'mixed', withoutSimgrid: true },
      ] as const)
    : []),
];
/** Runs in one process each, of which the median counts; one only where a run takes longer than this, in seconds. */
const rounds = 5;
const long = 1;

const folder = mkdtempSync(resolve(tmpdir(), 'flows-'));
const simgrid = process.argv.includes('--no-simgrid') ? null : buildSimgrid();
try {
  console.log(
    '| workload | first run | later runs | SimGrid Full | SimGrid Lazy | ratio, first | ratio, later | worst difference |',
  );
  console.log('|---|--:|--:|--:|--:|--:|--:|--:|');
  for (const shape of shapes) report(shape);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function report({ withoutSimgrid, ...shape }: Shape): void {
  const workload = makeWorkload({ ...shape, seed: 1 });
  const compared = simgrid !== null && withoutSimgrid !== true ? simgrid : null;
  if (compared !== null) writeFiles(workload);
  const first: number[] = [];
  const later: number[] = [];
  const full: number[] = [];
  const lazy: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // In turns, so that what else the machine does meets all of them.
    const [cold = Number.NaN, ...warm] = runOurs(shape, round === 0 ? 5 : 0);
    first.push(cold);
    later.push(...warm);
    if (compared === null) continue;
    if ((full[0] ?? 0) < long) full.push(runSimgrid(compared, 'Full'));
    if ((lazy[0] ?? 0) < long) lazy.push(runSimgrid(compared, 'Lazy'));
  }
  const median = (seconds: readonly number[]) => quantile(seconds, 0.5);
  const speed = (seconds: number) => (Number.isNaN(seconds) ? '' : Math.round(workload.flows.length / seconds));
  const fastest = Math.min(median(full), median(lazy));
  const ratio = (seconds: number) => (Number.isNaN(fastest) ? '' : (fastest / seconds).toFixed(1));
  const cells = [
    `e${shape.endpoints}-f${shape.flows}-${shape.arrivals}-${shape.traffic}`,
    ...[first, later, full, lazy].map((seconds) => speed(median(seconds))),
    ...[first, later].map((seconds) => ratio(median(seconds))),
    compared === null ? '' : worstDifference().toExponential(1),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

/** Processor seconds of a first call and of later ones, in a process of their own. */
function runOurs(shape: Omit<WorkloadShape, 'seed'>, calls: number): number[] {
  const run = resolve(import.meta.dirname, 'flows-run.ts');
  const finish = resolve(folder, 'finish');
  const json = JSON.stringify({ ...shape, seed: 1 });
  return JSON.parse(
    execFileSync(process.execPath, [run, json, String(calls), finish], { encoding: 'utf8' }),
  ) as number[];
}

/** The compiled program, or null where it cannot be built here. */
function buildSimgrid(): string | null {
  const program = resolve(folder, 'flows-simgrid');
  try {
    const source = resolve(import.meta.dirname, 'flows-simgrid.cpp');
    execFileSync('g++', ['-O2', '-o', program, source, '-lsimgrid'], { stdio: 'pipe' });
    return program;
  } catch {
    console.log('SimGrid is not compared: it needs g++ and libsimgrid-dev.\n');
    return null;
  }
}

/** A workload as SimGrid's program reads it. */
function writeFiles(workload: FlowWorkload): void {
  const capacities = [...workload.capacities].map((capacity) => (Number.isFinite(capacity) ? capacity : 1e15));
  writeFileSync(
    resolve(folder, 'links.csv'),
    `id,from,to,bytes_per_s\n${capacities.map((capacity, id) => `${id},0,0,${capacity}\n`).join('')}`,
  );
  // SimGrid knows one route for each pair of hosts; in a tree the first link and the last one tell the route.
  const ends = new Map<string, number>();
  const end = (name: string): number => {
    const known = ends.get(name) ?? ends.size;
    ends.set(name, known);
    return known;
  };
  const rows = workload.flows.map(({ bytes, startSeconds, resources }, id) => {
    const [from, to] = [end(`from ${resources[0]}`), end(`to ${resources.at(-1)}`)];
    return `${id},${from},${to},${bytes},${startSeconds},${resources.join(' ')}\n`;
  });
  writeFileSync(resolve(folder, 'flows.csv'), `id,src,dst,bytes,start_s,links\n${rows.join('')}`);
}

/** Processor seconds of a run in one of SimGrid's modes. */
function runSimgrid(program: string, mode: 'Full' | 'Lazy'): number {
  // In the shell, since the program reports its time where it also logs.
  const command = `cd "$1" && "$0" links.csv flows.csv ${mode} --log=root.thres:error > ${mode}.csv 2> ${mode}.time`;
  execFileSync('sh', ['-c', command, program, folder]);
  return Number(
    readFileSync(resolve(folder, `${mode}.time`), 'utf8')
      .trim()
      .split('\n')
      .at(-1),
  );
}

/** The worst relative difference between a finish time of ours and of SimGrid's. */
function worstDifference(): number {
  const ours = new Float64Array(Uint8Array.from(readFileSync(resolve(folder, 'finish'))).buffer);
  const rows = readFileSync(resolve(folder, 'Full.csv'), 'utf8').trim().split('\n').slice(1);
  return rows.reduce((most, row, id) => {
    const seconds = Number(row.split(',')[2]);
    return Math.max(most, Math.abs(seconds - (ours[id] ?? Number.NaN)) / seconds);
  }, 0);
}
