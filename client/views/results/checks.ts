import type { OperationResult, RunResult } from '../../../simulator/simulate.types.ts';
import { axisRow } from './axis.ts';
import { h, hidden, place } from './dom.ts';
import { section, someRows, verdict } from './parts.ts';
import type { Scene } from './state.ts';
import { count, found, time } from './text.ts';
import { segment } from './timeline.ts';

/** Which expectations held. Each leads to its line. */
export function expectationsSection(
  scene: Scene,
  id: string,
  run: RunResult,
  at: readonly [number, number],
): HTMLElement | null {
  const all = run.expectations;
  if (all.length === 0) return null;
  const failed = all.filter((expectation) => !expectation.passed).length;
  // What failed is what somebody looks for; an expectation is known to the extension by its place among all.
  const inOrder = all
    .map((expectation, index) => ({ expectation, index }))
    .sort((a, b) => Number(a.expectation.passed) - Number(b.expectation.passed));
  const { shown, more } = someRows(scene, `${id}-more`, inOrder, Math.max(4, Math.min(12, failed)), 'expectations');
  const items = shown.map(({ expectation, index }) =>
    h(
      'li',
      {},
      verdict(expectation.passed),
      h(
        'button',
        {
          id: `${id}-${index}`,
          class: 'name',
          type: 'button',
          title: 'Show this expectation in the text',
          onclick: () => scene.actions.revealExpectation(at[0], at[1], index),
        },
        expectation.text.replace(/^expect /, ''),
      ),
      h('span', { class: 'message' }, found(expectation.message)),
    ),
  );
  const note = failed === 0 ? 'all hold' : `${failed} of ${all.length} ${failed === 1 ? 'does' : 'do'} not hold`;
  return section(scene, id, 'Expectations', note, h('ul', { class: 'expectations' }, items), more);
}

/** What the streams of processes did, one track for each stream. */
export function operationsSection(scene: Scene, id: string, run: RunResult): HTMLElement | null {
  if (run.operations.length === 0) return null;
  const tracks = new Map<string, OperationResult[]>();
  for (const operation of run.operations) {
    const name = `${operation.process} ${operation.stream}`;
    tracks.set(name, [...(tracks.get(name) ?? []), operation]);
  }
  const { shown, more } = someRows(scene, `${id}-more`, [...tracks], 16, 'streams');
  const end = Math.max(run.makespanSeconds, ...run.operations.map((operation) => operation.endSeconds));
  const rows = shown.map(([name, operations]) => {
    const bars = operations.map((operation) => {
      const { left, width } = segment(operation.startSeconds, operation.endSeconds, end);
      const title = `${operation.label}: ${time(operation.startSeconds)} to ${time(operation.endSeconds)}`;
      // A label that would be one letter and dots is left to the tooltip and the screen reader.
      const short = width < 0.03;
      const label = short ? hidden(operation.label) : operation.label;
      const bar = h('span', { class: `bar ${kindOf(operation.label)}${short ? ' short' : ''}` }, label);
      return h('li', { title }, place(bar, left, width));
    });
    return h(
      'div',
      { class: 'track-row' },
      h('span', { class: 'track-name' }, name),
      h(
        'div',
        { class: 'track-lane' },
        h('span', { class: 'way' }),
        h('ol', { class: 'track lane', 'aria-label': `${name}: ${count(operations.length, 'operation')}` }, bars),
        h('span', { class: 'figures' }),
      ),
    );
  });
  return section(scene, id, 'Streams', 'what each did, one after the other', axisRow(end), ...rows, more);
}

/** The first word of an operation says what it is; it becomes a class, so only letters count. */
const kindOf = (label: string): string => /^[a-z]+/.exec(label)?.[0] ?? '';

/** What the figures rest on, and what was left out. */
export function notesSection(scene: Scene, id: string, run: RunResult): HTMLElement | null {
  if (run.assumptions.length + run.notSimulated.length === 0) return null;
  const assumptions = someRows(scene, `${id}-assumptions`, run.assumptions, 6, 'assumptions');
  const lists = [
    run.notSimulated.length === 0
      ? null
      : h(
          'div',
          { class: 'left-out' },
          h('h3', {}, 'Not simulated'),
          h(
            'ul',
            {},
            run.notSimulated.map((text) => h('li', {}, text)),
          ),
        ),
    run.assumptions.length === 0
      ? null
      : h(
          'div',
          {},
          h('h3', {}, 'Assumed, because the text does not say'),
          h(
            'ul',
            {},
            assumptions.shown.map((text) => h('li', {}, text)),
          ),
          assumptions.more,
        ),
  ];
  return section(scene, id, 'What this rests on', '', h('div', { class: 'columns' }, lists));
}
