import type { RunRecord } from '../../../server/protocol.ts';

/** How one expectation came out, in words. */
export interface ExpectationVerdict {
  readonly passed: boolean;
  readonly message: string;
  readonly expected: string;
  readonly actual: string;
}

/** The verdicts of a run as the text says it, in the order of the text. */
export function verdictsOf(record: RunRecord): ExpectationVerdict[] {
  return record.variants
    .filter(({ variant }) => variant === 'written')
    .flatMap(({ result }) => result.runs.flatMap((run) => run.expectations))
    .filter(({ range }) => range.uri === record.uri)
    .sort((a, b) => a.range.offset - b.range.offset)
    .map(({ passed, message, text }) => {
      const [actual = message, expected = text] = message.replace(/\.$/, '').split(/, expected /);
      return { passed, message, expected, actual };
    });
}
