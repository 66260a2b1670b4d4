import { describe, expect, test } from 'vitest';
import { verdictsOf } from '../../../client/features/tests/verdicts.ts';
import type { RunRecord } from '../../../server/protocol.ts';

const uri = 'file:///work/a.pcie';

function record(expectations: readonly object[], variant = 'written'): RunRecord {
  return {
    id: 1,
    uri,
    version: 1,
    name: 'load',
    options: { fidelity: 'flow', tax: 'measured', seed: 1 },
    variants: [{ variant, result: { seed: 1, fidelity: 'flow', runs: [{ name: 'load', expectations }] } }],
    stale: false,
    report: '',
    elapsedSeconds: 0.01,
  } as unknown as RunRecord;
}
const expectation = (offset: number, passed: boolean, message: string, from = uri) => ({
  text: 'expect bandwidth > 7 GB/s',
  passed,
  message,
  actual: 6.5e9,
  range: { uri: from, offset, end: offset + 5 },
});

describe('verdicts of expectations', () => {
  test('stand at their places in the text, with what was expected apart from what came out', () => {
    const all = verdictsOf(
      record([
        expectation(90, true, 'path is direct, expected direct.'),
        expectation(40, false, 'bandwidth is 6.5 GB/s, expected > 7 GB/s.'),
      ]),
    );
    expect([...all].map(([offset, { passed }]) => [offset, passed])).toEqual([
      [90, true],
      [40, false],
    ]);
    expect(all.get(40)).toMatchObject({ actual: 'bandwidth is 6.5 GB/s', expected: 'bandwidth > 7 GB/s' });
  });
  test('a line that is expected of several transfers holds when it holds for all', () => {
    const all = verdictsOf(
      record([
        expectation(40, true, 'bandwidth is 9 GB/s, expected > 7 GB/s.'),
        expectation(40, false, 'bandwidth is 6.5 GB/s, expected > 7 GB/s.'),
        expectation(40, false, 'bandwidth is 6.4 GB/s, expected > 7 GB/s.'),
      ]),
    );
    expect(all.size).toBe(1);
    expect(all.get(40)).toMatchObject({ passed: false, actual: 'bandwidth is 6.5 GB/s' });
  });
  test('are those of the file and of the run as it is written', () => {
    expect(verdictsOf(record([expectation(1, true, 'x', 'file:///work/other.pcie')])).size).toBe(0);
    expect(verdictsOf(record([expectation(1, true, 'x')], 'host')).size).toBe(0);
  });
  test('a finding that is not there says so on both sides', () => {
    const verdict = verdictsOf(record([expectation(1, false, 'p2p/acs-redirect is not reported.')])).get(1);
    expect(verdict).toMatchObject({
      actual: 'p2p/acs-redirect is not reported',
      expected: 'bandwidth > 7 GB/s',
    });
  });
});
