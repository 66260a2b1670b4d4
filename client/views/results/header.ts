import type { ExportFormat, RunRecord } from '../../../server/protocol.ts';
import { h } from './dom.ts';
import type { RunningRun, ShownRun } from './messages.ts';
import { verdict } from './parts.ts';
import { isStale, type Scene, shortName } from './state.ts';
import { count, rate, time } from './text.ts';

/** Name, figures, and what can be done with the run. */
export function header(scene: Scene, run: ShownRun): HTMLElement {
  const { record } = run;
  return h(
    'header',
    {},
    h('h1', {}, record.name ?? 'All work', h('span', { class: 'note' }, run.file)),
    summary(scene, run),
    h(
      'div',
      { class: 'tools' },
      chooser(scene, run),
      // The banner of a stale run has the button.
      isStale(scene.state) ? null : action('again', 'Run again', 'action', () => scene.actions.again()),
      opener(scene, 'compare', 'Compare'),
      opener(scene, 'export', 'Export'),
      action('report', 'Open as text', 'action quiet-action', () => scene.actions.report()),
    ),
    scene.state.open.has('compare') ? comparePanel(scene, run) : null,
    scene.state.open.has('export') ? exportPanel(scene) : null,
  );
}

const action = (id: string, text: string, kind: string, onclick: () => void): HTMLElement =>
  h('button', { id, class: kind, type: 'button', onclick }, text);

/** A button that opens a row of further ones. */
function opener(scene: Scene, id: string, text: string): HTMLElement {
  const open = scene.state.open.has(id);
  return h(
    'button',
    {
      id: `${id}-opener`,
      class: 'action quiet-action',
      type: 'button',
      'aria-expanded': open ? 'true' : 'false',
      'aria-controls': `${id}-panel`,
      onclick: () => scene.actions.toggle(id),
    },
    text,
  );
}

function chooser(scene: Scene, run: ShownRun): HTMLElement {
  const options = scene.state.choices.map((choice) =>
    h(
      'option',
      { value: choice.key, selected: choice.key === run.key },
      choice.stale ? `${choice.label} (stale)` : choice.label,
    ),
  );
  const onchange = (event: Event): void => {
    if (event.target instanceof HTMLSelectElement) scene.actions.select(Number(event.target.value));
  };
  return h('select', { id: 'chooser', 'aria-label': 'Run', onchange }, options);
}

function comparePanel(scene: Scene, run: ShownRun): HTMLElement {
  const others = scene.state.choices.filter((choice) => choice.key !== run.key);
  const select = h(
    'select',
    {
      id: 'against',
      'aria-label': 'Run to compare with',
      onchange: (event) => {
        if (!(event.target instanceof HTMLSelectElement)) return;
        const { value } = event.target;
        scene.actions.against(value === '' ? null : Number(value));
      },
    },
    h('option', { value: '', selected: run.against === null }, 'no other run'),
    others.map((choice) => h('option', { value: choice.key, selected: run.against?.key === choice.key }, choice.label)),
  );
  return h(
    'div',
    { id: 'compare-panel', class: 'panel', role: 'group', 'aria-label': 'Compare' },
    others.length === 0 ? null : h('label', { for: 'against' }, 'Before this run: '),
    others.length === 0 ? null : select,
    action('variant', 'With a variant…', 'action quiet-action', () => scene.actions.variant()),
    h('span', { class: 'quiet' }, 'ACS off, another generation, through host memory, …'),
  );
}

const formats: readonly (readonly [format: ExportFormat, text: string, what: string])[] = [
  ['json', 'JSON', 'everything that is shown here'],
  ['csv', 'CSV', 'one table: transfers, phases, latency, use over time'],
  ['perfetto', 'Perfetto', 'a trace; the work runs once more for it'],
];

function exportPanel(scene: Scene): HTMLElement {
  return h(
    'div',
    { id: 'export-panel', class: 'panel', role: 'group', 'aria-label': 'Export' },
    formats.map(([format, text, what]) =>
      h(
        'span',
        { class: 'choice' },
        action(`export-${format}`, text, 'action quiet-action', () => scene.actions.export(format)),
        h('span', { class: 'quiet' }, what),
      ),
    ),
  );
}

/** The run in a line: what a person looks for first. */
function summary(scene: Scene, { record }: ShownRun): HTMLElement {
  const runs = record.variants.flatMap(({ result }) => result.runs);
  const expectations = runs.flatMap((run) => run.expectations);
  const failed = expectations.filter((expectation) => !expectation.passed).length;
  const [only] = runs.flatMap((run) => run.transfers);
  const transfers = runs.reduce((sum, run) => sum + run.transfers.length, 0);
  const makespan = runs.reduce((longest, run) => Math.max(longest, run.makespanSeconds), 0);
  const figures =
    only !== undefined && transfers === 1
      ? [
          rate(only.bytesPerSecond),
          time(only.endSeconds - only.startSeconds),
          `limited by ${isMostlyLatency(record) ? 'latency' : shortName(scene.state, only.bottleneck)}`,
        ]
      : record.variants.length > 1
        ? [count(record.variants.length, 'variant')]
        : [time(makespan), ...(transfers === 0 ? [] : [count(transfers, 'transfer')])];
  const checks =
    expectations.length === 0
      ? null
      : h(
          'span',
          { class: 'checks' },
          verdict(failed === 0),
          failed === 0
            ? `${count(expectations.length, 'expectation')} ${expectations.length === 1 ? 'holds' : 'hold'}`
            : `${failed} of ${count(expectations.length, 'expectation')} ${failed === 1 ? 'fails' : 'fail'}`,
        );
  return h('p', { class: 'summary' }, h('span', {}, figures.join(' · ')), checks);
}

/** Whether the first byte took longer than all that came behind it. */
function isMostlyLatency({ variants }: RunRecord): boolean {
  const [longest] = variants[0]?.explanations[0]?.transfers[0]?.limits ?? [];
  return longest?.kind === 'latency';
}

/** What is under way, with a bar and a way to end it. */
export function runningBanner(scene: Scene): HTMLElement | null {
  const { running } = scene.state;
  if (running.length === 0) return null;
  const bars = running.map((run, index) => h('span', { class: 'running-one' }, runningParts(run, index)));
  return h(
    'div',
    { class: 'running', role: 'group', 'aria-label': 'Under way' },
    bars,
    action('cancel', 'Cancel', 'action quiet-action', () => scene.actions.cancel()),
  );
}

/** Title, bar and figure of a run that is under way. */
export function runningParts({ title, fraction }: RunningRun, index: number): readonly HTMLElement[] {
  return [
    h('span', { id: `running-${index}` }, title),
    h('progress', { max: 1, value: fraction ?? undefined, 'aria-labelledby': `running-${index}` }),
    h('span', { class: 'quiet', 'aria-hidden': 'true' }, fraction === null ? '' : `${Math.round(fraction * 100)} %`),
  ];
}
