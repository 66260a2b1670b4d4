/**
 * Where in the text a cursor stands, by braces and line breaks alone: it works in the middle of typing, when the syntax
 * tree has holes.
 */

/** The text that opens a block: from the start of its statement to its `{`, comments left out. */
export interface OpenBlock {
  readonly header: string;
  /** Offset of the `{`. */
  readonly offset: number;
}

export interface Place {
  /** Blocks that are open at the cursor, outermost first. */
  readonly blocks: readonly OpenBlock[];
  /** The statement from its start to the cursor, comments left out. */
  readonly statement: string;
  /** What stands between the cursor and the end of its line, comments left out. */
  readonly rest: string;
  /** The cursor is in a comment. */
  readonly inComment: boolean;
  /** The cursor is in a text in quotes; `statement` then ends with its opening quote and what follows. */
  readonly inText: boolean;
  /** The lines of the same block before the statement that stand at its own depth. */
  readonly siblings: readonly string[];
}

const interesting = /"(?:\\[^\n\r]|[^"\\\n\r])*"?|\/\/[^\n\r]*|\/\*[\s\S]*?(?:\*\/|$)|[{}()\n]/g;

/** Reads the text up to `offset` once. */
export function placeAt(text: string, offset: number): Place {
  const open: { header: string; offset: number; siblings: string[] }[] = [];
  let siblings: string[] = [];
  let statement = '';
  let parentheses = 0;
  let at = 0;
  let inComment = false;
  let inText = false;
  const finish = () => {
    if (statement.trim() !== '') siblings.push(statement.trim());
    statement = '';
  };
  interesting.lastIndex = 0;
  for (let found = interesting.exec(text); found !== null && found.index < offset; found = interesting.exec(text)) {
    const token = found[0];
    statement += text.slice(at, found.index);
    at = found.index + token.length;
    if (token.startsWith('//') || token.startsWith('/*')) {
      const closed = token.startsWith('/*') && token.endsWith('*/') && token.length > 3;
      if (offset < at || (offset === at && !closed)) inComment = true;
      if (at > offset) at = offset;
      continue;
    }
    if (token.startsWith('"')) {
      const closed = token.length > 1 && token.endsWith('"');
      if (offset < at || (offset === at && !closed)) inText = true;
      if (at > offset) at = offset;
      statement += text.slice(found.index, at);
      continue;
    }
    switch (token) {
      case '{':
        open.push({ header: statement.trim(), offset: found.index, siblings });
        siblings = [];
        statement = '';
        parentheses = 0;
        break;
      case '}': {
        finish();
        const closed = open.pop();
        siblings = closed?.siblings ?? [];
        statement = closed === undefined ? '' : `${closed.header} { }`;
        parentheses = 0;
        break;
      }
      case '(':
        parentheses++;
        statement += token;
        break;
      case ')':
        parentheses = Math.max(0, parentheses - 1);
        statement += token;
        break;
      default:
        if (parentheses > 0) statement += ' ';
        else finish();
    }
  }
  if (at < offset) statement += text.slice(at, offset);
  const restLine = /^[^\n\r]*/.exec(text.slice(offset))?.[0] ?? '';
  return {
    blocks: open.map(({ header, offset: brace }) => ({ header, offset: brace })),
    statement: statement.trimStart(),
    rest: restLine.replace(/\/\/.*|\/\*.*?(?:\*\/|$)/g, '').trim(),
    inComment,
    inText,
    siblings,
  };
}
