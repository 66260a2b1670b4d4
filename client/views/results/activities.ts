import type { JobResult } from '../../../simulator/jobs/job.types.ts';
import type { ActivityResult, LimitPhase, NextLimit, RunResult } from '../../../simulator/simulate.types.ts';
import { type Column, nameButton, section, someRows, table } from './parts.ts';
import { type Scene, shortName } from './state.ts';
import { iops, rate, size, time } from './text.ts';

/** Jobs in the figures that fio prints. */
export function jobsSection(scene: Scene, id: string, run: RunResult): HTMLElement | null {
  const jobs = run.jobs ?? [];
  if (jobs.length === 0) return null;
  const { shown, more } = someRows(scene, `${id}-more`, jobs, 40, 'jobs');
  const columns: readonly Column<JobResult>[] = [
    { title: 'Job', cell: ({ name }, index) => nameButton(scene, `${id}-${index}`, name) },
    { title: 'Pattern', cell: ({ pattern, blockBytes }) => `${pattern} ${size(blockBytes)}` },
    {
      title: 'Jobs × depth',
      kind: 'spare',
      hint: 'Threads, and the requests that each keeps in flight',
      cell: ({ threads, depth }) => `${threads} × ${depth}`,
    },
    { title: 'Engine', kind: 'spare', cell: ({ engine }) => engine },
    { title: 'IOPS', kind: 'number strong', cell: (job) => iops(job.iops) },
    { title: 'Rate', kind: 'number', cell: ({ bytesPerSecond }) => rate(bytesPerSecond) },
    {
      title: 'Latency, mean',
      kind: 'number',
      hint: 'From the call to the completion',
      cell: ({ latency }) => time(latency.mean),
    },
    {
      title: 'p99',
      kind: 'number wide roomy',
      hint: 'Latency that 99 of 100 operations stay below',
      cell: ({ latency }) => time(latency.p99),
    },
    {
      title: 'p99.9',
      kind: 'number spare',
      hint: 'Latency that 999 of 1000 operations stay below',
      cell: ({ latency }) => time(latency.p999),
    },
    {
      title: 'CPU per operation',
      kind: 'number spare',
      hint: 'Time of cores',
      cell: ({ cpuSecondsPerOperation }) => time(cpuSecondsPerOperation),
    },
    {
      title: 'Limited by',
      kind: 'wrap wide',
      about: ({ phases }) => phasesText(scene, phases),
      cell: ({ limitedBy, nextLimit }, index) => [
        nameButton(scene, `${id}-${index}-limit`, limitedBy),
        thenText(scene, nextLimit),
      ],
    },
  ];
  return section(scene, id, jobs.length === 1 ? 'Job' : 'Jobs', '', table('Jobs', columns, shown), more);
}

/** Processes, pipelines with their stages, and collectives. */
export function activitiesSection(scene: Scene, id: string, run: RunResult): HTMLElement | null {
  const jobs = new Set((run.jobs ?? []).map(({ name }) => name));
  const all = (run.activities ?? []).filter(({ name }) => !jobs.has(name));
  if (all.length === 0) return null;
  const { shown, more } = someRows(scene, `${id}-more`, all, 20, 'activities');
  const columns: readonly Column<ActivityResult>[] = [
    {
      title: 'Work',
      about: ({ reasons }) => reasons.map(({ message }) => message).join('\n'),
      cell: ({ name }, index) => nameButton(scene, `${id}-${index}`, name),
    },
    { title: 'Kind', cell: ({ kind }) => kind },
    { title: 'Size', kind: 'number spare', cell: ({ bytes }) => (bytes > 0 ? size(bytes) : '') },
    { title: 'Time', kind: 'number', cell: ({ startSeconds, endSeconds }) => time(endSeconds - startSeconds) },
    {
      title: 'Rate',
      kind: 'number strong',
      cell: ({ bytes, bytesPerSecond }) => (bytes > 0 ? rate(bytesPerSecond) : ''),
    },
    {
      title: 'Bus rate',
      kind: 'number',
      hint: 'Bus bandwidth of a collective, as nccl-tests print it: what the links carry',
      cell: ({ busBytesPerSecond }) => (busBytesPerSecond === undefined ? '' : rate(busBytesPerSecond)),
    },
    {
      title: 'Latency',
      kind: 'number',
      hint: 'The longest that an item of a pipeline takes',
      cell: ({ latencySeconds }) => (latencySeconds === undefined ? '' : time(latencySeconds)),
    },
    { title: 'Algorithm', kind: 'spare', cell: ({ algorithm }) => algorithm ?? '' },
    {
      title: 'Limited by',
      kind: 'wrap wide',
      about: ({ phases }) => phasesText(scene, phases ?? []),
      // It may be no thing of the text: `calls and latencies`.
      cell: ({ bottleneck, nextLimit }) =>
        bottleneck === '' ? '' : `${shortName(scene.state, bottleneck)}${thenText(scene, nextLimit)}`,
    },
  ];
  return section(scene, id, 'Work', '', table('Work', columns, shown), more);
}

/** What comes behind the limit. */
const thenText = (scene: Scene, next: NextLimit | null | undefined): string =>
  next == null ? '' : `, then ${shortName(scene.state, next.limitedBy)} at ${rate(next.bytesPerSecond)}`;

/** Phases that a tooltip shows at most. */
const mostPhases = 12;

/** What held work back, phase after phase, one line each. */
function phasesText(scene: Scene, phases: readonly LimitPhase[]): string {
  const lines = phases.slice(0, mostPhases).map(({ startSeconds, endSeconds, bytesPerSecond, limitedBy, next }) => {
    const span = `${time(startSeconds)} to ${time(endSeconds)}`;
    return `${span}: ${rate(bytesPerSecond)}, held back by ${shortName(scene.state, limitedBy)}${thenText(scene, next)}`;
  });
  return [...lines, ...(phases.length > mostPhases ? [`and ${phases.length - mostPhases} more`] : [])].join('\n');
}
