import { h } from '../../results/dom.ts';
import type { ViewState } from '../state.ts';
import { s } from '../svg.ts';

/** What the colours mean, for the overlays that are on. */
export function legend(state: ViewState): HTMLElement | null {
  const diagram = state.tree?.diagram;
  if (diagram === undefined) return null;
  const rows: HTMLElement[] = [];
  if (state.overlays.has('load') && diagram.load !== null) {
    const run = diagram.load.run ?? 'all work';
    const head = `Busiest direction in ${run}${diagram.load.stale ? ', before the text changed' : ''}`;
    rows.push(
      line(head, [
        ['wire load idle', 'idle'],
        ['wire load low', 'below 70 %'],
        ['wire load high', '70 % and more'],
        ['wire load full', '95 % and more'],
      ]),
    );
  }
  if (diagram.links.some((link) => link.trainedLower)) {
    rows.push(line('', [['wire used lower', '▼ trained lower than both ends could']]));
  }
  if (state.overlays.has('acs')) {
    rows.push(
      line('ACS', [
        ['redirects', 'redirects peers upwards'],
        ['straight', 'lets peers talk'],
        ['no-acs', 'no capability'],
      ]),
    );
  }
  if (state.overlays.has('group')) {
    const shared = diagram.groups.filter((group) => group.members.length > 1).length;
    const words =
      diagram.groups.length === 0
        ? 'No IOMMU groups: the IOMMU is off'
        : `${diagram.groups.length} IOMMU groups, each by its number; in colour: ${shared === 0 ? 'none is shared' : `${shared} with several functions`}`;
    rows.push(line(words, []));
  }
  if (state.overlays.has('numa')) rows.push(line('NUMA nodes: N and their number', []));
  return rows.length === 0 ? null : h('div', { class: 'legend', role: 'note', 'aria-label': 'Legend' }, rows);
}

function line(head: string, samples: readonly (readonly [kind: string, words: string])[]): HTMLElement {
  const made = samples.map(([kind, words]) => h('span', { class: 'sample' }, swatch(kind), words));
  return h('div', {}, head === '' ? null : h('span', { class: 'head' }, head), made);
}

function swatch(kind: string): SVGSVGElement {
  const wire = kind.startsWith('wire');
  return s(
    'svg',
    { width: 22, height: 12, 'aria-hidden': 'true' },
    wire
      ? s('g', { class: kind }, s('line', { class: 'line', x1: 1, x2: 21, y1: 6, y2: 6, 'stroke-width': 4 }))
      : s('rect', { class: `body port ${kind}`, x: 2, y: 1, width: 18, height: 10, rx: 5 }),
  );
}
