import type { Machine } from '../../model/machine.ts';
import type { Work } from '../../model/work.ts';
import type { KnownFinding } from '../../simulator/expectations.ts';
import type { RunExplanation } from '../../simulator/explain/explain.types.ts';
import type { Cost, PriceRequest } from '../../simulator/price.ts';
import type { SimulationResult } from '../../simulator/simulate.types.ts';
import type { RunOptions } from '../protocol.ts';

/** What the server says to the simulator worker. One job at a time. */
export type ToWorker = RunMessage | PriceMessage | TraceMessage;

export interface RunMessage {
  readonly kind: 'run';
  readonly id: number;
  readonly machine: Machine;
  readonly work: Work;
  readonly options: RunOptions;
  /** Whether anybody wants to know where the time goes. */
  readonly explain: boolean;
  /** What the rules say, for `expect finding`; null where nothing expects one. */
  readonly findings: readonly KnownFinding[] | null;
  /** Set to 1 to cancel; absent where memory cannot be shared, then the worker is ended instead. */
  readonly cancel: Int32Array | null;
}

/** Work whose trace is wanted, all in one. */
export interface TraceMessage {
  readonly kind: 'trace';
  readonly id: number;
  readonly jobs: readonly TraceJob[];
  readonly cancel: Int32Array | null;
}

export interface TraceJob {
  /** Stands in front of the names of its runs; empty where there is one job. */
  readonly label: string;
  readonly machine: Machine;
  readonly work: Work;
  readonly options: RunOptions;
}

/** Questions about one machine. */
export interface PriceMessage {
  readonly kind: 'price';
  readonly id: number;
  readonly machine: Machine;
  readonly requests: readonly PriceRequest[];
  readonly cancel: Int32Array | null;
}

/** What the worker answers. The answers of a run that is no longer wanted are dropped by their id. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly id: number; readonly fraction: number }
  /** One explanation a run, in their order. Records of traces are left out of the runs. */
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly result: SimulationResult;
      readonly explanations: readonly RunExplanation[];
    }
  /** A trace as Perfetto reads it. */
  | { readonly kind: 'traced'; readonly id: number; readonly text: string }
  /** One answer a request, in their order; null where nothing is lost. */
  | { readonly kind: 'priced'; readonly id: number; readonly costs: readonly (Cost | null)[] }
  | { readonly kind: 'cancelled'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string; readonly stack: string };

/** A worker, whatever runs it. */
export interface WorkerPort {
  post(message: ToWorker): void;
  onMessage(listener: (message: FromWorker) => void): void;
  /** The worker is gone, wanted or not. `reason` is for people. */
  onExit(listener: (reason: string) => void): void;
  terminate(): void;
}
