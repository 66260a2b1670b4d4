import type { DiagramNode } from '../../../../server/diagram/diagram.types.ts';
import { socketWords } from '../words.ts';
import type { Area, Flex } from './flex.ts';
import type { Bar } from './layout.types.ts';
import { Memo } from './memo.ts';
import type { Piece } from './pieces.ts';
import { frameWidth, sizes } from './sizes.ts';
import type { Cell } from './wrap.ts';

/** A socket with what hangs in it. */
export interface Frame extends Cell {
  readonly folded: number;
  readonly rows: readonly (readonly Piece[])[];
  /** From the upper left corner of the frame. */
  readonly bars: readonly Bar[];
  readonly pieces: readonly Standing[];
}

/** A piece, and where it stands. */
export interface Standing {
  readonly piece: Piece;
  readonly at: Area;
}

/** Frames of a machine. One of the same rows as before is not placed again. */
export class Frames {
  readonly #flex: Flex;
  readonly #memo = new Memo<Frame>();

  constructor(flex: Flex) {
    this.#flex = flex;
  }

  /** @param folded how many nodes are folded away in it */
  of(node: DiagramNode, folded: number, rows: readonly (readonly Piece[])[]): Frame {
    const from = [node, folded, ...rows.flatMap((row) => [null, ...row])];
    return this.#memo.get(node.name, from, () => this.#frame(node, folded, rows));
  }

  /** Forgets what was not asked for in this round. */
  next(): void {
    this.#memo.next();
  }

  /** A header, and rows of root ports with what hangs below them, each from a bar of its own. */
  #frame(node: DiagramNode, folded: number, rows: readonly (readonly Piece[])[]): Frame {
    const { name } = node;
    const bars: Bar[] = [];
    const pieces: Standing[] = [];
    const flex = this.#flex;
    // What is alone in its frame stands in the middle.
    const style = { gap: sizes.cellGap, centered: rows.length === 1 };
    const inside = rows.map((row, index) =>
      flex.row(
        style,
        row.map((piece) => flex.leaf(piece.width, piece.height, (at) => pieces.push({ piece, at }))),
        ({ x, y, width }) => bars.push({ name: `${name}#${index}`, x, y, width }),
      ),
    );
    const padding = { paddingSides: sizes.framePadding, paddingBottom: sizes.framePadding };
    const body = rows.length === 0 ? [] : [flex.column({ gap: sizes.rowGap, ...padding }, inside)];
    const width = frameWidth(node, socketWords(node));
    const frame = flex.column({ minWidth: width }, [flex.leaf(0, sizes.frameHeader), ...body]);
    return { name, folded, rows, bars, pieces, ...flex.place(frame) };
  }
}
