import type { CancellationToken } from 'vscode-languageserver';
import type { Machine } from '../../model/machine.ts';
import type { Work } from '../../model/work.ts';
import type { KnownFinding } from '../../simulator/expectations.ts';
import type { Cost, PriceRequest } from '../../simulator/price.ts';
import { SimulationCancelled } from '../../simulator/simulate.types.ts';
import type { RunOptions } from '../protocol.ts';
import type { FromWorker, ToWorker, TraceJob, WorkerPort } from './messages.ts';

/** What a run needs. */
export interface Job {
  readonly machine: Machine;
  readonly work: Work;
  readonly options: RunOptions;
  readonly explain: boolean;
  readonly findings: readonly KnownFinding[] | null;
}

export type StartWorker = () => WorkerPort | Promise<WorkerPort>;

type Answer = Extract<FromWorker, { kind: 'done' | 'priced' | 'traced' }>;
/** What came of a run, and where its time went. */
export type Outcome = Pick<Extract<FromWorker, { kind: 'done' }>, 'result' | 'explanations'>;
type MakeMessage = (id: number, cancel: Int32Array | null) => ToWorker;

interface Running {
  readonly id: number;
  readonly progress: (fraction: number) => void;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** A worker that was asked to cancel gets this long before it is ended. */
const graceMilliseconds = 500;

/**
 * Runs jobs in one worker, one after the other. The worker starts with the first job; one that dies or does not stop
 * is replaced by a new one for the next job.
 */
export class Runner {
  readonly #start: StartWorker;
  #worker: WorkerPort | undefined;
  #running: Running | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #nextId = 1;

  constructor(start: StartWorker) {
    this.#start = start;
  }

  /**
   * Simulates in the worker. Rejects with `SimulationCancelled` after a cancellation, with the engine's error otherwise.
   *
   * @param progress called with the fraction done, 0 to 1
   */
  async run(job: Job, token: CancellationToken, progress: (fraction: number) => void): Promise<Outcome> {
    const answer = await this.#next((id, cancel) => ({ kind: 'run', id, ...job, cancel }), token, progress);
    if (answer.kind !== 'done') throw new Error('The simulator answered something else.');
    return answer;
  }

  /** What each of the questions comes to; null where nothing is lost. Rejects as `run` does. */
  async price(
    machine: Machine,
    requests: readonly PriceRequest[],
    token: CancellationToken,
  ): Promise<readonly (Cost | null)[]> {
    const answer = await this.#next(
      (id, cancel) => ({ kind: 'price', id, machine, requests, cancel }),
      token,
      () => undefined,
    );
    if (answer.kind !== 'priced') throw new Error('The simulator answered something else.');
    return answer.costs;
  }

  /** The trace of some work, which runs for it. Rejects as `run` does. */
  async trace(
    jobs: readonly TraceJob[],
    token: CancellationToken,
    progress: (fraction: number) => void,
  ): Promise<string> {
    const answer = await this.#next((id, cancel) => ({ kind: 'trace', id, jobs, cancel }), token, progress);
    if (answer.kind !== 'traced') throw new Error('The simulator answered something else.');
    return answer.text;
  }

  dispose(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #next(make: MakeMessage, token: CancellationToken, progress: (fraction: number) => void): Promise<Answer> {
    const result = this.#queue.then(() => this.#doNow(make, token, progress));
    this.#queue = result.catch(() => undefined);
    // Whoever cancels has an answer at once; the next job waits until the worker has noticed.
    return new Promise((resolve, reject) => {
      const cancelling = token.onCancellationRequested(() => reject(new SimulationCancelled()));
      result.then(resolve, reject).finally(() => cancelling.dispose());
    });
  }

  async #doNow(make: MakeMessage, token: CancellationToken, progress: (fraction: number) => void): Promise<Answer> {
    if (token.isCancellationRequested) throw new SimulationCancelled();
    const worker = await this.#ready();
    const cancel = sharedFlag();
    const id = this.#nextId++;
    let grace: ReturnType<typeof setTimeout> | undefined;
    const cancelling = token.onCancellationRequested(() => {
      if (cancel !== null) Atomics.store(cancel, 0, 1);
      grace = setTimeout(() => this.#end(worker, new SimulationCancelled()), cancel === null ? 0 : graceMilliseconds);
    });
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#running = { id, progress, resolve, reject };
        worker.post(make(id, cancel));
      });
    } finally {
      cancelling.dispose();
      clearTimeout(grace);
      this.#running = undefined;
    }
  }

  async #ready(): Promise<WorkerPort> {
    if (this.#worker !== undefined) return this.#worker;
    const worker = await this.#start();
    worker.onMessage((message) => this.#receive(message));
    worker.onExit((reason) => {
      if (this.#worker === worker) this.#end(worker, new Error(`The simulator stopped: ${reason}.`));
    });
    this.#worker = worker;
    return worker;
  }

  #receive(message: FromWorker): void {
    if (message.kind === 'ready' || message.id !== this.#running?.id) return;
    switch (message.kind) {
      case 'progress':
        this.#running.progress(message.fraction);
        break;
      case 'done':
      case 'priced':
      case 'traced':
        this.#running.resolve(message);
        break;
      case 'cancelled':
        this.#running.reject(new SimulationCancelled());
        break;
      case 'failed': {
        console.error(message.stack);
        this.#running.reject(new Error(message.message));
        break;
      }
      default:
    }
  }

  #end(worker: WorkerPort, error: Error): void {
    if (this.#worker === worker) this.#worker = undefined;
    worker.terminate();
    this.#running?.reject(error);
  }
}

/** A flag that the worker sees at once; null where the host does not share memory. */
function sharedFlag(): Int32Array | null {
  return typeof SharedArrayBuffer === 'undefined' ? null : new Int32Array(new SharedArrayBuffer(4));
}
