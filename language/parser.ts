import type { IRecognitionException, IToken } from 'chevrotain';
import {
  type AstNode,
  createParser,
  type LangiumCoreServices,
  LangiumParser,
  type ParseResult,
  type ParserOptions,
} from 'langium';
import { missingBraceError, missingBraces, strayBraceError, strayBraces } from './braces.ts';
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
    let best = super.parse<T>(input, options);
    // A statement by itself is parsed to be put into a tree that is sound.
    if (best.parserErrors.length === 0 || options.rule !== undefined) return best;
    let left = Math.min(mostTries, Math.floor(mostCharacters / Math.max(1, input.length)));
    const passedOver = new Set<number>();
    const errors: IRecognitionException[] = [];
    const balance = () => {
      const balanced = this.#balance<T>(best, input, passedOver);
      if (balanced === null) return;
      errors.push(...balanced.errors);
      for (const token of balanced.strays) passedOver.add(token.startOffset);
      best = balanced.result;
    };
    try {
      balance();
      for (;;) {
        const line = this.#readLineOf(best, input, passedOver, left);
        if (line === null) break;
        left -= line.errors.length;
        // What else is passed over on a line mostly follows from the first: one mistake is one error.
        errors.push(...line.errors.slice(0, 1));
        for (const { token } of line.errors) passedOver.add(token.startOffset);
        best = line.result;
      }
      balance();
    } finally {
      this.#lexer.withheld = nothing;
      this.#lexer.missing = [];
    }
    return { ...best, parserErrors: [...errors, ...best.parserErrors] };
  }

  /** The same text with the braces that it lacks by its indentation, without those it has too many; null where it has neither. */
  #balance<T extends AstNode>(
    before: ParseResult<T>,
    input: string,
    passedOver: ReadonlySet<number>,
  ): (Step<T> & { readonly strays: readonly IToken[] }) | null {
    const isUnbalanced = ({ token }: IRecognitionException) => isEnd(token) || token.image === '}';
    const first = firstError(before);
    if (first === undefined || !isUnbalanced(first)) return null;
    this.#lexer.withheld = passedOver;
    const { tokens } = this.#lexer.tokenize(input);
    const [missing, strays] = [missingBraces(tokens), strayBraces(tokens)];
    if (missing.length === 0 && strays.length === 0) return null;
    this.#lexer.missing = missing;
    this.#lexer.withheld = new Set([...passedOver, ...strays.map(({ startOffset }) => startOffset)]);
    const result = super.parse<T>(input);
    if (!result.parserErrors.some(isUnbalanced)) {
      return { result, strays, errors: [...missing.map(missingBraceError), ...strays.map(strayBraceError)] };
    }
    this.#lexer.missing = [];
    return null;
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
