import type { EnumerateJson } from '../../../server/contract.types.ts';
import { machineChoice, toggles } from '../machine-view/bar.ts';
import { listen, say } from '../machine-view/host.ts';
import { shortNames } from '../machine-view/names.ts';
import { h } from '../results/dom.ts';
import { barOf } from './bar.ts';
import { detailsOf, findingsOf, inText } from './details.ts';
import type { Scale } from './layout.ts';
import { type HostSpaces, hostSpaces, type Span, spansTo } from './spaces.ts';
import { spaceNames } from './words.ts';

interface Shown {
  readonly file: string;
  readonly machine: string;
  readonly machines: readonly string[];
  readonly data: EnumerateJson;
}

const scaleNames: Readonly<Record<Scale, string>> = { even: 'Readable', linear: 'To scale' };
const firmwareNames: Readonly<Record<EnumerateJson['firmware'], string>> = {
  linux: 'placed by the kernel',
  seabios: 'placed by SeaBIOS, then the kernel',
  edk2: 'placed by edk2, then the kernel',
};

const root = document.getElementById('address-map') ?? document.body;
const header = h('header', {}, h('h1', {}, 'Address map'));
const banner = h('p', { class: 'banner', role: 'status', hidden: true });
const trail = h('nav', { class: 'trail', 'aria-label': 'Enlarged', hidden: true });
const map = h('div', { class: 'map' });
const findings = h('div', { class: 'findings' });
const details = h('aside', { id: 'details', 'aria-label': 'Details of the box', 'aria-live': 'polite', tabindex: 0 });
const legend = h('ul', { class: 'legend', 'aria-label': 'Legend' });
root.append(
  header,
  banner,
  h('div', { class: 'body' }, h('div', { class: 'left', tabindex: -1 }, trail, map, findings), details),
  legend,
);

let shown: Shown | null = null;
let hosts: readonly HostSpaces[] = [];
let scale: Scale = 'even';
let short = (name: string): string => name;
/** The window that is enlarged, by the id of its span. */
let zoomed: string | null = null;
let current: string | null = null;

const allBars = (): readonly Span[] => hosts.flatMap((host) => [...host.below4GiB, ...host.above4GiB, ...host.io]);
const way = (id: string | null): readonly Span[] => (id === null ? [] : spansTo(allBars(), id));
const itemOf = (id: string): HTMLElement | null => map.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);

function drawHeader(): void {
  if (shown === null) return;
  const focused = document.activeElement?.id ?? '';
  header.replaceChildren(
    machineChoice(shown.machine, shown.machines),
    h('span', { class: 'note' }, `${shown.file}, ${firmwareNames[shown.data.firmware]} (${shown.data.rules})`),
    toggles('Widths', scaleNames, scale, (next) => {
      scale = next;
      drawHeader();
      drawMap();
    }),
  );
  if (focused !== '') document.getElementById(focused)?.focus({ preventScroll: true });
}

function drawMap(): void {
  const focused = (document.activeElement as HTMLElement | null)?.dataset.id;
  const path = way(zoomed);
  if (path.length === 0) zoomed = null;
  drawTrail(path);
  const last = path.at(-1);
  map.replaceChildren(...(last === undefined ? hosts.map(hostSection) : [barOf(last, scale, last.id, short)]));
  findings.replaceChildren(...(shown === null || last !== undefined ? [] : findingsOf(shown.data, hosts)));
  if (focused !== undefined) focusOn(focused);
  mark();
}

/** What there is on the map, and no more. */
function drawLegend(): void {
  const has = (spans: readonly Span[], space: Span['space']): boolean =>
    spans.some((span) => span.space === space || has(span.children, space));
  const all = allBars();
  legend.replaceChildren(
    ...(['memory', 'prefetchable', 'io'] as const)
      .filter((space) => has(all, space))
      .map((space) => h('li', {}, h('span', { class: `swatch ${space}`, 'aria-hidden': 'true' }), spaceNames[space])),
    h('li', {}, 'strong: BARs, pale: windows'),
  );
}

function hostSection(host: HostSpaces): HTMLElement {
  const id = `host-${host.name}`;
  const buses = host.busRange.map((bus) => bus.toString(16).padStart(2, '0')).join('–');
  const part = (title: string, bars: readonly Span[], without: string): readonly HTMLElement[] => [
    h('h3', {}, title),
    ...(bars.length === 0
      ? [h('p', { class: 'note' }, without)]
      : bars.map((bar) => barOf(bar, scale, bar.id === current ? current : null, short))),
  ];
  return h(
    'section',
    { 'aria-labelledby': id },
    h('h2', { id }, host.name, h('span', { class: 'note' }, ` segment ${host.segment}, buses ${buses}`)),
    part('Below 4 GiB', host.below4GiB, 'No window: nothing here can have a 32-bit memory BAR.'),
    part('Above 4 GiB', host.above4GiB, 'No window: 64-bit BARs must find room below.'),
    // Ports that nothing uses are left out; they are the same in every machine.
    ...(host.io.some((bar) => bar.children.length > 0)
      ? [
          part(
            'I/O ports',
            host.io.filter((bar) => bar.children.length > 0),
            '',
          ),
        ]
      : []),
  );
}

