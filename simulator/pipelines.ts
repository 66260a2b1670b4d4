import { componentAt } from '../model/machine.ts';
import type { Reason } from '../model/origin.ts';
import type { EndpointRef, OtherActivity, Via } from '../model/work.ts';
import type { PlannedActivity } from './activities.ts';
import { channels, characterDeviceCall, engine } from './drivers/fpga/xdma.ts';
import { copyCall, launchCall } from './drivers/gpu/costs.ts';
import { gpuDriverOf, refusesStreams } from './drivers/gpu/drivers.ts';
import { computeUnits, copyEngine } from './drivers/gpu/engines.ts';
import type { Plan } from './plan.ts';
import { longest, rate } from './results.ts';

/** Items of a pipeline that is paced and does not say how many there are. */
const usualItems = 16;
/** Items that are worth tasks of their own. */
const mostItems = 10_000;

/**
 * Stages one after the other, for item after item: a stage takes its next item when it has done with the last one, so
 * that stages of several items overlap.
 */
export function planPipeline(plan: Plan, activity: OtherActivity): PlannedActivity {
  const stages = activity.children.filter((child) => child.kind === 'stage');
  const problem = problemOf(plan, stages);
  if (problem !== null) return { leftOut: [`pipeline ${activity.name}: ${problem}`], result: () => null };
  const period = periodOf(activity, stages);
  const said = Math.max(0, ...stages.map((stage) => numberOf(stage, 'repeat') ?? 0));
  const items = Math.min(mostItems, said > 0 ? said : period > 0 ? usualItems : 1);
  if (said === 0 && period > 0)
    plan.assumptions.add(`pipeline ${activity.name}: runs for ${items} items (say \`repeat\`).`);
  const starts: number[] = [];
  const ends: number[] = [];
  const tasks: number[] = [];
  const before: (number | undefined)[] = stages.map(() => undefined);
  for (let item = 0; item < items; item++) {
    const notBefore = activity.startSeconds + item * period;
    const arrived = plan.step(0, { notBefore });
    starts.push(arrived);
    let last = arrived;
    stages.forEach((stage, at) => {
      const earlier = before[at];
      const after = earlier === undefined ? [last] : [last, earlier];
      last = planStage(plan, activity.name, stage, item, after, tasks);
      before[at] = last;
    });
    ends.push(last);
  }
  // What goes through: the most that any stage moves of an item.
  const bytes = Math.max(0, ...stages.map((stage) => numberOf(stage, 'bytes') ?? 0));
  return {
    leftOut: [],
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
        bottleneck: longest(tasks.flatMap((task) => times[task]?.phases ?? [])),
        reasons: reasons.filter((reason, at) => reasons.findIndex((one) => one.message === reason.message) === at),
      };
    },
  };
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

function problemOf(plan: Plan, stages: readonly OtherActivity[]): string | null {
  if (stages.length === 0) return 'it has no stages: `stage ingest from fpga0 to gpu0`.';
  for (const stage of stages) {
    const moves = stage.from.length > 0 && stage.to.length > 0;
    const compute = numberOf(stage, 'computeSeconds');
    if (!moves && compute === undefined) return `stage ${stage.name} neither moves nor computes.`;
    if (moves && numberOf(stage, 'bytes') === undefined)
      return `stage ${stage.name} does not say how much: \`size 1 MiB\`.`;
    const at = placeOf(stage);
    if (compute === undefined || at === undefined) continue;
    const device = componentAt(plan.machine, at);
    const refused = device.kind === 'gpu' ? refusesStreams(device) : null;
    if (refused !== null) return refused.message;
  }
  return null;
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

/**
 * One item from one place to another. An FPGA writes to a peer by itself where a way leads there; else, and to host
 * memory, its driver is called, and a GPU fetches what lies in host memory by a copy of its own.
 */
function planMove(
  plan: Plan,
  stage: OtherActivity,
  from: EndpointRef,
  to: EndpointRef,
  bytes: number,
  after: readonly number[],
  trace: { readonly track: string; readonly flow: string },
  tasks: number[],
): number {
  const { machine } = plan;
  const via = stage.settings.via;
  const way: Via = via === 'p2p' || via === 'host' ? via : 'auto';
  const { operation } = stage.settings;
  const options = {
    via: way,
    operation: operation === 'read' || operation === 'write' ? operation : null,
    blockBytes: numberOf(stage, 'blockBytes') ?? null,
    depth: numberOf(stage, 'depth') ?? null,
  } as const;
  const planned = plan.way(from, to, options);
  const [source, target] = [from, to].map((end) => (end.memory ? null : componentAt(machine, end.component)));
  const staged = planned.route.route === 'host-memory';
  const blocks = options.blockBytes === null ? 1 : Math.max(1, Math.ceil(bytes / options.blockBytes));
  const copies = (name: string, start: EndpointRef, goal: EndpointRef, before: readonly number[]): number => {
    const fpga = [start, goal].map((end) => (end.memory ? null : componentAt(machine, end.component)));
    const [out, into] = fpga;
    const holds: number[] = [];
    const extra: { resource: number; cost: number }[] = [];
    let calls = 0;
    if (out?.kind === 'fpga') {
      holds.push(channels(plan, out.id, 'c2h'));
      extra.push(engine(plan, out.id, 'c2h'));
      if (goal.memory) calls += characterDeviceCall.value * blocks;
    } else if (into?.kind === 'fpga') {
      holds.push(channels(plan, into.id, 'h2c'));
      extra.push(engine(plan, into.id, 'h2c'));
      if (start.memory) calls += characterDeviceCall.value * blocks;
    }
    const gpu = into?.kind === 'gpu' && start.memory ? into : out?.kind === 'gpu' && goal.memory ? out : null;
    if (gpu !== null) {
      holds.push(copyEngine(plan, gpu.id, into === gpu ? 'h2d' : 'd2h'));
      calls += copyCall.value;
    }
    const called =
      calls === 0
        ? before
        : [
            plan.step(calls, {
              after: before,
              trace: { ...trace, name: gpu === null ? 'read /dev/xdma' : (gpuDriverOf(gpu).copyCall ?? 'copy') },
            }),
          ];
    const task = plan.copy(start, goal, bytes, {
      after: called,
      holds,
      extra,
      options,
      trace: { ...trace, name, args: { bytes } },
    });
    tasks.push(task);
    return task;
  };
  // A drive or a NIC stages by itself, in a pipeline of blocks; an FPGA and a GPU need a call each.
  const calledFor = [source, target].some((device) => device?.kind === 'fpga');
  if (!staged || !calledFor) return copies(stage.name, from, to, after);
  const leg = planned.route.legs[0];
  const memory = leg?.to ?? to;
  return copies(`${stage.name} out of it`, memory, to, [copies(`${stage.name} into host memory`, from, memory, after)]);
}
