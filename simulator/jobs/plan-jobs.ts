import { componentAt } from '../../model/machine.ts';
import type { OtherActivity } from '../../model/work.ts';
import type { PlannedActivity } from '../activities.ts';
import type { TaskTimes } from '../engine/flow.ts';
import type { Plan } from '../plan.ts';
import { longest, rate } from '../results.ts';
import type { SimulateOptions } from '../simulate.types.ts';
import { TraceLog, type TraceRecord } from '../trace/records.ts';
import type { JobCounter, JobFigures, JobResult } from './job.types.ts';
import { type JobRequest, readJob } from './read-job.ts';
import { jobCounters, jobFigures, paceOf } from './results.ts';
import { type JobsRun, runJobs } from './run-jobs.ts';

/** Jobs of a scenario among its other work. */
export interface PlannedJobs {
  readonly activities: readonly PlannedActivity[];
  /** Called once the times are known, before the results of the activities are asked for. */
  readonly finish: (times: readonly TaskTimes[]) => JobsOutcome;
}

export interface JobsOutcome {
  readonly jobs: readonly JobResult[];
  readonly records: readonly TraceRecord[];
  readonly counters: readonly JobCounter[];
}

/** A job that gets less than this share of what it would take alone shares its way with others, and runs again so. */
const undisturbedShare = 0.98;
const traceRecords = 2000;

interface JobTask {
  readonly job: number;
  readonly task: number;
}

/**
 * Runs the jobs of a scenario by themselves, so that each knows what it would take of links and memory, and puts them into the
 * plan as flows of that rate. Where other traffic leaves them less, they run again at what they got: rates and latencies then
 * fit each other.
 */
export function planJobs(plan: Plan, activities: readonly OtherActivity[], options: SimulateOptions): PlannedJobs {
  const requests: JobRequest[] = [];
  const refused: string[] = [];
  for (const activity of activities) {
    const read = readJob(plan.machine, activity);
    if (typeof read === 'string') refused.push(read);
    else requests.push(read);
  }
  const refusal: PlannedActivity[] = refused.map((reason) => ({ leftOut: [reason], result: () => null }));
  if (requests.length === 0) return { activities: refusal, finish: () => ({ jobs: [], records: [], counters: [] }) };
  const seed = options.seed ?? 1;
  const common = { tax: plan.tax, seed, cancelled: options.cancelled };
  const trace = new TraceLog(traceRecords);
  let run = runJobs(plan.machine, requests, { ...common, trace });
  let log = trace;
  for (const assumption of [...requests.flatMap((request) => request.assumptions), ...run.assumptions])
    plan.assumptions.add(assumption);
  const tasks: JobTask[] = [];
  const alone = requests.map((request, job) => {
    const figures = jobFigures(plan.machine, request, job, run);
    for (const part of run.jobs) if (part.job === job) tasks.push(...addFlows(plan, request, job, part, run, figures));
    noteWatch(plan, request, figures, run);
    return figures;
  });
  let outcome: JobsOutcome = { jobs: [], records: [], counters: [] };
  const resultOf = (index: number, times: readonly TaskTimes[], figures: JobFigures): JobResult => {
    const own = tasks.filter(({ job }) => job === index).map(({ task }) => times[task]);
    const startSeconds = requests[index]?.startSeconds ?? 0;
    const endSeconds = own.reduce((latest, time) => Math.max(latest, time?.endSeconds ?? 0), startSeconds);
    const seconds = endSeconds - startSeconds;
    const bytes = figures.bytesPerSecond * (Number.isFinite(seconds) ? seconds : 0);
    return { ...figures, startSeconds, endSeconds, bytes, operations: Math.round(bytes / figures.blockBytes) };
  };
  const finish = (times: readonly TaskTimes[]): JobsOutcome => {
    const throttles = requests.map((_, index) => throttleOf(index, tasks, times, plan, alone[index]));
    let figures: readonly JobFigures[] = alone;
    if (throttles.some((one) => one !== null)) {
      log = new TraceLog(traceRecords);
      run = runJobs(plan.machine, requests, { ...common, trace: log, throttles });
      figures = requests.map((request, index) => {
        const again = jobFigures(plan.machine, request, index, run);
        if (throttles[index] == null) return again;
        const own = tasks.filter(({ job }) => job === index);
        const limitedBy = longest(own.flatMap(({ task }) => times[task]?.phases ?? []));
        return { ...again, limitedBy: limitedBy === '' ? again.limitedBy : limitedBy, limitKind: 'link' };
      });
    }
    const jobs = figures.map((one, index) => resultOf(index, times, one));
    const watched = run.run.stack.counts.reduce((sum, count) => sum + count.completed, 0);
    const all = jobs.reduce((sum, job) => sum + job.operations, 0);
    outcome = {
      jobs,
      records: shifted(log.records, run, requests),
      counters: jobCounters(plan.machine, run, watched > 0 ? all / watched : 1),
    };
    return outcome;
  };
  const planned = requests.map((request, index): PlannedActivity => {
    const { expectations: _, ...activity } = request.activity;
    return {
      leftOut: [],
      result: () => {
        const job = outcome.jobs[index];
        if (job === undefined) return null;
        return {
          kind: activity.kind,
          name: request.name,
          startSeconds: job.startSeconds,
          endSeconds: job.endSeconds,
          bytes: job.bytes,
          bytesPerSecond: job.bytesPerSecond,
          latencySeconds: job.latency.mean,
          algorithm: `${job.engine}, ${job.pattern} ${job.blockBytes} B, depth ${job.depth}, ${job.threads} threads`,
          bottleneck: job.limitedBy,
          reasons: run.jobs.find((part) => part.job === index)?.ways[0]?.planned.route.reasons ?? [],
        };
      },
    };
  });
  return { activities: [...refusal, ...planned], finish };
}

