import type { IRecognitionException, IToken, TokenType } from 'chevrotain';
import { strayBrace } from './syntax-messages.ts';

/** A block that is open where the indentation of a line says that it has ended. */
export interface MissingBrace {
  /** First token of the line before which the block should have been closed. */
  readonly before: IToken;
  /** Line on which the block opens, counted from 1. */
  readonly opened: number;
}

/**
 * Where closing braces are missing, as far as the indentation tells: a line that stands no deeper than the line that
 * opened a block is not inside it. Empty where there are as many closing braces as opening ones.
 */
export function missingBraces(tokens: readonly IToken[]): MissingBrace[] {
  const count = (image: string) => tokens.reduce((sum, token) => sum + (token.image === image ? 1 : 0), 0);
  let missing = count('{') - count('}');
  const open: { readonly column: number; readonly line: number }[] = [];
  const found: MissingBrace[] = [];
  let line = 0;
  let column = 0;
  for (const token of tokens) {
    if (token.tokenType.name === 'NL') continue;
    const [startLine, startColumn] = [token.startLine ?? 0, token.startColumn ?? 0];
    if (startLine > line) {
      [line, column] = [startLine, startColumn];
      const isBrace = token.image === '}';
      for (let top = open.at(-1); top !== undefined && missing > 0; top = open.at(-1)) {
        if (isBrace ? column >= top.column : column > top.column) break;
        found.push({ before: token, opened: top.line });
        open.pop();
        missing--;
      }
    }
    if (token.image === '{') open.push({ column, line });
    else if (token.image === '}') open.pop();
  }
  return found;
}

/**
 * Closing braces that close nothing, as far as the indentation tells: one that closes a block of several lines stands first
 * on its line, no deeper than the line that opened it. Empty where there are no more of them than of opening ones.
 */
export function strayBraces(tokens: readonly IToken[]): IToken[] {
  const count = (image: string) => tokens.reduce((sum, token) => sum + (token.image === image ? 1 : 0), 0);
  let surplus = count('}') - count('{');
  const open: { readonly column: number; readonly line: number }[] = [];
  const found: IToken[] = [];
  let [line, column] = [0, 0];
  for (const token of tokens) {
    if (token.tokenType.name === 'NL') continue;
    const isFirst = (token.startLine ?? 0) > line;
    if (isFirst) [line, column] = [token.startLine ?? 0, token.startColumn ?? 0];
    if (token.image === '{') open.push({ column, line });
    if (token.image !== '}') continue;
    const top = open.at(-1);
    const fits = top !== undefined && (top.line === line || (isFirst && column <= top.column));
    if (fits || surplus === 0) open.pop();
    else {
      found.push(token);
      surplus--;
    }
  }
  return found;
}

/** What is said of it. */
export function strayBraceError(token: IToken): IRecognitionException {
  const message = `${strayBrace}: the block before it is closed already.`;
  return {
    name: 'StrayBrace',
    message,
    token,
    resyncedTokens: [],
    context: { ruleStack: [], ruleOccurrenceStack: [] },
  };
}

/** What is said of it, where the parser says what it could not read. */
export function missingBraceError({ before, opened }: MissingBrace): IRecognitionException {
  return {
    name: 'MissingBrace',
    message: `A \`}\` is missing before this line: the block that line ${opened} opens is not closed.`,
    token: before,
    resyncedTokens: [],
    context: { ruleStack: [], ruleOccurrenceStack: [] },
  };
}

/** A block that is closed where nothing opens it, as far as the indentation tells. */
export interface MissingOpening {
  /** Last token before the place where the brace should stand. */
  readonly after: IToken;
  /** What stands there instead: it is no word. */
  readonly instead: IToken | undefined;
}

/**
 * Where opening braces are missing: behind a line that the next ones stand deeper than, up to a `}` that stands below its
 * beginning. Empty where there are no more closing braces than opening ones.
 *
 * @param wrong what the parser cannot read: a line that closes more blocks than it opens lacks its brace there
 */
