import type { ActivityResult, LimitPhase, NextLimit, RunResult } from '../../../simulator/simulate.types.ts';
import { h } from './dom.ts';
import { column, nameButton, section, someRows, table } from './parts.ts';
import { type Scene, shortName } from './state.ts';
import { iops, rate, size, time } from './text.ts';

/** Jobs in the figures that fio prints. */
export function jobsSection(scene: Scene, id: string, run: RunResult): HTMLElement | null {
  const jobs = run.jobs ?? [];
  if (jobs.length === 0) return null;
  const { shown, more } = someRows(scene, `${id}-more`, jobs, 40, 'jobs');
  const head = [
    column('Job'),
    column('Pattern'),
    column('In flight', '', 'Threads, and requests of each'),
    column('Engine'),
    column('IOPS', 'number'),
    column('Rate', 'number'),
    column('Mean', 'number', 'Latency from the call to the completion'),
    column('p99', 'number', 'Latency that 99 of 100 operations stay below'),
    column('p99.9', 'number spare'),
    column('CPU each', 'number spare', 'Time of cores for an operation'),
    column('Limited by'),
  ];
  const rows = shown.map((job, index) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, nameButton(scene, `${id}-${index}`, job.name)),
      h('td', {}, `${job.pattern} ${size(job.blockBytes)}`),
      h('td', {}, `${job.threads} × ${job.depth}`),
      h('td', {}, job.engine),
      h('td', { class: 'number strong' }, iops(job.iops)),
      h('td', { class: 'number' }, rate(job.bytesPerSecond)),
      h('td', { class: 'number' }, time(job.latency.mean)),
      h('td', { class: 'number' }, time(job.latency.p99)),
      h('td', { class: 'number spare' }, time(job.latency.p999)),
      h('td', { class: 'number spare' }, time(job.cpuSecondsPerOperation)),
      h(
        'td',
        { title: phasesText(scene, job.phases) },
        nameButton(scene, `${id}-${index}-limit`, job.limitedBy),
        thenText(scene, job.nextLimit),
      ),
    ),
  );
  const made = section(id, 'Jobs', '', table('Jobs', head, rows), more);
  made.classList.add('transfers');
  return made;
}

/** Processes, pipelines with their stages, and collectives. */
export function activitiesSection(scene: Scene, id: string, run: RunResult): HTMLElement | null {
  const jobs = new Set((run.jobs ?? []).map(({ name }) => name));
  const all = (run.activities ?? []).filter(({ name }) => !jobs.has(name));
  if (all.length === 0) return null;
  const { shown, more } = someRows(scene, `${id}-more`, all, 20, 'activities');
  const head = [
    column('Work'),
    column('Kind'),
    column('Size', 'number'),
    column('Time', 'number'),
    column('Rate', 'number'),
    column('Bus, latency', 'number', 'Bus bandwidth of a collective, longest latency of an item of a pipeline'),
    column('How'),
    column('Limited by'),
  ];
  const rows = shown.map((one, index) =>
    h(
      'tr',
      { title: one.reasons.map(({ message }) => message).join('\n') },
      h('th', { scope: 'row' }, nameButton(scene, `${id}-${index}`, one.name)),
      h('td', {}, one.kind),
      h('td', { class: 'number' }, one.bytes > 0 ? size(one.bytes) : ''),
      h('td', { class: 'number' }, time(one.endSeconds - one.startSeconds)),
      h('td', { class: 'number strong' }, one.bytes > 0 ? rate(one.bytesPerSecond) : ''),
      h('td', { class: 'number' }, special(one)),
      h('td', {}, one.algorithm ?? ''),
      h(
        'td',
        { title: phasesText(scene, one.phases ?? []) },
        one.bottleneck === '' ? '' : shortName(scene.state, one.bottleneck),
        thenText(scene, one.nextLimit),
      ),
    ),
  );
  return section(id, 'Work', '', table('Work', head, rows), more);
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

function special({ busBytesPerSecond, latencySeconds }: ActivityResult): string {
  if (busBytesPerSecond !== undefined) return `bus ${rate(busBytesPerSecond)}`;
  return latencySeconds === undefined ? '' : `latency ${time(latencySeconds)}`;
}
