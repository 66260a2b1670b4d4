import type { DiagramConnection, DiagramLoad } from '../../../../server/diagram/diagram.types.ts';
import { type Area, overlaps } from '../camera.ts';
import type { Box, Layout } from '../layout/layout.ts';
import { type Tree, visibleOf } from '../layout/tree.ts';
import { Same } from '../same.ts';
import type { ViewState } from '../state.ts';
import { s } from '../svg.ts';
import { isLimit, limitSign, loadLevel, percent, technologyOf } from '../words.ts';
import { thickness } from './wires.ts';

/** What runs beside PCIe: between sockets a line through the gap, between devices a bow below them. */
export class ConnectionLayer {
  readonly group: SVGGElement;
  readonly #from = new Same();
  readonly #byName = new Map<string, SVGGElement>();
  readonly #places = new Map<string, { readonly x: number; readonly y: number }>();

  constructor() {
    this.group = s('g', { class: 'connections', 'aria-hidden': 'true' });
  }

  elementOf(name: string): SVGGElement | undefined {
    return this.#byName.get(name);
  }

  get all(): Iterable<SVGGElement> {
    return this.#byName.values();
  }

  /** Where the words of a connection stand. */
  placeOf(name: string): { readonly x: number; readonly y: number } | undefined {
    return this.#places.get(name);
  }

