import { h, hidden, place } from './dom.ts';
import { type Scene, shortName } from './state.ts';
import { share } from './text.ts';

/** A name that leads to its place in the text. */
export function nameButton(scene: Scene, id: string, name: string): HTMLElement {
  return h(
    'button',
    { class: 'name', id, type: 'button', title: `Show ${name} in the text`, onclick: () => scene.actions.reveal(name) },
    shortName(scene.state, name),
  );
}

/** A share as a bar with its figure. */
export function meter(fraction: number, title: string): HTMLElement {
  const level = fraction >= 0.95 ? 'full' : fraction >= 0.7 ? 'high' : 'low';
  const bar = h(
    'span',
    { class: 'track', 'aria-hidden': 'true' },
    place(h('span', { class: `bar ${level}` }), 0, Math.min(1, fraction)),
  );
  return h('span', { class: 'meter', title }, bar, h('span', { class: 'figure' }, share(fraction)));
}

/** A section with a heading; `note` stands beside the heading. */
export function section(
  scene: Scene,
  id: string,
  title: string,
  note: string,
  ...content: readonly (Node | null)[]
): HTMLElement {
  // The space keeps the two apart where they are read as one text.
  const heading = h(
    'h2',
    { id },
    title,
    note === '' ? null : ' ',
    note === '' ? null : h('span', { class: 'note' }, note),
  );
  // Of several runs each has its transfers: a region is named after its run as well.
  const named = scene.run === null ? id : `${id} ${scene.run}`;
  return h('section', { 'aria-labelledby': named }, heading, ...content);
}

/** A heading that opens and closes what stands below it. */
export function disclosure(
  scene: Scene,
  id: string,
  title: string,
  content: () => readonly HTMLElement[],
): HTMLElement {
  const open = scene.state.open.has(id);
  const button = h(
    'button',
    {
      id,
      class: 'disclosure',
      type: 'button',
      'aria-expanded': open ? 'true' : 'false',
      onclick: () => scene.actions.toggle(id),
    },
    h('span', { class: 'chevron', 'aria-hidden': 'true' }),
    title,
  );
  return h('div', { class: 'disclosed' }, h('h2', {}, button), ...(open ? content() : []));
}

type Content = string | Node | readonly (string | Node)[];

/** A column of a table of rows. */
export interface Column<T> {
  readonly title: string;
  /** Classes of its heading and its cells. */
  readonly kind?: string;
  /** What the title means. */
  readonly hint?: string;
  /** In place of the title. */
  readonly heading?: Node;
  readonly cell: (row: T, index: number) => Content;
  /** What is said when the cell is pointed at. */
  readonly about?: (row: T) => string;
}

/**
 * A table that scrolls by itself where the view is too narrow. The first column names the row; a column without content is
 * left out. `below` is what stands across the table below a row.
 */
export function table<T>(
  caption: string,
  columns: readonly Column<T>[],
  rows: readonly T[],
  below: (row: T, index: number) => HTMLElement | null = () => null,
): HTMLElement {
  const filled = columns
    .map((column) => ({ column, cells: rows.map((row, index) => column.cell(row, index)) }))
    .filter(({ cells }, index) => index === 0 || cells.some((cell) => !isEmpty(cell)));
  const head = filled.map(({ column: { title, kind, hint, heading } }) =>
    h('th', { scope: 'col', class: kind, title: hint }, heading ?? title),
  );
  const body = rows.flatMap((row, at) => {
    const cells = filled.map(({ column: { kind, about }, cells: all }, index) => {
      const properties = { class: kind, title: about?.(row) || undefined };
      return index === 0 ? h('th', { ...properties, scope: 'row' }, all[at] ?? '') : h('td', properties, all[at] ?? '');
    });
    const more = below(row, at);
    return [
      h('tr', {}, cells),
      ...(more === null ? [] : [h('tr', { class: 'detail' }, h('td', { colspan: filled.length }, more))]),
    ];
  });
  return h(
    'div',
    { class: 'scroller', role: 'group', 'aria-label': `${caption}, table`, tabindex: '0' },
    h('table', {}, h('caption', { class: 'hidden' }, caption), h('thead', {}, h('tr', {}, head)), h('tbody', {}, body)),
  );
}

const isEmpty = (content: Content): boolean => content === '' || (Array.isArray(content) && content.length === 0);

/** Opens and closes what stands below a row; the name of the row stands beside it. */
export function opener(scene: Scene, id: string, what: string, open: boolean): HTMLElement {
  return h(
    'button',
    {
      id,
      class: 'why',
      type: 'button',
      'aria-expanded': open ? 'true' : 'false',
      'aria-label': `Details of ${what}`,
      title: open ? 'Close the details' : 'Open the details',
      onclick: () => scene.actions.toggle(id),
    },
    h('span', { class: 'chevron', 'aria-hidden': 'true' }),
  );
}

/** Some of many rows, the first unless `first` says which, and a button for the rest. */
export function someRows<T>(
  scene: Scene,
  id: string,
  all: readonly T[],
  limit: number,
  noun: string,
  first: (all: readonly T[], limit: number) => readonly T[] = (rows, most) => rows.slice(0, most),
): { readonly shown: readonly T[]; readonly more: HTMLElement | null } {
  if (all.length <= limit) return { shown: all, more: null };
  const open = scene.state.open.has(id);
  const text = open ? `Show ${limit} ${noun}` : `Show all ${all.length} ${noun}`;
  const more = h('button', { id, class: 'more', type: 'button', onclick: () => scene.actions.toggle(id) }, text);
  return { shown: open ? all : first(all, limit), more };
}

/** A mark that does not rely on its colour. */
export function verdict(passed: boolean): HTMLElement {
  return h(
    'span',
    { class: passed ? 'verdict passed' : 'verdict failed' },
    h('span', { 'aria-hidden': 'true' }, passed ? '✓' : '✗'),
    hidden(passed ? 'passed' : 'failed'),
  );
}
