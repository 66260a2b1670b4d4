import { componentAt } from '../../model/machine.ts';
import type { OtherActivity } from '../../model/work.ts';
import type { PlannedActivity } from '../activities.ts';
import type { TaskTimes } from '../engine/flow.ts';
import { nextBehind, phasesTogether } from '../explain/together.ts';
import type { WorkSpan } from '../order.ts';
import type { Plan } from '../plan.ts';
import { longest, rate } from '../results.ts';
import type { ActivityResult, LimitPhase, NextLimit, SimulateOptions } from '../simulate.types.ts';
import { TraceLog, type TraceRecord } from '../trace/records.ts';
import type { JobCounter, JobFigures, JobResult } from './job.types.ts';
import { type JobRequest, readJob } from './read-job.ts';
import { jobCounters, jobFigures, paceOf } from './results.ts';
import { type JobsRun, runJobs } from './run-jobs.ts';

/** Jobs of a scenario among its other work. */
export interface PlannedJobs {
  readonly activities: readonly PlannedActivity[];
  /** Each job among the tasks of the plan. */
  readonly spans: readonly WorkSpan[];
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

/** Jobs that run at the same time: events are simulated for all of them together. */
interface JobGroup {
  /** Places in the list of requests. */
  readonly jobs: readonly number[];
  run: JobsRun;
  log: TraceLog;
}

/**
 * Runs the jobs of a scenario by themselves, so that each knows what it would take of links and memory, and puts them into the
 * plan as flows of that rate. Where other traffic leaves them less, they run again at what they got: rates and latencies then
 * fit each other. Jobs that wait for others run apart from them.
 */
export function planJobs(plan: Plan, activities: readonly OtherActivity[], options: SimulateOptions): PlannedJobs {
  const requests: JobRequest[] = [];
  const refused: string[] = [];
  for (const activity of activities) {
    const read = readJob(plan.machine, activity);
    if (typeof read === 'string') refused.push(read);
    else requests.push(read);
  }
  const levels = levelsOf(requests);
  requests.forEach((request, index) => {
    if (levels[index] === null) refused.push(`job ${request.name}: it waits for itself.`);
  });
  const refusal: PlannedActivity[] = refused.map((reason) => ({ leftOut: [reason], result: () => null }));
  const nothing: JobsOutcome = { jobs: [], records: [], counters: [] };
  const common = { tax: plan.tax, seed: options.seed ?? 1, cancelled: options.cancelled };
  const runGroup = (jobs: readonly number[], throttles?: readonly (number | null)[]): JobGroup => {
    const log = new TraceLog(traceRecords);
    const own = jobs.flatMap((job) => requests[job] ?? []);
    return {
      jobs,
      log,
      run: runJobs(plan.machine, own, { ...common, trace: log, ...(throttles ? { throttles } : {}) }),
    };
  };
  const tasks: JobTask[] = [];
  const alone = new Map<number, JobFigures>();
  const groups: JobGroup[] = [];
  for (const level of [...new Set(levels)].filter((one) => one !== null).sort((x, y) => x - y)) {
    const group = runGroup([...levels.keys()].filter((job) => levels[job] === level));
    groups.push(group);
    for (const assumption of group.run.assumptions) plan.assumptions.add(assumption);
    group.jobs.forEach((job, place) => {
      const request = requests[job];
      if (request === undefined) return;
      for (const assumption of request.assumptions) plan.assumptions.add(assumption);
      const figures = jobFigures(plan.machine, request, place, group.run);
      alone.set(job, figures);
      for (const part of group.run.jobs)
        if (part.job === place) tasks.push(...addFlows(plan, request, job, part, group.run, figures));
      noteWatch(plan, request, figures, group.run);
    });
  }
  let outcome = nothing;
  const resultOf = (job: number, times: readonly TaskTimes[], figures: JobFigures): JobResult => {
    const own = tasks.filter((one) => one.job === job).flatMap(({ task }) => times[task] ?? []);
    const startSeconds = own.reduce((first, time) => Math.min(first, time.startSeconds), Number.POSITIVE_INFINITY);
    const start = Number.isFinite(startSeconds) ? startSeconds : (requests[job]?.startSeconds ?? 0);
    const done = own.reduce((latest, time) => Math.max(latest, time.endSeconds), start);
    // A program that writes into the page cache is done before the drive is.
    const early = requests[job]?.buffered === true && figures.seconds !== null && start + figures.seconds < done;
    const endSeconds = early ? start + (figures.seconds ?? 0) : done;
    const seconds = endSeconds - start;
    const bytes = figures.bytesPerSecond * (Number.isFinite(seconds) ? seconds : 0);
    const operations = Math.round(bytes / figures.blockBytes);
    // At its own rate it moves by what limits the drive's run; what slows it down is the plan's to say.
    const phases = phasesTogether(own, start, done, plan.check).map(
      (phase): LimitPhase => ({ ...phase, next: nearer(phase, figures) }),
    );
    const besides = figures.nextLimit?.limitedBy === figures.limitedBy ? null : figures.nextLimit;
    const nextLimit = nextBehind(phases, figures.limitedBy) ?? besides;
    return { ...figures, nextLimit, startSeconds: start, endSeconds, bytes, operations, phases };
  };
  const finishGroup = (group: JobGroup, times: readonly TaskTimes[]): JobResult[] => {
    const throttles = group.jobs.map((job) => throttleOf(job, tasks, times, plan, alone.get(job)));
    const again = throttles.some((one) => one !== null);
    if (again) Object.assign(group, runGroup(group.jobs, throttles));
    return group.jobs.flatMap((job, place): JobResult[] => {
      const request = requests[job];
      const before = alone.get(job);
      if (request === undefined || before === undefined) return [];
      if (!again) return [resultOf(job, times, before)];
      const figures = jobFigures(plan.machine, request, place, group.run);
      if (throttles[place] == null) return [resultOf(job, times, figures)];
      const own = tasks.filter((one) => one.job === job);
      const limitedBy = longest(own.flatMap(({ task }) => times[task]?.phases ?? []));
      const limit = { limitedBy: limitedBy === '' ? figures.limitedBy : limitedBy, limitKind: 'link' as const };
      return [resultOf(job, times, { ...figures, ...limit })];
    });
  };
  const finish = (times: readonly TaskTimes[]): JobsOutcome => {
    const results = groups.map((group) => finishGroup(group, times));
    const jobs = results.flat();
    outcome = {
      jobs,
      records: groups.flatMap(({ run, log }, index) => shifted(log.records, run, results[index] ?? [])),
      counters: merged(groups.flatMap(({ run }, index) => countersOf(plan, run, results[index] ?? []))),
    };
    return outcome;
  };
  const planned = requests.flatMap((request, index): PlannedActivity[] => {
    if (levels[index] === null) return [];
    const own = tasks.filter(({ job }) => job === index).map(({ task }) => task);
    return [{ leftOut: [], tasks: own, result: () => asActivity(request, index, outcome, groups) }];
  });
  const spans = requests.flatMap(({ name, after }, index): WorkSpan[] => {
    const own = tasks.filter(({ job }) => job === index).map(({ task }) => task);
    const [first] = own;
    return first === undefined ? [] : [{ name, first, end: (own.at(-1) ?? first) + 1, after }];
  });
  return { activities: [...refusal, ...planned], spans, finish };
}

/** What comes behind a phase: what the plan's other traffic leaves, or what was the busiest beside the limit of the drive's run. */
function nearer({ limitedBy, next = null }: LimitPhase, figures: JobFigures): NextLimit | null {
  const { nextLimit: own } = figures;
  if (own === null || limitedBy !== figures.limitedBy || own.limitedBy === limitedBy) return next;
  return next === null || own.bytesPerSecond < next.bytesPerSecond ? own : next;
}

/** How many jobs in a row each waits for; null for one that waits for itself in the end. */
function levelsOf(requests: readonly JobRequest[]): (number | null)[] {
  const levels = new Map<string, number | null>();
  const levelOf = (name: string): number | null => {
    const known = levels.get(name);
    if (known !== undefined) return known;
    // Met again before it is known: a circle.
    levels.set(name, null);
    const own = requests.filter((request) => request.name === name);
    let level: number | null = 0;
    for (const before of own.flatMap((request) => request.after)) {
      if (!requests.some((request) => request.name === before)) continue;
      const one = levelOf(before);
      level = level === null || one === null ? null : Math.max(level, one + 1);
    }
    levels.set(name, level);
    return level;
  };
  return requests.map((request) => levelOf(request.name));
}

function asActivity(
  request: JobRequest,
  index: number,
  outcome: JobsOutcome,
  groups: readonly JobGroup[],
): ActivityResult | null {
  const job = outcome.jobs.find((one) => one.name === request.name);
  const group = groups.find(({ jobs }) => jobs.includes(index));
  if (job === undefined || group === undefined) return null;
  const part = group.run.jobs.find((one) => group.jobs[one.job] === index);
  return {
    kind: request.activity.kind,
    name: request.name,
    startSeconds: job.startSeconds,
    endSeconds: job.endSeconds,
    bytes: job.bytes,
    bytesPerSecond: job.bytesPerSecond,
    latencySeconds: job.latency.mean,
    algorithm: `${job.engine}, ${job.pattern} ${job.blockBytes} B, depth ${job.depth}, ${job.threads} threads`,
    bottleneck: job.limitedBy,
    nextLimit: job.nextLimit,
    phases: job.phases,
    reasons: part?.ways[0]?.planned.route.reasons ?? [],
  };
}

function countersOf(plan: Plan, run: JobsRun, results: readonly JobResult[]): JobCounter[] {
  const watched = run.run.stack.counts.reduce((sum, count) => sum + count.completed, 0);
  const all = results.reduce((sum, job) => sum + job.operations, 0);
  return jobCounters(plan.machine, run, watched > 0 ? all / watched : 1);
}

/** The same counter of several groups is one. */
function merged(counters: readonly JobCounter[]): JobCounter[] {
  const sums = new Map<string, JobCounter>();
  for (const one of counters) {
    const key = [one.tool, one.counter, one.of].join();
    sums.set(key, { ...one, value: one.value + (sums.get(key)?.value ?? 0) });
  }
  return [...sums.values()];
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
    const stated = (direction === 0 ? readBytesPerSecond : writeBytesPerSecond) ?? Number.POSITIVE_INFINITY;
    // A cache takes more than the flash for a while.
    const capacity = Math.max(stated, bytesPerSecond);
    const own = (key: string) => key.startsWith(`device:${part.drive}:`);
    const demands = way.demands.map((demand) => (own(demand.key) ? { ...demand, capacity } : demand));
    const planned = { ...way, demands };
    const cap = {
      bytesPerSecond: Math.max(1, bytesPerSecond / ways.length),
      name: figures.limitedBy,
      kind: figures.limitKind,
    };
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
  const wanted = figures.driveBytesPerSecond ?? figures.bytesPerSecond;
  return got > 0 && got < wanted * undisturbedShare ? got : null;
}

function noteWatch(plan: Plan, request: JobRequest, figures: JobFigures, run: JobsRun): void {
  if (figures.seconds !== null || request.runtimeSeconds === null) return;
  if (run.windowSeconds >= request.runtimeSeconds) return;
  plan.assumptions.add(
    `job ${request.name}: watched for ${(run.windowSeconds * 1e3).toPrecision(3)} ms; the rest is taken to go on like that.`,
  );
}

/** Records in the time of the scenario. */
function shifted(records: readonly TraceRecord[], run: JobsRun, results: readonly JobResult[]): TraceRecord[] {
  const first = run.startsTogether ? 0 : Math.min(...results.map((result) => result.startSeconds));
  if (first === 0 || !Number.isFinite(first)) return [...records];
  return records.map((one) => ({ ...one, startSeconds: one.startSeconds + first, endSeconds: one.endSeconds + first }));
}
