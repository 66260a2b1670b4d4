import { formatRate } from '../../../model/quantity.ts';
import type { PathJson } from '../../../server/contract.types.ts';
import { facts, nameButton } from '../machine-view/bar.ts';
import { h } from '../results/dom.ts';
import { routeWords } from '../route-names.ts';
import { type Cell, classFamily, classWords, isSelf, mappingNames, time } from './cells.ts';

/** A part of the way may be called by its two ends, or be the memory of a component: those it is in the text. */
const inText = (name: string): string => name.replace(/\.memory$/, '').replace(/ <-> .*$/, '');

/** Everything about one pair; the reasons and hops come with its path, a moment later. */
export function detailsOf(
  cell: Cell | undefined,
  path: PathJson | null,
  pinned: boolean,
  short: (name: string) => string,
): readonly HTMLElement[] {
  if (cell === undefined) {
    return [
      h('h2', {}, 'A pair of devices'),
      h('p', { class: 'note' }, 'Point at a cell, or move there with the arrow keys. A click or Enter keeps it here.'),
    ];
  }
  const title = h('h2', {}, nameButton(cell.from, short(cell.from)), ' → ', nameButton(cell.to, short(cell.to)));
  if (isSelf(cell)) return [title, h('p', { class: 'note' }, 'The device itself.')];
  const blocked = cell.route === 'none';
  const rows: (readonly [string, Node | string])[] = [
    ['Class', `${cell.class}: ${classWords[classFamily(cell.class)] ?? ''}`],
    ['Route', routeWords(cell)],
    ['P2P mapping', mappingNames[cell.mapping]],
    ['P2P distance', cell.distance === null ? 'none' : String(cell.distance)],
    ['Bandwidth', blocked ? 'none' : formatRate(cell.bytesPerSecond)],
    ['Latency', blocked ? 'none' : time(cell.latencySeconds)],
  ];
  if (path !== null && path.bottleneck !== '') {
    rows.push(['Limited by', nameButton(inText(path.bottleneck), path.bottleneck)]);
  }
  // The same as the latency, unless software has to copy between.
  if (path !== null && !blocked && time(path.firstByteSeconds) !== time(cell.latencySeconds)) {
    rows.push(['First byte', time(path.firstByteSeconds)]);
  }
  return [
    title,
    pinned ? h('p', { class: 'note' }, 'Kept; Escape lets it go.') : null,
    facts(rows),
    ...(path === null ? [h('p', { class: 'note' }, 'Looking for the way…')] : [...reasonsOf(path), ...hopsOf(path)]),
  ].filter((part) => part !== null);
}

function reasonsOf(path: PathJson): readonly HTMLElement[] {
  if (path.reasons.length === 0) return [];
  const items = path.reasons.map((reason) =>
    h(
      'li',
      {},
      reason.at === null ? null : nameButton(inText(reason.at), reason.at),
      reason.at === null ? null : ': ',
      reason.message,
    ),
  );
  return [h('h3', {}, 'Why'), h('ul', { class: 'reasons' }, items)];
}

function hopsOf(path: PathJson): readonly HTMLElement[] {
  if (path.hops.length === 0) return [];
  const items = path.hops.map((hop) =>
    h(
      'li',
      { class: hop.name === path.bottleneck ? 'bottleneck' : '' },
      nameButton(inText(hop.name), hop.name),
      h('span', { class: 'note' }, ` ${hop.kind.replace('-', ' ')}`),
      hop.bytesPerSecond === null ? '' : `, ${formatRate(hop.bytesPerSecond)}`,
      hop.seconds > 0 ? `, +${time(hop.seconds)}` : '',
    ),
  );
  return [h('h3', {}, 'Hops'), h('ol', { class: 'hops' }, items)];
}
