import type { TaskTimes } from '../engine/flow.ts';
import type { Plan } from '../plan.ts';
import { TimeAxis } from './axis.ts';
import type { UseTrack, Way } from './explain.types.ts';
import { integralOf, peakOf, rounded } from './series.ts';

/** Changes of all tracks together at most, and of one track whatever the number of the others. */
const mostChanges = 30_000;
const fewestChanges = 60;
/** A screen has no more columns to show them. */
const mostOfOne = 600;

/** How many changes a track may have among so many. */
export const changesOf = (tracks: number): number =>
  Math.round(Math.min(mostOfOne, Math.max(fewestChanges, mostChanges / Math.max(1, tracks))));

/** What each resource of a run carried over time: links by direction, memories, devices, engines, requests in flight. */
export function useTracks(plan: Plan, times: readonly TaskTimes[], makespanSeconds: number): UseTrack[] {
  const users = plan.resources.map((): { readonly task: number; readonly cost: number }[] => []);
  plan.tasks.forEach(({ resources, costs }, task) => {
    plan.check();
    resources.forEach((resource, slot) => {
      if (Number.isFinite(plan.resources[resource]?.capacity)) users[resource]?.push({ task, cost: costs[slot] ?? 0 });
    });
  });
  const ways = waysOf(plan);
  const axis = new TimeAxis(times, plan.check);
  const used = users.flatMap((all, resource) => (all.length === 0 ? [] : [{ all, resource }]));
  const most = changesOf(used.length);
  const tracks = used.flatMap(({ all, resource }): UseTrack[] => {
    const known = plan.resources[resource];
    if (known === undefined) return [];
    const { name, kind, capacity } = known;
    for (const { task, cost } of all) axis.add(task, cost / capacity);
    const use = axis.take(most, makespanSeconds);
    const mean = makespanSeconds > 0 ? integralOf(use) / makespanSeconds : 0;
    return mean > 0
      ? [{ name, kind, way: ways.get(resource) ?? null, use: rounded(use), mean, peak: peakOf(use) }]
      : [];
  });
  return inOrder(fullestOfAlike(tracks));
}

/** Directions of resources, by their index: keys of demands say them. */
function waysOf(plan: Plan): ReadonlyMap<number, Way> {
  const ways = new Map<number, Way>();
  for (const { demands } of plan.copies.values()) {
    plan.check();
    for (const { key, name, kind, capacity } of demands) {
      const way = /^(?:link|device|interconnect):\d+:([a-z]+)$/.exec(key)?.[1];
      if (way === undefined || !Number.isFinite(capacity)) continue;
      ways.set(plan.resource(key, { name, kind, capacity }), way as Way);
    }
  }
  return ways;
}

/**
 * A thing may have several limits without a direction: what each pair of root ports has on its way over one interconnect.
 * The fullest stands for all of them, where it is fuller than the thing itself.
 */
function fullestOfAlike(tracks: readonly UseTrack[]): readonly UseTrack[] {
  const fullest = new Map<string, UseTrack>();
  for (const track of tracks) {
    const key = `${track.kind} ${track.name}`;
    const known = fullest.get(key);
    if (known === undefined || track.mean > known.mean) fullest.set(key, track);
  }
  return tracks.filter((track) => track.way !== null || fullest.get(`${track.kind} ${track.name}`) === track);
}

/** Links first, the busiest first, its directions together; then the rest in the same way. */
function inOrder(tracks: readonly UseTrack[]): UseTrack[] {
  const busiest = new Map<string, number>();
  const keyOf = ({ kind, name }: UseTrack) => `${kind} ${name}`;
  for (const track of tracks) busiest.set(keyOf(track), Math.max(busiest.get(keyOf(track)) ?? 0, track.mean));
  const rank = ({ kind }: UseTrack) => (kind === 'link' ? 0 : 1);
  return [...tracks].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      (busiest.get(keyOf(b)) ?? 0) - (busiest.get(keyOf(a)) ?? 0) ||
      (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0) ||
      (a.way === 'up' || a.way === 'forward' ? -1 : 1),
  );
}
