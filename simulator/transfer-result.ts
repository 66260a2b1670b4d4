import { componentAt, type Machine } from '../model/machine.ts';
import { type LatencyShare, routeLatency } from '../model/route/latency.ts';
import type { Transfer } from '../model/work.ts';
import { endName, type PlannedCopy } from './demands.ts';
import type { TaskTimes } from './engine/flow.ts';
import { phasesFrom } from './explain/phases.ts';
import { longest } from './results.ts';
import type { LimitPhase, NextLimit, TransferResult } from './simulate.types.ts';

/** One task of a transfer: it moves bytes, or takes memory back from the device, where `unmaps` says who is waited for. */
export interface TransferRound {
  readonly times: TaskTimes | undefined;
  readonly unmaps: string | null;
}

/** What a transfer did: all its rounds as one, from the start of the first to the end of the last. */
export function transferResult(
  machine: Machine,
  transfer: Transfer,
  planned: PlannedCopy,
  rounds: readonly TransferRound[],
): TransferResult {
  const impossible = planned.route.route === 'none';
  const bytes = transfer.bytes * (transfer.repeat ?? 1);
  const startSeconds = rounds[0]?.times?.startSeconds ?? 0;
  const endSeconds = impossible ? Number.POSITIVE_INFINITY : (rounds.at(-1)?.times?.endSeconds ?? 0);
  const all = impossible ? [] : rounds.filter(({ times }) => times !== undefined);
  const times = all.flatMap((round) => (round.unmaps === null ? (round.times ?? []) : []));
  const [only] = times;
  const flowing = times.length === 1 && only !== undefined ? only.phases : times.flatMap(({ phases }) => phases);
  const bottleneck = longest(flowing);
  const most = times.length === 0 ? null : mostLatency(machine, planned);
  return {
    name: transfer.name,
    from: endName(machine, transfer.from),
    to: endName(machine, transfer.to),
    bytes,
    startSeconds,
    endSeconds,
    bytesPerSecond: endSeconds > startSeconds ? bytes / (endSeconds - startSeconds) : 0,
    firstByteSeconds: rounds[0]?.times?.firstByteSeconds ?? 0,
    route: planned.route.route,
    bottleneck,
    nextLimit: behind(flowing, bottleneck),
    // All of them at once may be more than memory holds.
    get phases() {
      return phasesOf(all, most ?? '');
    },
    reasons: planned.route.reasons,
  };
}

function phasesOf(rounds: readonly TransferRound[], mostOfLatency: string): LimitPhase[] {
  const [only] = rounds;
  const of = ({ times, unmaps }: TransferRound): LimitPhase[] => {
    if (times === undefined) return [];
    if (unmaps !== null) return [unmapPhase(times, unmaps)];
    const { phases } = times;
    return [...latencyPhase(times, phases[0], mostOfLatency), ...phasesFrom(phases, times.firstByteSeconds)];
  };
  return rounds.length === 1 && only !== undefined ? of(only) : rounds.flatMap(of);
}

/** What comes behind the bottleneck, where that held the transfer back for the longest. */
function behind(phases: readonly LimitPhase[], bottleneck: string): NextLimit | null {
  let longestPhase: LimitPhase | undefined;
  const seconds = (phase: LimitPhase | undefined) => (phase === undefined ? 0 : phase.endSeconds - phase.startSeconds);
  for (const phase of phases) {
    if (phase.limitedBy === bottleneck && seconds(phase) > seconds(longestPhase)) longestPhase = phase;
  }
  return longestPhase?.next ?? null;
}

/** What takes the most of the time before the first byte: the media of a drive, or a part of the way. */
function mostLatency(machine: Machine, planned: PlannedCopy): string {
  const { route, latencySeconds, wireSeconds, gatherSeconds, asked } = planned;
  const asking = asked.reduce((sum, { seconds }) => sum + seconds, 0);
  const device = [route.from, route.to].find((end) => !end.memory);
  const media: Pick<LatencyShare, 'name' | 'seconds'> = {
    name: device === undefined ? '' : componentAt(machine, device.component).name,
    seconds: latencySeconds - wireSeconds - gatherSeconds - asking,
  };
  return [...asked, ...routeLatency(machine, route)].reduce<Pick<LatencyShare, 'name' | 'seconds'>>(
    (best, one) => (one.seconds > best.seconds ? one : best),
    media,
  ).name;
}

/** From the start to the first byte, where that takes time. */
function latencyPhase(
  { startSeconds, firstByteSeconds: endSeconds }: TaskTimes,
  first: LimitPhase | undefined,
  name: string,
): LimitPhase[] {
  if (!(endSeconds > startSeconds)) return [];
  const next =
    first === undefined ? null : { limitedBy: first.limitedBy, kind: first.kind, bytesPerSecond: first.bytesPerSecond };
  return [{ startSeconds, endSeconds, bytesPerSecond: 0, limitedBy: name, kind: 'latency', next }];
}

/** From the last byte until the device may no longer reach the memory. */
function unmapPhase({ startSeconds, endSeconds }: TaskTimes, limitedBy: string): LimitPhase {
  return { startSeconds, endSeconds, bytesPerSecond: 0, limitedBy, kind: 'latency', next: null };
}
