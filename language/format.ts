import type { IToken } from 'chevrotain';
import { gluedQuantities } from './glued-quantities.ts';

/**
 * The formatter. It changes white space and nothing else: two spaces a level, one space between words and between a
 * number and its unit, one statement a line, at most one empty line, one line break at the end. A block that stands on one line stays there if it fits.
 * Text that does not parse is formatted as far as its braces pair up; an unclosed block is left as it is.
 */

/** A replacement in the text; offsets count UTF-16 code units. */
export interface Edit {
  readonly offset: number;
  readonly end: number;
  readonly text: string;
}

/** What the lexer makes of a text: visible tokens and comments, each in order. */
export type Tokenize = (text: string) => { readonly tokens: readonly IToken[]; readonly hidden: readonly IToken[] };

const width = 120;
const indentation = '  ';

interface Item {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly type: string;
  readonly comment: 'line' | 'block' | null;
}

/** A pair of braces or parentheses, by item. */
interface Group {
  readonly open: number;
  readonly close: number;
  readonly kind: '{' | '(';
  /** Its content stands on lines of its own. */
  expanded: boolean;
}

/** The edits that format a text; empty when it is formatted already. They do not overlap and are in order. */
export function formatEdits(text: string, tokenize: Tokenize): Edit[] {
  const items = readItems(text, tokenize);
  const layout = new Layout(text, items, tokenize);
  return layout.edits();
}

/** The text formatted. */
export function formatText(text: string, tokenize: Tokenize): string {
  return applyEdits(text, formatEdits(text, tokenize));
}

