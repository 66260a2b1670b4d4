import type { FindingLookup } from '../../simulator/expectations.ts';
import { simulate } from '../../simulator/simulate.ts';
import { SimulationCancelled } from '../../simulator/simulate.types.ts';
import type { FromWorker, KnownFinding, ToWorker } from './messages.ts';

/** Between two progress messages at least this much is done. */
const progressStep = 0.01;

/** Runs one job and says how it went: the body of the worker, in Node and in the browser. */
export function serveRun(message: ToWorker, answer: (message: FromWorker) => void): void {
  const { id, machine, work, options, findings, cancel } = message;
  let said = 0;
  try {
    const result = simulate(machine, work, {
      ...options,
      ...(findings === null ? {} : { findings: lookup(findings) }),
      cancelled: () => cancel !== null && Atomics.load(cancel, 0) === 1,
      progress: (fraction) => {
        if (fraction - said < progressStep) return;
        said = fraction;
        answer({ kind: 'progress', id, fraction });
      },
    });
    answer({ kind: 'done', id, result });
  } catch (error) {
    if (error instanceof SimulationCancelled) answer({ kind: 'cancelled', id });
    else {
      const { message: text, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
      answer({ kind: 'failed', id, message: text, stack: stack ?? '' });
    }
  }
}

/** Whether a rule reports something, at a component or anywhere. */
function lookup(findings: readonly KnownFinding[]): FindingLookup {
  return (code, at) =>
    findings.some((finding) => finding.code === code && (at === null || finding.subjects.includes(at)));
}
