import type { RunRecord } from '../../../server/protocol.ts';

/** How one expectation came out, in words. */
export interface ExpectationVerdict {
  readonly passed: boolean;
  readonly message: string;
  readonly expected: string;
  readonly actual: string;
}

/**
 * The verdicts of a run as the text says it, by where the expectations stand in it. A line that is expected of several
 * transfers holds when it holds for all; else the first that fails is told.
 */
export function verdictsOf(record: RunRecord): ReadonlyMap<number, ExpectationVerdict> {
  const verdicts = new Map<number, ExpectationVerdict>();
  const written = record.variants.filter(({ variant }) => variant === 'written');
  for (const { passed, message, text, range } of written.flatMap(({ result }) =>
    result.runs.flatMap((run) => run.expectations),
  )) {
    if (range.uri !== record.uri || verdicts.get(range.offset)?.passed === false) continue;
    const [actual = message] = message.replace(/\.$/, '').split(/, expected /);
    verdicts.set(range.offset, { passed, message, expected: text.replace(/^expect /, ''), actual });
  }
  return verdicts;
}
