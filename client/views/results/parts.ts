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
export function section(id: string, title: string, note: string, ...content: readonly (Node | null)[]): HTMLElement {
  const heading = h('h2', { id }, title, note === '' ? null : h('span', { class: 'note' }, note));
  return h('section', { 'aria-labelledby': id }, heading, ...content);
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

/** A table that scrolls by itself where the view is too narrow. */
export function table(
  caption: string,
  head: readonly (HTMLElement | null)[],
  rows: readonly HTMLElement[],
): HTMLElement {
  return h(
    'div',
    { class: 'scroller', role: 'region', 'aria-label': `${caption}, table`, tabindex: '0' },
    h('table', {}, h('caption', { class: 'hidden' }, caption), h('thead', {}, h('tr', {}, head)), h('tbody', {}, rows)),
  );
}

export const column = (title: string, kind = '', hint = ''): HTMLElement =>
  h('th', { scope: 'col', class: kind, title: hint === '' ? undefined : hint }, title);

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
