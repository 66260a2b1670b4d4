import { sizes } from './sizes.ts';

/** Something to put into rows. */
export interface Cell {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/**
 * Breaks cells into rows so that the whole is as large as it can be in a frame of a given shape. Rows of before are kept
 * as long as they do nearly as well: a cell that is added or grows does not send the others elsewhere.
 *
 * @param before names of the cells that began a row
 * @param shape width to height that is aimed at
 */
export function rowsOf<T extends Cell>(
  cells: readonly T[],
  gap: number,
  before: ReadonlySet<string>,
  shape: number,
): readonly (readonly T[])[] {
  if (cells.length === 0) return [];
  const total = cells.reduce((sum, cell) => sum + cell.width + gap, 0);
  const widest = cells.reduce((width, cell) => Math.max(width, cell.width + gap), 0);
  let best: readonly (readonly T[])[] = [cells];
  let bestSize = sizeOf(best, gap, shape);
  for (let count = 2; count <= Math.min(cells.length, mostRows); count++) {
    for (const room of [1.35, 1.1]) {
      const rows = broken(cells, gap, Math.max(total / count, widest) * room);
      const size = sizeOf(rows, gap, shape);
      // Fewer rows are easier to read: more have to be worth it.
      if (size > bestSize * 1.1) {
        best = rows;
        bestSize = size;
      }
    }
  }
  const kept = split(cells, (cell) => before.has(cell.name));
  return before.size > 0 && sizeOf(kept, gap, shape) >= bestSize * slack ? kept : best;
}

/** How large rows before may be beside the best ones to be kept. */
const slack = 0.5;
/** More are never better for what has the shape of a screen. */
const mostRows = 24;

function broken<T extends Cell>(cells: readonly T[], gap: number, target: number): T[][] {
  let width = 0;
  return split(cells, (cell) => {
    const breaks = width > 0 && width + cell.width + gap > target;
    width = (breaks ? 0 : width) + cell.width + gap;
    return breaks;
  });
}

/** How large rows can be drawn in a frame of a shape, in any unit. */
export function sizeOf(rows: readonly (readonly Cell[])[], gap: number, shape: number): number {
  const width = Math.max(1, ...rows.map((row) => widthOf(row, gap)));
  const height = rows.reduce((sum, row) => sum + heightOf(row) + sizes.rowGap, 0);
  return Math.min(shape / width, 1 / height);
}

function split<T>(cells: readonly T[], begins: (cell: T) => boolean): T[][] {
  const rows: T[][] = [];
  for (const cell of cells) {
    const row = rows.at(-1);
    const starts = begins(cell);
    if (row === undefined || starts) rows.push([cell]);
    else row.push(cell);
  }
  return rows;
}

export const widthOf = (row: readonly Cell[], gap: number): number =>
  row.reduce((sum, cell) => sum + cell.width, 0) + gap * Math.max(0, row.length - 1);

export const heightOf = (row: readonly Cell[]): number =>
  row.reduce((height, cell) => Math.max(height, cell.height), 0);
