import type { IRecognitionException, IToken } from 'chevrotain';
import {
  type AstNode,
  AstUtils,
  createParser,
  type LangiumCoreServices,
  LangiumParser,
  type Mutable,
  type ParseResult,
  type ParserOptions,
} from 'langium';
import {
  missingBraceError,
  missingBraces,
  missingOpeningError,
  missingOpenings,
  strayBraceError,
  strayBraces,
} from './braces.ts';
import { PcieLexer } from './lexer.ts';

/** Tokens that are passed over on one line before the parser's own recovery has to do. */
const mostOfLine = 8;
/** How often a text is parsed again at most for the sake of its mistakes, and how many characters that may be in all. */
const mostTries = 12;
const mostCharacters = 1_000_000;

/** A better reading of a text, and what had to be said against it. */
interface Step<T extends AstNode> {
  readonly result: ParseResult<T>;
  readonly errors: readonly IRecognitionException[];
}

/**
 * A parser that passes over what cannot stand in a line and reads the rest of it. The recovery it inherits skips to the
 * next line break or brace instead: a mistake in the head of a block then takes the block's `{` away, and everything
 * behind it stands one level off. Where passing over words does not lead on, that recovery is what is left.
 */
class RecoveringParser extends LangiumParser {
  readonly #lexer: PcieLexer;

  constructor(services: LangiumCoreServices, lexer: PcieLexer) {
    super(services);
    this.#lexer = lexer;
  }

  override parse<T extends AstNode = AstNode>(input: string, options: ParserOptions = {}): ParseResult<T> {
    try {
      return this.#parse<T>(input, options);
    } catch (error) {
      // The inherited recovery calls itself at every mistake: beyond some hundred the beginning of the text has to do.
      const end = input.lastIndexOf('\n', input.length / 2);
      if (!(error instanceof RangeError) || end <= 0) throw error;
      (this as unknown as { stack: unknown[] }).stack = [];
      return this.parse<T>(input.slice(0, end), options);
    }
  }

  #parse<T extends AstNode>(input: string, options: ParserOptions): ParseResult<T> {
    let best = super.parse<T>(input, options);
    // A statement by itself is parsed to be put into a tree that is sound.
    if (best.parserErrors.length === 0 || options.rule !== undefined) return best;
    let left = Math.min(mostTries, Math.floor(mostCharacters / Math.max(1, input.length)));
    const passedOver = new Set<number>();
    const errors: IRecognitionException[] = [];
    const take = (step: Step<T>, told: readonly IRecognitionException[], passed: readonly IToken[]) => {
      // A line that is told to lack a brace was told wrong before.
      const lines = new Set(told.filter(({ name }) => name === 'MissingOpening').map(({ token }) => token.startLine));
      errors.splice(0, errors.length, ...errors.filter(({ token }) => !lines.has(token.startLine)), ...told);
      for (const token of passed) passedOver.add(token.startOffset);
      best = step.result;
    };
    const balance = () => {
      const balanced = this.#balance<T>(best, input, passedOver, errors);
      if (balanced !== null) take(balanced, balanced.errors, balanced.passed);
    };
    try {
      balance();
      for (;;) {
        const named = left > 0 ? this.#nameBefore(best, input, passedOver) : null;
        if (named !== null) {
          left--;
          take(named, named.errors, []);
          balance();
          continue;
        }
        const line = this.#readLineOf(best, input, passedOver, left);
        if (line === null) break;
        left -= line.errors.length;
        // What else is passed over on a line mostly follows from the first: one mistake is one error.
        take(
          line,
          line.errors.slice(0, 1),
          line.errors.map(({ token }) => token),
        );
        balance();
      }
      balance();
      if ([...this.#lexer.inserted.values()].includes('ID')) nameUnnamed(best.value);
    } finally {
      this.#lexer.withheld = nothing;
      this.#lexer.missing = [];
      this.#lexer.inserted = new Map();
    }
    return { ...best, parserErrors: [...errors, ...best.parserErrors] };
  }

  /** The same text with the braces that it lacks by its indentation, without those it has too many; null where it has neither. */
  #balance<T extends AstNode>(
    before: ParseResult<T>,
    input: string,
    passedOver: ReadonlySet<number>,
    told: readonly IRecognitionException[],
  ): (Step<T> & { readonly passed: readonly IToken[] }) | null {
    const first = firstError(before);
    if (first === undefined) return null;
    const lexer = this.#lexer;
    const kept = { missing: lexer.missing, inserted: lexer.inserted };
    lexer.withheld = passedOver;
    const openings = missingOpenings(lexer.tokenize(input).tokens, first.token);
    if (openings.length === 0 && !isUnbalanced(first)) return null;
    const replaced = openings.flatMap(({ instead }) => (instead === undefined ? [] : [instead]));
    const withheld = new Set([...passedOver, ...replaced.map(({ startOffset }) => startOffset)]);
    lexer.withheld = withheld;
    lexer.inserted = new Map([...kept.inserted, ...openings.map(({ after }) => [after.startOffset, '{'] as const)]);
    const { tokens } = lexer.tokenize(input);
    const [missing, strays] = [missingBraces(tokens), strayBraces(tokens)];
    if (missing.length > 0 || strays.length > 0 || openings.length > 0) {
      lexer.missing = [...kept.missing, ...missing];
      lexer.withheld = new Set([...withheld, ...strays.map(({ startOffset }) => startOffset)]);
      const result = super.parse<T>(input);
      const next = firstError(result);
      if (next === undefined || !isUnbalanced(next)) {
        const openingErrors = openings.map((one) => {
          // What was passed over at the end of the line stands in the place of the brace.
          const { startLine, startOffset } = one.after;
          const behind = told.find(({ token }) => token.startLine === startLine && token.startOffset > startOffset);
          return missingOpeningError({ ...one, instead: one.instead ?? behind?.token });
        });
        const errors = [...openingErrors, ...missing.map(missingBraceError), ...strays.map(strayBraceError)];
        return { result, passed: [...replaced, ...strays], errors };
      }
    }
    lexer.missing = kept.missing;
    lexer.inserted = kept.inserted;
    return null;
  }

