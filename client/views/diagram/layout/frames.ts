import type { DiagramNode } from '../../../../server/diagram/diagram.types.ts';
import { socketWords } from '../words.ts';
import type { Area, Flex } from './flex.ts';
import type { Bar } from './layout.types.ts';
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

/**
 * A header, and rows of root ports with what hangs below them, each from a bar of its own.
 *
 * @param folded how many nodes are folded away in it
 */
export function frameOf(flex: Flex, node: DiagramNode, folded: number, rows: readonly (readonly Piece[])[]): Frame {
  const { name } = node;
  const bars: Bar[] = [];
  const pieces: Standing[] = [];
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
  const minWidth = frameWidth(node, socketWords(node));
  const size = flex.place(flex.column({ minWidth }, [flex.leaf(0, sizes.frameHeader), ...body]));
  return { name, folded, rows, bars, pieces, ...size };
}
