import type { AstNode } from 'langium';
import { bracesOf } from '../text/cst.ts';

/** A replacement of a stretch of text, in offsets. */
export interface TextChange {
  readonly offset: number;
  readonly end: number;
  readonly text: string;
}

/** One level of indentation, as the formatter writes it. */
const step = '  ';

/** The white space at the start of the line of an offset. */
export function indentationAt(text: string, offset: number): string {
  const start = lineStart(text, offset);
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
}

export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/**
 * Puts a statement into the block of another, which gets one where it has none. Lines keep their own indentation
 * relative to each other. Comments stay where they are.
 *
 * @param where at the `start` of the block, where properties stand, or at its `end`
 * @returns null where the block is not closed
 */
export function insertStatement(
  text: string,
  node: AstNode,
  statement: string,
  where: 'start' | 'end',
): TextChange | null {
  const cst = node.$cstNode;
  if (cst === undefined) return null;
  const base = indentationAt(text, cst.offset);
  const inner = reindent(statement, base + step);
  // A line comment would swallow the closing brace.
  const isOneLine = !statement.includes('\n') && !statement.includes('//');
  const braces = bracesOf(node);
  if (braces === undefined) {
    const made = isOneLine ? ` { ${statement.trim()} }` : ` {\n${inner}\n${base}}`;
    return { offset: cst.end, end: cst.end, text: made };
  }
  if (braces.close === undefined) return null;
  const content = text.slice(braces.open + 1, braces.close);
  if (content.trim() === '') {
    const made = isOneLine && !content.includes('\n') ? ` ${statement.trim()} ` : `\n${inner}\n${base}`;
    return { offset: braces.open + 1, end: braces.close, text: made };
  }
  if (!content.includes('\n')) {
    const lines = [`${base}${step}${content.trim()}`];
    if (where === 'start') lines.unshift(inner);
    else lines.push(inner);
    return { offset: braces.open + 1, end: braces.close, text: `\n${lines.join('\n')}\n${base}` };
  }
  if (where === 'start') {
    // Behind a comment that stands on the line of the brace.
    const lineEnd = text.indexOf('\n', braces.open);
    const isFree = /^\s*(?:\/\/.*)?$/.test(text.slice(braces.open + 1, lineEnd).replace(/\/\*.*?\*\//g, ''));
    const at = isFree ? lineEnd : braces.open + 1;
    return { offset: at, end: at, text: isFree ? `\n${inner}` : `\n${inner}\n${base}${step}` };
  }
  const start = lineStart(text, braces.close);
  const isAlone = text.slice(start, braces.close).trim() === '';
  return isAlone
    ? { offset: start, end: start, text: `${inner}\n` }
    : { offset: braces.close, end: braces.close, text: `\n${inner}\n${base}` };
}

/** A statement that is cut out of its block, with the comments that belong to it. */
export interface Cut {
  readonly statement: string;
  readonly change: TextChange;
}

/**
 * Cuts a statement out together with the comments on the lines above it and behind it. A block that has nothing left
 * goes as well; one in which a comment stays is kept.
 */
export function cutStatement(text: string, node: AstNode, block: AstNode): Cut | null {
  const cst = node.$cstNode;
  const braces = bracesOf(block);
  if (cst === undefined || braces?.close === undefined) return null;
  const { open, close } = braces;
  const from = withCommentsAbove(text, cst.offset, open + 1);
  const to = withCommentBehind(text, cst.end, close);
  const first = lineStart(text, from);
  const isFirstOnLine = text.slice(Math.max(first, open + 1), from).trim() === '';
  const statement = text.slice(isFirstOnLine ? Math.max(first, open + 1) : from, to);
  const rest = text.slice(open + 1, from) + text.slice(to, close);
  if (rest.trim() === '') {
    const before = text.slice(0, open).search(/[ \t]*$/);
    return { statement: trimmed(statement), change: { offset: before, end: close + 1, text: '' } };
  }
  const lineEnd = text.indexOf('\n', to);
  const ownsLines = first > open && isFirstOnLine && lineEnd >= 0 && text.slice(to, lineEnd).trim() === '';
  const change = ownsLines ? { offset: first, end: lineEnd + 1, text: '' } : { offset: from, end: to, text: '' };
  return { statement: trimmed(statement), change };
}

const trimmed = (statement: string): string => statement.replace(/^\s*\n/, '').trimEnd();

/** The start of the comments that stand on lines of their own directly above an offset. */
function withCommentsAbove(text: string, offset: number, least: number): number {
  let from = offset;
  for (;;) {
    const start = lineStart(text, from);
    if (start <= least || text.slice(start, from).trim() !== '') return from;
    const line = text.slice(lineStart(text, start - 1), start - 1);
    const above = lineStart(text, start - 1);
    if (above < least || !/^\s*(?:\/\/.*|\/\*(?:[^*]|\*(?!\/))*\*\/)\s*$/.test(line)) return from;
    from = above + line.search(/\S/);
  }
}

/** The end of a comment that stands behind an offset on the same line. */
function withCommentBehind(text: string, end: number, most: number): number {
  const found = /^[ \t]*(?:\/\/[^\n\r]*|\/\*[^\n\r]*?\*\/)/.exec(text.slice(end, most));
  return found === null ? end : end + found[0].trimEnd().length;
}

/** The lines of a statement, the first of them at an indentation, the others moved along with it. */
function reindent(statement: string, indentation: string): string {
  const lines = statement.replace(/\r\n?/g, '\n').split('\n');
  const depths = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  // A statement cut out of the middle of a line has its first line at no depth: the others tell.
  const least = Math.min(...(lines.length > 1 && depths[0] === 0 ? depths.slice(1) : depths));
  return lines
    .map((line, index) => {
      const depth = index === 0 && depths[0] === 0 ? 0 : least;
      return line.trim() === '' ? '' : indentation + line.slice(Math.min(depth, line.search(/\S/)));
    })
    .join('\n');
}
