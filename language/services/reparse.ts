import {
  type AstNode,
  type CompositeCstNode,
  type CstNode,
  isCompositeCstNode,
  isLeafCstNode,
  isReference,
  type LangiumParser,
  type Linker,
  type Mutable,
  type ParseResult,
} from 'langium';
import type { Range } from 'vscode-languageserver-types';
import type { PcieFile, Statement } from '../generated/ast.ts';

/**
 * Parses only the statement that an edit lies in and puts it into the tree that is there, in place of the old one.
 * Everything behind it is moved. The tree that comes out is the one that parsing the whole text would give; where that
 * is not certain the answer is undefined and the whole text has to be parsed.
 *
 * Statements that do not hold the edit keep their identity; those that do are new objects, the file included.
 */
export function reparse(
  before: ParseResult<PcieFile>,
  text: string,
  parser: LangiumParser,
  linker: Linker,
): ParseResult<PcieFile> | undefined {
  const root = before.value.$cstNode;
  const oldText = root?.root.fullText;
  if (root === undefined || oldText === undefined || oldText === text) return undefined;
  if (before.parserErrors.length > 0 || before.lexerErrors.length > 0) return undefined;
  const change = changeBetween(oldText, text);
  const inComment = editComment(before.value, root, change, text, linker);
  if (inComment !== undefined) return { ...before, value: inComment };
  const chain = statementsAround(before.value, change.start, change.oldEnd);
  for (const [tries, statement] of chain.reverse().entries()) {
    const cst = statement.$cstNode;
    if (tries >= mostTries || cst === undefined || !isCompositeCstNode(cst)) return undefined;
    const { offset, end } = cst;
    const newEnd = end + text.length - oldText.length;
    // Parsing half of the file is no cheaper than parsing it.
    if (newEnd - offset > text.length / 2 && text.length > 2000) return undefined;
    if (!endsCleanly(text, offset, newEnd)) continue;
    const parsed = parser.parse<Statement>(text.slice(offset, newEnd), { rule: 'Statement' });
    if (!isSound(parsed)) continue;
    return splice(before, statement, cst, parsed.value, text, linker);
  }
  return undefined;
}

/**
 * An edit inside a comment: the comment gets its new end, and what is behind it moves. The statements around it say the same
 * and get a new identity, since not everything in them has moved alike. Undefined where the edit is no such.
 */
function editComment(
  file: PcieFile,
  root: CstNode,
  change: Change,
  text: string,
  linker: Linker,
): PcieFile | undefined {
  const leaf = leafAround(root, change.start - 1);
  if (leaf === undefined || !isLeafCstNode(leaf) || !leaf.hidden) return undefined;
  const { offset, end } = leaf;
  const delta = text.length - root.root.fullText.length;
  const isBlock = leaf.tokenType.name === 'ML_COMMENT';
  if (!isBlock && leaf.tokenType.name !== 'SL_COMMENT') return undefined;
  if (change.start < offset + 2 || change.oldEnd > end - (isBlock ? 2 : 0)) return undefined;
  const [was, is] = [root.root.fullText.slice(offset, end), text.slice(offset, end + delta)];
  if (isBlock ? is.indexOf('*/', 2) !== is.length - 2 : /[\r\n]/.test(is)) return undefined;
  const around = statementsAround(file, offset, end).at(-1);
  const place = leafOf(leaf);
  const behind = behindOf(place, was, is, end);
  moveBehind(leaf, behind);
  place._length = is.length;
  if (place._endLine === behind.line) place._endColumn += behind.columns;
  place._endLine += behind.lines;
  setText(root, text);
  if (around === undefined) return renew(file, linker) as PcieFile;
  return renewAncestors(around, renew(around, linker) as Statement, linker);
}

/** The leaf that holds a place of the text, comments included. */
function leafAround(root: CstNode, at: number): CstNode | undefined {
  let node: CstNode | undefined = root;
  while (node !== undefined && isCompositeCstNode(node)) {
    node = node.content.find((child) => {
      const last = lastLeaf(child);
      return last !== undefined && last.offset + last.length > at;
    });
  }
  return node;
}

function lastLeaf(node: CstNode): CstNode | undefined {
  let at: CstNode | undefined = node;
  while (at !== undefined && isCompositeCstNode(at)) at = at.content.at(-1);
  return at;
}

/** Blocks around the edit that are tried, from the inside out. */
const mostTries = 3;

interface Change {
  readonly start: number;
  readonly oldEnd: number;
}

