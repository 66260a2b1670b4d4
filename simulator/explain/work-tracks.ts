import type { TaskTimes } from '../engine/flow.ts';
import type { Plan } from '../plan.ts';
import type { TraceRecord } from '../trace/records.ts';
import type { Bar, WorkTrack } from './explain.types.ts';
import { type Interval, peakOf, rounded, sumOf } from './series.ts';
import { changesOf } from './use-tracks.ts';

/** Steps of a track that are shown one by one, and tracks at most. */
const mostBars = 120;
const mostTracks = 120;

interface Steps {
  readonly name: string;
  readonly slots: number | null;
  readonly busy: Bar[];
  readonly waiting: Interval[];
}

/**
 * Engines, queues and threads over time: servers of the plan with what waits for them, and the tracks of a trace.
 *
 * @param records steps of software and devices
 * @param nameOf what a task is called
 */
export function workTracks(
  plan: Plan,
  times: readonly TaskTimes[],
  records: readonly TraceRecord[],
  makespanSeconds: number,
  nameOf: (task: number) => string,
): WorkTrack[] {
  const all = [...serverSteps(plan, times, nameOf), ...recordedSteps(records)].filter(({ busy }) => busy.length > 0);
  const most = changesOf(2 * all.length);
  const tracks = all.map((steps) => trackOf(steps, most, makespanSeconds));
  if (tracks.length <= mostTracks) return tracks;
  const kept = new Set([...tracks].sort((a, b) => b.share - a.share).slice(0, mostTracks));
  return tracks.filter((track) => kept.has(track));
}

/** What holds a slot of each server: cores, copy engines, channels. */
function serverSteps(plan: Plan, times: readonly TaskTimes[], nameOf: (task: number) => string): Steps[] {
  const servers = (plan.servers.exclusive ?? []).map(
    ({ name, slots }): Steps => ({ name, slots, busy: [], waiting: [] }),
  );
  plan.tasks.forEach(({ holds = [] }, task) => {
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

function recordedSteps(records: readonly TraceRecord[]): Steps[] {
  const tracks = new Map<string, Steps>();
  for (const { track, name, startSeconds, endSeconds } of records) {
    let steps = tracks.get(track);
    if (steps === undefined) {
      steps = { name: track, slots: null, busy: [], waiting: [] };
      tracks.set(track, steps);
    }
    steps.busy.push({ name, startSeconds, endSeconds, row: 0 });
  }
  return [...tracks.values()];
}

function trackOf({ name, slots, busy, waiting }: Steps, most: number, makespanSeconds: number): WorkTrack {
  const intervals = busy.map(({ startSeconds, endSeconds }): Interval => ({ startSeconds, endSeconds, value: 1 }));
  const series = sumOf(intervals, most, makespanSeconds);
  const window = windowOf(busy, slots === null, makespanSeconds);
  const watched = window[1] - window[0];
  const waited = waiting.length === 0 ? null : rounded(sumOf(waiting, most, makespanSeconds));
  return {
    name,
    slots,
    busy: rounded(series),
    waiting: waited,
    steps: busy.length,
    window,
    share: watched > 0 ? Math.min(1, coveredSeconds(intervals) / watched) : 0,
    peak: Math.round(peakOf(sumOf(intervals, Number.POSITIVE_INFINITY, makespanSeconds))),
    bars: busy.length > mostBars ? null : inRows(busy),
  };
}

/** Records stop where they become too many: one that ends this early in the run is looked at by itself. */
const earlyShare = 0.02;

function windowOf(busy: readonly Bar[], isRecorded: boolean, makespanSeconds: number): [number, number] {
  const until = busy.reduce((latest, { endSeconds }) => Math.max(latest, endSeconds), 0);
  const isEarly = isRecorded && busy.length > 1 && until < makespanSeconds * earlyShare;
  return [0, isEarly ? until : makespanSeconds];
}

/** Time in which at least one interval lasts. */
export function coveredSeconds(intervals: readonly Pick<Interval, 'startSeconds' | 'endSeconds'>[]): number {
  const sorted = [...intervals].sort((a, b) => a.startSeconds - b.startSeconds);
  let covered = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { startSeconds, endSeconds } of sorted) {
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
