import type { RunExplanation, TransferExplanation } from '../../../simulator/explain/explain.types.ts';
import type { NextLimit, RunResult } from '../../../simulator/simulate.types.ts';
import { h, place } from './dom.ts';
import { nameButton, section, someRows } from './parts.ts';
import { type Scene, shortName } from './state.ts';
import { limitNames, rate, share, time } from './text.ts';
import { segment } from './timeline.ts';

/** What held a run back, what did so the longest first, and what would come next. */
export function bottleneckSection(
  scene: Scene,
  id: string,
  run: RunResult,
  { bottlenecks }: RunExplanation,
): HTMLElement | null {
  if (bottlenecks.length === 0) return null;
  const { shown, more } = someRows(scene, `${id}-more`, bottlenecks, 3, 'limits');
  const items = shown.map(({ limitedBy, kind, share: part, copies, copyCount, next }, index) => {
    const others = copyCount - copies.length;
    const named = copies.map((name) => shortName(scene.state, name).replace(' -> ', ' → ')).join(', ');
    const alone = copyCount === 1 && run.transfers.length === 1;
    return h(
      'li',
      {},
      h('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' }),
      h('span', { class: 'limit-name' }, nameButton(scene, `${id}-${index}`, limitedBy)),
      h('span', { class: 'quiet' }, ` ${limitNames[kind]} `),
      h('span', { class: 'limit-share' }, `${share(part)} of the time`),
      h('span', {}, alone ? '' : ` holds back ${named}${others > 0 ? ` and ${others} more` : ''}`),
      next === null ? null : h('span', { class: 'quiet' }, `; ${behind(scene, next)}`),
    );
  });
  return section(id, 'What limits', '', h('ul', { class: 'limits' }, items), more);
}

const behind = (scene: Scene, next: NextLimit): string =>
  `without it ${rate(next.bytesPerSecond)}, then ${shortName(scene.state, next.limitedBy)} (${limitNames[next.kind]})`;

/** What held a transfer back, as shares of its time. */
export function limitList(scene: Scene, { limits }: TransferExplanation): HTMLElement {
  const items = limits.map(({ limitedBy, kind, seconds, share: part, bytesPerSecond, next }) =>
    h(
      'li',
      {},
      h('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' }),
      h('strong', {}, shortName(scene.state, limitedBy)),
      ` ${kind === 'latency' ? 'first byte' : limitNames[kind]}, ${time(seconds)} (${share(part)})`,
      bytesPerSecond > 0 ? ` at ${rate(bytesPerSecond)}` : '',
      kind === 'latency' || next === null ? '' : h('span', { class: 'quiet' }, `; ${behind(scene, next)}`),
    ),
  );
  return h('ul', { class: 'phases' }, items);
}

/** Where each nanosecond before the first byte went: a bar for each part, one after the other, with its source. */
export function waterfall(scene: Scene, id: string, { name, latency }: TransferExplanation): HTMLElement {
  const end = latency.reduce((sum, part) => sum + Math.max(0, part.seconds), 0);
  let at = 0;
  const rows = latency.map((part, index) => {
    const from = part.seconds < 0 ? at + part.seconds : at;
    const { left, width } = segment(from, from + Math.abs(part.seconds), end, 0.004);
    at += part.seconds;
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, nameButton(scene, `${id}-${index}`, part.name)),
      h('td', {}, part.what),
      h('td', { class: 'number strong' }, time(part.seconds)),
      h(
        'td',
        { class: 'fall', 'aria-hidden': 'true' },
        h(
          'span',
          { class: 'track' },
          place(h('span', { class: `bar ${part.seconds < 0 ? 'base' : 'compared'}` }), left, width),
        ),
      ),
      h('td', { class: 'source quiet' }, part.source),
    );
  });
  return h(
    'div',
    { class: 'waterfall' },
    h('h3', {}, `Until the first byte: ${time(at)}`),
    h(
      'table',
      {},
      h('caption', { class: 'hidden' }, `Latency of ${name}, part by part`),
      h(
        'thead',
        { class: 'hidden' },
        h(
          'tr',
          {},
          ['At', 'What', 'Time', 'When', 'Source'].map((title) => h('th', { scope: 'col' }, title)),
        ),
      ),
      h('tbody', {}, rows),
    ),
  );
}
