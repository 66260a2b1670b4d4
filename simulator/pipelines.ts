import { componentAt, type Machine } from '../model/machine.ts';
import type { Reason } from '../model/origin.ts';
import type { Route } from '../model/route/types.ts';
import type { OtherActivity } from '../model/work.ts';
import type { PlannedActivity } from './activities.ts';
import { type ConfigurationPort, planReconfiguration } from './drivers/fpga/reconfigure.ts';
import { launchCall } from './drivers/gpu/costs.ts';
import { refusesStreams } from './drivers/gpu/drivers.ts';
import { computeUnits } from './drivers/gpu/engines.ts';
import type { TaskTimes } from './engine/flow.ts';
import type { Plan } from './plan.ts';
import { mostOf, rate } from './results.ts';
import type { ActivityResult } from './simulate.types.ts';
import { planMove, waysOf } from './stage-moves.ts';

/** Items of a pipeline that is paced and does not say how many there are. */
const usualItems = 16;
/** Items that are worth tasks of their own. */
const mostItems = 2000;

/**
 * Stages one after the other, for item after item: a stage takes its next item when it has done with the last one, so
 * that stages of several items overlap.
 */
export function planPipeline(plan: Plan, activity: OtherActivity): PlannedActivity {
  const stages = activity.children.filter((child) => child.kind === 'stage');
  const problem = problemOf(plan.machine, stages);
  if (problem !== null) return { leftOut: [`pipeline ${activity.name}: ${problem}`], result: () => null };
  const period = periodOf(activity, stages);
  const said = Math.max(0, ...stages.map((stage) => numberOf(stage, 'repeat') ?? 0));
  const items = Math.min(mostItems, said > 0 ? said : period > 0 ? usualItems : 1);
  if (said > items) plan.assumptions.add(`pipeline ${activity.name}: ${items} of ${said} items are run.`);
  if (said === 0 && period > 0)
    plan.assumptions.add(`pipeline ${activity.name}: runs for ${items} items (say \`repeat\`).`);
  const starts: number[] = [];
  const ends: number[] = [];
  const tasks: number[] = [];
  const parts = stages.map((): StageSpans => ({ begins: [], ends: [], tasks: [] }));
  const before: (number | undefined)[] = stages.map(() => undefined);
  for (let item = 0; item < items; item++) {
    const notBefore = activity.startSeconds + item * period;
    const arrived = plan.step(0, { notBefore });
    starts.push(arrived);
    let last = arrived;
    stages.forEach((stage, at) => {
      const earlier = before[at];
      const after = earlier === undefined ? [last] : [last, earlier];
      const begin = plan.step(0, { after });
      const own = parts[at]?.tasks ?? [];
      last = planStage(plan, activity.name, stage, item, [begin], own);
      before[at] = last;
      parts[at]?.begins.push(begin);
      parts[at]?.ends.push(last);
    });
    ends.push(last);
  }
  tasks.push(...parts.flatMap((part) => part.tasks));
  // What goes through: the most that any stage moves of an item.
  const bytes = Math.max(0, ...stages.map((stage) => numberOf(stage, 'bytes') ?? 0));
  return {
    leftOut: [],
    tasks,
    partTasks: parts.map((part) => part.tasks),
    routes: stageRoutes(plan, stages),
    parts: (times) => stages.map((stage, at) => stageResult(stage, parts[at] ?? noSpans, times)),
    operations: (times) =>
      starts.flatMap((start, item) => {
        const end = times[ends[item] ?? start]?.endSeconds ?? Number.POSITIVE_INFINITY;
        const startSeconds = times[start]?.startSeconds ?? 0;
        return Number.isFinite(end) && item < usualItems
          ? [{ process: activity.name, stream: 'items', label: `item ${item + 1}`, startSeconds, endSeconds: end }]
          : [];
      }),
    result: (times) => {
      const endSeconds = ends.reduce((latest, task) => Math.max(latest, times[task]?.endSeconds ?? 0), 0);
      const latencySeconds = starts.reduce((most, start, item) => {
        const done = times[ends[item] ?? start]?.endSeconds ?? 0;
        return Math.max(most, done - (times[start]?.startSeconds ?? 0));
      }, 0);
      const reasons: Reason[] = tasks
        .slice(0, stages.length * 2)
        .flatMap((task) => plan.copies.get(task)?.route.reasons ?? []);
      return {
        kind: 'pipeline',
        name: activity.name,
        startSeconds: activity.startSeconds,
        endSeconds,
        bytes: bytes * items,
        bytesPerSecond: rate(bytes * items, endSeconds - activity.startSeconds),
        latencySeconds,
        bottleneck: mostOf(
          tasks.flatMap((task) => times[task]?.phases ?? []),
          parts.reduce((sum, part) => sum + secondsOf(part, times).reduce((all, one) => all + one, 0), 0),
        ),
        reasons: reasons.filter((reason, at) => reasons.findIndex((one) => one.message === reason.message) === at),
      };
    },
  };
}

/** What one stage did, item after item. */
interface StageSpans {
  readonly begins: number[];
  readonly ends: number[];
  readonly tasks: number[];
}

/** How long each item was in a stage. */
function secondsOf(spans: StageSpans, times: readonly TaskTimes[]): number[] {
  return spans.begins.map((begin, item) => {
    const from = times[begin]?.endSeconds ?? 0;
    return (times[spans.ends[item] ?? begin]?.endSeconds ?? from) - from;
  });
}

const noSpans: StageSpans = { begins: [], ends: [], tasks: [] };

