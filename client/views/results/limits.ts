import type { Bottleneck, RunExplanation, TransferExplanation } from '../../../simulator/explain/explain.types.ts';
import type { LimitKind, NextLimit, RunResult } from '../../../simulator/simulate.types.ts';
import { h, place } from './dom.ts';
import { type Column, nameButton, section, someRows, table } from './parts.ts';
import { type Scene, shortName } from './state.ts';
import { limitNames, rate, share, time } from './text.ts';
import { segment } from './timeline.ts';

const swatch = (kind: LimitKind): HTMLElement => h('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' });

/** What held a run back, what did so the longest first, and what would come next. */
export function bottleneckSection(
  scene: Scene,
  id: string,
  run: RunResult,
  { bottlenecks }: RunExplanation,
): HTMLElement | null {
  if (bottlenecks.length === 0) return null;
  const { shown, more } = someRows(scene, `${id}-more`, bottlenecks, 3, 'limits');
  const columns: readonly Column<Bottleneck>[] = [
    {
      title: 'Limited by',
      cell: ({ limitedBy, kind }, index) => [
        swatch(kind),
        nameButton(scene, `${id}-${index}`, limitedBy),
        h('span', { class: 'quiet kind' }, limitNames[kind]),
      ],
    },
    {
      title: 'Of the time',
      kind: 'share',
      hint: 'The share of the run in which it held back something',
      cell: ({ kind, share: part }) =>
        h(
          'span',
          { class: 'meter' },
          h(
            'span',
            { class: 'track', 'aria-hidden': 'true' },
            place(h('span', { class: `bar ${kind}` }), 0, Math.min(1, part)),
          ),
          h('span', { class: 'figure strong' }, share(part)),
        ),
    },
    {
      title: 'Holds back',
      kind: 'wrap wide',
      cell: (one) => (one.copyCount === 1 && run.transfers.length === 1 ? '' : heldBack(scene, one)),
    },
    {
      title: 'Without it',
      kind: 'wrap',
      hint: 'What would limit next, and the rate of what it holds back the longest then',
      cell: ({ next }) => (next === null ? '' : behind(scene, next)),
    },
  ];
  const title = bottlenecks.length === 1 ? 'Bottleneck' : 'Bottlenecks';
  const made = section(scene, id, title, '', table(title, columns, shown), more);
  made.classList.add('limits');
  return made;
}

function heldBack(scene: Scene, { copies, copyCount }: Bottleneck): string {
  const named = copies.map((name) => shortName(scene.state, name)).join(', ');
  const others = copyCount - copies.length;
  return others > 0 ? `${named} and ${others} more` : named;
}

const behind = (scene: Scene, { bytesPerSecond, limitedBy, kind }: NextLimit): string => {
  const name = shortName(scene.state, limitedBy);
  return `${rate(bytesPerSecond)}, then ${name}${name.includes('(') ? '' : ` (${limitNames[kind]})`}`;
};

/** What held a transfer back, as shares of its time. */
export function limitList(scene: Scene, { limits }: TransferExplanation): HTMLElement {
  const items = limits
    .filter(({ seconds }, index) => index === 0 || seconds > 0)
    .map(({ limitedBy, kind, seconds, share: part, bytesPerSecond, next }) =>
      h(
        'li',
        {},
        swatch(kind),
        h('strong', {}, shortName(scene.state, limitedBy)),
        ` ${kind === 'latency' ? 'first byte' : limitNames[kind]}, ${time(seconds)} (${share(part)})`,
        bytesPerSecond > 0 ? ` at ${rate(bytesPerSecond)}` : '',
        kind === 'latency' || next === null ? '' : h('span', { class: 'quiet' }, `; without it ${behind(scene, next)}`),
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