function drawTrail(path: readonly Span[]): void {
  trail.hidden = path.length === 0;
  const step = (label: string, id: string | null): HTMLElement =>
    h('li', {}, h('button', { class: 'name', type: 'button', onclick: () => zoom(id) }, label));
  const last = path.at(-1);
  trail.replaceChildren(
    h(
      'ol',
      {},
      step('All windows', null),
      path.slice(0, -1).map((span) => step(short(span.name), span.id)),
      last === undefined ? null : h('li', { 'aria-current': 'location' }, `${short(last.name)}, ${last.what}`),
    ),
  );
}

/** Enlarges a window, or shows all again. The focus goes with it. */
function zoom(id: string | null): void {
  const from = zoomed;
  zoomed = id;
  drawMap();
  focusOn(id ?? from ?? '');
}

function focusOn(id: string): void {
  const item = itemOf(id) ?? map.querySelector<HTMLElement>('[role="treeitem"]');
  if (item === null) return;
  item.focus({ preventScroll: false });
}

function mark(): void {
  for (const lit of map.querySelectorAll('.current')) lit.classList.remove('current');
  if (current !== null) itemOf(current)?.classList.add('current');
}

function look(id: string): void {
  if (current === id) return;
  current = id;
  mark();
  drawDetails();
}

function drawDetails(): void {
  const span = way(current).at(-1);
  details.replaceChildren(...detailsOf(span, span?.id === zoomed, zoom, short));
}

/** A window is enlarged; a BAR, or a window with nothing more to see, is shown in the text. */
function act(id: string): void {
  const span = way(id).at(-1);
  if (span === undefined) return;
  look(id);
  if (span.kind !== 'bar' && span.children.length > 0 && span.id !== zoomed) zoom(span.id);
  else say({ kind: 'reveal', name: inText(span.name) });
}

const idOf = (target: EventTarget | null): string | undefined =>
  target instanceof Element ? target.closest<HTMLElement>('[data-id]')?.dataset.id : undefined;

/** Where a key leads within a bar. */
function moved(item: HTMLElement, key: string): HTMLElement | null | undefined {
  const items = [...(item.parentElement?.querySelectorAll<HTMLElement>('[data-id]') ?? [])];
  const { id, parent } = item.dataset;
  const beside = items.filter((each) => each.dataset.parent === parent);
  const index = beside.indexOf(item);
  switch (key) {
    case 'ArrowRight':
      return beside[index + 1] ?? null;
    case 'ArrowLeft':
      return beside[index - 1] ?? null;
    case 'ArrowDown':
      return items.find((each) => each.dataset.parent === id) ?? null;
    case 'ArrowUp':
      return items.find((each) => each.dataset.id === parent) ?? null;
    case 'Home':
      return items[0] ?? null;
    case 'End':
      return items.at(-1) ?? null;
    default:
      return undefined;
  }
}

map.addEventListener('pointerover', (event) => {
  const id = idOf(event.target);
  if (id !== undefined) look(id);
});
map.addEventListener('focusin', (event) => {
  const id = idOf(event.target);
  if (id === undefined || !(event.target instanceof HTMLElement)) return;
  for (const item of event.target.parentElement?.querySelectorAll<HTMLElement>('[data-id]') ?? []) item.tabIndex = -1;
  event.target.tabIndex = 0;
  look(id);
});
map.addEventListener('click', (event) => {
  const id = idOf(event.target);
  if (id !== undefined) act(id);
});
map.addEventListener('keydown', (event) => {
  const item = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-id]') : null;
  const id = item?.dataset.id;
  if (item === null || id === undefined) return;
  if (event.key === 'Enter' || event.key === ' ') act(id);
  else {
    const next = moved(item, event.key);
    if (next === undefined) return;
    next?.focus();
  }
  event.preventDefault();
});
root.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && zoomed !== null) zoom(way(zoomed).at(-2)?.id ?? null);
});

function tell(text: string, kind: 'gone' | 'failed' | 'done' | 'none'): void {
  banner.textContent = text;
  banner.className = `banner ${kind}`;
  banner.hidden = kind === 'none';
}

listen<EnumerateJson>((message) => {
  switch (message.kind) {
    case 'show': {
      shown = message;
      hosts = hostSpaces(message.data);
      const names = shortNames([...message.data.hosts, ...message.data.devices].map(({ name }) => name));
      short = (name) => names.get(name) ?? name;
      tell('', 'none');
      drawHeader();
      drawMap();
      drawLegend();
      drawDetails();
      break;
    }
    case 'gone':
      tell(shown === null ? message.message : `${message.message} This is what it was.`, 'gone');
      break;
    case 'message':
      tell(message.text, message.failed ? 'failed' : 'done');
      break;
    case 'path':
      break;
  }
});