  /** The same text with a name where the head of a component or a machine lacks one, or null where it does not. */
  #nameBefore<T extends AstNode>(
    before: ParseResult<T>,
    input: string,
    passedOver: ReadonlySet<number>,
  ): Step<T> | null {
    const error = firstError(before);
    if (error === undefined || !lacksName(error)) return null;
    const lexer = this.#lexer;
    lexer.withheld = passedOver;
    const { tokens } = lexer.tokenize(input);
    const last = tokens[tokens.findIndex(({ startOffset }) => startOffset === error.token.startOffset) - 1];
    if (last === undefined || lexer.inserted.has(last.startOffset)) return null;
    lexer.inserted = new Map([...lexer.inserted, [last.startOffset, 'ID']]);
    return { result: super.parse<T>(input), errors: [error] };
  }

  /** The same text without the words of the first wrong line that cannot stand there, or null where that leads no further. */
  #readLineOf<T extends AstNode>(
    before: ParseResult<T>,
    input: string,
    passedOver: ReadonlySet<number>,
    most: number,
  ): Step<T> | null {
    const withheld = new Set(passedOver);
    const errors: IRecognitionException[] = [];
    let result = before;
    const line = firstError(result)?.token.startLine;
    while (errors.length < Math.min(mostOfLine, most)) {
      const error = firstError(result);
      if (error === undefined || !isWord(error.token)) return null;
      errors.push(error);
      withheld.add(error.token.startOffset);
      this.#lexer.withheld = withheld;
      result = super.parse<T>(input);
      const next = firstError(result)?.token;
      if (next === undefined || isEnd(next) || (next.startLine ?? 0) > (line ?? 0)) return { result, errors };
    }
    return null;
  }
}

const nothing: ReadonlySet<number> = new Set();

const isEnd = (token: IToken) => token.tokenType.name === 'EOF';

/** Whether a token may be passed over: all but what gives the text its structure. */
function isWord(token: IToken): boolean {
  return !isEnd(token) && token.tokenType.name !== 'NL' && token.image !== '{' && token.image !== '}';
}

const isUnbalanced = ({ token }: IRecognitionException) => isEnd(token) || token.image === '}';

/** Whether what stands behind the name of a component or a machine stands where the name should. */
function lacksName({ token, context: { ruleStack } }: IRecognitionException): boolean {
  const [rule = '', around = ''] = [ruleStack.at(-1), ruleStack.at(-2)];
  const isHead = rule.startsWith('Name') && (around.startsWith('Component') || around.startsWith('Machine'));
  return isHead && (['{', ':', '['].includes(token.image) || ['GEN', 'LANES'].includes(token.tokenType.name));
}

/** What has no name is called what it is, so that the rest of the text stands below it. */
function nameUnnamed(root: AstNode): void {
  for (const node of AstUtils.streamAst(root)) {
    const unnamed = node as Mutable<AstNode> & { name?: string; kind?: string };
    if (node.$type === 'Component' && unnamed.kind !== undefined) unnamed.name ??= unnamed.kind;
    if (node.$type === 'Machine') unnamed.name ??= 'machine';
  }
}

function firstError(result: ParseResult): IRecognitionException | undefined {
  const place = ({ token }: IRecognitionException) => (isEnd(token) ? Number.POSITIVE_INFINITY : token.startOffset);
  return result.parserErrors.reduce<IRecognitionException | undefined>(
    (first, one) => (first === undefined || place(one) < place(first) ? one : first),
    undefined,
  );
}

/** The parser of the language, its rules built from the grammar. */
export function createPcieParser(services: LangiumCoreServices): LangiumParser {
  const lexer = services.parser.Lexer;
  if (!(lexer instanceof PcieLexer)) throw new Error('The parser needs the lexer of the language.');
  const parser = createParser(services.Grammar, new RecoveringParser(services, lexer), lexer.definition);
  parser.finalize();
  return parser;
}
