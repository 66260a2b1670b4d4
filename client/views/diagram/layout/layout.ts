import { isAlike } from './alike.ts';
import { type Area, Flex } from './flex.ts';
import { type Frame, frameOf } from './frames.ts';
import type { Bar, Box, Layout, Wire } from './layout.types.ts';
import { Memo } from './memo.ts';
import { foldedIn, type Piece, Pieces } from './pieces.ts';
import { missingFrom, startsBefore } from './rows-before.ts';
import { sizes } from './sizes.ts';
import type { Tree } from './tree.ts';
import { rowsOf, sizeOf, widthOf } from './wrap.ts';

export { isSameBox, isSameWire } from './alike.ts';
export type { Bar, Box, Layout, Wire } from './layout.types.ts';

/**
 * Places the nodes of a machine. What hangs below a port stands straight below it, so that every link is one straight
 * line; a switch is as wide as what it carries; sockets are frames around theirs, in rows where one would be too long.
 * The order is that of the text. Yoga places everything; where rows end is chosen here, so that it stays as it is while
 * the text changes.
 */
export class Layouts {
  readonly #flex: Flex;
  readonly #pieces: Pieces;
  readonly #moved = new Memo<Piece>();

  private constructor(flex: Flex) {
    this.#flex = flex;
    this.#pieces = new Pieces(flex);
  }

  /** @throws where WebAssembly may not be compiled */
  static async load(): Promise<Layouts> {
    return new Layouts(await Flex.load());
  }

  /**
   * The same for the same arguments, whatever was asked for before; what is as it was then takes less time.
   *
   * @param collapsed names of nodes whose insides are folded away
   * @param before the layout that this one follows: its rows and its shape are kept
   * @param shape width to height to aim at, where there is none before
   * @returns `before` where everything stands where it stood
   */
  of(tree: Tree, collapsed: ReadonlySet<string>, before: Layout | null, shape = 2): Layout {
    const aim = before?.shape ?? shape;
    const pieces = this.#pieces.of(tree, collapsed);
    const starts = startsBefore(before, tree);
    const arranged = (inner: number) => this.#arranged(tree, collapsed, pieces, starts, aim, inner);
    const chosen =
      before === null
        ? largest(
            besides.map((count) => arranged(aim / count)),
            aim,
          )
        : arranged(before.inner);
    const missing = missingFrom(before, tree);
    const layout = { ...this.#placed(chosen), missing, shape: aim, inner: chosen.inner };
    this.#moved.next();
    return before !== null && isAlike(before, layout) ? before : layout;
  }

  /** Chooses the rows inside of sockets, and those of sockets. */
  #arranged(
    tree: Tree,
    collapsed: ReadonlySet<string>,
    pieces: ReadonlyMap<string, Piece>,
    starts: ReadonlySet<string>,
    aim: number,
    inner: number,
  ): Arranged {
    const cells = (names: readonly { readonly name: string }[]): readonly Piece[] =>
      names.map(({ name }) => pieces.get(name)).filter((piece) => piece !== undefined);
    const sockets = tree.roots.filter((root) => root.kind === 'socket');
    const frames = rowsOf(
      sockets.map((socket) => {
        const rows = rowsOf(cells(tree.below(socket.name)), sizes.cellGap, starts, inner);
        return frameOf(this.#flex, socket, foldedIn(tree, collapsed, socket.name), rows);
      }),
      sizes.frameGap,
      starts,
      aim,
    );
    // What belongs to no socket stands below them all, such as the switches of NVLink.
    const others = cells(tree.roots.filter((root) => root.kind !== 'socket'));
    const fits = widthOf(others, sizes.frameGap) <= Math.max(0, ...frames.map((row) => widthOf(row, sizes.frameGap)));
    return { inner, frames, loose: fits && others.length > 0 ? [others] : rowsOf(others, sizes.frameGap, starts, aim) };
  }

  #placed({ frames, loose }: Arranged): Omit<Layout, 'missing' | 'shape' | 'inner'> {
    const boxes = new Map<string, Box>();
    const wires: Wire[] = [];
    const bars: Bar[] = [];
    const stand = (piece: Piece, x: number, y: number) => {
      const moved = this.#moved.get(piece.name, [piece, x, y], () => movedBy(piece, x, y));
      for (const box of moved.boxes) boxes.set(box.name, box);
      wires.push(...moved.wires);
      bars.push(...moved.bars);
    };
    const frame = ({ name, folded, pieces, ...of }: Frame, area: Area) => {
      boxes.set(name, { name, shape: 'frame', ...area, folded });
      for (const bar of of.bars) bars.push({ ...bar, x: area.x + bar.x, y: area.y + bar.y });
      for (const { piece, at } of pieces) stand(piece, area.x + at.x, area.y + at.y);
    };
    const flex = this.#flex;
    const gap = sizes.frameGap;
    const rows = [
      ...frames.map((row) =>
        flex.row(
          { gap },
          row.map((each) => flex.leaf(each.width, each.height, (area) => frame(each, area))),
        ),
      ),
      ...loose.map((row) =>
        flex.row(
          { gap, centered: true },
          row.map((piece) => flex.leaf(piece.width, piece.height, ({ x, y }) => stand(piece, x, y))),
        ),
      ),
    ];
    const { width, height } = flex.place(flex.column({ gap }, rows));
    const all = [...frames, ...frames.flat().flatMap((each) => each.rows), ...loose];
    const rowStarts = new Set(all.flatMap(([first]) => (first === undefined ? [] : [first.name])));
    return { boxes, wires, bars, width, height, rowStarts, cells: new Set(all.flat().map(({ name }) => name)) };
  }
}

/** Rows of sockets, and of what belongs to none, that wait for their places. */
interface Arranged {
  readonly inner: number;
  readonly frames: readonly (readonly Frame[])[];
  readonly loose: readonly (readonly Piece[])[];
}

/** How many sockets may stand side by side: what is inside of each is arranged for that. */
const besides = [1, 1.5, 2, 3, 4];

/** The arrangement that can be drawn the largest; an earlier one where a later is hardly better. */
function largest(all: readonly Arranged[], shape: number): Arranged {
  let [best] = all;
  if (best === undefined) throw new RangeError('there is nothing to choose from');
  const size = ({ frames, loose }: Arranged) => sizeOf([...frames, ...loose], sizes.frameGap, shape);
  for (const each of all) if (size(each) > size(best) * 1.08) best = each;
  return best;
}

const movedBy = (piece: Piece, x: number, y: number): Piece => ({
  ...piece,
  boxes: piece.boxes.map((box) => ({ ...box, x: x + box.x, y: y + box.y })),
  wires: piece.wires.map((wire) => ({ ...wire, x: x + wire.x, from: y + wire.from, to: y + wire.to })),
  bars: piece.bars.map((bar) => ({ ...bar, x: x + bar.x, y: y + bar.y })),
});
