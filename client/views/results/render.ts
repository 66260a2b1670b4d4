import type { RunRecord } from '../../../server/protocol.ts';
import type { RunResult } from '../../../simulator/simulate.types.ts';
import { expectationsSection, notesSection, operationsSection } from './checks.ts';
import { comparisonSection } from './comparison.ts';
import { h } from './dom.ts';
import type { ShownRun } from './messages.ts';
import { overviewSection } from './overview.ts';
import { disclosure, someRows, verdict } from './parts.ts';
import { isStale, type Scene, shortName } from './state.ts';
import { count, rate, time, variantNames } from './text.ts';
import { transfersSection } from './transfers.ts';
import { linksSection, resourcesSection } from './usage.ts';

/** Everything that the view shows, for a state. */
export function render(scene: Scene): readonly HTMLElement[] {
  const { run } = scene.state;
  if (run === null) return [emptyState()];
  const stale = isStale(scene.state);
  return [
    header(scene, run),
    ...(stale ? [staleBanner(scene)] : []),
    h('div', { class: stale ? 'runs stale' : 'runs' }, body(scene, run.record)),
  ];
}

function emptyState(): HTMLElement {
  return h(
    'div',
    { class: 'empty' },
    h('p', {}, 'Nothing was simulated yet.'),
    h(
      'p',
      {},
      'Choose “Simulate this transfer” above a transfer or a scenario, or run “PCIe: Simulate…” from the palette.',
    ),
  );
}

function header(scene: Scene, run: ShownRun): HTMLElement {
  const { record } = run;
  const options = scene.state.choices.map((choice) =>
    h(
      'option',
      { value: choice.key, selected: choice.key === run.key },
      choice.stale ? `${choice.label} (stale)` : choice.label,
    ),
  );
  const chooser = h(
    'select',
    {
      id: 'chooser',
      'aria-label': 'Run',
      onchange: (event) => {
        if (event.target instanceof HTMLSelectElement) scene.actions.select(Number(event.target.value));
      },
    },
    options,
  );
  return h(
    'header',
    {},
    h('h2', {}, record.name ?? 'All work', h('span', { class: 'note' }, run.file)),
    summary(scene, record),
    h(
      'div',
      { class: 'tools' },
      chooser,
      // The banner of a stale run has the button.
      isStale(scene.state)
        ? null
        : h(
            'button',
            { id: 'again', class: 'action', type: 'button', onclick: () => scene.actions.again() },
            'Run again',
          ),
      h(
        'button',
        { id: 'report', class: 'action quiet-action', type: 'button', onclick: () => scene.actions.report() },
        'Open as text',
      ),
    ),
  );
}

/** The run in a line: what a person looks for first. */
function summary(scene: Scene, record: RunRecord): HTMLElement {
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
          `limited by ${shortName(scene.state, only.bottleneck)}`,
        ]
      : record.variants.length > 1
        ? [count(record.variants.length, 'variant')]
        : [time(makespan), count(transfers, 'transfer')];
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

function staleBanner(scene: Scene): HTMLElement {
  return h(
    'div',
    { class: 'banner', role: 'status' },
    h('span', {}, 'The text has changed since this run. Its figures may no longer be true.'),
    h(
      'button',
      { id: 'again-stale', class: 'action', type: 'button', onclick: () => scene.actions.again() },
      'Run again',
    ),
  );
}

function body(scene: Scene, record: RunRecord): readonly HTMLElement[] {
  const compared = record.variants.length > 1;
  const variants = record.variants.map(({ variant, result }, index) => {
    const runs = () => runParts(scene, result.runs, index);
    return compared ? disclosure(scene, `variant-${index}`, variantNames[variant], runs) : h('div', {}, runs());
  });
  const { fidelity, tax, seed } = record.options;
  const how = h(
    'p',
    { class: 'note' },
    `Simulated at fidelity ${fidelity}, with ${tax} protocol overhead and seed ${seed}, in ${time(record.elapsedSeconds)}.`,
  );
  return [...(compared ? [comparisonSection(scene, 'comparison', record)] : []), ...variants, how];
}

/** A single run as it is; several as a line each, to be opened. */
function runParts(scene: Scene, runs: readonly RunResult[], variant: number): readonly HTMLElement[] {
  const [only, second] = runs;
  if (only === undefined) return [h('p', { class: 'note' }, 'Nothing ran.')];
  if (second === undefined) return [runPart(scene, only, [variant, 0], false)];
  const { shown, more } = someRows(scene, `runs-${variant}-more`, runs, 60, 'runs');
  const details = shown.map((run, index) =>
    disclosure(scene, `runs-${variant}-${index}`, run.name, () => [runPart(scene, run, [variant, index], true)]),
  );
  return [overviewSection(scene, `overview-${variant}`, runs), ...details, ...(more === null ? [] : [more])];
}

/** One run: its transfers across the view, the rest in as many columns as there is room for. */
function runPart(scene: Scene, run: RunResult, at: readonly [number, number], named: boolean): HTMLElement {
  const id = `run-${at[0]}-${at[1]}`;
  const side = [
    expectationsSection(scene, `${id}-expectations`, run, at),
    linksSection(scene, `${id}-links`, run),
    resourcesSection(scene, `${id}-resources`, run),
    notesSection(scene, `${id}-notes`, run),
  ].filter((part) => part !== null);
  return h(
    'article',
    { 'aria-label': run.name },
    transfersSection(scene, `${id}-transfers`, run, named),
    operationsSection(scene, `${id}-operations`, run),
    h('div', { class: 'columns' }, side),
  );
}
