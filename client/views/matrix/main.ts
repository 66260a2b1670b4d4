import { formatRate } from '../../../model/quantity.ts';
import type { MatrixJson, PathJson } from '../../../server/contract.types.ts';
import { machineChoice, toggles } from '../machine-view/bar.ts';
import { listen, say } from '../machine-view/host.ts';
import { shortNames } from '../machine-view/names.ts';
import { h } from '../results/dom.ts';
import {
  type Cell,
  cellAt,
  classFamily,
  classWords,
  csvOf,
  isSelf,
  type Mode,
  mappingNames,
  matching,
  modeNames,
  rangeOf,
  time,
} from './cells.ts';
import { detailsOf } from './details.ts';
import { gridOf, moved, type Place, placeId, placeOf } from './grid.ts';

/** More rows than these are left to the search: a page of ten thousand cells stays quick. */
const mostDevices = 96;
/** How long the pointer or the focus rests on a cell before its way is asked for. */
const restMilliseconds = 120;

interface Shown {
  readonly file: string;
  readonly machine: string;
  readonly machines: readonly string[];
  readonly data: MatrixJson;
}

const root = document.getElementById('matrix') ?? document.body;
const header = h('header', {}, h('h1', {}, 'Peer matrix'));
const banner = h('p', { class: 'banner', role: 'status', hidden: true });
const search = h('input', { id: 'search', type: 'search', placeholder: 'Find devices', 'aria-label': 'Find devices' });
const count = h('p', { class: 'note count' });
const scroller = h('div', { class: 'scroller' });
const legend = h('ul', { class: 'legend', 'aria-label': 'Legend' });
const details = h('aside', { id: 'details', 'aria-label': 'Details of the pair', 'aria-live': 'polite', tabindex: 0 });
root.append(header, banner, h('div', { class: 'body' }, h('div', { class: 'left' }, count, scroller, legend), details));

let shown: Shown | null = null;
let mode: Mode = 'class';
let devices: readonly number[] = [];
let short = (name: string): string => name;
let at: Place = { row: 0, column: 0 };
let current: Place | null = null;
let pinned = false;
const paths = new Map<string, PathJson>();
let rest: ReturnType<typeof setTimeout> | undefined;

const pathKey = (from: string, to: string): string => `${from} ${to}`;

function cellOf(place: Place | null): Cell | undefined {
  const row = place === null ? undefined : devices[place.row];
  const column = place === null ? undefined : devices[place.column];
  return shown === null || row === undefined || column === undefined ? undefined : cellAt(shown.data, row, column);
}

function drawHeader(): void {
  if (shown === null) return;
  const { machine, machines, file } = shown;
  const focused = document.activeElement?.id ?? '';
  header.replaceChildren(
    machineChoice(machine, machines),
    h('span', { class: 'note' }, file),
    toggles('Show in the cells', modeNames, mode, (next) => {
      mode = next;
      drawHeader();
      drawGrid();
    }),
    search,
    h(
      'button',
      {
        id: 'copy',
        class: 'tool',
        type: 'button',
        title: 'Copy what is shown as comma-separated values, in SI units',
        onclick: () => {
          if (shown !== null) say({ kind: 'copy', text: csvOf(shown.data, mode, devices) });
        },
      },
      'Copy as CSV',
    ),
  );
  if (focused !== '') document.getElementById(focused)?.focus({ preventScroll: true });
}

function drawGrid(): void {
  if (shown === null) return;
  const { data } = shown;
  const found = matching(data.devices, search.value);
  devices = found.slice(0, mostDevices);
  const last = Math.max(0, devices.length - 1);
  at = { row: Math.min(at.row, last), column: Math.min(at.column, last) };
  count.textContent = countWords(found.length, data.devices.length);
  count.hidden = count.textContent === '';
  const inGrid = scroller.contains(document.activeElement);
  const { scrollLeft, scrollTop } = scroller;
  scroller.replaceChildren(
    devices.length === 0
      ? h('p', { class: 'note' }, 'No device here has a peer.')
      : gridOf({ matrix: data, mode, shown: devices, short, at }),
  );
  scroller.scrollTo(scrollLeft, scrollTop);
  if (inGrid) document.getElementById(placeId(at))?.focus({ preventScroll: true });
  drawLegend(data);
  markCurrent();
}

function countWords(found: number, all: number): string {
  if (found > devices.length) return `${devices.length} of ${found} devices are shown. Find some of them by name.`;
  return found < all ? `${found} of ${all} devices` : '';
}

