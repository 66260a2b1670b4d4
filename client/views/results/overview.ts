import type { RunResult } from '../../../simulator/simulate.types.ts';
import { h, hidden, place } from './dom.ts';
import { column, nameButton, section, someRows, table, verdict } from './parts.ts';
import type { Scene } from './state.ts';
import { count, rate, routeNames, time } from './text.ts';
import { segment } from './timeline.ts';

/** Several runs, each by itself: a line for each. Their times do not overlap; every run starts at 0. */
export function overviewSection(scene: Scene, id: string, runs: readonly RunResult[]): HTMLElement {
  const { shown, more } = someRows(scene, `${id}-more`, runs, 60, 'runs');
  const longest = Math.max(...runs.map((run) => run.makespanSeconds));
  const head = [
    column('Run'),
    column('Time', 'number'),
    column('When', 'when'),
    column('Rate', 'number'),
    column('Route'),
    column('Limited by'),
    column('Expectations'),
  ];
  const rows = shown.map((run, index) => {
    const [only, second] = run.transfers;
    const single = second === undefined ? only : undefined;
    const { left, width } = segment(0, run.makespanSeconds, longest);
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, nameButton(scene, `${id}-${index}`, run.name)),
      h('td', { class: 'number' }, time(run.makespanSeconds)),
      h(
        'td',
        { class: 'when', 'aria-hidden': 'true' },
        h('span', { class: 'track timeline' }, place(h('span', { class: 'bar compared' }), left, width)),
      ),
      h('td', { class: 'number strong' }, single === undefined ? '' : rate(single.bytesPerSecond)),
      single === undefined
        ? h('td', { class: 'quiet' }, count(run.transfers.length, 'transfer'))
        : h('td', { class: `route ${single.route}` }, routeNames[single.route]),
      h('td', {}, single === undefined ? '' : nameButton(scene, `${id}-${index}-limit`, single.bottleneck)),
      h('td', {}, ...expectationsOf(run)),
    );
  });
  return section(id, 'Runs', `${runs.length}, each by itself`, table('Runs', head, rows), more);
}

function expectationsOf(run: RunResult): readonly (HTMLElement | string)[] {
  const all = run.expectations.length;
  if (all === 0) return [h('span', { class: 'quiet' }, hidden('no expectations'))];
  const failed = run.expectations.filter((expectation) => !expectation.passed).length;
  return [verdict(failed === 0), failed === 0 ? ` ${all}` : ` ${failed} of ${all}`];
}
