import { componentAt, type Machine } from '../../model/machine.ts';
import type { RouteKind } from '../../model/route/types.ts';
import { endName } from '../demands.ts';
import { dataUnitBytes } from '../devices/drive.ts';
import { bringUp } from '../devices/nvme/admin.ts';
import { writeAmplification } from '../devices/write-amplification.ts';
import { picosecondsPerSecond } from '../events/event-loop.ts';
import { Histogram } from '../events/histogram.ts';
import type { LimitPhase } from '../simulate.types.ts';
import { spareFlashOf } from './drive-model.ts';
import type { JobCounter, JobFigures } from './job.types.ts';
import { throughCache } from './page-cache.ts';
import { homeOf, type JobRequest } from './read-job.ts';
import type { DriveJob, JobsRun } from './run-jobs.ts';

/** Figures of the job at a place of the list. */
export function jobFigures(machine: Machine, request: JobRequest, index: number, run: JobsRun): JobFigures {
  const figures = driveFigures(machine, request, index, run);
  return request.buffered ? throughCache(machine, request, figures) : figures;
}

function driveFigures(machine: Machine, request: JobRequest, index: number, run: JobsRun): JobFigures {
  const parts = run.jobs.filter((one) => one.job === index);
  const latency = new Histogram();
  let iops = 0;
  let rate = 0;
  let completed = 0;
  let errors = 0;
  let commands = 0;
  let issued = 0;
  let cpu = 0;
  let interrupts = 0;
  let seconds: number | null = 0;
  parts.forEach((part) => {
    const count = run.run.stack.counts[run.jobs.indexOf(part)];
    if (count === undefined) return;
    latency.merge(count.latency);
    const { io } = part;
    const pace = paceOf(part, run);
    iops += pace.iops;
    rate += pace.bytesPerSecond;
    completed += count.completed;
    errors += count.errors;
    commands += count.commands;
    issued += count.issued;
    const spinning = io.costs.polled ? io.cores.length * (Math.min(pace.until, io.stop) - io.start) : count.cpuTime;
    cpu += spinning / picosecondsPerSecond;
    interrupts += count.interruptTime / picosecondsPerSecond;
    seconds = pace.seconds !== null && seconds !== null ? Math.max(seconds, pace.seconds) : null;
  });
  const each = (value: number, over: number) => (over > 0 ? value / over : 0);
  const limit = whatLimits(machine, request, parts, run);
  const { next } = limit;
  const drive = request.drives[0] ?? 0;
  return {
    name: request.name,
    drives: request.drives.map((one) => componentAt(machine, one).name),
    target: endName(machine, parts[0]?.other ?? { component: homeOf(machine, drive), memory: true }),
    pattern: request.pattern,
    engine:
      request.fabric === null ? request.engine : `${request.engine} over ${componentAt(machine, request.fabric).name}`,
    blockBytes: request.blockBytes,
    depth: request.depth,
    threads: request.threads,
    iops,
    bytesPerSecond: rate,
    latency: {
      mean: latency.mean * 1e-9,
      p50: latency.quantile(0.5) * 1e-9,
      p99: latency.quantile(0.99) * 1e-9,
      p999: latency.quantile(0.999) * 1e-9,
      max: latency.max * 1e-9,
    },
    cpuSecondsPerOperation: each(cpu, completed),
    interruptSecondsPerOperation: each(interrupts, completed),
    commandsPerOperation: each(commands, issued),
    errorsPerOperation: each(errors, completed),
    ...amplified(request, run),
    limitedBy: limit.name,
    limitKind: limit.kind,
    nextLimit: next === null ? null : { limitedBy: next.name, kind: next.kind, bytesPerSecond: rate / next.share },
    route: routeOf(request, parts),
    seconds,
  };
}

/** What the drives write to their flash for what the job writes: of several drives the mean. */
function amplified(request: JobRequest, run: JobsRun): { writeAmplification?: number } {
  const { pattern, blockBytes } = request;
  if (pattern === 'read' || pattern === 'randread') return {};
  const inOrder = pattern === 'write' || pattern === 'append' || pattern === 'readwrite';
  const of = request.drives.map((drive) => spareFlashOf(run.models.get(drive)));
  const known = of.flatMap((spare) => (spare === undefined ? [] : [writeAmplification(spare, inOrder, blockBytes)]));
  if (known.length < of.length || known.length === 0) return {};
  return { writeAmplification: known.reduce((sum, one) => sum + one, 0) / known.length };
}

