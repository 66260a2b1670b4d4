import { componentAt } from '../model/machine.ts';
import type { Reason } from '../model/origin.ts';
import type { Route } from '../model/route/types.ts';
import type { GpuProcess, OtherActivity } from '../model/work.ts';
import type { Check } from './cancel.ts';
import { planCollective } from './collectives/collective.ts';
import { StreamEvents } from './drivers/gpu/events.ts';
import { movedBytes, planProcess } from './drivers/gpu/process.ts';
import { isPacketJob, planPacketJob } from './drivers/nic/frames.ts';
import { isVerbJob, planVerbJob } from './drivers/nic/job.ts';
import type { TaskTimes } from './engine/flow.ts';
import { nextBehind, phasesTogether } from './explain/together.ts';
import { planPipeline } from './pipelines.ts';
import type { Plan } from './plan.ts';
import { mostOf, rate } from './results.ts';
import type { ActivityResult, OperationResult } from './simulate.types.ts';

/** An activity in a plan: what it makes of the times once they are known. */
export interface PlannedActivity {
  readonly result: (times: readonly TaskTimes[]) => ActivityResult | null;
  readonly operations?: (times: readonly TaskTimes[]) => readonly OperationResult[];
  /** Tasks of the plan that move its data or do its work: what limits them limits it. */
  readonly tasks?: readonly number[];
  /** The same of each of its parts. */
  readonly partTasks?: readonly (readonly number[])[];
  /** Its parts by name: stages of a pipeline. */
  readonly parts?: (times: readonly TaskTimes[]) => readonly ActivityResult[];
  /** Ways of its data, by the name of the part that takes it. */
  readonly routes?: ReadonlyMap<string, Route>;
  /** What of it does not run, in words. */
  readonly leftOut: readonly string[];
}

/** A result with what limited its tasks, phase after phase, and what would have come next. */
export function withPhases(
  result: ActivityResult,
  tasks: readonly number[] | undefined,
  times: readonly TaskTimes[],
  check: Check,
): ActivityResult {
  if (tasks === undefined) return result;
  const own = tasks.flatMap((task) => times[task] ?? []);
  const phases = phasesTogether(own, result.startSeconds, result.endSeconds, check);
  return { ...result, nextLimit: nextBehind(phases, result.bottleneck), phases };
}

/** Plans an activity of a kind that is known; null for the others. */
export function planActivity(plan: Plan, activity: OtherActivity): PlannedActivity | null {
  switch (activity.kind) {
    case 'collective':
      return planCollective(plan, activity);
    case 'pipeline':
      return planPipeline(plan, activity);
    case 'job':
      if (isPacketJob(plan.machine, activity)) return planPacketJob(plan, activity);
      return isVerbJob(plan.machine, activity) ? planVerbJob(plan, activity) : null;
    default:
      return null;
  }
}

/**
 * Processes of streams as activities; events tie the streams of one to those of another as well.
 *
 * @param planned called with the first task of each process once all of it is planned
 */
export function planProcesses(
  plan: Plan,
  processes: readonly GpuProcess[],
  planned: (process: GpuProcess, first: number) => void = () => {},
): PlannedActivity[] {
  const events = new StreamEvents();
  const activities = processes.map((process) => {
    const first = plan.tasks.length;
    const activity = processActivity(plan, process, events);
    planned(process, first);
    return activity;
  });
  events.tie(plan);
  assumeSwitches(plan, processes);
  return activities;
}

/** Contexts of one GPU that take turns: what a change costs, where nobody says. */
function assumeSwitches(plan: Plan, processes: readonly GpuProcess[]): void {
  const contexts = new Map<number, Set<string>>();
  processes.forEach(({ device, streams }, at) => {
    const known = contexts.get(device) ?? new Set();
    for (const { context = '', operations } of streams)
      if (operations.some(({ kind }) => kind === 'kernel')) known.add(`${at} ${context}`);
    contexts.set(device, known);
  });
  for (const [device, known] of contexts) {
    const { name, settings } = componentAt(plan.machine, device);
    if (known.size < 2 || settings.contextSwitchSeconds !== undefined) continue;
    plan.assumptions.add(`${name}: what a change of contexts costs is unknown, taken as nothing.`);
  }
}

function processActivity(plan: Plan, process: GpuProcess, events: StreamEvents): PlannedActivity {
  const first = plan.tasks.length;
  const { operations, refused, leftOut } = planProcess(plan, process, events);
  const end = plan.tasks.length;
  const spans = (times: readonly TaskTimes[]) =>
    operations.map(({ first, last, process: name, stream, label }): OperationResult => {
      const startSeconds = times[first]?.startSeconds ?? 0;
      return { process: name, stream, label, startSeconds, endSeconds: times[last]?.endSeconds ?? startSeconds };
    });
  const stuck = (times: readonly TaskTimes[]) => spans(times).some((one) => !Number.isFinite(one.endSeconds));
  return {
    leftOut: [...new Set([...(refused === null ? [] : [refused]), ...leftOut].map(({ message }) => message))].map(
      (message) => `process ${process.name}: ${message}`,
    ),
    operations: spans,
    tasks: Array.from({ length: end - first }, (_, at) => first + at),
    result: (times) => {
      if (refused !== null) return null;
      const all = spans(times);
      const ends = all.map((one) => one.endSeconds);
      const endSeconds = ends.reduce((latest, end) => Math.max(latest, end), process.startSeconds);
      const bytes = process.streams.reduce(
        (sum, stream) => sum + stream.operations.reduce((inner, one) => inner + movedBytes(one), 0),
        0,
      );
      const circle: Reason[] = stuck(times)
        ? [
            {
              code: 'work/waits-in-a-circle',
              message: 'Streams wait for each other in a circle: it never ends.',
              at: componentAt(plan.machine, process.device).name,
            },
          ]
        : [];
      return {
        kind: 'process',
        name: process.name,
        startSeconds: process.startSeconds,
        endSeconds,
        bytes,
        bytesPerSecond: rate(bytes, endSeconds - process.startSeconds),
        bottleneck: mostOf(
          times.slice(first, end).flatMap((time) => time.phases),
          endSeconds - process.startSeconds,
        ),
        reasons: [...leftOut, ...circle],
      };
    },
  };
}
