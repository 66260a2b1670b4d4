import { h, place } from '../results/dom.ts';
import { type Box, boxesOf, depthOf, type Scale } from './layout.ts';
import type { Span } from './spaces.ts';
import { bytesOf } from './spaces.ts';
import { address, range, roughly, size, spanWords } from './words.ts';

/** Height of the label of a box, and what a box leaves free below the ones that it lies in, in pixels. */
const labelHeight = 24;
const inset = 3;

/**
 * One window as a bar, with everything in it as boxes in boxes. For screen readers and keys a tree that runs
 * sideways (`aria-orientation`): down leads inside, right to the next.
 */
export function barOf(root: Span, scale: Scale, focus: string | null, short: (name: string) => string): HTMLElement {
  const boxes = boxesOf(root, scale);
  const levels = depthOf(boxes);
  const siblings = new Map<Span | null, number>();
  const items = boxes.map((box) => {
    const position = (siblings.get(box.parent) ?? 0) + 1;
    siblings.set(box.parent, position);
    const item = boxItem(box, position, short);
    const outermost = box.parent === null;
    item.tabIndex = (focus === null ? outermost : box.span.id === focus) ? 0 : -1;
    item.style.top = `${box.depth * labelHeight}px`;
    item.style.height = `${(levels - box.depth) * labelHeight + (levels - 1 - box.depth) * inset}px`;
    return place(item, box.left, box.width);
  });
  const bar = h(
    'div',
    { class: 'strip', role: 'tree', 'aria-orientation': 'horizontal', 'aria-label': spanWords(root, short) },
    items,
  );
  bar.style.height = `${levels * labelHeight + (levels - 1) * inset}px`;
  return h(
    'div',
    { class: 'window' },
    bar,
    h(
      'p',
      { class: 'ends', 'aria-hidden': 'true' },
      h('span', {}, address(root.start)),
      h(
        'span',
        { class: 'note' },
        `${root.what}, ${roughly(bytesOf(root))}${root.children.length === 0 ? ', nothing in it' : ''}${root.stated === false ? ', assumed' : ''}`,
      ),
      h('span', {}, address(root.end)),
    ),
  );
}

function boxItem({ span, parent, depth, hidden }: Box, position: number, short: (name: string) => string): HTMLElement {
  return h(
    'div',
    {
      class: `box ${span.kind} ${span.space}`,
      role: 'treeitem',
      'data-id': span.id,
      'data-parent': parent?.id,
      'aria-level': depth + 1,
      'aria-posinset': position,
      'aria-setsize': parent === null ? 1 : parent.children.length,
      'aria-expanded': span.children.length > 0 ? 'true' : undefined,
      'aria-label': spanWords(span, short),
      title: `${short(span.name)}, ${span.what}, ${size(bytesOf(span))}\n${range(span)}${hidden > 0 ? `\n${hidden} more inside: zoom in` : ''}`,
    },
    h(
      'span',
      { class: 'label' },
      h('span', { class: 'long' }, short(span.name)),
      h('span', { class: 'brief' }, short(span.name).split('.').at(-1) ?? ''),
      span.kind === 'bar' ? h('span', { class: 'what' }, ` ${span.what}`) : null,
    ),
  );
}