/** How fast one job went on one drive, without its ramp. */
export interface Pace {
  readonly iops: number;
  readonly bytesPerSecond: number;
  /** Picoseconds in the run at which it was over, or at which the watch ended. */
  readonly until: number;
  /** How long it took, where it did all it was to do; else null. */
  readonly seconds: number | null;
}

/** Requests that fit into a ramp are all measured. */
const fewRequests = 20_000;

export function paceOf(part: DriveJob, run: JobsRun): Pace {
  const count = run.run.stack.counts[run.jobs.indexOf(part)];
  const { io } = part;
  if (count === undefined) return { iops: 0, bytesPerSecond: 0, until: io.stop, seconds: null };
  const whole = count.issued >= io.requests;
  const until = whole ? Math.max(io.start, count.endedAt) : io.stop;
  const spent = (until - io.start) / picosecondsPerSecond;
  const seconds = whole ? spent : null;
  const measured = (until - io.measureFrom) / picosecondsPerSecond;
  if (whole && (count.completed < fewRequests || measured <= 0)) {
    const done = count.completed - count.errors;
    return { iops: spent > 0 ? done / spent : 0, bytesPerSecond: spent > 0 ? count.bytes / spent : 0, until, seconds };
  }
  if (measured <= 0) return { iops: 0, bytesPerSecond: 0, until, seconds };
  return { iops: count.measured / measured, bytesPerSecond: count.measuredBytes / measured, until, seconds };
}

function routeOf(request: JobRequest, parts: readonly DriveJob[]): RouteKind {
  const writes = request.pattern === 'write' || request.pattern === 'randwrite' || request.pattern === 'append';
  return parts[0]?.ways[writes ? 1 : 0]?.planned.route.route ?? 'none';
}

/** Above this share of its time a thing is what limits; below, too few requests are under way to keep anything busy. */
const busyShare = 0.9;

interface Limit {
  readonly name: string;
  readonly kind: LimitPhase['kind'];
}

/** A thing, and the share of the time in which it was busy. */
interface Busy extends Limit {
  readonly share: number;
}

/** What was busy nearly all the time, else the depth; and the busiest of what is left. */
function whatLimits(
  machine: Machine,
  request: JobRequest,
  parts: readonly DriveJob[],
  run: JobsRun,
): Limit & { readonly next: Busy | null } {
  const { stack, drives } = run.run;
  const counts = parts.flatMap((part) => stack.counts[run.jobs.indexOf(part)] ?? []);
  const refused = counts.reduce((sum, count) => sum + count.errors, 0);
  if (refused > counts.reduce((sum, count) => sum + count.completed, 0) / 2)
    return { name: 'the sequential-write rule of zones', kind: 'device', next: null };
  // Until the last of the job's requests was issued: what drains afterwards is idle time.
  const now = Math.max(
    1,
    ...parts.map((part) => Math.min(part.io.stop, stack.counts[run.jobs.indexOf(part)]?.endedAt ?? part.io.stop)),
  );
  const from = Math.min(...parts.map((part) => part.io.start));
  const span = Math.max(1, now - from);
  const offers: Busy[] = [];
  const offer = (share: number, name: string, kind: LimitPhase['kind']) => void offers.push({ share, name, kind });
  const busiest = (but: Limit | null): Busy | null => {
    let best: Busy | null = null;
    for (const one of offers) {
      if (one.share > (best?.share ?? 0) && !(one.name === but?.name && one.kind === but.kind)) best = one;
    }
    return best;
  };
  for (const part of parts) {
    const use = drives[part.io.drive]?.mediaUse(now);
    if (use !== undefined) offer((use.share * now) / span, componentAt(machine, part.drive).name, 'device');
    const direction = part.io.pattern.includes('write') || part.io.pattern === 'append' ? 1 : 0;
    for (const { server, kind } of part.ways[direction]?.path.stages ?? [])
      offer((server.utilisation(now) * now) / span, server.name, kind);
    const iommu = run.ways.invalidations(homeOf(machine, part.drive));
    offer((iommu.utilisation(now) * now) / span, iommu.name, 'root-complex');
  }
  // Cores come last: one that waits for something is busy as well.
  const first = busiest(null);
  if (first !== null && first.share >= busyShare) return { ...first, next: busiest(first) };
  for (const part of parts) {
    const vectors = stack.vectors.filter((vector) => vector.drive === part.io.drive);
    for (const core of new Set([...part.io.cores, ...vectors.map((vector) => vector.core)])) {
      const inInterrupts = (stack.cores.interruptTime[core] ?? 0) / span;
      const inThreads = part.io.cores.includes(core) ? (stack.cores.threadTime[core] ?? 0) / span : 0;
      const doing = inInterrupts > inThreads ? 'interrupts' : 'submission';
      offer(inThreads + inInterrupts, `core ${core} (${doing})`, 'engine');
    }
  }
  const second = busiest(null);
  if (second !== null && second.share >= busyShare) return { ...second, next: busiest(second) };
  const { drives: of } = request;
  if (Number.isFinite(request.bytesPerSecond) || request.periodSeconds > 0)
    return { name: `rate of job ${request.name}`, kind: 'engine', next: second };
  const names = of.map((drive) => componentAt(machine, drive).name).join(', ');
  const inFlight = request.depth * request.threads;
  return { name: `${names} (${inFlight} requests in flight)`, kind: 'latency', next: second };
}

