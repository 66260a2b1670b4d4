import type { IToken } from 'chevrotain';
import { PcieTerminals } from './generated/ast.ts';

const unit = new RegExp(`^[0-9]+(?:${PcieTerminals.UNIT.source})$`);
const referring: ReadonlySet<string> = new Set(['from', 'to', 'over', 'through', 'after', 'for']);
const comparing: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!=', 'within']);

/**
 * The tokens that are a number with its unit right behind it, `384GiB`, and stand where a value does: behind the key of
 * a property, behind a comparison, behind `at`. To the lexer they are words, as names may be: one that is also written where
 * no value stands is taken for a name, and is not among them.
 */
export function gluedQuantities(tokens: readonly IToken[]): ReadonlySet<IToken> {
  const values = new Set<IToken>();
  const names = new Set<string>();
  let first: IToken | undefined;
  let before: IToken | undefined;
  let refers = false;
  for (const [at, token] of tokens.entries()) {
    const { image } = token;
    if (token.tokenType.name === 'NL' || image === '{' || image === '}') {
      first = before = undefined;
      refers = false;
      continue;
    }
    if (referring.has(image)) refers = true;
    if (token.tokenType.name === 'WORDNUM') {
      const isPart = before?.image === '.' || tokens[at + 1]?.image === '.';
      const isValue =
        (first?.tokenType.name === 'ID' && !refers) ||
        (first?.image === 'at' && before === first) ||
        (first?.image === 'expect' && comparing.has(before?.image ?? ''));
      if (!isValue || isPart) names.add(image);
      else if (unit.test(image)) values.add(token);
    }
    first ??= token;
    before = token;
  }
  return new Set([...values].filter(({ image }) => !names.has(image)));
}
