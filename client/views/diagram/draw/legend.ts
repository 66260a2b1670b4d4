import type { Area } from '../camera.ts';
import { type LegendRow, swatchShape } from '../panel/legend.ts';
import { s } from '../svg.ts';

const rowHeight = 18;
/** Advance of a letter at the size of the picture's small words, wide enough for common fonts. */
const letter = 6.3;
const swatchWidth = 28;

/** A legend as part of the picture, for a file that is looked at by itself: below `area`, in rows that fit it. */
export function legendBelow(
  rows: readonly LegendRow[],
  area: Area,
): { readonly group: SVGGElement; readonly area: Area } {
  const group = s('g', { class: 'legend-below' });
  const limit = Math.max(area.width, 460);
  let [x, y, right] = [area.x, area.y + area.height + 30, area.x];
  const put = (words: string, shape: SVGElement | null): void => {
    const width = (shape === null ? 0 : swatchWidth) + words.length * letter;
    if (x > area.x && x + width > area.x + limit) {
      x = area.x + 14;
      y += rowHeight;
    }
    if (shape !== null) group.append(s('g', { transform: `translate(${x} ${y - 9.5})` }, shape));
    group.append(s('text', { x: x + (shape === null ? 0 : swatchWidth), y }, words));
    x += width + 14;
    right = Math.max(right, x);
  };
  for (const { head, samples } of rows) {
    put(head, null);
    for (const sample of samples) put(sample.words, sample.kind === 'limit' ? null : swatchShape(sample));
    x = area.x;
    y += rowHeight;
  }
  if (rows.length === 0) return { group, area };
  return { group, area: { ...area, width: Math.max(area.width, right - area.x), height: y - area.y } };
}