/** The text with edits applied that are in order and do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of edits) {
    result += text.slice(at, edit.offset) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

function readItems(text: string, tokenize: Tokenize): Item[] {
  const { tokens, hidden } = tokenize(text);
  const items: Item[] = [];
  const glued = gluedQuantities(tokens);
  const push = (text: string, start: number, type: string) => {
    const comment = type === 'SL_COMMENT' ? 'line' : type === 'ML_COMMENT' ? 'block' : null;
    items.push({ text, start, end: start + text.length, type, comment });
  };
  const add = (token: IToken) => {
    const type = token.tokenType.name;
    if (type === 'NL' || type === 'WS') return;
    const { image, startOffset: start } = token;
    const digits = glued.has(token) ? image.search(/\D/) : 0;
    if (digits > 0) push(image.slice(0, digits), start, 'NUMBER');
    push(image.slice(digits), start + digits, digits > 0 ? 'UNIT' : type);
  };
  let at = 0;
  for (const token of tokens) {
    for (let next = hidden[at]; next !== undefined && next.startOffset < token.startOffset; next = hidden[++at])
      add(next);
    add(token);
  }
  for (let next = hidden[at]; next !== undefined; next = hidden[++at]) add(next);
  return items;
}

class Layout {
  readonly #text: string;
  readonly #items: readonly Item[];
  readonly #eol: string;
  /** By item: the group that it opens or closes. */
  readonly #groups = new Map<number, Group>();
  /** By item: number of line breaks before it in the source. */
  readonly #breaks: number[] = [];
  /** Items from this one on are left alone: a block that opens there never closes. */
  #soundEnd: number;
  /** Items inside square brackets, where a name's range stands. */
  readonly #bracketed = new Set<number>();

  readonly #tokenize: Tokenize;

  constructor(text: string, items: readonly Item[], tokenize: Tokenize) {
    this.#text = text;
    this.#tokenize = tokenize;
    this.#items = items;
    this.#eol = text.includes('\r\n') && !/[^\r]\n|^\n/.test(text) ? '\r\n' : '\n';
    this.#soundEnd = items.length;
    for (let i = 0; i < items.length; i++) this.#breaks.push(countBreaks(this.#gap(i)));
    this.#pair();
  }

  edits(): Edit[] {
    let gaps = this.#render();
    for (let rounds = 0; rounds < 64 && this.#widen(gaps); rounds++) gaps = this.#render();
    const edits: Edit[] = [];
    for (let i = 0; i <= this.#items.length; i++) {
      const start = this.#items[i - 1]?.end ?? 0;
      const end = this.#items[i]?.start ?? this.#text.length;
      const wanted = gaps[i];
      if (wanted !== undefined && this.#text.slice(start, end) !== wanted)
        edits.push({ offset: start, end, text: wanted });
      this.#commentEdits(i, gaps, edits);
    }
    return edits;
  }

  /** The source between item `i` and the one before it. */
  #gap(i: number): string {
    return this.#text.slice(this.#items[i - 1]?.end ?? 0, this.#items[i]?.start ?? this.#text.length);
  }

  #pair(): void {
    const open: { at: number; kind: '{' | '(' | '[' }[] = [];
    let statement = 0;
    for (const [i, item] of this.#items.entries()) {
      if (open.length === 0 && (this.#breaks[i] ?? 0) > 0) statement = i;
      switch (item.comment === null ? item.text : '') {
        case '{':
          while (open.at(-1)?.kind === '(' || open.at(-1)?.kind === '[') open.pop();
          open.push({ at: i, kind: '{' });
          break;
        case '}': {
          while (open.at(-1)?.kind === '(' || open.at(-1)?.kind === '[') open.pop();
          const start = open.pop();
          if (start !== undefined) this.#addGroup(start.at, i, '{');
          break;
        }
        case '(':
          open.push({ at: i, kind: '(' });
          break;
        case ')':
          while (open.at(-1)?.kind === '[') open.pop();
          if (open.at(-1)?.kind === '(') this.#addGroup(open.pop()?.at ?? i, i, '(');
          break;
        case '[':
          open.push({ at: i, kind: '[' });
          break;
        case ']':
          while (open.at(-1)?.kind === '(') open.pop();
          if (open.at(-1)?.kind === '[') this.#closeBracket(open.pop()?.at ?? i, i);
          break;
        default:
          if ((this.#breaks[i] ?? 0) > 0) while (open.at(-1)?.kind === '[') open.pop();
      }
    }
    if (open.some((entry) => entry.kind === '{')) this.#soundEnd = statement;
  }

  /** A range is one word: what stands in it is no group. */
  #closeBracket(open: number, close: number): void {
    for (let i = open + 1; i <= close; i++) {
      this.#bracketed.add(i);
      this.#groups.delete(i);
    }
  }

  #addGroup(open: number, close: number, kind: '{' | '('): void {
    let breaks = false;
    let comment = false;
    for (let i = open + 1; i <= close; i++) {
      const item = this.#items[i];
      if ((this.#breaks[i] ?? 0) > 0 || (item?.comment === 'block' && item.text.includes('\n'))) breaks = true;
      if (item?.comment === 'line') comment = true;
    }
    const empty = close === open + 1;
    const group: Group = { open, close, kind, expanded: !empty && (kind === '{' ? breaks : comment) };
    this.#groups.set(open, group);
    this.#groups.set(close, group);
  }

  /** The white space before each item, and after the last; undefined: leave it. */
  #render(): (string | undefined)[] {
    const gaps: (string | undefined)[] = [];
    const enclosing: Group[] = [];
    let depth = 0;
    let statement: string[] = [];
    for (const [i, item] of this.#items.entries()) {
      const closing = this.#groups.get(i);
      const isClose = closing?.close === i;
      if (isClose && closing.expanded) depth--;
      const source = this.#gap(i);
      const separator = this.#separator(i, enclosing.at(-1), statement);
      if (i >= this.#soundEnd || /\S/.test(source)) gaps.push(undefined);
      else if (separator === '' && source !== '' && i > 0 && !this.#mayJoin(i, gaps)) gaps.push(' ');
      else if (typeof separator === 'string') gaps.push(separator);
      else gaps.push(this.#eol.repeat(separator) + indentation.repeat(Math.max(0, depth)));
      if (isClose) enclosing.pop();
      else if (closing !== undefined) {
        enclosing.push(closing);
        if (closing.expanded) depth++;
      }
      if (typeof separator === 'number' || item.text === '{') statement = [];
      if (item.comment === null && item.text !== '{' && item.text !== '}' && statement.length < 3)
        statement.push(item.text);
    }
    const tail = this.#gap(this.#items.length);
    const wanted = this.#items.length === 0 ? '' : this.#eol;
    gaps.push(this.#soundEnd < this.#items.length || /\S/.test(tail) ? undefined : wanted);
    return gaps;
  }

  /** Whether the tokens around stay the same when item `i` follows the one before without a space. */
  #mayJoin(i: number, gaps: readonly (string | undefined)[]): boolean {
    let first = i - 1;
    while (first > 0 && (gaps[first] ?? this.#gap(first)) === '') first--;
    let last = i;
    while (last + 1 < this.#items.length && this.#gap(last + 1) === '' && this.#items[last + 1]?.comment === null)
      last++;
    const run = this.#items.slice(first, last + 1).map((item) => item.text);
    if (this.#items[i - 1]?.text === '/' && /^[/*]/.test(this.#items[i]?.text ?? '')) return false;
    const { tokens, hidden } = this.#tokenize(run.join(''));
    return hidden.length === 0 && tokens.length === run.length && tokens.every((token, at) => token.image === run[at]);
  }

  /** Line breaks (a number) or the spaces (a string) before item `i`. */
  #separator(i: number, inside: Group | undefined, statement: readonly string[]): number | string {
    const item = this.#items[i];
    const previous = this.#items[i - 1];
    if (item === undefined || previous === undefined) return '';
    const breaks = this.#breaks[i] ?? 0;
    const afterOpen = this.#groups.get(i - 1)?.open === i - 1;
    const beforeClose = this.#groups.get(i)?.close === i;
    if (item.comment !== null && breaks === 0) return afterOpen && inside?.kind === '(' ? '' : ' ';
    if (previous.comment === 'line') return afterOpen || beforeClose ? 1 : Math.min(2, Math.max(1, breaks));
    if (inside !== undefined && inside.kind === '(') return this.#inParentheses(i, inside, statement);
    if (afterOpen && beforeClose) return '';
    if (inside !== undefined && (afterOpen || beforeClose)) return inside.expanded ? 1 : ' ';
    if (breaks > 0) return this.#afterOpenComment(i) ? 1 : Math.min(2, breaks);
    return this.#space(i, previous, item, statement);
  }

  /** Whether only comments on the line of the `{` stand between it and item `i`: no empty line there either. */
  #afterOpenComment(i: number): boolean {
    let at = i - 1;
    while (at > 0 && this.#items[at]?.comment !== null && this.#breaks[at] === 0) at--;
    return at < i - 1 && this.#groups.get(at)?.open === at;
  }

  #inParentheses(i: number, inside: Group, statement: readonly string[]): number | string {
    const item = this.#items[i];
    const previous = this.#items[i - 1];
    if (item === undefined || previous === undefined) return '';
    if (!inside.expanded) return this.#space(i, previous, item, statement);
    if (inside.open === i - 1 || inside.close === i || previous.text === ',') return 1;
    return item.comment !== null ? 1 : this.#space(i, previous, item, statement);
  }

  /** What stands between two items on one line. */
  #space(i: number, previous: Item, item: Item, statement: readonly string[]): string {
    const a = previous.text;
    const b = item.text;
    if (previous.comment !== null || item.comment !== null) return ' ';
    if (b === ',' || b === ')' || a === '(') return '';
    if (previous.type === 'NUMBER' && item.type === 'UNIT') return ' ';
    const adjacent = previous.end === item.start;
    if (isWordLike(previous) && isWordLike(item)) return adjacent && b !== '%' ? '' : ' ';
    if (b === '[' || this.#bracketed.has(i)) return '';
    if (b === '(') return '';
    if (a === '..' || b === '..' || a === '.' || b === '.') return '';
    if (a === '/' || b === '/') {
      const code = statement[0] === 'allow' || statement.includes('finding');
      if (code) return '';
      return statement[0] === 'expect' ? ' ' : adjacent ? '' : ' ';
    }
    return ' ';
  }

  /** Expands the outermost group that can be on every line that is too long. Returns whether there was one. */
  #widen(gaps: readonly (string | undefined)[]): boolean {
    let changed = false;
    let column = 0;
    let candidate: Group | null = null;
    const finishLine = () => {
      if (column > width && candidate !== null) {
        candidate.expanded = true;
        changed = true;
      }
      candidate = null;
      column = 0;
    };
    for (const [i, item] of this.#items.entries()) {
      const gap = gaps[i] ?? this.#gap(i);
      if (gap.includes('\n')) {
        finishLine();
        column = gap.length - gap.lastIndexOf('\n') - 1;
      } else column += gap.length;
      // A comment at the end of a line may be as long as it likes.
      if (item.comment === null) column += item.text.length;
      const group = this.#groups.get(i);
      if (candidate === null && group?.open === i && !group.expanded && group.close > group.open + 1) candidate = group;
    }
    finishLine();
    return changed;
  }

  /** Lines of a block comment that begin with a star follow its first line; a line comment ends without spaces. */
  #commentEdits(i: number, gaps: readonly (string | undefined)[], edits: Edit[]): void {
    const item = this.#items[i];
    const gap = gaps[i];
    const trailing = item?.comment === 'line' && gap !== undefined ? /[ \t]+$/.exec(item.text)?.[0] : undefined;
    if (item !== undefined && trailing !== undefined)
      edits.push({ offset: item.end - trailing.length, end: item.end, text: '' });
    if (item?.comment !== 'block' || gap === undefined) return;
    const own = i === 0 || gap.includes('\n');
    const lead = `${gap.slice(gap.lastIndexOf('\n') + 1)} `;
    const lines = own ? /(\r?\n[ \t]*)(?=\*)|\r?\n/g : /\r?\n/g;
    for (let found = lines.exec(item.text); found !== null; found = lines.exec(item.text)) {
      const offset = item.start + found.index;
      const wanted = found[1] === undefined ? this.#eol : this.#eol + lead;
      if (found[0] !== wanted) edits.push({ offset, end: offset + found[0].length, text: wanted });
    }
  }
}

function countBreaks(gap: string): number {
  return gap.match(/\r\n?|\n/g)?.length ?? 0;
}

/** Punctuation stands for itself; everything else is a word, a number or a text. */
function isWordLike(item: Item): boolean {
  return /^[\w"$%]/.test(item.text);
}
