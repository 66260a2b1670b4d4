import { type AstNode, AstUtils, CstUtils, type LangiumDocument } from 'langium';
import type { FoldingRangeProvider } from 'langium/lsp';
import { type FoldingRange, FoldingRangeKind } from 'vscode-languageserver';
import type { PcieFile } from '../../language/generated/ast.ts';
import { bracesOf } from '../text/cst.ts';

/** Folds blocks, runs of comments and runs of imports. The line with the closing brace stays visible. */
export class PcieFolding implements FoldingRangeProvider {
  getFoldingRanges(document: LangiumDocument): FoldingRange[] {
    const root = document.parseResult.value as PcieFile;
    return [...blocks(root), ...comments(document), ...imports(root)].sort((a, b) => a.startLine - b.startLine);
  }
}

function* blocks(root: AstNode): Generator<FoldingRange> {
  for (const node of AstUtils.streamAllContents(root)) {
    if (!('members' in node)) continue;
    const braces = bracesOf(node);
    if (braces === undefined) continue;
    const startLine = braces.open.range.start.line;
    const endLine =
      braces.close === undefined ? (node.$cstNode?.range.end.line ?? startLine) : braces.close.range.start.line - 1;
    if (endLine > startLine) yield { startLine, endLine };
  }
}

/** A block comment, or line comments on lines that follow one another with nothing before them. */
function* comments(document: LangiumDocument): Generator<FoldingRange> {
  const root = document.parseResult.value.$cstNode;
  if (root === undefined) return;
  let first = -1;
  let last = -1;
  const flush = (): FoldingRange | undefined => {
    const run = last > first ? { startLine: first, endLine: last, kind: FoldingRangeKind.Comment } : undefined;
    first = -1;
    last = -1;
    return run;
  };
  for (const leaf of CstUtils.flattenCst(root)) {
    const { start, end } = leaf.range;
    if (leaf.tokenType.name === 'ML_COMMENT') {
      if (end.line > start.line) yield { startLine: start.line, endLine: end.line, kind: FoldingRangeKind.Comment };
      continue;
    }
    if (leaf.tokenType.name !== 'SL_COMMENT') continue;
    const ownLine = /^\s*$/.test(
      document.textDocument.getText({ start: { line: start.line, character: 0 }, end: start }),
    );
    if (!ownLine || (first >= 0 && start.line !== last + 1)) {
      const run = flush();
      if (run !== undefined) yield run;
    }
    if (!ownLine) continue;
    if (first < 0) first = start.line;
    last = start.line;
  }
  const run = flush();
  if (run !== undefined) yield run;
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
