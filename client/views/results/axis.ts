import { h, hidden } from './dom.ts';
import { time } from './text.ts';
import { ticks } from './timeline.ts';

/** An axis from 0 to `end` seconds, for the eye. `room`: the share of its width in which a label still has room. */
export function axis(end: number, room: number): HTMLElement {
  const marks = ticks(end)
    .filter((mark) => mark <= end * room)
    .map((mark) => {
      const label = h('span', { class: 'tick' }, mark === 0 ? '0' : time(mark));
      label.style.left = `${end > 0 ? (mark / end) * 100 : 0}%`;
      return label;
    });
  return h('span', { class: 'axis', 'aria-hidden': 'true' }, marks);
}

/** The heading of a column of bars is their axis. */
export function axisHeading(end: number): DocumentFragment {
  const heading = document.createDocumentFragment();
  heading.append(hidden(`When, from 0 to ${time(end)}`), axis(end, 0.86));
  return heading;
}

/** The row above tracks that share an axis; `figures` are the headings of their figures. */
export function axisRow(end: number, ...figures: readonly string[]): HTMLElement {
  return h(
    'div',
    { class: 'track-row track-axis', 'aria-hidden': 'true' },
    h('div', { class: 'track-name' }),
    h(
      'div',
      { class: 'track-lane' },
      h('span', { class: 'way' }),
      h('span', { class: 'plot' }, axis(end, 0.94)),
      h(
        'span',
        { class: 'figures quiet' },
        figures.map((words) => h('span', { class: 'figure' }, words)),
      ),
    ),
  );
}
