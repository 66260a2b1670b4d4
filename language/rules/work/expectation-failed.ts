import type { ElaboratedMachine } from '../../elaborate/elaborated.ts';
import type { Rule } from '../rule.ts';

/** The run gives another figure than the text expects. */
export const workExpectationFailed: Rule = {
  code: 'work/expectation-failed',
  title: 'An expectation that does not hold',
  severity: 'error',
  layer: 'performance',
  incidents: [],
  needsRun: ({ work }: ElaboratedMachine) =>
    work.expectations.length > 0 ||
    work.transfers.some((one) => one.expectations.length > 0) ||
    work.scenarios.some(
      (one) =>
        one.expectations.length > 0 ||
        [
          ...one.transfers,
          ...one.processes,
          ...one.activities,
          ...one.activities.flatMap(({ children }) => children),
        ].some(({ expectations }) => (expectations?.length ?? 0) > 0),
    ),
  checkRun: (_machine, result, report) => {
    for (const run of result.runs) {
      for (const expectation of run.expectations) {
        // Findings are judged where all rules are known: by the test runner and `pcie simulate`.
        if (expectation.passed || /^expect (no )?finding/.test(expectation.text)) continue;
        report({
          message: `${expectation.message} (${run.name})`,
          place: { origin: expectation.range },
          subjects: [run.name],
        });
      }
    }
  },
};
