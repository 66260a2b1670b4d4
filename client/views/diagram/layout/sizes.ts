import type { DiagramNode } from '../../../../server/diagram/diagram.types.ts';

/** Measures of the picture in its own units: pixels at a zoom of one. */
export const sizes = {
  deviceHeight: 42,
  switchHeight: 46,
  portHeight: 18,
  /** Between a port and what is plugged in: room for the words on the wire. */
  wire: 62,
  /** An empty slot is a short end of wire. */
  stub: 20,
  columnGap: 14,
  cellGap: 22,
  rowGap: 46,
  framePadding: 16,
  frameHeader: 40,
  frameGap: 64,
  /** From the bar of a root complex to its root ports. */
  drop: 12,
  /** As wide as the words on a wire. */
  column: 92,
  /** The number of nodes that are folded away in a box. */
  count: 30,
} as const;

/** Widths are even: what stands in the middle of something stands at a whole number. */
const even = (width: number): number => 2 * Math.ceil(width / 2);

/** Advance of a letter at 12 and at 10.5 pixels: wide enough for the fonts that VS Code uses by itself. */
const letter = 7.5;
const smallLetter = 6.4;

/** More letters than this are cut off; the rest is read by pointing at it. */
export const most = { label: 20, detail: 22 } as const;

export const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

export const portWidth = (node: DiagramNode): number =>
  even(Math.max(38, cut(node.label, most.label).length * smallLetter + 16));

/** The header of a socket: icon, name, the beginning of what is said of it, and the handle that folds it. */
export const frameWidth = (node: DiagramNode, said: string): number =>
  even(Math.max(180, 34 + cut(node.label, most.label).length * 8.4 + 14 + Math.min(said.length, 20) * 6.1 + 46));

/** A device or the head of a switch: icon, name, and below it the part. */
export function boxWidth(node: DiagramNode, detail: string): number {
  const label = cut(node.label, most.label).length * letter;
  return even(Math.max(sizes.column, 34 + Math.max(label, cut(detail, most.detail).length * smallLetter) + 10));
}
