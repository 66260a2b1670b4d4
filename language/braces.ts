import type { IRecognitionException, IToken } from 'chevrotain';
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
      const end = (last.endOffset ?? last.startOffset) + 1;
      made.splice(at, 0, {
        ...last,
        image: '}',
        startOffset: end,
        endOffset: end - 1,
        tokenType: closing,
        tokenTypeIdx: closing.tokenTypeIdx ?? 0,
        // It stands nowhere in the text: the parser makes no leaf of it.
        isInsertedInRecovery: true,
      });
    }
    made.push(token);
  }
  return made;
}
