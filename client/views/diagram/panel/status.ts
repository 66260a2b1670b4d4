import { h } from '../../results/dom.ts';
import type { ViewState } from '../state.ts';

/** What is said over the picture: what was done or refused, or that what is drawn is not all of the text. */
export function statusOf({ message, gone, tree }: ViewState): HTMLElement | null {
  if (message !== null) return h('p', { class: message.failed ? 'failed' : 'done' }, message.text);
  if (gone !== null) return h('p', { class: 'gone' }, tree === null ? gone : `${gone} What is drawn is what it was.`);
  const errors = tree?.diagram.errors ?? 0;
  if (errors === 0) return null;
  return h(
    'p',
    { class: 'gone' },
    `The text has ${errors === 1 ? 'an error' : `${errors} errors`}; what is sound of it is drawn.`,
  );
}
