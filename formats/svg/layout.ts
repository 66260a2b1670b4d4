import type { Component } from '../../model/machine.ts';

/** A box of the tree; places are filled in by `layOut`. Pixels. */
export interface Box {
  readonly component: Component;
  readonly title: string;
  readonly subtitle: string;
  /** What stands on the line that leads to it. */
  readonly linkText: string;
  readonly children: readonly Box[];
  parent: Box | null;
  x: number;
  y: number;
  width: number;
  height: number;
}

export const sizes = { margin: 24, top: 48, gap: 10, line: 16, small: 26, tall: 42 } as const;

/** Average width of a character at 13 and 11 pixels of a sans serif font, generously. */
const titleWidth = 8;
const subtitleWidth = 6.6;

/**
 * Places boxes in columns by depth: leaves one below the other, every other box in the middle of its children. A column is as
 * wide as its widest box, and the gap before it as wide as the longest text on a line into it. Returns all boxes.
 */
export function layOut(roots: readonly Box[]): Box[] {
  const columns: Box[][] = [];
  const all: Box[] = [];
  const collect = (box: Box, depth: number, parent: Box | null) => {
    box.parent = parent;
    box.height = box.subtitle === '' ? sizes.small : sizes.tall;
    box.width = Math.ceil(Math.max(box.title.length * titleWidth, box.subtitle.length * subtitleWidth) + 20);
    all.push(box);
    const column = columns[depth];
    if (column === undefined) columns[depth] = [box];
    else column.push(box);
    for (const child of box.children) collect(child, depth + 1, box);
  };
  for (const root of roots) collect(root, 0, null);
  let x: number = sizes.margin;
  for (const [depth, column] of columns.entries()) {
    if (depth > 0) x += 28 + Math.max(16, ...column.map((box) => box.linkText.length * subtitleWidth));
    const width = Math.max(...column.map((box) => box.width));
    for (const box of column) {
      box.x = Math.round(x);
      box.width = width;
    }
    x += width;
  }
  let y: number = sizes.top;
  const place = (box: Box): void => {
    if (box.children.length === 0) {
      box.y = y;
      y += box.height + sizes.gap;
      return;
    }
    const top = y;
    for (const child of box.children) place(child);
    const [first, last] = [box.children[0], box.children.at(-1)];
    const middle = ((first?.y ?? 0) + (last?.y ?? 0) + (last?.height ?? 0)) / 2;
    box.y = Math.max(top, Math.round(middle - box.height / 2));
    y = Math.max(y, box.y + box.height + sizes.gap);
  };
  for (const root of roots) {
    place(root);
    y += sizes.gap;
  }
  return all;
}