/** The stretch of the old text that the new one replaces. */
function changeBetween(oldText: string, text: string): Change {
  const shorter = Math.min(oldText.length, text.length);
  let start = 0;
  while (start < shorter && oldText.charCodeAt(start) === text.charCodeAt(start)) start++;
  let same = 0;
  while (
    same < shorter - start &&
    oldText.charCodeAt(oldText.length - 1 - same) === text.charCodeAt(text.length - 1 - same)
  ) {
    same++;
  }
  return { start, oldEnd: oldText.length - same };
}

/** The statements that hold a stretch of text as a whole, outermost first. */
function statementsAround(file: PcieFile, start: number, end: number): Statement[] {
  const chain: Statement[] = [];
  let members: readonly Statement[] = file.statements;
  for (;;) {
    const inside = members.find((statement) => {
      const cst = statement.$cstNode;
      return cst !== undefined && cst.offset <= start && cst.end >= end;
    });
    if (inside === undefined) return chain;
    chain.push(inside);
    if (!('members' in inside)) return chain;
    members = inside.members;
  }
}

/** What follows the window cannot grow together with its last token, and no line break at its edge means the line's. */
function endsCleanly(text: string, start: number, end: number): boolean {
  const window = text.slice(start, end);
  if (/^\s*[\r\n]/.test(window) || /[\r\n]\s*$/.test(window)) return false;
  return end >= text.length || /[\s}]/.test(text[end] ?? '');
}

/** One statement and nothing else; a comment at its edge would belong to what is around it. */
function isSound(parsed: ParseResult<Statement>): boolean {
  const cst = parsed.value.$cstNode;
  if (parsed.parserErrors.length > 0 || parsed.lexerErrors.length > 0) return false;
  if (cst === undefined || !isCompositeCstNode(cst) || cst.length === 0) return false;
  return !isHidden(cst.content[0]) && !isHidden(cst.content.at(-1));
}

/** Whether a node is a comment, or ends in one. */
function isHidden(node: CstNode | undefined): boolean {
  if (node === undefined || node.hidden) return true;
  return isCompositeCstNode(node) && (isHidden(node.content[0]) || isHidden(node.content.at(-1)));
}

/** The fields of a leaf that hold its position; private in Langium, which has no way to move one. */
interface MovableLeaf {
  _offset: number;
  _length: number;
  _startLine: number;
  _startColumn: number;
  _endLine: number;
  _endColumn: number;
}

interface MovableComposite extends CompositeCstNode {
  content: CstNode[];
  _rangeCache: Range | undefined;
}

function leafOf(node: CstNode): MovableLeaf {
  return node as unknown as MovableLeaf;
}

function firstLeaf(node: CstNode): MovableLeaf | undefined {
  let at: CstNode | undefined = node;
  while (at !== undefined && isCompositeCstNode(at)) at = at.content.find((child) => !child.hidden) ?? at.content[0];
  return at === undefined ? undefined : leafOf(at);
}

interface Move {
  /** Leaves from this offset on are moved. */
  readonly from: number;
  readonly offset: number;
  readonly lines: number;
  /** Columns move only on this line. */
  readonly line: number;
  readonly columns: number;
}

function move(node: CstNode, by: Move): void {
  const { content, _rangeCache: range } = node as MovableComposite;
  if (content !== undefined) {
    // What begins on a later line has its lines and columns still, unless lines have moved.
    if (range !== undefined && (by.lines !== 0 || range.start.line <= by.line)) {
      (node as MovableComposite)._rangeCache = undefined;
    }
    for (const child of content) move(child, by);
    return;
  }
  const leaf = leafOf(node);
  if (leaf._offset < by.from) return;
  if (by.lines === 0 && leaf._startLine > by.line) {
    leaf._offset += by.offset;
    return;
  }
  if (leaf._startLine === by.line) leaf._startColumn += by.columns;
  if (leaf._endLine === by.line) leaf._endColumn += by.columns;
  leaf._offset += by.offset;
  leaf._startLine += by.lines;
  leaf._endLine += by.lines;
}

/** How what is behind a stretch of text moves when another one takes its place. */
function behindOf(start: MovableLeaf, before: string, now: string, end: number): Move {
  const [was, is] = [extent(before), extent(now)];
  const column = (part: { lines: number; columns: number }) =>
    (part.lines === 0 ? start._startColumn : 0) + part.columns;
  return {
    from: end,
    offset: now.length - before.length,
    lines: is.lines - was.lines,
    line: start._startLine + was.lines,
    columns: column(is) - column(was),
  };
}

