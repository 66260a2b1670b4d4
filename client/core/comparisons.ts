import { Emitter } from './emitter.ts';

/** How another machine differs from the machine of a document. */
export interface Comparison {
  readonly uri: string;
  /** Name of the file of the other machine. */
  readonly other: string;
  /** Qualified names of the first machine (of the other one for what only that has), and what is otherwise, in words. */
  readonly changes: readonly { readonly subject: string; readonly words: string }[];
}

/** The last comparison of each document, for views that mark it. */
export class Comparisons {
  readonly #last = new Map<string, Comparison>();
  readonly #changed = new Emitter<Comparison>();
  readonly onDidChange = this.#changed.event;

  keep(comparison: Comparison): void {
    this.#last.set(comparison.uri, comparison);
    this.#changed.fire(comparison);
  }

  of(uri: string): Comparison | null {
    return this.#last.get(uri) ?? null;
  }
}
