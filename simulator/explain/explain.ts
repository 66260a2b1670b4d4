import type { PlannedCopy } from '../demands.ts';
import type { TaskTimes } from '../engine/flow.ts';
import type { Plan } from '../plan.ts';
import type { RunResult } from '../simulate.types.ts';
import type { QueueTrack, RunExplanation } from './explain.types.ts';
import { latencyParts } from './latency.ts';
import { bottlenecks, limitShares } from './limits.ts';
import { useTracks } from './use-tracks.ts';
import { workTracks } from './work-tracks.ts';

/** A run that is over. */
export interface Explained {
  readonly plan: Plan;
  /** Of the plan's tasks. */
  readonly times: readonly TaskTimes[];
  readonly run: RunResult;
  /** The way of each transfer, in the order of the run's transfers. */
  readonly ways: readonly PlannedCopy[];
  readonly queues: readonly QueueTrack[];
  nameOf(task: number): string;
}

/** Transfers that are explained one by one: nobody reads more, and each takes some kilobytes. */
const mostTransfers = 500;

/** Where the time of a run went: limits, latencies, and what was busy when. */
export function explainRun({ plan, times, run, ways, queues, nameOf }: Explained): RunExplanation {
  const { machine } = plan;
  const { makespanSeconds } = run;
  const held = times.map((time, task) => ({
    name: plan.copies.has(task) ? nameOf(task) : 'computation',
    get phases() {
      return time.phases;
    },
  }));
  // The way to the first byte is no phase of a copy, but of the transfer.
  const waited = run.transfers.map((transfer) => ({
    name: transfer.name,
    get phases() {
      return transfer.phases.filter(({ kind }) => kind === 'latency');
    },
  }));
  // The records of the plan come first, and are complete; those of jobs stop where they become too many.
  const records = run.records ?? [];
  const complete = plan.records(times).length;
  const recorded = { all: records.slice(0, complete), cut: records.slice(complete) };
  return {
    bottlenecks: bottlenecks([...held, ...waited], makespanSeconds, plan.check),
    transfers: run.transfers.slice(0, mostTransfers).map(({ name, startSeconds, firstByteSeconds, phases }, index) => {
      plan.check();
      const planned = ways[index];
      return {
        name,
        latency: planned === undefined ? [] : latencyParts(machine, planned, firstByteSeconds - startSeconds),
        limits: limitShares(phases),
      };
    }),
    use: useTracks(plan, times, makespanSeconds),
    work: workTracks(plan, times, recorded, makespanSeconds, nameOf),
    queues,
  };
}
