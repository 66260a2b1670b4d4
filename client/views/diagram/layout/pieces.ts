import type { DiagramNode } from '../../../../server/diagram/diagram.types.ts';
import { detailOf } from '../words.ts';
import type { Area, Flex, Item } from './flex.ts';
import type { Bar, Box, Wire } from './layout.types.ts';
import { Memo } from './memo.ts';
import { boxWidth, portWidth, sizes } from './sizes.ts';
import { descendants, isPort, type Tree } from './tree.ts';
import type { Cell } from './wrap.ts';

/** What stands in a row as one: a root port, or whatever else hangs in a socket or stands by itself, with all below it. */
export interface Piece extends Cell {
  /** From the upper left corner of the piece. */
  readonly boxes: readonly Box[];
  readonly wires: readonly Wire[];
  readonly bars: readonly Bar[];
}

/** Pieces of a machine. What was made of the same nodes before is not placed again. */
export class Pieces {
  readonly #flex: Flex;
  readonly #memo = new Memo<Piece>();

  constructor(flex: Flex) {
    this.#flex = flex;
  }

  /** @returns by name: what hangs in each socket that is not folded, and what stands by itself */
  of(tree: Tree, collapsed: ReadonlySet<string>): ReadonlyMap<string, Piece> {
    const pieces = new Map<string, Piece>();
    const add = (node: DiagramNode, hangs: boolean) => {
      const from = ingredients(tree, collapsed, node);
      const make = () => new Subtree(this.#flex, tree, collapsed).piece(node, hangs);
      pieces.set(node.name, this.#memo.get(node.name, from, make));
    };
    for (const root of tree.roots) {
      if (root.kind !== 'socket') add(root, false);
      else if (foldedIn(tree, collapsed, root.name) === 0) for (const node of tree.below(root.name)) add(node, true);
    }
    this.#memo.next();
    return pieces;
  }
}

/** How many nodes are folded away in a node. */
export const foldedIn = (tree: Tree, collapsed: ReadonlySet<string>, name: string): number =>
  collapsed.has(name) ? descendants(tree, name).length : 0;

/** All that the look of a piece follows from. */
function ingredients(tree: Tree, collapsed: ReadonlySet<string>, node: DiagramNode): readonly unknown[] {
  const found: unknown[] = [];
  const add = (each: DiagramNode) => {
    const { name } = each;
    found.push(each, tree.linkOfPort.get(name)?.name, tree.linkOfDevice.get(name)?.name);
    const folded = foldedIn(tree, collapsed, name);
    if (folded > 0) found.push(folded);
    else for (const child of tree.below(name)) add(child);
  };
  found.push(node.parent);
  add(node);
  return found;
}

/** A node with all below it as rows and columns: everything in the picture is an item of its own, the wires as well. */
class Subtree {
  readonly #flex: Flex;
  readonly #tree: Tree;
  readonly #collapsed: ReadonlySet<string>;
  readonly #boxes: Box[] = [];
  readonly #wires: Wire[] = [];
  readonly #bars: Bar[] = [];

  constructor(flex: Flex, tree: Tree, collapsed: ReadonlySet<string>) {
    this.#flex = flex;
    this.#tree = tree;
    this.#collapsed = collapsed;
  }

  /** @param hangs in a socket, from the bar of its root complex */
  piece(node: DiagramNode, hangs: boolean): Piece {
    const { width, height } = this.#flex.place(hangs ? this.#hung(node) : this.#item(node));
    return { name: node.name, width, height, boxes: this.#boxes, wires: this.#wires, bars: this.#bars };
  }

  #item(node: DiagramNode): Item {
    return isPort(node) ? this.#port(node) : this.#box(node);
  }

  /** What hangs from the bar of a root complex: a root port at once, anything else by a wire. */
  #hung(node: DiagramNode): Item {
    const link = node.kind === 'chipset' ? this.#tree.linkOfDevice.get(node.name)?.name : undefined;
    const wire = this.#wire(node.name, link ?? null, link === undefined ? sizes.drop : sizes.wire);
    return this.#flex.column({ centered: true }, [wire, this.#item(node)]);
  }

  /** A port with what is plugged in straight below. */
  #port(node: DiagramNode): Item {
    const { name } = node;
    const width = portWidth(node);
    const pill = this.#flex.leaf(width, sizes.portHeight, (area) => {
      this.#boxes.push({ name, shape: 'port', ...area, folded: 0 });
    });
    const style = { centered: true, minWidth: Math.max(width, sizes.column) };
    return this.#flex.column(style, [pill, ...this.#plugged(node)]);
  }

  #plugged({ name }: DiagramNode): readonly Item[] {
    const link = this.#tree.linkOfPort.get(name)?.name ?? null;
    const plugged = this.#tree.below(name);
    const [only] = plugged;
    if (only === undefined) return [this.#wire(`${name}#empty`, link, sizes.stub, false)];
    if (plugged.length === 1) return [this.#wire(only.name, link, sizes.wire), this.#item(only)];
    // Not as it should be, but as the text says it: a bar from the first wire to the last.
    const wires: number[] = [];
    const columns = plugged.map((child) =>
      this.#flex.column({ centered: true }, [this.#wire(child.name, link, sizes.wire), this.#item(child)], (area) => {
        wires.push(area.x + area.width / 2);
        if (wires.length < plugged.length) return;
        const [first = 0] = wires;
        const last = wires.at(-1) ?? first;
        this.#bars.push({ name: `${name}#bar`, x: first, y: area.y, width: last - first });
      }),
    );
    return [this.#flex.row({ gap: sizes.columnGap }, columns)];
  }

  /** A device; or a switch, a chipset, a bridge with its ports on its lower edge, as wide as what they carry. */
  #box(node: DiagramNode): Item {
    const { name } = node;
    const folded = foldedIn(this.#tree, this.#collapsed, name);
    const below = folded > 0 ? [] : this.#tree.below(name);
    const width = boxWidth(node, detailOf(node)) + (folded > 0 ? sizes.count : 0);
    const height = below.length > 0 || folded > 0 ? sizes.switchHeight : sizes.deviceHeight;
    const placed = (area: Area) => this.#boxes.push({ name, shape: 'box', ...area, folded });
    if (below.length === 0) return this.#flex.leaf(width, height, placed);
    const head = this.#flex.column({ minWidth: width, height }, [], placed);
    // Ports sit on the lower edge.
    const ports = below.map((child) => this.#held(child));
    const row = { centered: true, gap: sizes.columnGap, marginTop: -sizes.portHeight / 2 };
    return this.#flex.column({}, [head, this.#flex.row(row, ports)]);
  }

  /** What a box has: ports sit on its lower edge, anything else hangs below it. */
  #held(node: DiagramNode): Item {
    if (isPort(node)) return this.#item(node);
    const link = this.#tree.linkOfDevice.get(node.name)?.name ?? null;
    const style = { centered: true, paddingTop: sizes.portHeight / 2 };
    return this.#flex.column(style, [this.#wire(node.name, link, sizes.stub), this.#item(node)]);
  }

  #wire(name: string, link: string | null, length: number, used = true): Item {
    return this.#flex.leaf(0, length, ({ x, y, height }) => {
      this.#wires.push({ name, link, x, from: y, to: y + height, used });
    });
  }
}