/** A job as flows on the ways of its data; one that reads and writes has half of it each way. */
function addFlows(
  plan: Plan,
  request: JobRequest,
  job: number,
  part: JobsRun['jobs'][number],
  run: JobsRun,
  figures: JobFigures,
): JobTask[] {
  const { bytesPerSecond } = paceOf(part, run);
  const share = request.drives.length;
  const bySize = request.bytes === null ? Number.POSITIVE_INFINITY : request.bytes / share;
  const byTime = bytesPerSecond * (request.runtimeSeconds ?? Number.POSITIVE_INFINITY);
  const bytes = bytesPerSecond > 0 ? Math.min(bySize, byTime) : 0;
  const { pattern } = request;
  const both = pattern === 'readwrite' || pattern === 'randrw';
  const ways = pattern === 'read' || pattern === 'randread' ? [0] : both ? [0, 1] : [1];
  return ways.flatMap((direction) => {
    const way = part.ways[direction]?.planned;
    if (way === undefined) return [];
    // What its IOPS allow is in the rate already; the bandwidth of the drive is shared with other traffic.
    const { readBytesPerSecond, writeBytesPerSecond } = componentAt(plan.machine, part.drive).settings;
    const capacity = (direction === 0 ? readBytesPerSecond : writeBytesPerSecond) ?? Number.POSITIVE_INFINITY;
    const own = (key: string) => key.startsWith(`device:${part.drive}:`);
    const demands = way.demands.map((demand) => (own(demand.key) ? { ...demand, capacity } : demand));
    const planned = { ...way, demands };
    const cap = { bytesPerSecond: Math.max(1, bytesPerSecond / ways.length), name: figures.limitedBy };
    const { from, to } = planned.route;
    const step = { planned, notBefore: request.startSeconds, cap };
    return [{ job, task: plan.copy(from, to, bytes / ways.length, step) }];
  });
}

/** What a job gets of what it asked for, where that is less. */
function throttleOf(
  index: number,
  tasks: readonly JobTask[],
  times: readonly TaskTimes[],
  plan: Plan,
  figures: JobFigures | undefined,
): number | null {
  if (figures === undefined || figures.bytesPerSecond <= 0) return null;
  let got = 0;
  for (const { job, task } of tasks) {
    const time = times[task];
    if (job !== index || time === undefined) continue;
    got += rate(plan.tasks[task]?.amount ?? 0, time.endSeconds - time.firstByteSeconds);
  }
  return got > 0 && got < figures.bytesPerSecond * undisturbedShare ? got : null;
}

function noteWatch(plan: Plan, request: JobRequest, figures: JobFigures, run: JobsRun): void {
  if (figures.seconds !== null || request.runtimeSeconds === null) return;
  if (run.windowSeconds >= request.runtimeSeconds) return;
  plan.assumptions.add(
    `job ${request.name}: watched for ${(run.windowSeconds * 1e3).toPrecision(3)} ms; the rest is taken to go on like that.`,
  );
}

/** Records in the time of the scenario. */
function shifted(records: readonly TraceRecord[], run: JobsRun, requests: readonly JobRequest[]): TraceRecord[] {
  const first = run.startsTogether ? 0 : Math.min(...requests.map((request) => request.startSeconds));
  if (first === 0) return [...records];
  return records.map((one) => ({ ...one, startSeconds: one.startSeconds + first, endSeconds: one.endSeconds + first }));
}
