import { theText } from '../../model/host/profile.ts';
import { componentAt, type Machine } from '../../model/machine.ts';
import { routeLatency } from '../../model/route/latency.ts';
import type { EndpointRef } from '../../model/work.ts';
import type { PlannedCopy } from '../demands.ts';
import type { LatencyPart } from './explain.types.ts';

/**
 * Where the time from the start of a transfer to its first byte went, in the order in which it is passed.
 *
 * @param seconds that time, as the run has it: what the way does not explain is a part of its own
 */
export function latencyParts(machine: Machine, planned: PlannedCopy, seconds: number): LatencyPart[] {
  const { route, latencySeconds, wireSeconds, gatherSeconds, asked } = planned;
  if (route.route === 'none' || seconds <= 0 || latencySeconds === 0) return [];
  const way = routeLatency(machine, route)
    .filter((part) => part.seconds > 0)
    .map(({ name, what, seconds: own, source }): LatencyPart => ({ name, what, seconds: own, source }));
  const asking = asked.reduce((sum, part) => sum + part.seconds, 0);
  const hasMedia = latencySeconds - gatherSeconds - wireSeconds - asking > wireSeconds * 1e-9;
  const moved = hasMedia
    ? [...mediaParts(machine, route.from, 'read'), ...way, ...mediaParts(machine, route.to, 'write')]
    : way;
  const parts = [...asked, ...moved];
  const left = seconds - parts.reduce((sum, part) => sum + part.seconds, 0);
  if (Math.abs(left) <= seconds * 1e-6) return parts;
  const { name } = componentAt(machine, route.from.component);
  const what = left > 0 ? 'waiting, and requests larger than 64 B' : 'overlap of what is counted apart';
  return [...parts, { name, what, seconds: left, source: 'the run' }];
}

/** What the media of a drive take. */
function mediaParts(machine: Machine, end: EndpointRef, access: 'read' | 'write'): LatencyPart[] {
  if (end.memory) return [];
  const { name, settings } = componentAt(machine, end.component);
  const seconds = access === 'read' ? settings.readLatencySeconds : settings.writeLatencySeconds;
  if (seconds === undefined || seconds === 0) return [];
  return [{ name, what: `media, ${access}`, seconds, source: theText }];
}