/** The number that Linux gives a controller: in the order in which they are found. */
function nvmeNumber(machine: Machine, component: number): number {
  return machine.components.filter(({ kind }) => kind === 'nvme').findIndex(({ id }) => id === component);
}

/** Counters of drives and of the host as their tools name them, for a run that does `scale` times what was watched. */
export function jobCounters(machine: Machine, run: JobsRun, scale: number): JobCounter[] {
  const counters: JobCounter[] = [];
  const { stack, drives } = run.run;
  const round = (value: number) => Math.round(value * scale);
  const byDrive = [...run.models.keys()];
  byDrive.forEach((component, number) => {
    const drive = drives[number];
    if (drive === undefined) return;
    const of = componentAt(machine, component).name;
    const { smart } = drive;
    const add = (tool: string, counter: string, value: number) =>
      counters.push({ tool, counter, of, value: round(value), unit: 'count' });
    const { kind } = componentAt(machine, component);
    if (kind === 'sata') {
      // Attributes 242 and 241, which most drives count in sectors of 512 B (smartmontools, drivedb.h).
      add('smartctl', 'Total_LBAs_Read', smart.bytesRead / 512);
      add('smartctl', 'Total_LBAs_Written', smart.bytesWritten / 512);
    } else {
      add('nvme smart-log', 'Host Read Commands', smart.hostReadCommands);
      add('nvme smart-log', 'Host Write Commands', smart.hostWriteCommands);
      add('nvme smart-log', 'Data Units Read', smart.bytesRead / dataUnitBytes);
      add('nvme smart-log', 'Data Units Written', smart.bytesWritten / dataUnitBytes);
      add('nvme smart-log', 'Number of Error Information Log Entries', smart.errors);
    }
    if (kind !== 'sata' && smart.mediaBytesWritten !== undefined && smart.bytesWritten > 0)
      counters.push({
        tool: 'nvme ocp smart-add-log',
        counter: 'Physical media units written',
        of,
        value: round(smart.mediaBytesWritten),
        unit: 'bytes',
      });
    const model = run.models.get(component)?.model;
    if (model?.kind === 'nvme') {
      const { interrupts } = bringUp(model.nvme, run.cores.count, run.ways.wires(component));
      counters.push({
        tool: '/proc/interrupts',
        counter: `nvme${nvmeNumber(machine, component)}q0`,
        of: 'CPU0',
        value: interrupts,
        unit: 'count',
      });
    }
    stack.vectors.forEach((vector) => {
      if (vector.drive !== number || vector.handled === 0) return;
      const line = kind === 'sata' ? 'ahci' : `nvme${nvmeNumber(machine, component)}q${vector.vector}`;
      counters.push({
        tool: '/proc/interrupts',
        counter: line,
        of: `CPU${vector.core}`,
        value: round(vector.handled),
        unit: 'count',
      });
    });
  });
  if (stack.interprocessor > 0)
    counters.push({
      tool: '/proc/interrupts',
      counter: 'RES',
      of: 'all CPUs',
      value: round(stack.interprocessor),
      unit: 'count',
    });
  return counters;
}
