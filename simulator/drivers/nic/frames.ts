import { type TlpFormat, tlpOverheadBytes } from '../../../model/link/tlp.ts';
import { componentAt, type Machine, socketOf } from '../../../model/machine.ts';
import type { Sourced } from '../../../model/origin.ts';
import type { Demand } from '../../../model/route/demand.ts';
import type { Route } from '../../../model/route/types.ts';
import type { EndpointRef, OtherActivity } from '../../../model/work.ts';
import type { PlannedActivity } from '../../activities.ts';
import type { Plan } from '../../plan.ts';
import { longest, rate } from '../../results.ts';
import { isOnNics, numbersOf, usualSeconds } from './nic-job.ts';
import { framesPerSecond, ringTraffic } from './rings.ts';

/** Who takes packets out of the rings of a NIC: a driver in user space that polls, or the kernel's stack under NAPI. */
export type PacketEngine = 'dpdk' | 'napi';

/** Packets a second that one core takes out of a ring and drops: what reception alone costs. */
export const packetsOfCore: Sourced<Readonly<Record<PacketEngine, number>>> = {
  value: { dpdk: 43.5e6, napi: 4.8e6 },
  source:
    'Hoiland-Jorgensen et al., "The eXpress data path", CoNEXT 2018, section 4.1: DPDK, and Linux dropping as early as it can',
};

export const isPacketEngine = (engine: unknown): engine is PacketEngine => engine === 'dpdk' || engine === 'napi';

/** True for a job of packets: `job flood on nic0 { engine dpdk … }`. */
export function isPacketJob(machine: Machine, activity: OtherActivity): boolean {
  return isPacketEngine(activity.settings.engine) && isOnNics(machine, activity);
}

/** What TLPs carry beside their payload: a request of 64-bit address, and a completion. */
const format: TlpFormat = { addressBits: 64, ecrc: false, requestPrefixes: 0, flitMode: false };
const requestHeader = tlpOverheadBytes('memory-write', format);
const completionHeader = tlpOverheadBytes('completion-data', format);
const usualFrameBytes = 1500;

/**
 * Frames of one size through the rings of a NIC: `pattern read` receives, `pattern write` sends. Each frame costs its DMA, its
 * descriptor that the NIC fetches, and a completion that it writes; `jobs` cores take them, each from a ring of its own.
 */
export function planPacketJob(plan: Plan, activity: OtherActivity): PlannedActivity {
  const { machine } = plan;
  const { settings, name, startSeconds } = activity;
  const numberOf = numbersOf(activity);
  const nic = activity.on[0]?.component ?? 0;
  const engine: PacketEngine = settings.engine === 'napi' ? 'napi' : 'dpdk';
  const receives = !String(settings.pattern ?? 'read').includes('write');
  const frame = numberOf('blockBytes', usualFrameBytes);
  const cores = numberOf('jobs', 1);
  if (settings.blockBytes === undefined) plan.assumptions.add(`job ${name}: no block said, taken as frames of 1500 B.`);
  const card: EndpointRef = { component: nic, memory: false };
  const memory = [...activity.to, ...activity.from].find((end) => end.memory) ?? {
    component: socketOf(machine, nic)?.id ?? 0,
    memory: true,
  };
  const [from, to] = receives ? [card, memory] : [memory, card];
  const planned = plan.way(from, to, { initiator: nic, blockBytes: frame });
  const { read, written } = ringTraffic(receives ? 'receive' : 'send');
  // Descriptors come down as completions of reads that go up; completions of frames go up as writes.
  const up = (requestHeader + requestHeader + written) / frame;
  const down = (completionHeader + read) / frame;
  const demands = planned.demands
    .filter(({ key }) => !key.startsWith(`device:${nic}:`))
    .flatMap((demand) => withRings(demand, planned.demands, { up, down }));
  const { name: nicName } = componentAt(machine, nic);
  const limits = [
    {
      bytesPerSecond: (framesPerSecond(machine, nic, frame) ?? Number.POSITIVE_INFINITY) * frame,
      name: `${nicName} line`,
    },
    { bytesPerSecond: cores * packetsOfCore.value[engine] * frame, name: `${cores} cores (${engine})` },
  ];
  const cap = limits.reduce((least, one) => (one.bytesPerSecond < least.bytesPerSecond ? one : least));
  const wanted = numberOf('bytes', numberOf('runtimeSeconds', usualSeconds) * cap.bytesPerSecond);
  if (!(wanted > 0)) return { leftOut: [`job ${name}: say how much: \`size 1 GiB\`.`], result: () => null };
  const verb = receives ? 'receive' : 'send';
  const task = plan.copy(from, to, wanted, {
    planned: { ...planned, demands },
    cap,
    notBefore: startSeconds,
    trace: { track: `${nicName}/rings`, name: `${verb} frames of ${frame} B`, args: { bytes: wanted, cores } },
  });
  return {
    leftOut: [],
    tasks: [task],
    routes: new Map<string, Route>([[name, planned.route]]),
    result: (times) => {
      const time = times[task];
      const endSeconds = time?.endSeconds ?? startSeconds;
      const bytesPerSecond = rate(wanted, endSeconds - (time?.startSeconds ?? startSeconds));
      return {
        kind: 'job',
        name,
        startSeconds,
        endSeconds,
        bytes: wanted,
        bytesPerSecond,
        latencySeconds: planned.latencySeconds,
        algorithm: `${engine}, ${verb}, ${(bytesPerSecond / frame / 1e6).toFixed(2)} M frames a second`,
        bottleneck: longest(time?.phases ?? []),
        reasons: planned.route.reasons,
      };
    },
  };
}

/** A demand with what rings add to it; where nothing of the frames goes back over a link, the rings alone do. */
function withRings(
  demand: Demand,
  all: readonly Demand[],
  rings: { readonly up: number; readonly down: number },
): Demand[] {
  if (demand.link === null) return [demand];
  const { id, direction } = demand.link;
  const own = { ...demand, cost: demand.cost + rings[direction] };
  if (all.some(({ link }) => link?.id === id && link.direction !== direction)) return [own];
  const back = direction === 'up' ? 'down' : 'up';
  const link = { id, direction: back } as const;
  return [own, { ...demand, key: `link:${id}:${back}`, link, cost: rings[back], carriesPayload: false }];
}
