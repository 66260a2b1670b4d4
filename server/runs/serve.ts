import { type Check, checkOf } from '../../simulator/cancel.ts';
import { lookupAmong } from '../../simulator/expectations.ts';
import type { RunExplanation } from '../../simulator/explain/explain.types.ts';
import { mergedPhases } from '../../simulator/explain/phases.ts';
import { priceOf } from '../../simulator/price.ts';
import { simulate } from '../../simulator/simulate.ts';
import { type RunResult, SimulationCancelled } from '../../simulator/simulate.types.ts';
import { PerfettoWriter } from '../../simulator/trace/perfetto.ts';
import { PerfettoTracer } from '../../simulator/trace/run-trace.ts';
import type { FromWorker, PriceMessage, RunMessage, ToWorker, TraceMessage } from './messages.ts';

/** Between two progress messages at least this much is done. */
const progressStep = 0.01;

/**
 * Does one job and says how it went: the body of the worker, in Node and in the browser.
 *
 * @param cancelled whether the answer is wanted no more: where absent, what the flag of the message says
 */
export function serveJob(
  message: ToWorker,
  answer: (message: FromWorker) => void,
  cancelled: () => boolean = () => isCancelled(message.cancel),
): void {
  try {
    if (message.kind === 'run') serveRun(message, answer, cancelled);
    else if (message.kind === 'trace') serveTrace(message, answer, cancelled);
    else servePrices(message, answer, cancelled);
  } catch (error) {
    const { id } = message;
    if (error instanceof SimulationCancelled) answer({ kind: 'cancelled', id });
    else {
      const { message: text, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
      answer({ kind: 'failed', id, message: text, stack: stack ?? '' });
    }
  }
}

/** Says how far a job is, not too often. */
function progressOf(id: number, answer: (message: FromWorker) => void): (fraction: number) => void {
  let said = 0;
  return (fraction) => {
    if (fraction - said < progressStep) return;
    said = fraction;
    answer({ kind: 'progress', id, fraction });
  };
}

const isCancelled = (cancel: Int32Array | null) => cancel !== null && Atomics.load(cancel, 0) === 1;

type Answer = (message: FromWorker) => void;

function servePrices({ id, machine, requests }: PriceMessage, answer: Answer, cancelled: () => boolean): void {
  const costs = requests.map((request) => {
    checkOf(cancelled)();
    return priceOf(machine, request, cancelled) ?? null;
  });
  answer({ kind: 'priced', id, costs });
}

/** Phases of all transfers of a run, and of one whatever the number of the others. */
const mostPhases = 20_000;
const fewestPhases = 8;
const mostOfOne = 200;

/** A run as it is sent and kept. The explanation has what a view shows of the records; a trace asks for them again. */
function shortened({ records: _, ...run }: RunResult, check: Check): RunResult {
  const share = Math.floor(mostPhases / Math.max(1, run.transfers.length));
  const most = Math.min(mostOfOne, Math.max(fewestPhases, share));
  return {
    ...run,
    transfers: run.transfers.map((transfer) => {
      check();
      return { ...transfer, phases: mergedPhases(transfer.phases, most) };
    }),
  };
}

function serveTrace({ id, jobs }: TraceMessage, answer: Answer, cancelled: () => boolean): void {
  const chunks: string[] = [];
  const say = progressOf(id, answer);
  const [first] = jobs;
  const { seed = 1, fidelity = 'flow' } = first?.options ?? {};
  const writer = new PerfettoWriter((chunk) => chunks.push(chunk), { seed, fidelity });
  for (const [index, { label, machine, work, options }] of jobs.entries()) {
    simulate(machine, work, {
      ...options,
      trace: new PerfettoTracer(writer, undefined, label, checkOf(cancelled)),
      cancelled,
      progress: (fraction) => say((index + fraction) / jobs.length),
    });
  }
  writer.close();
  answer({ kind: 'traced', id, text: chunks.join('') });
}

function serveRun(message: RunMessage, answer: Answer, cancelled: () => boolean): void {
  const { id, machine, work, options, explain, findings } = message;
  const explanations: RunExplanation[] = [];
  const result = simulate(machine, work, {
    ...options,
    ...(findings === null ? {} : { findings: lookupAmong(findings, machine.name) }),
    cancelled,
    ...(explain ? { explain: (explanation) => explanations.push(explanation) } : {}),
    progress: progressOf(id, answer),
  });
  const runs = result.runs.map((run) => shortened(run, checkOf(cancelled)));
  answer({ kind: 'done', id, result: { ...result, runs }, explanations });
}
