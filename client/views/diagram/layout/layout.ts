import type { DiagramNode } from '../../../../server/diagram/diagram.types.ts';
import { detailOf, socketWords } from '../words.ts';
import { boxWidth, frameWidth, portWidth, sizes } from './sizes.ts';
import { descendants, isPort, type Tree } from './tree.ts';
import { type Cell, heightOf, rowsOf, sizeOf, widthOf } from './wrap.ts';

/** Where a node stands. */
export interface Box {
  readonly name: string;
  /** `frame` holds what is below it, `box` has its ports along its lower edge. */
  readonly shape: 'frame' | 'box' | 'port';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Nodes that are folded away in it. */
  readonly folded: number;
}

/** A straight line down from a port, or from the bar of a root complex. */
export interface Wire {
  /** Stable: the name of what it ends at; of the port where the slot is empty. */
  readonly name: string;
  /** Name of the link; null for what is built into the root complex. */
  readonly link: string | null;
  readonly x: number;
  readonly from: number;
  readonly to: number;
  /** Whether something is plugged in. */
  readonly used: boolean;
}

/** A root complex: the bar from which its root ports hang, one for each row. */
export interface Bar {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface Layout {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly wires: readonly Wire[];
  readonly bars: readonly Bar[];
  readonly width: number;
  readonly height: number;
  /** Names of what begins a row: the next layout keeps them. */
  readonly rowStarts: ReadonlySet<string>;
  /** Names of what stands in rows. */
  readonly cells: ReadonlySet<string>;
  /** How rows began before something of them went away; null: nothing has. */
  readonly missing: Missing | null;
  /** Width to height that was aimed at. */
  readonly shape: number;
  /** The same for what is inside a socket: narrower where several stand side by side. */
  readonly inner: number;
}

/**
 * Places the nodes of a machine. What hangs below a port stands straight below it, so that every link is one straight
 * line; a switch is as wide as what it carries; sockets are frames around theirs, in rows where one would be too long.
 * The order is that of the text. Takes time in the number of nodes.
 *
 * @param collapsed names of nodes whose insides are folded away
 * @param before the layout that this one follows: its rows and its shape are kept
 * @param shape width to height to aim at, where there is none before
 */
export function layoutOf(tree: Tree, collapsed: ReadonlySet<string>, before: Layout | null, shape = 2): Layout {
  const aim = before?.shape ?? shape;
  const starts = startsBefore(before, tree);
  const isFrame = (cell: Cell) => tree.byName.get(cell.name)?.kind === 'socket';
  const arranged = (inner: number): Arranged => {
    const work = new Work(tree, collapsed, starts, inner);
    const measured = tree.roots.map((root) => work.subtree(root));
    // What belongs to no socket stands below them all, such as the switches of NVLink.
    const frames = rowsOf(measured.filter(isFrame), sizes.frameGap, work.before, aim);
    const others = measured.filter((cell) => !isFrame(cell));
    const fit = widthOf(others, sizes.frameGap) <= Math.max(0, ...frames.map((row) => widthOf(row, sizes.frameGap)));
    const loose = fit ? [others] : rowsOf(others, sizes.frameGap, work.before, aim);
    return { work, inner, rows: [...frames, ...loose].filter((row) => row.length > 0) };
  };
  const { work, inner, rows } =
    before === null
      ? largest(
          besides.map((count) => arranged(aim / count)),
          aim,
        )
      : arranged(before.inner);
  const widest = Math.max(0, ...rows.map((row) => widthOf(row, sizes.frameGap)));
  let y = 0;
  for (const row of rows) {
    work.starts(row);
    let x = row.some(isFrame) ? 0 : (widest - widthOf(row, sizes.frameGap)) / 2;
    for (const frame of row) {
      frame.place(x, y);
      x += frame.width + sizes.frameGap;
    }
    y += heightOf(row) + sizes.frameGap;
  }
  const layout = {
    boxes: work.boxes,
    wires: work.wires,
    bars: work.bars,
    width: widest,
    height: Math.max(0, y - sizes.frameGap),
    rowStarts: work.rowStarts,
    cells: work.cells,
    missing: missingFrom(before, tree),
    shape: aim,
    inner,
  };
  return before !== null && isAlike(before, layout) ? before : layout;
}

/** What went away from rows, perhaps for no longer than a line is half written. */
interface Missing {
  readonly names: ReadonlySet<string>;
  readonly rowStarts: ReadonlySet<string>;
}

/** What is missing now from the layout before, and from those before that. */
function missingFrom(before: Layout | null, tree: Tree): Missing | null {
  if (before === null) return null;
  const names = [...before.cells, ...(before.missing?.names ?? [])].filter((name) => !tree.byName.has(name));
  return names.length === 0
    ? null
    : { names: new Set(names), rowStarts: before.missing?.rowStarts ?? before.rowStarts };
}

/** Where rows began: what is back finds everything as it was. */
function startsBefore(before: Layout | null, tree: Tree): ReadonlySet<string> {
  const { missing, rowStarts } = before ?? { missing: null, rowStarts: new Set<string>() };
  const isBack = missing !== null && [...missing.names].some((name) => tree.byName.has(name));
  return isBack ? missing.rowStarts : rowStarts;
}

/** Rows of sockets, and of what belongs to none, that wait for their places. */
interface Arranged {
  readonly work: Work;
  readonly inner: number;
  readonly rows: readonly (readonly Measured[])[];
}

/** How many sockets may stand side by side: what is inside of each is arranged for that. */
const besides = [1, 1.5, 2, 3, 4];

/** The arrangement that can be drawn the largest; an earlier one where a later is hardly better. */
function largest(all: readonly Arranged[], shape: number): Arranged {
  let [best] = all;
  if (best === undefined) throw new RangeError('there is nothing to choose from');
  for (const each of all) {
    if (sizeOf(each.rows, sizes.frameGap, shape) > sizeOf(best.rows, sizes.frameGap, shape) * 1.08) best = each;
  }
  return best;
}

/** Whether everything stands where it stood: then nothing has to be moved. */
function isAlike(before: Layout, now: Layout): boolean {
  if (before.boxes.size !== now.boxes.size || before.wires.length !== now.wires.length) return false;
  if (before.bars.length !== now.bars.length || before.rowStarts.size !== now.rowStarts.size) return false;
  if (before.missing !== null || now.missing !== null || before.cells.size !== now.cells.size) return false;
  for (const [name, box] of now.boxes) {
    const was = before.boxes.get(name);
    if (was === undefined || !isSameBox(was, box)) return false;
  }
  return (
    now.wires.every((wire, index) => isSameWire(before.wires[index], wire)) &&
    now.bars.every((bar, index) => {
      const was = before.bars[index];
      return was?.name === bar.name && was.x === bar.x && was.y === bar.y && was.width === bar.width;
    })
  );
}

export const isSameBox = (a: Box, b: Box): boolean =>
  a === b ||
  (a.x === b.x &&
    a.y === b.y &&
    a.width === b.width &&
    a.height === b.height &&
    a.folded === b.folded &&
    a.shape === b.shape);

export const isSameWire = (a: Wire | undefined, b: Wire): boolean =>
  a?.name === b.name && a.link === b.link && a.x === b.x && a.from === b.from && a.to === b.to && a.used === b.used;

/** Something measured that waits for its place. */
interface Measured extends Cell {
  /** Where a wire from above enters, from the left. */
  readonly entry: number;
  readonly place: (x: number, y: number) => void;
}

class Work {
  readonly boxes = new Map<string, Box>();
  readonly wires: Wire[] = [];
  readonly bars: Bar[] = [];
  readonly rowStarts = new Set<string>();
  readonly cells = new Set<string>();
  readonly before: ReadonlySet<string>;
  readonly #shape: number;
  readonly #tree: Tree;
  readonly #collapsed: ReadonlySet<string>;

