import type { DiagramFinding } from '../../../../server/diagram/diagram.types.ts';
import { type Area, overlaps } from '../camera.ts';
import { differencesByNode } from '../differences.ts';
import { bySeverity, symbols } from '../findings.ts';
import type { Box, Layout, Wire } from '../layout/layout.ts';
import { isPort, type Tree, visibleOf } from '../layout/tree.ts';
import { Same } from '../same.ts';
import type { ViewState } from '../state.ts';
import { s, setAttributes } from '../svg.ts';
import { plateWidth, wireWords } from './wires.ts';

/** Where something is marked: findings on a node or beside the link below a port, differences on a node. */
export interface Mark {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  /** `x` is where the badge ends, whatever it says; else its middle. */
  readonly ends?: boolean;
  readonly findings: readonly DiagramFinding[];
  /** What is otherwise in the machine that this one is compared with, in words. */
  readonly differences: readonly string[];
}

/** What the rules say, marked where it stands: how serious, and how many. Read out as part of the nodes. */
export class BadgeLayer {
  readonly group: SVGGElement;
  readonly #from = new Same();
  #drawn: { readonly mark: Mark; readonly element: SVGGElement; readonly area: Area; shown: boolean }[] = [];

  constructor() {
    this.group = s('g', { class: 'badges', 'aria-hidden': 'true' });
  }

  update(tree: Tree, state: ViewState): void {
    const { layout, overlays, collapsed, differences } = state;
    const { links, load, nodes } = tree.diagram;
    // Findings stand beside the words on links; differences at what is nearest.
    const near = differences === null ? null : nodes;
    if (this.#from.as(layout, overlays, collapsed, differences, tree.findings, links, load, near)) return;
    const marks =
      layout === null
        ? []
        : [
            ...(state.overlays.has('findings') ? marksOf(tree, layout, state) : []),
            ...(state.overlays.has('differences') ? differenceMarks(tree, layout, state) : []),
          ];
    this.#drawn = marks.map((mark) => ({ mark, element: badge(mark), area: areaOf(mark), shown: true }));
    this.group.replaceChildren(...this.#drawn.map(({ element }) => element));
  }

  /** What a badge, or something in it, stands for. */
  of(target: Element): Mark | undefined {
    const element = target.closest('.badge');
    return element === null ? undefined : this.#drawn.find((drawn) => drawn.element === element)?.mark;
  }

  /** Leaves out what is outside an area of the picture. */
  cull(area: Area): void {
    for (const drawn of this.#drawn) {
      const near = overlaps(drawn.area, area);
      if (near === drawn.shown) continue;
      drawn.shown = near;
      setAttributes(drawn.element, { display: near ? undefined : 'none' });
    }
  }
}

const radius = 8;
const areaOf = ({ x, y }: Mark): Area => ({ x: x - 20, y: y - 20, width: 40, height: 40 });

/** The findings of a badge: those of its node, and of everything that is folded away in it. */
function marksOf(tree: Tree, layout: Layout, state: ViewState): readonly Mark[] {
  const { collapsed } = state;
  const wires = new Map(
    layout.wires.filter((wire) => wire.used && wire.link !== null).map((wire) => [wire.link, wire]),
  );
  const marks = new Map<string, { mark: Pick<Mark, 'name' | 'x' | 'y' | 'ends'>; findings: Set<DiagramFinding> }>();
  for (const [name, findings] of tree.findings) {
    const shown = visibleOf(tree, name, collapsed);
    const box = layout.boxes.get(shown);
    if (box === undefined) continue;
    for (const finding of findings) {
      const wire = shown === name && finding.code.startsWith('link/') ? wires.get(linkOf(tree, name)) : undefined;
      const key = `${shown} ${wire === undefined ? 'node' : 'link'}`;
      const known = marks.get(key);
      if (known !== undefined) known.findings.add(finding);
      else {
        const at = wire === undefined ? corner(box) : beside(tree, wire, state);
        const mark = { name: shown, ...at };
        marks.set(key, { mark, findings: new Set([finding]) });
      }
    }
  }
  return [...marks.values()].map(({ mark, findings }) => ({
    ...mark,
    findings: bySeverity([...findings]),
    differences: [],
  }));
}

/** Left where findings stand right, so that both can be seen. */
function differenceMarks(tree: Tree, layout: Layout, state: ViewState): readonly Mark[] {
  const marks = new Map<string, string[]>();
  for (const [name, words] of differencesByNode(state.differences, tree)) {
    if (name === null) continue;
    const shown = visibleOf(tree, name, state.collapsed);
    marks.set(shown, [...(marks.get(shown) ?? []), ...words]);
  }
  return [...marks].flatMap(([name, differences]) => {
    const box = layout.boxes.get(name);
    if (box === undefined) return [];
    const at =
      box.shape === 'port'
        ? { x: box.x + box.width + 4, y: box.y + box.height / 2 }
        : box.shape === 'frame'
          ? { x: box.x + box.width - 82, y: box.y + 20 }
          : { x: box.x + 3, y: box.y + 1 };
    return [{ name, ...at, findings: [], differences }];
  });
}

function linkOf(tree: Tree, name: string): string | null {
  const node = tree.byName.get(name);
  if (node === undefined) return null;
  return (isPort(node) ? tree.linkOfPort.get(name) : tree.linkOfDevice.get(name))?.name ?? null;
}

/** Where nothing else stands: sockets and switches fold at their right end, ports say their ACS there. */
function corner({ shape, x, y, width, height }: Box): Pick<Mark, 'x' | 'y' | 'ends'> {
  if (shape === 'port') return { x: x + 4, y: y + height / 2, ends: true };
  return shape === 'frame' ? { x: x + width - 46, y: y + 20 } : { x: x + width - 2, y: y + 1 };
}

/** Right of the words on a wire. */
function beside(tree: Tree, wire: Wire, state: ViewState): { readonly x: number; readonly y: number } {
  const link = tree.diagram.links.find((each) => each.name === wire.link);
  const words = link === undefined ? [] : wireWords(link, tree, state);
  return { x: wire.x + plateWidth(words) / 2 + radius + 1, y: (wire.from + wire.to) / 2 };
}

function badge({ x, y, ends, findings, differences }: Mark): SVGGElement {
  const severity = findings[0]?.severity;
  const count = Math.max(findings.length, differences.length);
  const many = count > 1;
  const symbol = severity === undefined ? '≠' : symbols[severity];
  const words = many ? `${symbol} ${count}` : symbol;
  const width = many ? words.length * 5.6 + 10 : 2 * radius;
  return s(
    'g',
    {
      class: `badge ${severity ?? 'differs'}`,
      transform: `translate(${Math.round((ends === true ? x - width / 2 : x) * 10) / 10} ${Math.round(y * 10) / 10})`,
    },
    s('rect', { x: -width / 2, y: -radius, width, height: 2 * radius, rx: radius }),
    s('text', { y: 3.8, 'text-anchor': 'middle' }, words),
  );
}