/** A stage as a whole: its rate is that of the time in which it had an item. */
function stageResult(stage: OtherActivity, spans: StageSpans, times: readonly TaskTimes[]): ActivityResult {
  const seconds = secondsOf(spans, times);
  const total = seconds.reduce((sum, one) => sum + one, 0);
  const bytes = (numberOf(stage, 'bytes') ?? 0) * seconds.length;
  const startSeconds = times[spans.begins[0] ?? -1]?.endSeconds ?? 0;
  return {
    kind: 'stage',
    name: stage.name,
    startSeconds,
    endSeconds: times[spans.ends.at(-1) ?? -1]?.endSeconds ?? startSeconds,
    bytes,
    bytesPerSecond: rate(bytes, total),
    latencySeconds: Math.max(0, ...seconds),
    bottleneck: mostOf(
      spans.tasks.flatMap((task) => times[task]?.phases ?? []),
      total,
    ),
    reasons: [],
  };
}

/** The way of each stage that moves from one place to one other. */
function stageRoutes(plan: Plan, stages: readonly OtherActivity[]): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>();
  for (const stage of stages) {
    const [from] = stage.from;
    const [to] = stage.to;
    if (from !== undefined && to !== undefined) routes.set(stage.name, plan.way(from, to, waysOf(stage)).route);
  }
  return routes;
}

const numberOf = (stage: OtherActivity, key: string): number | undefined => {
  const value = stage.settings[key];
  return typeof value === 'number' ? value : undefined;
};

/** Time from one item to the next: what the pipeline says, else its stages; 0 where items follow at once. */
function periodOf(activity: OtherActivity, stages: readonly OtherActivity[]): number {
  const bytes = Math.max(0, ...stages.map((stage) => numberOf(stage, 'bytes') ?? 0));
  for (const one of [activity, ...stages]) {
    const period = numberOf(one, 'periodSeconds');
    if (period !== undefined) return period;
    const perSecond = numberOf(one, 'bytesPerSecond');
    if (perSecond !== undefined && perSecond > 0) return (numberOf(one, 'bytes') ?? bytes) / perSecond;
  }
  return 0;
}

/** Why a pipeline cannot run as it stands, in words, or null. */
export function refusesPipeline(machine: Machine, { children }: OtherActivity): string | null {
  return problemOf(
    machine,
    children.filter((child) => child.kind === 'stage'),
  );
}

function problemOf(machine: Machine, stages: readonly OtherActivity[]): string | null {
  if (stages.length === 0) return 'it has no stages: `stage ingest from fpga0 to gpu0`.';
  for (const stage of stages) {
    const moves = stage.from.length > 0 && stage.to.length > 0;
    const compute = numberOf(stage, 'computeSeconds');
    if (portOf(stage) !== null) {
      const card = placeOf(stage);
      if (card === undefined || componentAt(machine, card).kind !== 'fpga')
        return `stage ${stage.name} reconfigures no FPGA: \`stage ${stage.name} on fpga0\`.`;
      if (numberOf(stage, 'bytes') === undefined)
        return `stage ${stage.name} does not say how large the bitstream is: \`size 16 MiB\`.`;
      continue;
    }
    if (!moves && compute === undefined) return `stage ${stage.name} neither moves nor computes.`;
    if (moves && numberOf(stage, 'bytes') === undefined)
      return `stage ${stage.name} does not say how much: \`size 1 MiB\`.`;
    const at = placeOf(stage);
    if (compute === undefined || at === undefined) continue;
    const device = componentAt(machine, at);
    const refused = device.kind === 'gpu' ? refusesStreams(device) : null;
    if (refused !== null) return refused.message;
  }
  return null;
}

/** The port by which a stage loads a bitstream, or null where it does not. */
function portOf(stage: OtherActivity): ConfigurationPort | null {
  const { reconfigure } = stage.settings;
  return reconfigure === 'mcap' || reconfigure === 'icap' || reconfigure === 'icap-stacked' ? reconfigure : null;
}

/** Where a stage computes: where it says, else where its data goes. */
const placeOf = (stage: OtherActivity): number | undefined =>
  (stage.on[0] ?? stage.to.at(-1) ?? stage.over[0])?.component;

function planStage(
  plan: Plan,
  pipeline: string,
  stage: OtherActivity,
  item: number,
  after: readonly number[],
  tasks: number[],
): number {
  const flow = `${pipeline}#${item + 1}`;
  const track = `${pipeline}/${stage.name}`;
  let last = [...after];
  const bytes = numberOf(stage, 'bytes') ?? 0;
  const port = portOf(stage);
  const card = placeOf(stage);
  if (port !== null && card !== undefined) return planReconfiguration(plan, card, bytes, port, { after }, tasks);
  for (const from of stage.from) {
    for (const to of stage.to) {
      last = [planMove(plan, stage, from, to, bytes / stage.from.length, last, { track, flow }, tasks)];
    }
  }
  const seconds = numberOf(stage, 'computeSeconds');
  const at = placeOf(stage);
  if (seconds !== undefined && at !== undefined) {
    const device = componentAt(plan.machine, at);
    const isGpu = device.kind === 'gpu';
    const launched = isGpu
      ? [plan.step(launchCall.value, { after: last, trace: { track, name: 'launch', flow } })]
      : last;
    const resource = isGpu
      ? computeUnits(plan, at)
      : plan.resource(`compute:${at}:${track}`, { name: `${device.name} ${stage.name}`, kind: 'engine', capacity: 1 });
    const task = plan.work(seconds, {
      resource,
      name: `${device.name} compute`,
      after: launched,
      trace: { track, name: stage.name, flow },
    });
    tasks.push(task);
    last = [task];
  }
  return last[0] ?? plan.step(0, { after });
}