  constructor(tree: Tree, collapsed: ReadonlySet<string>, before: ReadonlySet<string>, shape: number) {
    this.#shape = shape;
    this.#tree = tree;
    this.#collapsed = collapsed;
    this.before = before;
  }

  starts(row: readonly Cell[]): void {
    const [first] = row;
    if (first !== undefined) this.rowStarts.add(first.name);
    for (const { name } of row) this.cells.add(name);
  }

  subtree(node: DiagramNode): Measured {
    if (node.kind === 'socket') return this.frame(node);
    return isPort(node) ? this.#port(node) : this.#box(node);
  }

  /** A socket: a header, and rows of root ports with what hangs below them. */
  frame(node: DiagramNode): Measured {
    const { name } = node;
    const own = frameWidth(node, socketWords(node));
    const folded = this.#folded(name);
    const cells = folded > 0 ? [] : this.#tree.below(name).map((child) => this.#hung(child));
    const rows = rowsOf(cells, sizes.cellGap, this.before, this.#shape);
    const inner = Math.max(0, ...rows.map((row) => widthOf(row, sizes.cellGap)));
    const width = Math.max(own, inner + 2 * sizes.framePadding);
    const content = rows.reduce((sum, row) => sum + heightOf(row), 0) + sizes.rowGap * Math.max(0, rows.length - 1);
    const height = sizes.frameHeader + (cells.length === 0 ? 0 : content + sizes.framePadding);
    const place = (x: number, y: number) => {
      this.boxes.set(name, { name, shape: 'frame', x, y, width, height, folded });
      let top = y + sizes.frameHeader;
      for (const [index, row] of rows.entries()) {
        this.starts(row);
        // What is alone in its frame stands in the middle.
        let left = x + Math.max(sizes.framePadding, rows.length > 1 ? 0 : (width - widthOf(row, sizes.cellGap)) / 2);
        const barX = x + sizes.framePadding;
        const bar = { name: `${name}#${index}`, x: barX, y: top, width: width - 2 * sizes.framePadding };
        if (row.length > 0) this.bars.push(bar);
        for (const cell of row) {
          cell.place(left, top);
          left += cell.width + sizes.cellGap;
        }
        top += heightOf(row) + sizes.rowGap;
      }
    };
    return { name, width, height, entry: width / 2, place };
  }

  /** What hangs from the bar of a root complex: a root port at once, anything else by a wire. */
  #hung(node: DiagramNode): Measured {
    const inside = this.subtree(node);
    const link = node.kind === 'chipset' ? this.#tree.linkOfDevice.get(node.name) : undefined;
    const drop = link === undefined ? sizes.drop : sizes.wire;
    return {
      ...inside,
      height: inside.height + drop,
      place: (x, y) => {
        this.wires.push({
          name: node.name,
          link: link?.name ?? null,
          x: x + inside.entry,
          from: y,
          to: y + drop,
          used: true,
        });
        inside.place(x, y + drop);
      },
    };
  }

