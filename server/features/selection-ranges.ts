import { type AstNode, type CstNode, CstUtils, isCompositeCstNode, isLeafCstNode, type LangiumDocument } from 'langium';
import type { Position, Range, SelectionRange } from 'vscode-languageserver';
import { bracesOf } from '../text/cst.ts';

/** For each position: the word, what it stands in, the statement, the inside of the block, the block, … the file. */
export function selectionRanges(document: LangiumDocument, positions: readonly Position[]): SelectionRange[] {
  return positions.map((position) => {
    const ranges = rangesAt(document, document.textDocument.offsetAt(position));
    let result: SelectionRange | undefined;
    for (const range of ranges.reverse()) result = result === undefined ? { range } : { range, parent: result };
    return result ?? { range: { start: position, end: position } };
  });
}

/** Offsets from the inside out, each wider than the one before. */
function rangesAt(document: LangiumDocument, offset: number): Range[] {
  const { textDocument } = document;
  const whole: [number, number] = [0, textDocument.getText().length];
  const root = document.parseResult.value.$cstNode;
  const spans: [number, number][] = [];
  const add = (start: number, end: number) => {
    const last = spans.at(-1);
    if (start > offset || end < offset) return;
    if (last === undefined || (start <= last[0] && end >= last[1] && (start < last[0] || end > last[1])))
      spans.push([start, end]);
  };
  if (root !== undefined) {
    const leaf = leafTouching(root, offset);
    if (leaf !== undefined) add(leaf.offset, leaf.end);
    let owner: AstNode | undefined;
    for (let at: CstNode | undefined = leaf ?? enclosing(root, offset); at !== undefined; at = at.container) {
      const braces = at.astNode !== owner && 'members' in at.astNode ? bracesOf(at.astNode) : undefined;
      owner = at.astNode;
      if (braces?.close !== undefined && offset > braces.open && offset <= braces.close) {
        add(braces.open + 1, braces.close);
        add(braces.open, braces.close + 1);
      }
      add(at.offset, at.end);
    }
  }
  add(...whole);
  return spans.map(([start, end]) => ({ start: textDocument.positionAt(start), end: textDocument.positionAt(end) }));
}

/** The leaf at the offset, or the one that ends there; comments count, white space does not. */
function leafTouching(root: CstNode, offset: number): CstNode | undefined {
  for (const at of offset > 0 ? [offset, offset - 1] : [offset]) {
    const leaf = CstUtils.findLeafNodeAtOffset(root, at);
    if (leaf !== undefined && leaf.offset <= at && at < leaf.end && leaf.tokenType.name !== 'NL') return leaf;
  }
  return undefined;
}

/** The innermost composite node around an offset. */
function enclosing(root: CstNode, offset: number): CstNode {
  let at = root;
  for (;;) {
    const inner: CstNode | undefined = isCompositeCstNode(at)
      ? at.content.find((child) => !isLeafCstNode(child) && child.offset <= offset && child.end >= offset)
      : undefined;
    if (inner === undefined) return at;
    at = inner;
  }
}
