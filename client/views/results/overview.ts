import type { RunExplanation } from '../../../simulator/explain/explain.types.ts';
import type { RunResult } from '../../../simulator/simulate.types.ts';
import { routeWords } from '../route-names.ts';
import { axisHeading } from './axis.ts';
import { h, hidden, place } from './dom.ts';
import { type Column, nameButton, opener, section, someRows, table, verdict } from './parts.ts';
import type { Scene } from './state.ts';
import { count, iops, rate, time } from './text.ts';
import { segment } from './timeline.ts';

/** A run and where its time went. */
export interface RunRow {
  readonly run: RunResult;
  readonly explanation: RunExplanation;
}

/** Several runs, each by itself: a line for each, which opens. Their times do not overlap; every run starts at 0. */
export function overviewSection(
  scene: Scene,
  id: string,
  rows: readonly RunRow[],
  details: (row: RunRow, index: number, nameId: string) => HTMLElement,
): HTMLElement {
  const { shown, more } = someRows(scene, `${id}-more`, rows, 60, 'runs');
  const longest = Math.max(...rows.map(({ run }) => run.makespanSeconds));
  const isOpen = (index: number): boolean => scene.state.open.has(`${id}-${index}-details`);
  const columns: readonly Column<RunRow>[] = [
    {
      title: 'Run',
      kind: 'opens',
      cell: ({ run }, index) => [
        opener(scene, `${id}-${index}-details`, run.name, isOpen(index)),
        nameButton(scene, `${id}-${index}`, run.name),
      ],
    },
    { title: 'Time', kind: 'number', cell: ({ run }) => (run.makespanSeconds > 0 ? time(run.makespanSeconds) : '') },
    {
      title: 'When',
      kind: 'when wide',
      heading: axisHeading(longest),
      cell: ({ run }) => {
        if (!(run.makespanSeconds > 0)) return '';
        const { left, width } = segment(0, run.makespanSeconds, longest);
        const bar = place(h('span', { class: 'bar compared' }), left, width);
        return h('span', { class: 'track timeline', 'aria-hidden': 'true' }, bar);
      },
    },
    { title: 'Rate', kind: 'number strong', cell: ({ run }) => rateOf(run) },
    { title: 'What', kind: 'route wide', cell: ({ run }) => whatOf(run) },
    {
      title: 'Limited by',
      cell: ({ run, explanation: { bottlenecks } }, index) => {
        if (bottlenecks[0]?.kind === 'latency') return 'latency';
        const limit = bottlenecks[0]?.limitedBy ?? run.transfers[0]?.bottleneck ?? '';
        return limit === '' ? '' : nameButton(scene, `${id}-${index}-limit`, limit);
      },
    },
    { title: 'Expectations', cell: ({ run }) => expectationsOf(run) },
  ];
  const below = (row: RunRow, index: number): HTMLElement | null =>
    isOpen(index) ? details(row, index, `${id}-${index}`) : null;
  const made = section(scene, id, 'Runs', `${rows.length}, each by itself`, table('Runs', columns, shown, below), more);
  made.classList.add('overview');
  return made;
}

/** The one figure that a run is about, where it is about one. */
function rateOf({ transfers, jobs = [], activities = [], name }: RunResult): string {
  const [transfer, secondTransfer] = transfers;
  if (transfer !== undefined) return secondTransfer === undefined ? rate(transfer.bytesPerSecond) : '';
  const [job, secondJob] = jobs;
  if (job !== undefined) return secondJob === undefined ? iops(job.iops) : '';
  const own = activities.find((one) => one.name === name);
  return own === undefined || own.bytes === 0 ? '' : rate(own.bytesPerSecond);
}

/** What ran, in a word or two. */
function whatOf({ transfers, jobs = [], activities = [], name }: RunResult): string {
  const [transfer] = transfers;
  if (transfer !== undefined && transfers.length === 1) return routeWords(transfer);
  if (transfers.length > 0) return count(transfers.length, 'transfer');
  if (jobs.length > 0) return jobs.length === 1 ? 'job' : count(jobs.length, 'job');
  const own = activities.find((one) => one.name === name);
  if (own !== undefined) return own.kind;
  const [only, second] = activities;
  if (only === undefined) return '';
  return second === undefined ? only.kind : `${activities.length} pieces of work`;
}

function expectationsOf(run: RunResult): readonly (HTMLElement | string)[] {
  const all = run.expectations.length;
  if (all === 0) return [];
  const failed = run.expectations.filter((expectation) => !expectation.passed).length;
  return [
    h(
      'span',
      { class: 'checks' },
      verdict(failed === 0),
      failed === 0 ? `${all}` : `${failed} of ${all}`,
      hidden(failed === 0 ? ' hold' : ' fail'),
    ),
  ];
}
