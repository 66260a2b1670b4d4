import type { IToken } from 'chevrotain';
import { DefaultLexer, type LexerResult, type TokenizeOptions } from 'langium';
import { type MissingBrace, withBraces, withInserted } from './braces.ts';

/**
 * A line break ends a statement, and only that. This lexer drops the breaks that end nothing: at the start and the
 * end of a file, after `{` and `,`, before `}`, inside parentheses, and all but one of several. The grammar then needs a
 * single token of lookahead to tell "another statement" from "the block ends".
 */
export class PcieLexer extends DefaultLexer {
  /** Where tokens begin that are left out: what a parser passes over that found them wrong. */
  withheld: ReadonlySet<number> = new Set();
  /** Where blocks are closed that the text leaves open. */
  missing: readonly MissingBrace[] = [];
  /** What is read behind the tokens that begin at these places, though it is not there: a `{`, or a name. */
  inserted: ReadonlyMap<number, '{' | 'ID'> = new Map();

  override tokenize(text: string, options?: TokenizeOptions): LexerResult {
    const result = super.tokenize(text, options);
    const { withheld } = this;
    const tokens = withheld.size === 0 ? result.tokens : result.tokens.filter((one) => !withheld.has(one.startOffset));
    const inserted = new Map(
      [...this.inserted].flatMap(([at, name]) => {
        const type = this.tokenTypes[name];
        return type === undefined ? [] : [[at, { image: name === '{' ? '{' : '', type }]];
      }),
    );
    result.tokens = dropIdleLineBreaks(withBraces(withInserted(tokens, inserted), this.missing));
    return result;
  }
}

/** The tokens without the line breaks that end no statement. */
export function dropIdleLineBreaks(tokens: readonly IToken[]): IToken[] {
  const kept: IToken[] = [];
  let parentheses = 0;
  let pending: IToken | null = null;
  for (const token of tokens) {
    const image = token.image;
    if (token.tokenType.name === 'NL') {
      const last = kept.length === 0 ? null : kept[kept.length - 1];
      if (pending === null && parentheses === 0 && last && last.image !== '{' && last.image !== ',') pending = token;
      continue;
    }
    if (image === '(') parentheses++;
    else if (image === ')') parentheses = Math.max(0, parentheses - 1);
    else if (parentheses > 0 && (image === '{' || image === '}')) parentheses = 0;
    if (pending !== null) {
      if (image !== '}') kept.push(pending);
      pending = null;
    }
    kept.push(token);
  }
  return kept;
}
