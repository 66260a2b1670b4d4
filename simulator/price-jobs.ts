import type { Component, Machine } from '../model/machine.ts';
import type { OtherActivity, Work } from '../model/work.ts';
import type { JobResult } from './jobs/job.types.ts';
import { simulate } from './simulate.ts';

/** Long enough for tens of thousands of commands, short enough to be asked in passing. */
const runtimeSeconds = 2e-3;
const blockBytes = 4096;

/** How many requests a thread keeps in flight, how many threads there are, and on which cores; null: those of the drive's socket. */
interface Load {
  readonly depth: number;
  readonly threads: number;
  readonly cores: string | null;
}

/** Random reads of 4 KiB of some drives together; null where they do not run. Throws `SimulationCancelled` like any run. */
export function randomReads(
  machine: Machine,
  drives: readonly number[],
  { depth, threads, cores }: Load,
  cancelled?: () => boolean,
): JobResult | null {
  const { origin } = machine;
  const activity: OtherActivity = {
    kind: 'job',
    name: 'price',
    startSeconds: 0,
    on: drives.map((component) => ({ component, memory: false })),
    from: [],
    to: [],
    over: [],
    settings: {
      pattern: 'randread',
      engine: 'io_uring',
      blockBytes,
      depth,
      jobs: threads,
      runtimeSeconds,
      ...(cores === null ? {} : { cores }),
    },
    children: [],
    origin,
  };
  const scenario = { name: 'price', transfers: [], processes: [], activities: [activity], expectations: [], origin };
  const work: Work = { transfers: [], scenarios: [scenario], expectations: [] };
  return simulate(machine, work, cancelled === undefined ? {} : { cancelled }).runs[0]?.jobs?.[0] ?? null;
}

/** The machine with other settings of one component. */
export const withSettings = (machine: Machine, id: number, settings: Component['settings']): Machine => ({
  ...machine,
  components: machine.components.map((one) =>
    one.id === id ? { ...one, settings: { ...one.settings, ...settings } } : one,
  ),
});
