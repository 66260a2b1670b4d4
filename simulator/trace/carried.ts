import type { Machine } from '../../model/machine.ts';
import { endName, type PlannedCopy } from '../demands.ts';
import type { TaskTimes } from '../engine/flow.ts';
import { type CarriedCopy, type CarryingResource, trackName } from './run-trace.ts';

/** Copies of a run that came to an end, with what they passed: links by direction, memories, devices. */
export function carriedCopies(
  copies: ReadonlyMap<number, PlannedCopy>,
  times: readonly TaskTimes[],
  nameOf: (task: number) => string,
): CarriedCopy[] {
  const carried: CarriedCopy[] = [];
  for (const [task, { demands }] of copies) {
    const time = times[task];
    if (time === undefined || !Number.isFinite(time.endSeconds)) continue;
    const resources = new Map<string, CarryingResource>();
    for (const { name, key, cost, capacity } of demands) {
      if (!Number.isFinite(capacity)) continue;
      const track = trackName(name, key);
      resources.set(track, { track, cost: cost + (resources.get(track)?.cost ?? 0), capacity });
    }
    carried.push({ name: nameOf(task), phases: time.phases, resources: [...resources.values()] });
  }
  return carried;
}

/** What a copy is called that is no transfer of the text: its ends. */
export function copyName(machine: Machine, planned: PlannedCopy | undefined): string {
  if (planned === undefined) return '';
  const { from, to } = planned.route;
  return `${endName(machine, from)} -> ${endName(machine, to)}`;
}