  /** A port with what is plugged in straight below. */
  #port(node: DiagramNode): Measured {
    const { name } = node;
    const plugged = this.#tree.below(name).map((child) => this.subtree(child));
    const pill = portWidth(node);
    const inner = widthOf(plugged, sizes.columnGap);
    const [only] = plugged;
    // A wire is straight: the column reaches as far to the left and to the right of it as what hangs on it.
    const entry = plugged.length === 1 && only !== undefined ? only.entry : inner / 2;
    const half = Math.max(pill, sizes.column) / 2;
    const left = Math.max(half, entry);
    const width = left + Math.max(half, inner - entry);
    const drop = plugged.length === 0 ? sizes.stub : sizes.wire;
    const height = sizes.portHeight + drop + heightOf(plugged);
    const link = this.#tree.linkOfPort.get(name)?.name ?? null;
    const place = (x: number, y: number) => {
      const at = x + left;
      const bottom = y + sizes.portHeight;
      this.boxes.set(name, {
        name,
        shape: 'port',
        x: at - pill / 2,
        y,
        width: pill,
        height: sizes.portHeight,
        folded: 0,
      });
      if (plugged.length === 0) {
        this.wires.push({ name: `${name}#empty`, link, x: at, from: bottom, to: bottom + drop, used: false });
      }
      let next = at - entry;
      const last = plugged.at(-1);
      if (plugged.length > 1 && only !== undefined && last !== undefined) {
        // Not as it should be, but as the text says it.
        const reach = inner - only.entry - (last.width - last.entry);
        this.bars.push({ name: `${name}#bar`, x: next + only.entry, y: bottom, width: reach });
      }
      for (const child of plugged) {
        const wire = { name: child.name, link, x: next + child.entry, from: bottom, to: bottom + drop, used: true };
        this.wires.push(wire);
        child.place(next, bottom + drop);
        next += child.width + sizes.columnGap;
      }
    };
    return { name, width, height, entry: left, place };
  }

  /** A device; or a switch, a chipset, a bridge with its ports on its lower edge, as wide as what they carry. */
  #box(node: DiagramNode): Measured {
    const { name } = node;
    const folded = this.#folded(name);
    const children = folded > 0 ? [] : this.#tree.below(name).map((child) => this.#held(child));
    const own = boxWidth(node, detailOf(node)) + (folded > 0 ? 30 : 0);
    const inner = widthOf(children, sizes.columnGap);
    const width = Math.max(own, inner);
    const holds = children.length > 0 || folded > 0;
    const boxHeight = holds ? sizes.switchHeight : sizes.deviceHeight;
    // Ports sit on the lower edge.
    const overlap = sizes.portHeight / 2;
    const height = boxHeight + (children.length === 0 ? 0 : heightOf(children) - overlap);
    const place = (x: number, y: number) => {
      this.boxes.set(name, { name, shape: 'box', x, y, width, height: boxHeight, folded });
      let left = x + (width - inner) / 2;
      for (const child of children) {
        child.place(left, y + boxHeight - overlap);
        left += child.width + sizes.columnGap;
      }
    };
    return { name, width, height, entry: width / 2, place };
  }

  /** What a box has: ports sit on its lower edge, anything else hangs below it. */
  #held(node: DiagramNode): Measured {
    const inside = this.subtree(node);
    if (isPort(node)) return inside;
    const drop = sizes.portHeight / 2 + sizes.stub;
    return {
      ...inside,
      height: inside.height + drop,
      place: (x, y) => {
        const link = this.#tree.linkOfDevice.get(node.name)?.name ?? null;
        const from = y + sizes.portHeight / 2;
        this.wires.push({ name: node.name, link, x: x + inside.entry, from, to: y + drop, used: true });
        inside.place(x, y + drop);
      },
    };
  }

  #folded(name: string): number {
    return this.#collapsed.has(name) ? descendants(this.#tree, name).length : 0;
  }
}
