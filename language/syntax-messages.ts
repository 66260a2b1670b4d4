import type { ILexerErrorMessageProvider, IToken, TokenType } from 'chevrotain';
import { AbstractParserErrorMessageProvider } from 'langium';

/** More things that could stand somewhere than this help nobody. */
const mostExpected = 6;

/** Tokens by their names in the grammar, in words. */
const words: Readonly<Record<string, string>> = {
  NL: 'a line break',
  EOF: 'the end of the file',
  ID: 'a name',
  STRING: 'a text in quotes',
  PARAM: 'a parameter such as `$count`',
  BDF: 'an address such as `0000:01:00.0`',
  IDPAIR: 'IDs such as `10de:20b5`',
  HEX: 'a hexadecimal number',
  NUMBER: 'a number',
  GEN: 'a generation such as `gen4`',
  LANES: 'a width such as `x16`',
  UNIT: 'a unit',
};

/** Names are several tokens to the parser, and one thing to everybody else. */
const partsOfNames: ReadonlySet<string> = new Set(['ID', 'UNIT', 'WORDNUM']);

const kindsOfComponents = 'socket, root-port, switch, port, gpu, nvme, nic';
const openers = 'machine, part, template, scenario, transfer, job, collective, expect or import';

/** What people write that come from other languages, and what stands here instead. */
const habits: Readonly<Record<string, string>> = {
  ',': 'values stand side by side, without commas',
  ';': 'a line break ends a statement',
  '=': 'a property and its value stand side by side: `mps 256 B`',
  ':': 'a colon stands between a name and its part: `gpu gpu0 : a100-pcie-80gb`; a property and its value stand side by side',
  '-': 'for an arrow write `to`: `transfer t from ssd0 to gpu0`',
  '>': 'for an arrow write `to`: `transfer t from ssd0 to gpu0`',
  '[': 'brackets hold a range behind a name: `gpu[0..3]`',
  ']': 'brackets hold a range behind a name: `gpu[0..3]`',
  '(': 'parentheses hold the arguments of a template: `use tray(4)`',
  ')': 'parentheses hold the arguments of a template: `use tray(4)`; without any they are left out',
  '#': 'a comment begins with `//`',
  "'": 'a text stands in double quotes',
  '"': 'a text in double quotes ends on its line',
  '&': 'comparisons are `<`, `<=`, `>`, `>=`, `==` and `!=`',
  '|': 'comparisons are `<`, `<=`, `>`, `>=`, `==` and `!=`',
};

/** What people write where a link stands behind a name: told by its form. */
function linkHabit(image: string): string | undefined {
  const [, generation, width] = /^(?:pcie-?)?(gen-?\d+)?-?(x\d+)?$/i.exec(image) ?? [];
  const said = [generation?.replace('-', ''), width]
    .filter((one) => one !== undefined)
    .join(' ')
    .toLowerCase();
  return said === '' || said === image ? undefined : `a link is written \`${said}\``;
}

/** How a message begins that only follows from an error before it. */
export const strayBrace = 'This `}` closes nothing';

/** What the parser says of text that the language does not have: what is wrong, and what may stand there. */
export class SyntaxMessages extends AbstractParserErrorMessageProvider {
  override buildMismatchTokenMessage({
    expected,
    actual,
  }: {
    readonly expected: TokenType;
    readonly actual: IToken;
  }): string {
    const name = nameOf(expected);
    if (name === 'EOF') return redundant(actual);
    if (isEnd(actual)) return endOfFile(name === '}' ? '' : ` ${sentence(name)} is missing.`);
    if (name === '}') return cannotStand(actual, 'a line break or `}`');
    if (name === 'NL') return cannotStand(actual, 'a line break, which ends a statement');
    return cannotStand(actual, inWords(name));
  }

  override buildNotAllInputParsedMessage({ firstRedundant }: { readonly firstRedundant: IToken }): string {
    return redundant(firstRedundant);
  }

  override buildNoViableAltMessage({
    expectedPathsPerAlt,
    actual,
    ruleName,
  }: {
    readonly expectedPathsPerAlt: TokenType[][][];
    readonly actual: IToken[];
    readonly ruleName: string;
  }): string {
    return this.#oneOf(expectedPathsPerAlt.flat(), actual[0], ruleName);
  }

  override buildEarlyExitMessage({
    expectedIterationPaths,
    actual,
    ruleName,
  }: {
    readonly expectedIterationPaths: TokenType[][];
    readonly actual: IToken[];
    readonly ruleName: string;
  }): string {
    return this.#oneOf(expectedIterationPaths, actual[0], ruleName);
  }

  #oneOf(paths: readonly (readonly TokenType[])[], actual: IToken | undefined, rule: string): string {
    const names = [...new Set(paths.flatMap((path) => (path[0] === undefined ? [] : [nameOf(path[0])])))];
    const isName = names.some((name) => partsOfNames.has(name));
    const isStatement = rule === 'Statement';
    const expected = isStatement
      ? `a statement: a property, or one that begins with ${kindsOfComponents}, ${openers}`
      : isName
        ? 'a name'
        : list(names.filter((name) => name !== 'NL').map(inWords));
    if (actual === undefined || isEnd(actual)) return endOfFile(expected === '' ? '' : ` Expected ${expected}.`);
    return cannotStand(actual, expected);
  }
}

/** What the lexer says of characters that begin nothing. */
export class CharacterMessages implements ILexerErrorMessageProvider {
  buildUnexpectedCharactersMessage(text: string, offset: number, length: number): string {
    const found = text.slice(offset, offset + length);
    const habit = habits[found[0] ?? ''];
    return `\`${visible(found)}\` means nothing here${habit === undefined ? '.' : `: ${habit}.`}`;
  }

  buildUnableToPopLexerModeMessage(): string {
    return 'This ends nothing.';
  }
}

const isEnd = (token: IToken) => token.tokenType.name === 'EOF' || token.image === '';
const isBreak = (token: IToken) => token.tokenType.name === 'NL';
const nameOf = ({ name }: TokenType) => name.replace(/:KW$/, '');
const inWords = (name: string) => words[name] ?? `\`${name}\``;
const sentence = (name: string) => inWords(name).replace(/^a/, 'A');

function endOfFile(hint: string): string {
  return `The file ends inside a block or a statement: a \`}\` may be missing.${hint}`;
}

function redundant(actual: IToken): string {
  if (actual.image === '}') return `${strayBrace}: the block before it is closed already.`;
  return cannotStand(actual, 'a line break, which ends a statement');
}

function cannotStand(actual: IToken, expected: string): string {
  if (isBreak(actual)) return `The line ends too early: expected ${expected}.`;
  const habit = habits[actual.image] ?? linkHabit(actual.image);
  if (habit !== undefined) return `\`${actual.image}\` cannot stand here: ${habit}.`;
  return `\`${visible(actual.image)}\` cannot stand here${expected === '' ? '.' : `: expected ${expected}.`}`;
}

/** `a, b or c`; nothing where there are too many. */
function list(names: readonly string[]): string {
  const different = [...new Set(names)];
  if (different.length === 0 || different.length > mostExpected) return '';
  return different.length === 1 ? (different[0] ?? '') : `${different.slice(0, -1).join(', ')} or ${different.at(-1)}`;
}

/** Characters that nobody sees by their numbers; long pieces cut. */
function visible(text: string): string {
  const short = text.length > 20 ? `${text.slice(0, 20)}…` : text;
  return [...short]
    .map((one) =>
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(one)
        ? `U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
        : one,
    )
    .join('');
}
