import type { EnumerateJson } from '../../../server/contract.types.ts';
import { facts, nameButton } from '../machine-view/bar.ts';
import { h } from '../results/dom.ts';
import { bytesOf, freeBytes, type HostSpaces, type Span } from './spaces.ts';
import { range, size, spaceNames } from './words.ts';

/** A virtual function or a further one has its label behind the name of the component. */
export const inText = (name: string): string => name.split(' ')[0] ?? name;

/** Everything about a span. */
export function detailsOf(
  span: Span | undefined,
  zoomed: boolean,
  zoom: (id: string) => void,
  short: (name: string) => string,
): readonly HTMLElement[] {
  if (span === undefined) {
    return [
      h('h2', {}, 'A window or a BAR'),
      h(
        'p',
        { class: 'note' },
        'Point at a box, or move there with the arrow keys: down leads inside. A click on a window enlarges it, one on a BAR shows the device in the text; Escape leads back out.',
      ),
    ];
  }
  const isBar = span.kind === 'bar';
  const rows: (readonly [string, Node | string])[] = [
    ['Component', nameButton(inText(span.name), span.name)],
    ...(span.bdf === null ? [] : ([['Bus address', span.bdf]] as const)),
    ['Range', range(span)],
    ['Size', size(bytesOf(span))],
    ['Space', spaceNames[span.space]],
  ];
  if (!isBar) {
    const free = freeBytes(span);
    rows.push(['Free', free < 0n ? 'none: parts overlap' : size(free)]);
    if (span.stated !== null) rows.push(['Origin', span.stated ? 'stated in the text' : 'assumed']);
  }
  const enlarge =
    isBar || zoomed || span.children.length === 0
      ? null
      : h('p', {}, h('button', { class: 'tool', type: 'button', onclick: () => zoom(span.id) }, 'Enlarge'));
  const parts =
    span.children.length === 0
      ? []
      : [
          h('h3', {}, `Inside: ${span.children.length}`),
          h(
            'ul',
            {},
            span.children
              .slice(0, 40)
              .map((child) => h('li', {}, `${short(child.name)}, ${child.what}, ${size(bytesOf(child))}`)),
            span.children.length > 40 ? h('li', {}, `and ${span.children.length - 40} more`) : null,
          ),
        ];
  return [h('h2', {}, `${short(span.name)}, ${span.what}`), facts(rows), enlarge, ...parts].filter(
    (part) => part !== null,
  );
}

/** What got no address, what no bus number, and what the figures rest on. */
export function findingsOf(map: EnumerateJson, hosts: readonly HostSpaces[]): readonly HTMLElement[] {
  const sections: HTMLElement[] = [];
  const section = (id: string, title: string, ...content: readonly HTMLElement[]): void => {
    sections.push(h('section', { class: 'listed', 'aria-labelledby': id }, h('h2', { id }, title), ...content));
  };
  const list = (items: readonly (readonly (Node | string)[])[]): HTMLElement =>
    h(
      'ul',
      {},
      items.map((item) => h('li', {}, item)),
    );
  if (map.unassigned.length > 0) section('unassigned', 'Without an address', unassignedTable(map));
  if (map.fits.length > 0) {
    section('fits', 'Every BAR has an address with one of these', list(map.fits.map(({ sentence }) => [sentence])));
  }
  const outside = hosts.flatMap((host) => host.outside);
  if (outside.length > 0) {
    section(
      'outside',
      'Outside every window',
      list(outside.map((span) => [nameButton(inText(span.name), span.name), `: ${span.what}, ${range(span)}`])),
    );
  }
  const problems = [
    ...map.shortages.map(
      ({ host, neededBuses, availableBuses, bridges }) =>
        `${host} has ${availableBuses} bus numbers and needs ${neededBuses}; nothing is found below ${bridges.join(', ')}.`,
    ),
    ...(map.unreached.length > 0 ? [`No configuration read reaches ${map.unreached.join(', ')}.`] : []),
    ...(map.firmwareStops === null ? [] : [`Firmware stops: ${map.firmwareStops}`]),
  ];
  if (problems.length > 0) section('problems', 'Not found', list(problems.map((problem) => [problem])));
  if (map.assumptions.length > 0) {
    section('assumptions', 'Assumed, because the text does not say', list(map.assumptions.map((one) => [one])));
  }
  return sections;
}

function unassignedTable(map: EnumerateJson): HTMLElement {
  const head = ['Device', 'BAR', 'Size', 'Why', 'Free there'];
  return h(
    'div',
    { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'BARs without an address' },
    h(
      'table',
      {},
      h('caption', { class: 'hidden' }, 'BARs without an address'),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          head.map((words) => h('th', { scope: 'col' }, words)),
        ),
      ),
      h(
        'tbody',
        {},
        map.unassigned.map((bar) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, nameButton(inText(bar.name), bar.name)),
            h('td', {}, bar.bar === 6 ? 'ROM' : bar.bar > 6 ? `${bar.bar - 7} of virtual functions` : String(bar.bar)),
            h('td', {}, size(BigInt(bar.bytes))),
            h('td', { class: 'why' }, bar.reason),
            h('td', {}, bar.at === null ? '' : size(BigInt(Math.max(0, Math.floor(bar.availableBytes))))),
          ),
        ),
      ),
    ),
  );
}
