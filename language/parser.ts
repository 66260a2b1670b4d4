import type { IRecognitionException, IToken } from 'chevrotain';
import {
  type AstNode,
  createParser,
  type LangiumCoreServices,
  LangiumParser,
  type ParseResult,
  type ParserOptions,
} from 'langium';
import { PcieLexer } from './lexer.ts';

/** Tokens that are passed over on one line before the parser's own recovery has to do. */
const mostOfLine = 8;
/** How often a text is parsed again at most for the sake of its mistakes, and how many characters that may be in all. */
const mostTries = 12;
const mostCharacters = 1_000_000;

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
    try {
      for (;;) {
        const line = this.#readLineOf(best, input, passedOver, left);
        if (line === null) break;
        left -= line.errors.length;
        // What else is passed over on a line mostly follows from the first: one mistake is one error.
        errors.push(...line.errors.slice(0, 1));
        for (const { token } of line.errors) passedOver.add(token.startOffset);
        best = line.result;
      }
    } finally {
      this.#lexer.withheld = nothing;
    }
    return { ...best, parserErrors: [...errors, ...best.parserErrors] };
  }

  /** The same text without the words of the first wrong line that cannot stand there, or null where that leads no further. */
  #readLineOf<T extends AstNode>(
    before: ParseResult<T>,
    input: string,
    passedOver: ReadonlySet<number>,
    most: number,
  ): { readonly result: ParseResult<T>; readonly errors: readonly IRecognitionException[] } | null {
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
