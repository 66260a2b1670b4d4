/** Something to put into rows. */
export interface Cell {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/**
 * Breaks cells into rows so that the whole has about a given shape. Rows of before are kept as
 * long as they fit: a cell that is added or grows does not send the others elsewhere.
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
  const total = cells.reduce((sum, cell) => sum + cell.width + gap, 0);
  const tallest = cells.reduce((height, cell) => Math.max(height, cell.height), 0);
  const count = Math.max(1, Math.round(Math.sqrt(total / (Math.max(1, tallest) * shape))));
  const target = Math.max(total / count, ...cells.map((cell) => cell.width + gap));
  const kept = split(cells, (cell) => before.has(cell.name));
  if (before.size > 0 && kept.length <= count + 1 && kept.every((row) => widthOf(row, gap) <= target * slack)) {
    return kept;
  }
  let width = 0;
  return split(cells, (cell) => {
    const breaks = width > 0 && width + cell.width + gap > target * 1.02;
    width = (breaks ? 0 : width) + cell.width + gap;
    return breaks;
  });
}

/** How much wider than new rows the rows of before may be. */
const slack = 2;

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