export function missingOpenings(tokens: readonly IToken[], wrong: IToken): MissingOpening[] {
  const count = (some: readonly IToken[], image: string) => some.filter((token) => token.image === image).length;
  let surplus = count(tokens, '}') - count(tokens, '{');
  if (surplus <= 0) return [];
  const lines = linesOf(tokens);
  const found: MissingOpening[] = [];
  const wrongLine = lines.find(([first]) => first?.startLine === wrong.startLine) ?? [];
  const at = wrongLine.findIndex(({ startOffset }) => startOffset === wrong.startOffset);
  const [before, rest] = [wrongLine[at - 1], wrongLine.slice(at)];
  if (before !== undefined && count(rest, '}') > count(rest, '{')) {
    return [{ after: before, instead: isPunctuation(wrong) ? wrong : undefined }];
  }
  for (const [index, line] of lines.entries()) {
    const [first, last] = [line[0], line.at(-1)];
    if (surplus === 0 || first === undefined || last === undefined) break;
    if (last.image === '{' || last.image === ',') continue;
    let end = index + 1;
    while (end < lines.length && columnOf(lines[end]?.[0]) > columnOf(first)) end++;
    const closing = lines[end]?.[0];
    if (end === index + 1 || closing?.image !== '}' || columnOf(closing) !== columnOf(first)) continue;
    const [after, instead] = isPunctuation(last) && !closes.has(last.image) ? [line.at(-2), last] : [last, undefined];
    if (after === undefined) continue;
    found.push({ after, instead });
    surplus--;
  }
  return found;
}

const closes: ReadonlySet<string> = new Set(['}', ')', ']']);

const columnOf = (token: IToken | undefined) => token?.startColumn ?? 0;

const isPunctuation = ({ image }: IToken) => !/^[\w"$]/.test(image);

function linesOf(tokens: readonly IToken[]): IToken[][] {
  const lines: IToken[][] = [];
  let line = 0;
  for (const token of tokens) {
    if (token.tokenType.name === 'NL') continue;
    if ((token.startLine ?? 0) > line) {
      line = token.startLine ?? 0;
      lines.push([]);
    }
    lines.at(-1)?.push(token);
  }
  return lines;
}

/** What is said of it, at what stands in its place if anything does. */
export function missingOpeningError({ after, instead }: MissingOpening): IRecognitionException {
  return {
    name: 'MissingOpening',
    message:
      instead === undefined
        ? `A \`{\` is missing after \`${after.image}\`: what follows is closed by a \`}\`.`
        : `\`${instead.image}\` cannot stand here: a block opens with \`{\`.`,
    token: instead ?? after,
    resyncedTokens: [],
    context: { ruleStack: [], ruleOccurrenceStack: [] },
  };
}

/** A token that stands nowhere in the text, right behind another: the parser makes no leaf of it. */
export function insertedAfter(last: IToken, image: string, type: TokenType): IToken {
  const end = (last.endOffset ?? last.startOffset) + 1;
  return {
    ...last,
    image,
    startOffset: end,
    endOffset: end - 1,
    tokenType: type,
    tokenTypeIdx: type.tokenTypeIdx ?? 0,
    isInsertedInRecovery: true,
  };
}

/** The tokens with others behind those that begin at some places. */
export function withInserted(
  tokens: readonly IToken[],
  inserted: ReadonlyMap<number, { readonly image: string; readonly type: TokenType }>,
): IToken[] {
  if (inserted.size === 0) return [...tokens];
  return tokens.flatMap((token) => {
    const next = inserted.get(token.startOffset);
    return next === undefined || token.isInsertedInRecovery
      ? [token]
      : [token, insertedAfter(token, next.image, next.type)];
  });
}

/** The tokens with braces inserted at the ends of the lines before those of `missing`. */
export function withBraces(tokens: readonly IToken[], missing: readonly MissingBrace[]): IToken[] {
  const closing = tokens.find(({ image }) => image === '}')?.tokenType;
  if (missing.length === 0 || closing === undefined) return [...tokens];
  const made: IToken[] = [];
  for (const token of tokens) {
    for (const one of missing) {
      if (one.before.startOffset !== token.startOffset) continue;
      let at = made.length;
      while (at > 0 && made[at - 1]?.tokenType.name === 'NL') at--;
      const last = made[at - 1];
      if (last === undefined) continue;
      made.splice(at, 0, insertedAfter(last, '}', closing));
    }
    made.push(token);
  }
  return made;
}
