import type { RunRecord, VariantRun } from '../../../server/protocol.ts';
import type { RunExplanation } from '../../../simulator/explain/explain.types.ts';
import type { RunResult } from '../../../simulator/simulate.types.ts';
import { activitiesSection, jobsSection } from './activities.ts';
import { expectationsSection, notesSection, operationsSection } from './checks.ts';
import { comparisonSections } from './comparison.ts';
import { h } from './dom.ts';
import { header, runningBanner } from './header.ts';
import { bottleneckSection } from './limits.ts';
import type { ShownRun } from './messages.ts';
import { overviewSection } from './overview.ts';
import { disclosure, someRows } from './parts.ts';
import { queuesSection } from './queues.ts';
import { isStale, type Scene } from './state.ts';
import { time } from './text.ts';
import { useSection } from './tracks.ts';
import { transfersSection } from './transfers.ts';
import { workSection } from './work.ts';

/** Everything that the view shows, for a state. */
export function render(scene: Scene): readonly HTMLElement[] {
  const { run } = scene.state;
  const running = runningBanner(scene) ?? cancelledBanner(scene);
  if (run === null) return [...(running === null ? [] : [running]), emptyState(scene)];
  const stale = isStale(scene.state);
  return [
    header(scene, run),
    ...(running === null ? [] : [running]),
    ...(stale ? [staleBanner(scene)] : []),
    h('div', { class: stale ? 'runs stale' : 'runs' }, body(scene, run)),
  ];
}

function emptyState({ state: { running } }: Scene): HTMLElement {
  return h(
    'div',
    { class: 'empty' },
    h('h1', { class: 'hidden' }, 'Results'),
    ...(running.length > 0
      ? [h('p', {}, 'The results will stand here.')]
      : [
          h('p', {}, 'Nothing was simulated yet.'),
          h(
            'p',
            {},
            'Choose “Simulate this transfer” above a transfer or a scenario, or run “PCIe: Simulate…” from the palette.',
          ),
        ]),
  );
}

function cancelledBanner({ state: { cancelled } }: Scene): HTMLElement | null {
  if (cancelled === null) return null;
  return h('div', { class: 'banner', role: 'status' }, h('span', {}, `${cancelled} was cancelled.`));
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

function body(scene: Scene, { record, against }: ShownRun): readonly HTMLElement[] {
  const compared = record.variants.length > 1;
  const variants = record.variants.map((variant, index) => {
    const runs = () => runParts(scene, variant, index);
    return compared ? disclosure(scene, `variant-${index}`, variant.label, runs) : h('div', {}, runs());
  });
  const comparison = against?.comparison ?? record.comparison;
  return [
    ...(comparison === null ? [] : comparisonSections(scene, 'comparison', comparison)),
    ...variants,
    howItRan(record),
  ];
}

function howItRan({ options: { fidelity, tax, seed }, elapsedSeconds }: RunRecord): HTMLElement {
  const text = `Simulated at fidelity ${fidelity}, with ${tax} protocol overhead and seed ${seed}, in ${time(elapsedSeconds)}.`;
  return h('p', { class: 'note' }, text);
}

const unexplained: RunExplanation = { bottlenecks: [], transfers: [], use: [], work: [], queues: [] };

/** A single run as it is; several as a line each, to be opened. */
function runParts(
  scene: Scene,
  { result: { runs }, explanations }: VariantRun,
  variant: number,
): readonly HTMLElement[] {
  const [only, second] = runs;
  if (only === undefined) return [h('p', { class: 'note' }, 'Nothing ran.')];
  if (second === undefined) return [runPart(scene, only, explanations[0] ?? unexplained, [variant, 0], false)];
  const { shown, more } = someRows(scene, `runs-${variant}-more`, runs, 60, 'runs');
  const details = shown.map((run, index) =>
    disclosure(scene, `runs-${variant}-${index}`, run.name, () => [
      runPart(scene, run, explanations[index] ?? unexplained, [variant, index], true),
    ]),
  );
  return [overviewSection(scene, `overview-${variant}`, runs), ...details, ...(more === null ? [] : [more])];
}

/** One run: limits, transfers and tracks across the view, the rest in as many columns as there is room for. */
function runPart(
  scene: Scene,
  run: RunResult,
  explanation: RunExplanation,
  at: readonly [number, number],
  named: boolean,
): HTMLElement {
  const id = `run-${at[0]}-${at[1]}`;
  const side = [
    expectationsSection(scene, `${id}-expectations`, run, at),
    notesSection(scene, `${id}-notes`, run),
  ].filter((part) => part !== null);
  return h(
    'article',
    { 'aria-label': run.name },
    bottleneckSection(scene, `${id}-limits`, run, explanation),
    transfersSection(scene, `${id}-transfers`, run, explanation, named),
    jobsSection(scene, `${id}-jobs`, run),
    activitiesSection(scene, `${id}-activities`, run),
    useSection(scene, `${id}-use`, run, explanation),
    operationsSection(scene, `${id}-operations`, run),
    workSection(scene, `${id}-work`, run, explanation),
    queuesSection(scene, `${id}-queues`, run, explanation),
    h('div', { class: 'columns' }, side),
  );
}