function drawLegend(data: MatrixJson): void {
  const present = <T>(table: readonly (readonly T[])[], name: (value: T) => string): readonly string[] => [
    ...new Set(devices.flatMap((row) => devices.flatMap((column) => valueAt(table, row, column, name)))),
  ];
  const item = (tone: string, words: string): HTMLElement =>
    h('li', {}, h('span', { class: `swatch ${tone}`, 'aria-hidden': 'true' }), words);
  if (mode === 'class') {
    const order = Object.keys(classWords);
    const families = [...present(data.class, classFamily)].sort((a, b) => order.indexOf(a) - order.indexOf(b));
    legend.replaceChildren(
      ...families.map((name) => item(`class-${name}`, `${name === 'NV' ? 'NV#' : name}: ${classWords[name] ?? ''}`)),
    );
  } else if (mode === 'mapping') {
    legend.replaceChildren(
      ...present(data.mapping, (name) => name).map((name) =>
        item(`mapping-${name}`, mappingNames[name as Cell['mapping']]),
      ),
    );
  } else {
    const { least, most } = rangeOf(data, mode);
    const words = mode === 'bandwidth' ? formatRate : time;
    const steps = [1, 2, 3, 4, 5].map((step) => h('span', { class: `swatch step-${step}`, 'aria-hidden': 'true' }));
    legend.replaceChildren(h('li', {}, words(least), ' ', ...steps, ' ', words(most)));
  }
  if (present(data.route, (name) => name).includes('host-memory')) {
    const mark = h('span', { class: 'swatch staged', 'aria-hidden': 'true' });
    legend.append(h('li', {}, mark, 'marked corner: through host memory'));
  }
}

/** The name of a value beside the diagonal. */
function valueAt<T>(
  table: readonly (readonly T[])[],
  row: number,
  column: number,
  name: (value: T) => string,
): readonly string[] {
  const value = table[row]?.[column];
  return row === column || value === undefined ? [] : [name(value)];
}

function drawDetails(): void {
  const cell = cellOf(current);
  const path = cell === undefined ? null : (paths.get(pathKey(cell.from, cell.to)) ?? null);
  details.replaceChildren(...detailsOf(cell, path, pinned, short));
}

/** Lights the row and the column of what the details are about. */
function markCurrent(): void {
  for (const lit of scroller.querySelectorAll('.lit, .current')) lit.classList.remove('lit', 'current');
  if (current === null) return;
  document.getElementById(placeId({ row: current.row, column: -1 }))?.classList.add('lit');
  document.getElementById(placeId({ row: -1, column: current.column }))?.classList.add('lit');
  document.getElementById(placeId(current))?.classList.add('current');
}

function look(place: Place): void {
  if (place.row < 0 || place.column < 0) return;
  current = place;
  markCurrent();
  drawDetails();
  clearTimeout(rest);
  const cell = cellOf(place);
  if (cell === undefined || isSelf(cell) || paths.has(pathKey(cell.from, cell.to))) return;
  rest = setTimeout(() => say({ kind: 'path', from: cell.from, to: cell.to }), restMilliseconds);
}

function act(place: Place): void {
  if (place.row >= 0 && place.column >= 0) {
    pinned = true;
    look(place);
    return;
  }
  const device = shown?.data.devices[devices[Math.max(place.row, place.column)] ?? -1];
  if (device !== undefined) say({ kind: 'reveal', name: device });
}

function stand(place: Place): void {
  document.getElementById(placeId(at))?.setAttribute('tabindex', '-1');
  at = place;
  document.getElementById(placeId(at))?.setAttribute('tabindex', '0');
}

scroller.addEventListener('pointerover', (event) => {
  const place = placeOf(event.target);
  if (place !== undefined && !pinned) look(place);
});
scroller.addEventListener('focusin', (event) => {
  const place = placeOf(event.target);
  if (place === undefined) return;
  stand(place);
  if (!pinned) look(place);
});
scroller.addEventListener('click', (event) => {
  const place = placeOf(event.target);
  if (place !== undefined) act(place);
});
scroller.addEventListener('keydown', (event) => {
  const place = placeOf(event.target);
  if (place === undefined) return;
  if (event.key === 'Enter' || event.key === ' ') act(place);
  else {
    const next = moved(place, event.key, event.ctrlKey || event.metaKey, devices.length);
    if (next === undefined) return;
    document.getElementById(placeId(next))?.focus();
  }
  event.preventDefault();
});
root.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !pinned) return;
  pinned = false;
  drawDetails();
});
search.addEventListener('input', () => {
  current = null;
  pinned = false;
  drawGrid();
  drawDetails();
});

function tell(text: string, kind: 'gone' | 'failed' | 'done' | 'none'): void {
  banner.textContent = text;
  banner.className = `banner ${kind}`;
  banner.hidden = kind === 'none';
}

listen<MatrixJson>((message) => {
  switch (message.kind) {
    case 'show': {
      const before = cellOf(current);
      shown = message;
      paths.clear();
      const names = shortNames(message.data.devices);
      short = (name) => names.get(name) ?? name;
      tell('', 'none');
      drawHeader();
      drawGrid();
      const { devices: all } = message.data;
      const row = before === undefined ? -1 : devices.indexOf(all.indexOf(before.from));
      const column = before === undefined ? -1 : devices.indexOf(all.indexOf(before.to));
      current = row >= 0 && column >= 0 ? { row, column } : null;
      pinned &&= current !== null;
      if (current === null) drawDetails();
      else look(current);
      markCurrent();
      break;
    }
    case 'gone':
      tell(`${message.message} This is what it was.`, 'gone');
      if (shown === null) tell(message.message, 'gone');
      break;
    case 'path': {
      const { path } = message;
      paths.set(pathKey(path.from, path.to), path);
      const cell = cellOf(current);
      if (cell !== undefined && cell.from === path.from && cell.to === path.to) drawDetails();
      break;
    }
    case 'message':
      tell(message.text, message.failed ? 'failed' : 'done');
      break;
  }
});
