import { h } from '../../results/dom.ts';
import { thickness } from '../draw/wires.ts';
import type { ViewState } from '../state.ts';
import { s } from '../svg.ts';
import { limitSign, linkWords, rate, technologyOf } from '../words.ts';

/** A sample of how something is drawn, with what it means. */
export interface LegendSample {
  /** Classes of the sample, as of what it stands for. */
  readonly kind: string;
  readonly words: string;
  /** Thickness of a line; 4 where not said. */
  readonly width?: number;
}

export interface LegendRow {
  readonly head: string;
  readonly samples: readonly LegendSample[];
}

/** What widths and colours mean, for what is drawn and the overlays that are on; empty without a machine. */
export function legendRows(state: ViewState): readonly LegendRow[] {
  const diagram = state.tree?.diagram;
  if (diagram === undefined) return [];
  const { load, links, connections, groups } = diagram;
  const isLoaded = state.overlays.has('load') && load !== null;
  const rows: LegendRow[] = [{ head: 'Width of a link: its bandwidth', samples: widthSamples(diagram) }];
  if (isLoaded) {
    const of = load.run ?? 'all work';
    rows.push({
      head: `Time busy in ${of}${load.stale ? ', before the text changed' : ''} (↓ to the device, ↑ from it)`,
      samples: [
        { kind: 'wire load idle', words: 'idle' },
        { kind: 'wire load low', words: 'below 70%' },
        { kind: 'wire load high', words: '70% and more' },
        { kind: 'wire load full', words: '95% and more' },
        ...(load.limits.some((limit) => limit.at !== null)
          ? [{ kind: 'limit', words: `${limitSign} bottleneck: held the work back` }]
          : []),
      ],
    });
  }
  if (state.overlays.has('acs')) {
    rows.push({
      head: 'ACS of a port',
      samples: [
        { kind: 'redirects', words: 'sends peer traffic up to the root complex' },
        { kind: 'straight', words: 'lets peers talk directly' },
        { kind: 'no-acs', words: 'has none' },
      ],
    });
  }
  if (state.overlays.has('group')) rows.push({ head: groupWords(groups), samples: [] });
  if (state.overlays.has('numa')) rows.push({ head: 'N0, N1, …: NUMA nodes, each in its colour', samples: [] });
  const technologies = [...new Set(connections.map(technologyOf))].filter((name) => name !== '');
  const [first, ...rest] = rows;
  if (first === undefined) return rows;
  const more: LegendSample[] = [
    ...(links.some((link) => link.device === null) ? [{ kind: 'wire free', words: 'free', width: 1.5 }] : []),
    ...(links.some((link) => link.trainedLower)
      ? [{ kind: 'wire used lower', words: '▼ trained lower than both ends can' }]
      : []),
    ...(technologies.length > 0 ? [{ kind: 'connection', words: technologies.join(', '), width: 2.5 }] : []),
  ];
  return [{ ...first, samples: [...first.samples, ...more] }, ...rest];
}

/** The narrowest and the widest link of the machine, where they differ. */
function widthSamples({ links }: NonNullable<ViewState['tree']>['diagram']): LegendSample[] {
  const used = links.filter((link) => link.device !== null);
  const rates = used.map((link) => link.rawBytesPerSecond);
  const ends = [...new Set([Math.min(...rates), Math.max(...rates)])].filter(Number.isFinite);
  return ends.flatMap((raw) => {
    const link = used.find((each) => each.rawBytesPerSecond === raw);
    if (link === undefined) return [];
    return [{ kind: 'wire', words: `${linkWords(link.trained)}, ${rate(raw)}`, width: thickness(raw) }];
  });
}

function groupWords(groups: NonNullable<ViewState['tree']>['diagram']['groups']): string {
  if (groups.length === 0) return 'No IOMMU groups: the IOMMU is off';
  const shared = groups.filter((group) => group.members.length > 1).length;
  const words = shared === 0 ? 'none is shared' : `in colour the ${shared} that several functions share`;
  return `g0, g1, …: ${groups.length} IOMMU groups, ${words}`;
}

/** The legend over the picture. */
export function legend(state: ViewState): HTMLElement | null {
  const rows = legendRows(state);
  if (rows.length === 0) return null;
  return h('div', { class: 'legend', role: 'note', 'aria-label': 'Legend' }, rows.map(rowOf));
}

function rowOf({ head, samples }: LegendRow): HTMLElement {
  const made = samples.map((sample) => h('span', { class: 'sample' }, swatch(sample), sample.words));
  return h('div', {}, h('span', { class: 'head' }, head), made);
}

function swatch(sample: LegendSample): SVGSVGElement | null {
  if (sample.kind === 'limit') return null;
  return s('svg', { width: 22, height: 12, 'aria-hidden': 'true' }, swatchShape(sample));
}

/** How a sample is drawn, within 22 by 12. */
export function swatchShape({ kind, width = 4 }: LegendSample): SVGElement {
  return kind.startsWith('wire') || kind === 'connection'
    ? s('g', { class: kind }, s('line', { class: 'line', x1: 1, x2: 21, y1: 6, y2: 6, 'stroke-width': width }))
    : s('rect', { class: `body port ${kind}`, x: 2, y: 1, width: 18, height: 10, rx: 5 });
}