/** Moves everything that comes after a node. */
function moveBehind(place: CstNode, behind: Move): void {
  for (let at = place; at.container !== undefined; at = at.container) {
    const { content } = at.container;
    for (let next = content.indexOf(at) + 1; next < content.length; next++) {
      const sibling = content[next];
      if (sibling !== undefined) move(sibling, behind);
    }
    (at.container as MovableComposite)._rangeCache = undefined;
  }
}

function setText(root: CstNode, text: string): void {
  (root.root as unknown as { _text: string })._text = text;
}

/** Line breaks of a text, as the lexer counts them, and the length of what follows the last of them. */
function extent(text: string): { readonly lines: number; readonly columns: number } {
  let lines = 0;
  let end = 0;
  for (const found of text.matchAll(/\r\n?|\n/g)) {
    lines++;
    end = found.index + found[0].length;
  }
  return { lines, columns: text.length - end };
}

function splice(
  before: ParseResult<PcieFile>,
  old: Statement,
  place: CompositeCstNode,
  fresh: Statement,
  text: string,
  linker: Linker,
): ParseResult<PcieFile> | undefined {
  const freshCst = fresh.$cstNode;
  const start = firstLeaf(place);
  const root = before.value.$cstNode;
  const containerProperty = old.$containerProperty;
  const container = old.$container;
  if (freshCst === undefined || !isCompositeCstNode(freshCst) || start === undefined || root === undefined)
    return undefined;
  if (typeof start._offset !== 'number' || typeof start._endColumn !== 'number' || container === undefined)
    return undefined;
  if (containerProperty !== 'members' && containerProperty !== 'statements') return undefined;
  const base = { offset: start._offset, line: start._startLine, column: start._startColumn };
  const oldWindow = root.root.fullText.slice(place.offset, place.end);
  const newWindow = freshCst.root.fullText;
  const behind = behindOf(start, oldWindow, newWindow, place.end);
  // From here on the tree changes: nothing below may fail.
  for (const child of freshCst.content)
    move(child, { from: 0, offset: base.offset, lines: base.line, line: 0, columns: base.column });
  moveBehind(place, behind);
  const target = place as MovableComposite;
  target.content = [...freshCst.content];
  target._rangeCache = undefined;
  for (const child of target.content) (child as Mutable<CstNode>).container = target;
  (target as unknown as { astNode: AstNode }).astNode = fresh;
  (fresh as Mutable<AstNode>).$cstNode = target;
  setText(root, text);
  return { ...before, value: renewAncestors(old, fresh, linker) };
}

/** Gives everything around a new statement a new identity, up to the file. */
function renewAncestors(old: Statement, fresh: Statement, linker: Linker): PcieFile {
  let replaced: AstNode = old;
  let renewed: AstNode = fresh;
  for (let around = old.$container as AstNode | undefined; around !== undefined; around = around.$container) {
    renewed = renew(around, linker, replaced, renewed);
    replaced = around;
  }
  return renewed as PcieFile;
}

/** A node that says the same and is another, in place of the old one, with one child replaced. */
function renew(old: AstNode, linker: Linker, replaced?: AstNode, renewed?: AstNode): AstNode {
  const copy = { ...old } as Record<string, unknown> & AstNode;
  for (const [property, value] of Object.entries(old)) {
    if (property.startsWith('$')) continue;
    if (Array.isArray(value)) {
      const items = value.map((item: unknown) => (item === replaced ? renewed : item));
      copy[property] = items;
      for (const [index, item] of items.entries()) adopt(item, copy, property, index);
    } else if (isReference(value)) {
      copy[property] = linker.buildReference(copy, property, value.$refNode, value.$refText);
    } else if (replaced !== undefined && value === replaced) {
      copy[property] = renewed;
      adopt(renewed, copy, property, undefined);
    } else adopt(value, copy, property, undefined);
  }
  const cst = old.$cstNode;
  if (cst !== undefined) (cst as Mutable<CstNode> & { astNode: AstNode }).astNode = copy;
  return copy;
}

function adopt(child: unknown, container: AstNode, property: string, index: number | undefined): void {
  if (typeof child !== 'object' || child === null || !('$type' in child)) return;
  const node = child as Mutable<AstNode>;
  node.$container = container;
  node.$containerProperty = property;
  if (index === undefined) delete (node as { $containerIndex?: number }).$containerIndex;
  else node.$containerIndex = index;
}
