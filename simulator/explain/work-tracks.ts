import { type Check, noCheck, nowAndThen } from '../cancel.ts';
import type { TaskTimes } from '../engine/flow.ts';
import type { Plan } from '../plan.ts';
import { sorted } from '../sort.ts';
import type { TraceRecord } from '../trace/records.ts';
import type { Bar, WorkTrack } from './explain.types.ts';
import { type Interval, peakOf, rounded, sumOf } from './series.ts';
import { changesOf } from './use-tracks.ts';

/** Steps of a track that are shown one by one, and tracks at most. */
const mostBars = 120;
const mostTracks = 120;

interface Steps {
  readonly name: string;
  /** Null where nothing says. */
  slots: number | null;
  /** Records that stop where they became too many. */
  readonly cut: boolean;
  busy: Bar[];
  readonly waiting: Interval[];
}

/**
 * Engines, queues and threads over time: servers of the plan with what waits for them, and the tracks of a trace.
 *
 * @param records steps of software and devices; `cut`: those of long jobs, which stop where they become too many
 * @param nameOf what a task is called
 */
export function workTracks(
  plan: Plan,
  times: readonly TaskTimes[],
  records: { readonly all: readonly TraceRecord[]; readonly cut: readonly TraceRecord[] },
  makespanSeconds: number,
  nameOf: (task: number) => string,
): WorkTrack[] {
  const all = merged([
    ...serverSteps(plan, times, nameOf),
    ...recordedSteps(records.all, false, plan.check),
    ...recordedSteps(records.cut, true, plan.check),
  ]).filter(({ busy }) => busy.length > 0);
  const most = changesOf(2 * all.length);
  const tracks = all.map((steps) => {
    plan.check();
    return trackOf(steps, windowOf(all, steps, makespanSeconds), most, makespanSeconds, plan.check);
  });
  if (tracks.length <= mostTracks) return tracks;
  const kept = new Set([...tracks].sort((a, b) => b.share - a.share).slice(0, mostTracks));
  return tracks.filter((track) => kept.has(track));
}

/** What holds a slot of each server: cores, copy engines, channels. */
function serverSteps(plan: Plan, times: readonly TaskTimes[], nameOf: (task: number) => string): Steps[] {
  const servers = (plan.servers.exclusive ?? []).map(
    ({ name, slots }): Steps => ({ name, slots, cut: false, busy: [], waiting: [] }),
  );
  plan.tasks.forEach(({ holds = [] }, task) => {
    plan.check();
    const time = times[task];
    if (time === undefined || !Number.isFinite(time.endSeconds)) return;
    const { readySeconds, startSeconds, endSeconds } = time;
    for (const server of holds) {
      servers[server]?.busy.push({ name: nameOf(task), startSeconds, endSeconds, row: 0 });
      if (startSeconds > readySeconds) {
        servers[server]?.waiting.push({ startSeconds: readySeconds, endSeconds: startSeconds, value: 1 });
      }
    }
  });
  return servers;
}

/** A server whose steps are recorded as well has the names of the records. */
function merged(all: readonly Steps[]): Steps[] {
  const byName = new Map<string, Steps>();
  for (const steps of all) {
    const known = byName.get(steps.name);
    if (known === undefined) byName.set(steps.name, steps);
    else known.busy = steps.busy;
  }
  return [...byName.values()];
}

function recordedSteps(records: readonly TraceRecord[], cut: boolean, check: Check): Steps[] {
  const tracks = new Map<string, Steps>();
  for (const { track, name, startSeconds, endSeconds } of records) {
    check();
    let steps = tracks.get(track);
    if (steps === undefined) {
      steps = { name: track, slots: null, cut, busy: [], waiting: [] };
      tracks.set(track, steps);
    }
    steps.busy.push({ name, startSeconds, endSeconds, row: 0 });
  }
  return [...tracks.values()];
}

function trackOf(
  { name, slots, cut, busy, waiting }: Steps,
  window: readonly [number, number],
  most: number,
  makespanSeconds: number,
  check: Check,
): WorkTrack {
  const intervals = busy.map(({ startSeconds, endSeconds }): Interval => ({ startSeconds, endSeconds, value: 1 }));
  check();
  const series = sumOf(intervals, most, makespanSeconds, check);
  const watched = cut ? window[1] : makespanSeconds;
  const waited = waiting.length === 0 ? null : rounded(sumOf(waiting, most, makespanSeconds, check));
  return {
    name,
    slots,
    busy: rounded(series),
    waiting: waited,
    steps: busy.length,
    window,
    cut: cut && window[1] < makespanSeconds,
    share: watched > 0 ? Math.min(1, coveredSeconds(intervals, check) / watched) : 0,
    peak: Math.round(peakOf(sumOf(intervals, Number.POSITIVE_INFINITY, makespanSeconds, check))),
    bars: busy.length > mostBars ? null : inRows(busy),
  };
}

/** Steps that all lie in so small a part of the run are looked at by themselves. */
const earlyShare = 0.02;

/** The same for all tracks that are looked at so, that one can be held against another. */
function windowOf(all: readonly Steps[], own: Steps, makespanSeconds: number): [number, number] {
  const untilOf = ({ busy }: Steps) => busy.reduce((latest, { endSeconds }) => Math.max(latest, endSeconds), 0);
  const isEarly = (steps: Steps) => untilOf(steps) < makespanSeconds * earlyShare;
  if (!isEarly(own)) return [0, makespanSeconds];
  const beside = all.filter((steps) => steps.cut === own.cut && isEarly(steps));
  return [0, Math.max(...beside.map(untilOf))];
}

/** Time in which at least one interval lasts. */
export function coveredSeconds(
  intervals: readonly Pick<Interval, 'startSeconds' | 'endSeconds'>[],
  check: Check = noCheck,
): number {
  let covered = 0;
  let until = Number.NEGATIVE_INFINITY;
  const ask = nowAndThen(check, 4096);
  for (const { startSeconds, endSeconds } of sorted(intervals, (a, b) => a.startSeconds - b.startSeconds, check)) {
    ask();
    covered += Math.max(0, endSeconds - Math.max(startSeconds, until));
    until = Math.max(until, endSeconds);
  }
  return covered;
}

/** Bars that overlap get rows below each other. */
function inRows(bars: readonly Bar[]): Bar[] {
  const ends: number[] = [];
  return [...bars]
    .sort((a, b) => a.startSeconds - b.startSeconds)
    .map((bar) => {
      const free = ends.findIndex((end) => end <= bar.startSeconds);
      const row = free < 0 ? ends.length : free;
      ends[row] = bar.endSeconds;
      return { ...bar, row };
    });
}
