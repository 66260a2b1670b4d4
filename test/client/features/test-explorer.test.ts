import { beforeEach, describe, expect, test } from 'vitest';
import { RunsChanged, Simulate, WorkItems } from '../../../server/protocol.ts';
import { startExtension } from '../run-extension.ts';
import { single } from '../views/recorded.ts';

const { uri } = single;
const place = { start: { line: 3, character: 2 }, end: { line: 3, character: 20 } };
const [run] = single.variants[0]?.result.runs ?? [];

/** What the server says of a file in which `load` is expected to do something at these places. */
const workAt = (...offsets: readonly number[]) => [
  {
    name: 'load',
    kind: 'transfer',
    range: place,
    expectations: offsets.map((offset, index) => ({ text: `expectation ${index}`, offset, range: place })),
  },
];
/** A run of `load` whose first expectation holds and whose others do not, at these places. */
const ranWith = (...offsets: readonly number[]) => ({
  ...single,
  variants: [
    {
      ...single.variants[0],
      variant: 'written',
      result: {
        runs: [
          {
            ...run,
            expectations: offsets.map((offset, index) => ({
              text: `expectation ${index}`,
              passed: index === 0,
              message: 'bandwidth is 1 GB/s, expected > 2 GB/s.',
              actual: 1,
              range: { uri, offset, end: offset + 5 },
            })),
          },
        ],
      },
    },
  ],
});

describe('the tests of a file', () => {
  let started: Awaited<ReturnType<typeof startExtension>>;
  beforeEach(async () => {
    started = await startExtension(new Map([[uri, 'machine m {}']]), ({ answers }) => {
      answers.set(WorkItems.method, () => workAt(10, 40));
      answers.set(Simulate.method, () => ranWith(10, 40));
    });
  });

  test('wait, run, and say what became of them', async () => {
    const { testing } = started.witness;
    await testing.runTests();
    expect(testing.log).toEqual([
      'enqueued expectation 0',
      'enqueued expectation 1',
      'started expectation 0',
      'started expectation 1',
      'passed expectation 0',
      'failed expectation 1',
      'end',
    ]);
  });

  test('are found where they stand now, though nothing was saved', async () => {
    const { witness, client } = started;
    // A line was typed before them, and one more is expected.
    client.answers.set(WorkItems.method, () => workAt(25, 55, 90));
    client.answers.set(Simulate.method, () => ranWith(25, 55, 90));
    witness.typed(uri);
    await witness.testing.runTests();
    expect(witness.testing.log.filter((line) => /^(passed|failed|skipped)/.test(line))).toEqual([
      'passed expectation 0',
      'failed expectation 1',
      'failed expectation 2',
    ]);
  });

  test('are shown as outdated when the text says something else', async () => {
    const { witness, client } = started;
    await witness.testing.runTests();
    client.say(RunsChanged.method, { uri, runs: [{ name: 'load', stale: true }] });
    expect(witness.testing.log.at(-1)).toBe('outdated load');
    client.say(RunsChanged.method, { uri, runs: [{ name: 'load', stale: false }] });
    expect(witness.testing.log.filter((line) => line.startsWith('outdated'))).toHaveLength(1);
  });
});
