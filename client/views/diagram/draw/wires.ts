import type { DiagramLink, DiagramLoad } from '../../../../server/diagram/diagram.types.ts';
import { type Area, overlaps } from '../camera.ts';
import { isSameWire, type Wire } from '../layout/layout.ts';
import type { Tree } from '../layout/tree.ts';
import type { ViewState } from '../state.ts';
import { s, setAttributes } from '../svg.ts';
import { busiest, isLimit, limitSign, linkWords, loadLevel, loadWords } from '../words.ts';
import { groundTint } from './tint.ts';

/** Thickness by bandwidth: from 1.5 pixels for Gen1 x1 to 10 for 64 GB/s. The eye compares areas: hence the root. */
export function thickness(bytesPerSecond: number): number {
  return Math.round((1 + 1.1 * Math.sqrt(Math.max(0, bytesPerSecond) / 1e9)) * 10) / 10;
}

interface Drawn {
  readonly element: SVGGElement;
  readonly wire: Wire;
  readonly link: DiagramLink | undefined;
  readonly look: Look;
  readonly area: Area;
  shown: boolean;
}

/** A wire with the words on it. */
const areaOf = ({ x, from, to }: Wire): Area => ({ x: x - 50, y: from, width: 100, height: to - from });

/** The links of the picture, with what they run at. Read by the screen reader as part of their ports. */
export class WireLayer {
  readonly group: SVGGElement;
  readonly #drawn = new Map<string, Drawn>();
  readonly #byLink = new Map<string, SVGGElement[]>();

  constructor() {
    this.group = s('g', { class: 'wires', 'aria-hidden': 'true' });
  }

  /** The wires of a link. */
  elementsOf(link: string): readonly SVGGElement[] {
    return this.#byLink.get(link) ?? [];
  }

  get all(): Iterable<SVGGElement> {
    return [...this.#drawn.values()].map(({ element }) => element);
  }

  /** Leaves out what is outside an area of the picture. */
  cull(area: Area): void {
    for (const drawn of this.#drawn.values()) {
      const near = overlaps(drawn.area, area);
      if (near === drawn.shown) continue;
      drawn.shown = near;
      setAttributes(drawn.element, { display: near ? undefined : 'none' });
    }
  }

  update(tree: Tree, state: ViewState): void {
    const wires = state.layout?.wires ?? [];
    const names = new Set(wires.map((wire) => wire.name));
    for (const [name, { element }] of this.#drawn) {
      if (names.has(name)) continue;
      element.remove();
      this.#drawn.delete(name);
    }
    this.#byLink.clear();
    const links = new Map(tree.diagram.links.map((link) => [link.name, link]));
    for (const wire of wires) {
      const link = wire.link === null ? undefined : links.get(wire.link);
      const look = lookOf(link, tree, state);
      const before = this.#drawn.get(wire.name);
      let element = before?.element;
      if (
        before === undefined ||
        !isSameWire(before.wire, wire) ||
        before.link !== link ||
        !isSameLook(before.look, look)
      ) {
        element = wireElement(wire, link, look);
        if (before === undefined) this.group.append(element);
        else before.element.replaceWith(element);
        this.#drawn.set(wire.name, { element, wire, link, look, area: areaOf(wire), shown: true });
      }
      if (wire.link !== null && element !== undefined) {
        const all = this.#byLink.get(wire.link);
        if (all === undefined) this.#byLink.set(wire.link, [element]);
        else all.push(element);
      }
    }
  }
}

/** What the overlays make of a wire. */
interface Look {
  /** The load is shown, whether or not this link has any. */
  readonly loaded: boolean;
  readonly use: DiagramLoad['links'][string] | undefined;
  readonly limit: boolean;
  /** Colour of the ground that its words stand on. */
  readonly tint: string;
}

function lookOf(link: DiagramLink | undefined, tree: Tree, { overlays }: ViewState): Look {
  const { load } = tree.diagram;
  const loaded = overlays.has('load') && load !== null;
  const isTinted = link !== undefined && (overlays.has('numa') || overlays.has('group'));
  return {
    loaded,
    use: loaded && link !== undefined ? load.links[link.name] : undefined,
    limit: loaded && link !== undefined && isLimit(load, link.name, 'link'),
    tint: isTinted ? groundTint(tree, link.port, overlays) : '',
  };
}

const isSameLook = (a: Look, b: Look): boolean =>
  a.loaded === b.loaded && a.use === b.use && a.limit === b.limit && a.tint === b.tint;

function wireElement(wire: Wire, link: DiagramLink | undefined, look: Look): SVGGElement {
  const { x, from, to } = wire;
  if (link === undefined) {
    return s('g', { class: 'wire inner' }, s('line', { class: 'line', x1: x, x2: x, y1: from, y2: to }));
  }
  if (!wire.used) {
    const free = s('line', { class: 'line', x1: x, x2: x, y1: from, y2: to - 6 });
    const end = s('path', { class: 'line', d: `M${x - 12} ${to - 6}h24` });
    return s('g', { class: 'wire free', 'data-link': link.name }, free, end);
  }
  const level = look.loaded ? ` load ${loadLevel(busiest(look.use))}` : '';
  const lower = link.trainedLower ? ' lower' : '';
  const width = thickness(link.rawBytesPerSecond);
  const words = wordsOf(link, look);
  const middle = (from + to) / 2;
  const height = words.length * 13 + 4;
  const wide = plateWidth(words);
  const texts = words.map(([kind, text], index) =>
    s('text', { class: `words ${kind}`, x, y: middle - height / 2 + 12.5 + index * 13, 'text-anchor': 'middle' }, text),
  );
  return s(
    'g',
    { class: `wire used${level}${lower}${look.limit ? ' limit' : ''}${look.tint}`, 'data-link': link.name },
    s('line', { class: 'halo', x1: x, x2: x, y1: from, y2: to, 'stroke-width': width + 8 }),
    s('line', { class: 'line', x1: x, x2: x, y1: from, y2: to, 'stroke-width': width }),
    s('rect', { class: 'plate', x: x - wide / 2, y: middle - height / 2, width: wide, height, rx: 3 }),
    ...texts,
  );
}

type Words = readonly (readonly [kind: string, text: string])[];

/** What stands on a wire: a line for each. */
function wordsOf(link: DiagramLink, { use, limit }: Look): Words {
  return [
    ['state', linkWords(link.trained)],
    ...(link.trainedLower ? [['could', `▼ of ${linkWords(link.capable)}`] as const] : []),
    ...(use !== undefined && busiest(use) > 0 ? [['use', loadWords(use)] as const] : []),
    ...(limit ? [['limits', `${limitSign} bottleneck`] as const] : []),
  ];
}

/** The words of a link with the overlays that are on. */
export const wireWords = (link: DiagramLink, tree: Tree, state: ViewState): Words =>
  wordsOf(link, lookOf(link, tree, state));

/** What is busy stands in bold. */
export const plateWidth = (words: Words): number =>
  Math.max(0, ...words.map(([kind, text]) => text.length * (kind === 'use' ? 7.3 : 6.5))) + 8;
