import type { MatrixJson } from '../../../server/contract.types.ts';
import { h } from '../results/dom.ts';
import {
  cellAbout,
  cellAt,
  cellLines,
  cellTone,
  cellWords,
  isSelf,
  type Mode,
  rangeOf,
  shortRouteNames,
} from './cells.ts';

/** A place in the grid that is shown: 0 is the first device, -1 the names. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

export interface GridParts {
  readonly matrix: MatrixJson;
  readonly mode: Mode;
  /** Devices that are shown, by their index in the matrix. */
  readonly shown: readonly number[];
  readonly short: (name: string) => string;
  /** Where the focus is, or comes back to. */
  readonly at: Place;
}

export const placeId = ({ row, column }: Place): string => `cell-${row}-${column}`;

/** The matrix as a grid: one stop of the tabulator, arrow keys within (WAI-ARIA Authoring Practices, Grid). */
export function gridOf({ matrix, mode, shown, short, at }: GridParts): HTMLTableElement {
  const range = rangeOf(matrix, mode);
  const isDense = shown.length > 10;
  const tab = (place: Place): number => (place.row === at.row && place.column === at.column ? 0 : -1);
  const nameOf = (index: number): string => matrix.devices[index] ?? '';
  const header = (place: Place, device: number): HTMLElement => {
    const column = place.row === -1;
    return h(
      'th',
      {
        id: placeId(place),
        scope: column ? 'col' : 'row',
        role: column ? 'columnheader' : 'rowheader',
        tabindex: tab(place),
        title: nameOf(device),
        'data-row': place.row,
        'data-column': place.column,
      },
      h('span', {}, short(nameOf(device))),
    );
  };
  const cell = (place: Place, row: number, column: number): HTMLElement => {
    const found = cellAt(matrix, row, column);
    const [main, spare] = found === undefined ? ['', ''] : cellLines(found, mode);
    // Many devices leave room for two lines; the corner of a cell then says what matters the most.
    const reason = found === undefined || isDense || isSelf(found) ? '' : shortRouteNames[found.route];
    return h(
      'td',
      {
        id: placeId(place),
        role: 'gridcell',
        class:
          found === undefined ? '' : `${cellTone(found, mode, range)}${found.route === 'host-memory' ? ' staged' : ''}`,
        tabindex: tab(place),
        'aria-label': found === undefined ? undefined : cellWords(found, mode, reason, short),
        title: found === undefined ? undefined : cellAbout(found, short) || undefined,
        'data-row': place.row,
        'data-column': place.column,
      },
      h('span', { class: 'main' }, main),
      // The space keeps the two apart where they are read as one text.
      spare === '' ? null : ' ',
      spare === '' ? null : h('span', { class: 'spare' }, spare),
      reason === '' ? null : ' ',
      reason === '' ? null : h('span', { class: 'reason' }, reason),
    );
  };
  return h(
    'table',
    {
      id: 'grid',
      role: 'grid',
      class: isDense ? `mode-${mode} dense` : `mode-${mode}`,
      'aria-label': 'Peer matrix: from the device of the row to the device of the column',
      'aria-rowcount': shown.length + 1,
      'aria-colcount': shown.length + 1,
    },
    h(
      'thead',
      {},
      h(
        'tr',
        { role: 'row' },
        h('td', { class: 'corner' }, 'from ↓  to →'),
        shown.map((device, column) => header({ row: -1, column }, device)),
      ),
    ),
    h(
      'tbody',
      {},
      shown.map((row, index) =>
        h(
          'tr',
          { role: 'row' },
          header({ row: index, column: -1 }, row),
          shown.map((column, other) => cell({ row: index, column: other }, row, column)),
        ),
      ),
    ),
  );
}

/** Where a key leads in a grid of `count` devices; undefined for keys that lead nowhere. The corner has no place. */
export function moved({ row, column }: Place, key: string, control: boolean, count: number): Place | undefined {
  const last = count - 1;
  const within = (value: number): number => Math.min(last, Math.max(-1, value));
  const to = (next: Place): Place =>
    next.row === -1 && next.column === -1 ? { row, column } : { row: within(next.row), column: within(next.column) };
  switch (key) {
    case 'ArrowUp':
      return to({ row: within(row - 1), column });
    case 'ArrowDown':
      return to({ row: row + 1, column });
    case 'ArrowLeft':
      return to({ row, column: within(column - 1) });
    case 'ArrowRight':
      return to({ row, column: column + 1 });
    case 'PageUp':
      return to({ row: Math.max(0, row - 8), column });
    case 'PageDown':
      return to({ row: row + 8, column });
    case 'Home':
      return control ? { row: 0, column: 0 } : to({ row, column: 0 });
    case 'End':
      return control ? { row: last, column: last } : to({ row, column: last });
    default:
      return undefined;
  }
}

/** The place that an element of the grid stands for. */
export function placeOf(target: EventTarget | null): Place | undefined {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-row]') : null;
  const { row, column } = element?.dataset ?? {};
  return row === undefined || column === undefined ? undefined : { row: Number(row), column: Number(column) };
}
