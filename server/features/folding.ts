import type { LangiumDocument } from 'langium';
import type { FoldingRangeProvider } from 'langium/lsp';
import { type FoldingRange, FoldingRangeKind } from 'vscode-languageserver';
import type { PcieFile } from '../../language/generated/ast.ts';
import { bracesOf, statementsBetween, visitComments } from '../text/cst.ts';

/** Folds blocks, runs of comments and runs of imports. The line with the closing brace stays visible. */
export class PcieFolding implements FoldingRangeProvider {
  getFoldingRanges(document: LangiumDocument): FoldingRange[] {
    const root = document.parseResult.value as PcieFile;
    const lineOf = (offset: number) => document.textDocument.positionAt(offset).line;
    return [...blocks(root, lineOf), ...comments(document), ...imports(root)].sort((a, b) => a.startLine - b.startLine);
  }
}

function blocks(root: PcieFile, lineOf: (offset: number) => number): FoldingRange[] {
  const ranges: FoldingRange[] = [];
  for (const node of statementsBetween(root.statements, 0, Number.POSITIVE_INFINITY)) {
    const braces = 'members' in node ? bracesOf(node) : undefined;
    if (braces === undefined) continue;
    const startLine = lineOf(braces.open);
    const endLine = braces.close === undefined ? lineOf(node.$cstNode?.end ?? braces.open) : lineOf(braces.close) - 1;
    if (endLine > startLine) ranges.push({ startLine, endLine });
  }
  return ranges;
}

/** A block comment, or line comments on lines that follow one another with nothing before them. */
function comments(document: LangiumDocument): FoldingRange[] {
  const root = document.parseResult.value.$cstNode;
  const ranges: FoldingRange[] = [];
  if (root === undefined) return ranges;
  const text = document.textDocument.getText();
  let first = -1;
  let last = -1;
  const flush = () => {
    if (last > first) ranges.push({ startLine: first, endLine: last, kind: FoldingRangeKind.Comment });
    first = -1;
    last = -1;
  };
  visitComments(root, (leaf) => {
    const { start, end } = leaf.range;
    if (leaf.tokenType.name === 'ML_COMMENT') {
      if (end.line > start.line)
        ranges.push({ startLine: start.line, endLine: end.line, kind: FoldingRangeKind.Comment });
      return;
    }
    const ownLine = text.slice(leaf.offset - start.character, leaf.offset).trim() === '';
    if (!ownLine || (first >= 0 && start.line !== last + 1)) flush();
    if (!ownLine) return;
    if (first < 0) first = start.line;
    last = start.line;
  });
  flush();
  return ranges;
}

function* imports(root: PcieFile): Generator<FoldingRange> {
  let first = -1;
  let last = -1;
  for (const statement of root.statements) {
    const line = statement.$cstNode?.range.start.line ?? -1;
    if (statement.$type === 'Import') {
      if (first < 0) first = line;
      last = statement.$cstNode?.range.end.line ?? line;
      continue;
    }
    if (last > first) yield { startLine: first, endLine: last, kind: FoldingRangeKind.Imports };
    first = -1;
    last = -1;
  }
  if (last > first) yield { startLine: first, endLine: last, kind: FoldingRangeKind.Imports };
}