  update(tree: Tree, state: ViewState): void {
    const { layout, collapsed } = state;
    const load = state.overlays.has('load') ? tree.diagram.load : null;
    if (this.#from.as(layout, collapsed, tree.diagram.connections, load)) return;
    this.#byName.clear();
    this.#places.clear();
    const drawn: SVGGElement[] = [];
    const frames = [...(layout?.boxes.values() ?? [])].filter((box) => box.shape === 'frame');
    for (const connection of layout === null ? [] : tree.diagram.connections) {
      const ends = [connection.from, connection.to].map((name) => visibleOf(tree, name, state.collapsed));
      const [a, b] = ends.map((name) => layout?.boxes.get(name));
      if (a === undefined || b === undefined || a === b) continue;
      const curve = curveOf(a, b, frames);
      const element = drawnConnection(connection, curve, load);
      this.#places.set(connection.name, curve);
      this.#byName.set(connection.name, element);
      drawn.push(element);
    }
    const socketed = drawn.filter((element) => element.classList.contains('between-sockets'));
    this.group.classList.toggle('many', drawn.length - socketed.length > 8);
    this.group.classList.toggle('many-sockets', socketed.length > 4);
    this.group.replaceChildren(...drawn);
    // Where there are many only the words of those that were busy are always there.
    const isMany = this.group.classList.contains('many');
    uncrowd(isMany ? drawn.filter((element) => element.classList.contains('load')) : drawn);
  }
}

/** A curve with the place for its words. */
interface Curve {
  readonly d: string;
  readonly x: number;
  readonly y: number;
  /** Between sockets, and not between devices. */
  readonly framed: boolean;
}

function curveOf(a: Box, b: Box, frames: readonly Box[]): Curve {
  const framed = a.shape === 'frame' && b.shape === 'frame';
  return { framed, ...(framed ? betweenFrames(a, b, frames) : betweenDevices(a, b, frames)) };
}

function drawnConnection(connection: DiagramConnection, curve: Curve, load: DiagramLoad | null): SVGGElement {
  const { d, x, y, framed } = curve;
  const width = connection.bytesPerSecond === null ? 2 : Math.min(6, thickness(connection.bytesPerSecond));
  const use = load?.resources[connection.name] ?? 0;
  const busy = use >= 0.005 ? ` load ${loadLevel(use)}` : '';
  const words = wordsOf(connection, load, use);
  const wide = words.length * (busy === '' ? 6.1 : 6.9) + 6;
  return s(
    'g',
    {
      class: `connection${framed ? ' between-sockets' : ''}${busy}`,
      'data-connection': connection.name,
      'data-ends': `${connection.from} ${connection.to}`,
    },
    s('path', { class: 'halo', d, 'stroke-width': width + 8 }),
    s('path', { class: 'line', d, 'stroke-width': width }),
    words === '' ? null : s('rect', { class: 'plate', x: x - wide / 2, y: y - 7.5, width: wide, height: 15, rx: 3 }),
    words === '' ? null : s('text', { class: 'words', x, y: y + 3.8, 'text-anchor': 'middle' }, words),
  );
}

/** What stands on a connection: its kind and its links, how busy it was, whether it held anything back. */
function wordsOf(connection: DiagramConnection, load: DiagramLoad | null, use: number): string {
  const name = technologyOf(connection);
  const words = [
    name === '' || connection.links < 2 ? name : `${name} x${connection.links}`,
    use >= 0.005 ? percent(use) : '',
    isLimit(load, connection.name, 'other') ? `${limitSign} bottleneck` : '',
  ];
  return words.filter((word) => word !== '').join(' ');
}

/** Through the gap between two sockets; around those that stand between them. */
function betweenFrames(a: Box, b: Box, frames: readonly Box[]): Omit<Curve, 'framed'> {
  const [first, second] = a.y < b.y || (a.y === b.y && a.x <= b.x) ? [a, b] : [b, a];
  const sameRow = first.y < second.y + second.height && second.y < first.y + first.height;
  const [x1, x2] = [first.x + first.width / 2, second.x + second.width / 2];
  if (!sameRow) {
    const [y1, y2] = [first.y + first.height, second.y];
    const middle = (y1 + y2) / 2;
    return { d: `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`, x: (x1 + x2) / 2, y: middle };
  }
  const start = first.x + first.width;
  const inWay = frames.some(
    (box) => box !== a && box !== b && box.y === first.y && box.x > start - 1 && box.x < second.x,
  );
  if (!inWay) {
    const y = Math.max(first.y, second.y) + 20;
    return { d: `M${start} ${y}H${second.x}`, x: (start + second.x) / 2, y: y - 12 };
  }
  const top = first.y - 26;
  return {
    d: `M${x1} ${first.y}C${x1} ${top} ${x1} ${top} ${x1 + 40} ${top}H${x2 - 40}C${x2} ${top} ${x2} ${top} ${x2} ${second.y}`,
    x: (x1 + x2) / 2,
    y: top,
  };
}

/** How far beside the middle of a device a connection ends: its wire comes in the middle. */
const asideOfWire = 16;

/** Below devices of one row; from the lower edge of the upper to the upper edge of the lower otherwise. */
function betweenDevices(a: Box, b: Box, frames: readonly Box[]): Omit<Curve, 'framed'> {
  const [upper, lower] = a.y <= b.y ? [a, b] : [b, a];
  const [x1, x2] = [upper.x + upper.width / 2, lower.x + lower.width / 2];
  const y1 = upper.y + upper.height;
  if (y1 < lower.y) {
    // What stands straight below hangs on a wire of its own: the curve goes past it.
    const isBelow = Math.abs(x1 - x2) < asideOfWire;
    const end = x2 + (isBelow || x1 > x2 ? asideOfWire : -asideOfWire);
    const middle = (y1 + lower.y) / 2;
    const bend = isBelow ? x2 + Math.min(90, lower.width / 2 + 24) : x1;
    // Words stand in the gap below the socket of the upper one, where nothing else does.
    const frame = frames.find((box) => contains(box, upper));
    const gap = frame === undefined || contains(frame, lower) ? null : frame.y + frame.height + 14;
    const y = gap !== null && gap < lower.y ? gap : middle;
    const from = { x: x1, y: y1 };
    const to = { x: end, y: lower.y };
    const [out, into] = [
      { x: bend, y: middle },
      { x: isBelow ? bend : end, y: middle },
    ];
    const d = `M${from.x} ${from.y}C${out.x} ${out.y} ${into.x} ${into.y} ${to.x} ${to.y}`;
    return { d, x: curveAt([from, out, into, to], y), y };
  }
  const y2 = lower.y + lower.height;
  const below = Math.max(y1, y2) + Math.min(bowDepth, 14 + Math.abs(x2 - x1) / 12);
  const d = `M${x1} ${y1}C${x1} ${below} ${x2} ${below} ${x2} ${y2}`;
  return { d, x: (x1 + x2) / 2, y: Math.max(y1, y2) + (below - Math.max(y1, y2)) * 0.75 };
}

const contains = (frame: Box, box: Box): boolean =>
  frame.x <= box.x && box.x < frame.x + frame.width && frame.y <= box.y && box.y < frame.y + frame.height;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where a curve that goes down is at a height: by halves, as it has but one point there. */
function curveAt([a, b, c, d]: readonly [Point, Point, Point, Point], y: number): number {
  const on = (t: number, axis: 'x' | 'y'): number => {
    const u = 1 - t;
    return u * u * u * a[axis] + 3 * u * u * t * b[axis] + 3 * u * t * t * c[axis] + t * t * t * d[axis];
  };
  let [low, high] = [0, 1];
  for (let step = 0; step < 12; step++) {
    const middle = (low + high) / 2;
    if (on(middle, 'y') < y) low = middle;
    else high = middle;
  }
  return on(low, 'x');
}

/** Words that would stand on other words are left out until somebody asks for their connection. */
function uncrowd(drawn: readonly SVGGElement[]): void {
  const placed: Area[] = [];
  // What was busy has its words first.
  const loaded = (element: SVGGElement) => (element.classList.contains('load') ? 0 : 1);
  for (const element of [...drawn].sort((a, b) => loaded(a) - loaded(b))) {
    const plate = element.querySelector('.plate');
    if (plate === null) continue;
    const value = (name: string) => Number(plate.getAttribute(name));
    const area = { x: value('x'), y: value('y'), width: value('width'), height: value('height') };
    const crowded = placed.some((other) => overlaps(area, other));
    element.classList.toggle('crowded', crowded);
    if (!crowded) placed.push(area);
  }
}

const bowDepth = 56;

/** How far bows reach below what they connect: the picture has to have that room. */
export function reachBelow(layout: Layout, tree: Tree): number {
  return tree.diagram.connections.length > 0 && layout.boxes.size > 0 ? bowDepth : 0;
}
