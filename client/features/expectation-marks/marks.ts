import type { RunRecord } from '../../../server/protocol.ts';
import type { KeptRun } from '../../core/run-book.ts';
import { type Edit, followAll, type Span } from './tracking.ts';

/** What stands behind an `expect` after a run. */
export interface Mark {
  readonly span: Span;
  readonly passed: boolean;
  readonly text: string;
  readonly stale: boolean;
}

/**
 * The marks of one run. A comparison changed the route of its transfers, and so judged something else than the text
 * says: it leaves no marks.
 */
export function marksOf(record: RunRecord): readonly Mark[] {
  return record.variants
    .filter(({ variant }) => variant === 'written')
    .flatMap(({ result }) => result.runs.flatMap((run) => run.expectations))
    .filter(({ range }) => range.uri === record.uri)
    .map(({ range, passed, message }) => ({
      span: { offset: range.offset, end: range.end },
      passed,
      // What was expected stands in the line already.
      text: `${passed ? '✓' : '✗'} ${message.replace(/, expected .*$/, '')}`,
      stale: record.stale,
    }));
}

/** The marks of all documents, at the places to which edits have moved them since. */
export class MarkBook {
  readonly #byUri = new Map<string, ReadonlyMap<number, readonly Mark[]>>();

  /**
   * Takes up the last runs of a document: new ones bring their marks, known ones keep theirs where they are now.
   *
   * @param version of the document as it is; marks of a run of another version would stand in the wrong places
   */
  update(uri: string, runs: readonly KeptRun[], version: number | undefined): void {
    const known = this.#byUri.get(uri);
    const next = new Map<number, readonly Mark[]>();
    for (const { key, record } of runs) {
      const before = known?.get(key);
      if (before !== undefined) {
        next.set(
          key,
          before.map((mark) => ({ ...mark, stale: record.stale })),
        );
      } else {
        next.set(key, record.version === version ? marksOf(record) : []);
      }
    }
    this.#byUri.set(uri, next);
  }

  /** Moves the marks of a document along with its text. True where one was lost. */
  follow(uri: string, edits: readonly Edit[]): boolean {
    let lost = false;
    const next = new Map<number, readonly Mark[]>();
    for (const [key, marks] of this.#byUri.get(uri) ?? []) {
      const moved = marks.flatMap((mark) => {
        const span = followAll(mark.span, edits);
        return span === null ? [] : [{ ...mark, span }];
      });
      lost ||= moved.length < marks.length;
      next.set(key, moved);
    }
    if (next.size > 0) this.#byUri.set(uri, next);
    return lost;
  }

  /** One mark for each expectation, that of its latest run, in the order of the text. */
  marks(uri: string): readonly Mark[] {
    const latest = new Map<number, Mark>();
    for (const marks of this.#byUri.get(uri)?.values() ?? []) {
      for (const mark of marks) latest.set(mark.span.offset, mark);
    }
    return [...latest.values()].sort((a, b) => a.span.offset - b.span.offset);
  }
}
