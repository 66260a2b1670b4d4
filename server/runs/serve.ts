import { lookupAmong } from '../../simulator/expectations.ts';
import { priceOf } from '../../simulator/price.ts';
import { simulate } from '../../simulator/simulate.ts';
import { SimulationCancelled } from '../../simulator/simulate.types.ts';
import type { FromWorker, PriceMessage, RunMessage, ToWorker } from './messages.ts';

/** Between two progress messages at least this much is done. */
const progressStep = 0.01;

/** Does one job and says how it went: the body of the worker, in Node and in the browser. */
export function serveJob(message: ToWorker, answer: (message: FromWorker) => void): void {
  try {
    if (message.kind === 'run') serveRun(message, answer);
    else servePrices(message, answer);
  } catch (error) {
    const { id } = message;
    if (error instanceof SimulationCancelled) answer({ kind: 'cancelled', id });
    else {
      const { message: text, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
      answer({ kind: 'failed', id, message: text, stack: stack ?? '' });
    }
  }
}

const isCancelled = (cancel: Int32Array | null) => cancel !== null && Atomics.load(cancel, 0) === 1;

function servePrices({ id, machine, requests, cancel }: PriceMessage, answer: (message: FromWorker) => void): void {
  const costs = requests.map((request) => {
    if (isCancelled(cancel)) throw new SimulationCancelled();
    return priceOf(machine, request) ?? null;
  });
  answer({ kind: 'priced', id, costs });
}

function serveRun(message: RunMessage, answer: (message: FromWorker) => void): void {
  const { id, machine, work, options, findings, cancel } = message;
  let said = 0;
  const result = simulate(machine, work, {
    ...options,
    ...(findings === null ? {} : { findings: lookupAmong(findings, machine.name) }),
    cancelled: () => isCancelled(cancel),
    progress: (fraction) => {
      if (fraction - said < progressStep) return;
      said = fraction;
      answer({ kind: 'progress', id, fraction });
    },
  });
  answer({ kind: 'done', id, result });
}
