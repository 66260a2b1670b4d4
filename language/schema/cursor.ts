import type { Scalar, Value } from '../generated/ast.ts';

/** What a reader says when the values are not what it takes. `fix` is text that would be right in place of the value. */
export interface ReadProblem {
  readonly code:
    | 'language/missing-unit'
    | 'language/wrong-unit'
    | 'language/bad-value'
    | 'language/missing-value'
    | 'language/extra-value'
    | 'link/illegal-generation'
    | 'link/illegal-width';
  readonly message: string;
  /** Index of the value at fault, or -1 for the property as a whole. */
  readonly at: number;
  readonly fixes: readonly { readonly title: string; readonly text: string }[];
}

/** The values of one property, read one after the other. */
export class ValueCursor {
  readonly #values: readonly Value[];
  readonly #parameters: ReadonlyMap<string, Value>;
  readonly problems: ReadProblem[] = [];
  #next = 0;

  constructor(values: readonly Value[], parameters: ReadonlyMap<string, Value>) {
    this.#values = values;
    this.#parameters = parameters;
  }

  get position(): number {
    return this.#next;
  }

  get done(): boolean {
    return this.#next >= this.#values.length;
  }

  /** The next value with template parameters replaced, not yet taken. */
  peek(): Value | undefined {
    return this.#resolve(this.#values[this.#next]);
  }

  take(): Value | undefined {
    const value = this.peek();
    if (value !== undefined) this.#next++;
    return value;
  }

  /** The next value as a plain word, or undefined if it is anything else. */
  peekWord(): string | undefined {
    const value = this.peek();
    return value !== undefined && value.high === undefined ? wordOf(value.low) : undefined;
  }

  /** The value behind the next one, where that is a plain word. */
  peekBehind(): string | undefined {
    const value = this.#resolve(this.#values[this.#next + 1]);
    return value !== undefined && value.high === undefined ? wordOf(value.low) : undefined;
  }

  /** Takes the next value if it is this word. */
  takeWord(word: string): boolean {
    if (this.peekWord() !== word) return false;
    this.#next++;
    return true;
  }

  problem(problem: Omit<ReadProblem, 'at' | 'fixes'> & Partial<Pick<ReadProblem, 'at' | 'fixes'>>): void {
    this.problems.push({ at: this.#next, fixes: [], ...problem });
  }

  #resolve(value: Value | undefined): Value | undefined {
    let seen = 0;
    let at = value;
    while (at?.low?.$type === 'ParameterUse' && at.high === undefined && seen++ < 16) {
      const bound = this.#parameters.get(at.low.parameter);
      if (bound === undefined) return at;
      at = bound;
    }
    return at;
  }
}

/** The text of a word-like scalar: a word, a width, a generation, hexadecimal digits. */
export function wordOf(scalar: Scalar | undefined): string | undefined {
  switch (scalar?.$type) {
    case 'WordValue':
      return scalar.word;
    case 'Literal':
      return scalar.text;
    default:
      return undefined;
  }
}

/** What was found instead, for a message. */
export function describe(value: Value | undefined): string {
  if (value === undefined) return 'nothing';
  return `'${(value.$cstNode?.text ?? '').slice(0, 40)}'`;
}
