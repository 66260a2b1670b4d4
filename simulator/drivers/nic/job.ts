import { componentAt, type Machine, socketOf } from '../../../model/machine.ts';
import type { Route } from '../../../model/route/types.ts';
import type { EndpointRef, OtherActivity } from '../../../model/work.ts';
import type { PlannedActivity } from '../../activities.ts';
import { steadyState } from '../../demands.ts';
import { runTasks } from '../../engine/flow.ts';
import { Plan } from '../../plan.ts';
import { longest, rate } from '../../results.ts';
import { isOnNics, numbersOf, usualSeconds } from './nic-job.ts';
import { directRdma, lineCap, planVerb, type RdmaRequest, strictlyOrdered, type Verb } from './rdma.ts';

/** True for a job of verbs: `job flood on nic0 { engine rdma … }`. */
export function isVerbJob(machine: Machine, activity: OtherActivity): boolean {
  return activity.settings.engine === 'rdma' && isOnNics(machine, activity);
}

/**
 * Verbs of one size, a number of them in flight, as perftest and fio do them. `pattern write` sends WRITEs out of the
 * buffer that `from` names, `pattern read` brings data into the one that `to` names; host memory where neither is said.
 * Requests in flight hide each other's latency until the line, a link or the requests themselves limit.
 */
export function planVerbJob(plan: Plan, activity: OtherActivity): PlannedActivity {
  const { machine } = plan;
  const { settings, name, startSeconds } = activity;
  const numberOf = numbersOf(activity);
  const nic = activity.on[0]?.component ?? 0;
  const verb: Verb = String(settings.pattern ?? 'write').includes('read') ? 'read' : 'write';
  const block = numberOf('blockBytes', 65536);
  const inFlight = numberOf('depth', 1) * numberOf('jobs', 1);
  const card: EndpointRef = { component: nic, memory: false };
  const memory: EndpointRef = { component: socketOf(machine, nic)?.id ?? 0, memory: true };
  const buffer = (verb === 'write' ? activity.from[0] : activity.to[0]) ?? memory;
  if (settings.blockBytes === undefined) plan.assumptions.add(`job ${name}: no block said, taken as 64 KiB.`);
  const refusal = buffer.memory ? null : directRdma(machine, nic, buffer.component);
  const ordered = verb === 'read' ? strictlyOrdered(machine, nic, buffer) : null;
  const via = settings.via === 'host' || refusal !== null ? 'host' : 'auto';
  const [from, to] = verb === 'write' ? [buffer, card] : [card, buffer];
  const planned = plan.way(from, to, { via, ...(via === 'auto' ? { initiator: nic } : {}), blockBytes: block });
  const line = lineCap(machine, nic);
  const alone = Math.min(steadyState(planned).bytesPerSecond, line?.bytesPerSecond ?? Number.POSITIVE_INFINITY);
  const latency = verbSeconds(plan, { nic, verb, buffer, bytes: block, via });
  const byRequests = latency > 0 ? (inFlight * block) / latency : Number.POSITIVE_INFINITY;
  const limit = Math.min(alone, byRequests);
  const wanted = numberOf('bytes', numberOf('runtimeSeconds', usualSeconds) * (Number.isFinite(limit) ? limit : 0));
  if (!(wanted > 0)) return { leftOut: [`job ${name}: say how much: \`size 1 GiB\`.`], result: () => null };
  const requests = {
    bytesPerSecond: byRequests,
    name: `${componentAt(machine, nic).name} (${inFlight} requests in flight)`,
  };
  // What the way holds the line for is no limit beside it.
  const isLine = line !== null && line.bytesPerSecond < Math.min(byRequests, steadyState(planned).bytesPerSecond);
  const cap = isLine ? line : requests;
  const task = plan.copy(from, to, wanted, {
    planned,
    cap,
    notBefore: startSeconds,
    trace: { track: `${name}/${verb}`, name: `RDMA ${verb}`, args: { bytes: wanted, blockBytes: block } },
  });
  const routes = new Map<string, Route>([[name, planned.route]]);
  return {
    leftOut: [],
    tasks: [task],
    routes,
    result: (times) => {
      const time = times[task];
      const endSeconds = time?.endSeconds ?? startSeconds;
      const bytesPerSecond = rate(wanted, endSeconds - startSeconds);
      return {
        kind: 'job',
        name,
        startSeconds,
        endSeconds,
        bytes: wanted,
        bytesPerSecond,
        // What shares the way with others waits longer: Little's law.
        latencySeconds: bytesPerSecond > 0 ? Math.max(latency, (inFlight * block) / bytesPerSecond) : latency,
        algorithm: `RDMA ${verb.toUpperCase()}${buffer.memory ? '' : via === 'auto' ? ' by GPUDirect RDMA' : ' staged in host memory'}`,
        bottleneck: longest(time?.phases ?? []),
        reasons: [...[refusal, ordered].filter((reason) => reason !== null), ...planned.route.reasons],
      };
    },
  };
}

/** From the call to the completion of one request that has everything to itself. */
function verbSeconds(plan: Plan, request: RdmaRequest): number {
  const alone = new Plan(plan.machine, plan.tax, plan.ideal);
  const { done } = planVerb(alone, request);
  return runTasks(alone.resources, alone.tasks, {}, alone.servers)[done]?.endSeconds ?? 0;
}
