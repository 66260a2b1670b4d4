import type { DiagramConnection } from '../../../../server/diagram/diagram.types.ts';
import type { Box, Layout } from '../layout/layout.ts';
import { type Tree, visibleOf } from '../layout/tree.ts';
import { Same } from '../same.ts';
import type { ViewState } from '../state.ts';
import { s } from '../svg.ts';
import { connectionWords } from '../words.ts';
import { thickness } from './wires.ts';

/** What runs beside PCIe: between sockets a line through the gap, between devices a bow below them. */
export class ConnectionLayer {
  readonly group: SVGGElement;
  readonly #from = new Same();
  readonly #byName = new Map<string, SVGGElement>();

  constructor() {
    this.group = s('g', { class: 'connections', 'aria-hidden': 'true' });
  }

  elementOf(name: string): SVGGElement | undefined {
    return this.#byName.get(name);
  }

  get all(): Iterable<SVGGElement> {
    return this.#byName.values();
  }

  update(tree: Tree, state: ViewState): void {
    const { layout, collapsed } = state;
    if (this.#from.as(layout, collapsed, tree.diagram.connections)) return;
    this.#byName.clear();
    const drawn: SVGGElement[] = [];
    const frames = [...(layout?.boxes.values() ?? [])].filter((box) => box.shape === 'frame');
    for (const connection of layout === null ? [] : tree.diagram.connections) {
      const ends = [connection.from, connection.to].map((name) => visibleOf(tree, name, state.collapsed));
      const [a, b] = ends.map((name) => layout?.boxes.get(name));
      if (a === undefined || b === undefined || a === b) continue;
      const element = between(connection, a, b, frames);
      this.#byName.set(connection.name, element);
      drawn.push(element);
    }
    const socketed = drawn.filter((element) => element.classList.contains('between-sockets'));
    this.group.classList.toggle('many', drawn.length - socketed.length > 8);
    this.group.classList.toggle('many-sockets', socketed.length > 4);
    this.group.replaceChildren(...drawn);
  }
}

/** A curve with the place for its words. */
interface Curve {
  readonly d: string;
  readonly x: number;
  readonly y: number;
}

function between(connection: DiagramConnection, a: Box, b: Box, frames: readonly Box[]): SVGGElement {
  const framed = a.shape === 'frame' && b.shape === 'frame';
  const { d, x, y } = framed ? betweenFrames(a, b, frames) : betweenDevices(a, b);
  const width = connection.bytesPerSecond === null ? 2 : Math.min(6, thickness(connection.bytesPerSecond));
  return s(
    'g',
    {
      class: `connection${framed ? ' between-sockets' : ''}`,
      'data-connection': connection.name,
      'data-ends': `${connection.from} ${connection.to}`,
    },
    s('path', { class: 'halo', d, 'stroke-width': width + 8 }),
    s('path', { class: 'line', d, 'stroke-width': width }),
    s('text', { class: 'words', x, y, 'text-anchor': 'middle' }, shortWords(connection)),
  );
}

const shortWords = (connection: DiagramConnection): string =>
  connection.technology === 'unknown' ? '' : (connectionWords(connection).split(',')[0] ?? '');

/** Through the gap between two sockets; around those that stand between them. */
function betweenFrames(a: Box, b: Box, frames: readonly Box[]): Curve {
  const [first, second] = a.y < b.y || (a.y === b.y && a.x <= b.x) ? [a, b] : [b, a];
  const sameRow = first.y < second.y + second.height && second.y < first.y + first.height;
  const [x1, x2] = [first.x + first.width / 2, second.x + second.width / 2];
  if (!sameRow) {
    const [y1, y2] = [first.y + first.height, second.y];
    const middle = (y1 + y2) / 2;
    return { d: `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`, x: (x1 + x2) / 2 + 30, y: middle };
  }
  const start = first.x + first.width;
  const inWay = frames.some(
    (box) => box !== a && box !== b && box.y === first.y && box.x > start - 1 && box.x < second.x,
  );
  if (!inWay) {
    const y = Math.max(first.y, second.y) + 20;
    return { d: `M${start} ${y}H${second.x}`, x: (start + second.x) / 2, y: y - 7 };
  }
  const top = first.y - 26;
  return {
    d: `M${x1} ${first.y}C${x1} ${top} ${x1} ${top} ${x1 + 40} ${top}H${x2 - 40}C${x2} ${top} ${x2} ${top} ${x2} ${second.y}`,
    x: (x1 + x2) / 2,
    y: top - 5,
  };
}

/** Below devices of one row; from the lower edge of the upper to the upper edge of the lower otherwise. */
function betweenDevices(a: Box, b: Box): Curve {
  const [upper, lower] = a.y <= b.y ? [a, b] : [b, a];
  const [x1, x2] = [upper.x + upper.width / 2, lower.x + lower.width / 2];
  const y1 = upper.y + upper.height;
  if (upper.y + upper.height < lower.y) {
    const middle = (y1 + lower.y) / 2;
    return { d: `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${lower.y}`, x: (x1 + x2) / 2, y: middle };
  }
  const y2 = lower.y + lower.height;
  const below = Math.max(y1, y2) + Math.min(bowDepth, 14 + Math.abs(x2 - x1) / 12);
  const d = `M${x1} ${y1}C${x1} ${below} ${x2} ${below} ${x2} ${y2}`;
  return { d, x: (x1 + x2) / 2, y: Math.max(y1, y2) + (below - Math.max(y1, y2)) * 0.75 + 13 };
}

const bowDepth = 56;

/** How far bows reach below what they connect: the picture has to have that room. */
export function reachBelow(layout: Layout, tree: Tree): number {
  return tree.diagram.connections.length > 0 && layout.boxes.size > 0 ? bowDepth : 0;
}
