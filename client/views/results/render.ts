import type { RunRecord, VariantRun } from '../../../server/protocol.ts';
import type { RunExplanation } from '../../../simulator/explain/explain.types.ts';
import { activitiesSection, jobsSection } from './activities.ts';
import { expectationsSection, notesSection, operationsSection } from './checks.ts';
import { comparisonSections } from './comparison.ts';
import { h } from './dom.ts';
import { header, runningBanner } from './header.ts';
import { bottleneckSection } from './limits.ts';
import type { ShownRun } from './messages.ts';
import { overviewSection, type RunRow } from './overview.ts';
import { disclosure } from './parts.ts';
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
function runParts(scene: Scene, variant: VariantRun, at: number): readonly HTMLElement[] {
  const rows = variant.result.runs.map((run, index) => ({
    run,
    explanation: variant.explanations[index] ?? unexplained,
  }));
  const [only, second] = rows;
  if (only === undefined) return [h('p', { class: 'note' }, 'Nothing ran.')];
  if (second === undefined) return [runPart(scene, only, [at, 0])];
  const details = (row: RunRow, index: number, name: string): HTMLElement =>
    runPart({ ...scene, run: name }, row, [at, index]);
  return [overviewSection(scene, `runs-${at}`, rows, details)];
}

/** One run: what limits and whether it is as expected, then the figures, then everything over its time. */
function runPart(scene: Scene, { run, explanation }: RunRow, at: readonly [number, number]): HTMLElement {
  const id = `run-${at[0]}-${at[1]}`;
  return h(
    'article',
    { 'aria-label': run.name },
    expectationsSection(scene, `${id}-expectations`, run, at),
    bottleneckSection(scene, `${id}-limits`, run, explanation),
    transfersSection(scene, `${id}-transfers`, run, explanation),
    jobsSection(scene, `${id}-jobs`, run),
    activitiesSection(scene, `${id}-activities`, run),
    useSection(scene, `${id}-use`, run, explanation),
    operationsSection(scene, `${id}-operations`, run),
    workSection(scene, `${id}-work`, run, explanation),
    queuesSection(scene, `${id}-queues`, run, explanation),
    notesSection(scene, `${id}-notes`, run),
  );
}
