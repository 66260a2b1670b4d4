// Flows per processor second of `runFlows`, and of SimGrid 3.32 on the same files where g++ and libsimgrid-dev are there.
//   node bench/flows.ts [--large] [--no-simgrid]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { type FlowWorkload, runFlows } from '../simulator/engine/run-flows.ts';
import { makeWorkload, type WorkloadShape } from './flows-workloads.ts';

const large = process.argv.includes('--large');
const shapes: readonly Omit<WorkloadShape, 'seed'>[] = [
  { endpoints: 16, flows: 1000, arrivals: 'burst', traffic: 'mixed' },
  { endpoints: 16, flows: 10_000, arrivals: 'rho90', traffic: 'mixed' },
  { endpoints: 256, flows: 1000, arrivals: 'burst', traffic: 'mixed' },
  { endpoints: 256, flows: 10_000, arrivals: 'burst', traffic: 'mixed' },
  { endpoints: 256, flows: 10_000, arrivals: 'rho90', traffic: 'mixed' },
  { endpoints: 256, flows: 10_000, arrivals: 'rho90', traffic: 'local' },
  ...(large
    ? ([
        { endpoints: 4096, flows: 10_000, arrivals: 'burst', traffic: 'mixed' },
        { endpoints: 4096, flows: 100_000, arrivals: 'rho90', traffic: 'mixed' },
        { endpoints: 4096, flows: 100_000, arrivals: 'burst', traffic: 'mixed' },
      ] as const)
    : []),
];

const folder = mkdtempSync(resolve(tmpdir(), 'flows-'));
const simgrid = process.argv.includes('--no-simgrid') ? null : buildSimgrid();
try {
  console.log('| workload | first run | median of 5 | SimGrid Full | SimGrid Lazy | ratio | worst difference |');
  console.log('|---|--:|--:|--:|--:|--:|--:|');
  for (const shape of shapes) report(shape);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function report(shape: Omit<WorkloadShape, 'seed'>): void {
  const workload = makeWorkload({ ...shape, seed: 1 });
  const times: number[] = [];
  let finishSeconds: Float64Array = new Float64Array();
  for (let round = 0; round < 6 && (round < 2 || (times[0] ?? 0) < 5); round++) {
    const before = process.cpuUsage();
    ({ finishSeconds } = runFlows(workload));
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1e6);
  }
  const [first = Number.NaN, ...later] = times;
  const median = later.sort((a, b) => a - b)[later.length >> 1] ?? Number.NaN;
  const speed = (seconds: number) => (Number.isNaN(seconds) ? '' : Math.round(workload.flows.length / seconds));
  const other = simgrid === null ? undefined : compare(simgrid, workload, finishSeconds);
  const fastest = Math.min(other?.full ?? Number.NaN, other?.lazy ?? Number.NaN);
  const cells = [
    `e${shape.endpoints}-f${shape.flows}-${shape.arrivals}-${shape.traffic}`,
    speed(first),
    speed(median),
    speed(other?.full ?? Number.NaN),
    speed(other?.lazy ?? Number.NaN),
    Number.isNaN(fastest) ? '' : (fastest / median).toFixed(1),
    other?.difference.toExponential(1) ?? '',
  ];
  console.log(`| ${cells.join(' | ')} |`);
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

/** Processor seconds of SimGrid's two modes, and the worst relative difference of a finish time. */
function compare(program: string, workload: FlowWorkload, finishSeconds: Float64Array) {
  const links = resolve(folder, 'links.csv');
  const flows = resolve(folder, 'flows.csv');
  const capacities = [...workload.capacities].map((capacity) => (Number.isFinite(capacity) ? capacity : 1e15));
  writeFileSync(
    links,
    `id,from,to,bytes_per_s\n${capacities.map((capacity, id) => `${id},0,0,${capacity}\n`).join('')}`,
  );
  // Every route has ends of its own: SimGrid knows one route for each pair of hosts.
  const ends = new Map<string, number>();
  const rows = workload.flows.map((flow, id) => {
    const route = flow.resources.join(' ');
    const end = ends.get(route) ?? ends.size;
    ends.set(route, end);
    return `${id},${2 * end},${2 * end + 1},${flow.bytes},${flow.startSeconds},${route}\n`;
  });
  writeFileSync(flows, `id,src,dst,bytes,start_s,links\n${rows.join('')}`);
  const run = (mode: 'Full' | 'Lazy') => {
    const output = resolve(folder, `${mode}.csv`);
    // In the shell, since the program reports its time where it also logs.
    execFileSync('sh', [
      '-c',
      `"$0" "$1" "$2" ${mode} --log=root.thres:error > "$3" 2> "$3.time"`,
      program,
      links,
      flows,
      output,
    ]);
    return {
      seconds: Number(readFileSync(`${output}.time`, 'utf8').trim().split('\n').at(-1)),
      finish: readFileSync(output, 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((row) => Number(row.split(',')[2])),
    };
  };
  const full = run('Full');
  const lazy = run('Lazy');
  const difference = full.finish.reduce(
    (most, seconds, id) => Math.max(most, Math.abs(seconds - (finishSeconds[id] ?? 0)) / seconds),
    0,
  );
  return { full: full.seconds, lazy: lazy.seconds, difference };
}
