import type { Reason } from '../model/origin.ts';
import type { RouteKind } from '../model/route/types.ts';
import type { JobResult } from './jobs/job.types.ts';
import type { TraceRecord } from './trace/records.ts';
import type { RunTracer } from './trace/run-trace.ts';

/** How closely a run looks: raw sharing, rates and latencies, or every packet. */
export type Fidelity = 'ideal' | 'flow' | 'packet';
export type TaxSetting = 'worst-case' | 'measured';

export interface SimulateOptions {
  readonly fidelity?: Fidelity;
  readonly tax?: TaxSetting;
  readonly seed?: number;
  /** Asked between events; a true answer ends the run with a `SimulationCancelled` error. */
  readonly cancelled?: () => boolean;
  /** Called now and then with the fraction done, 0 to 1. */
  readonly progress?: (fraction: number) => void;
  /** Fidelity packet: leaves out steady stretches, which would only repeat; true where absent. */
  readonly skipSteady?: boolean;
  /** Takes what the runs do as they go on, for a trace. */
  readonly trace?: RunTracer;
}

/** What one transfer did. Units: bytes, seconds, bytes per second. */
export interface TransferResult {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** bytes / (end - start). */
  readonly bytesPerSecond: number;
  readonly firstByteSeconds: number;
  readonly route: RouteKind;
  /** Name of what limited it for most of its time: a link, a memory, an interconnect or the device itself. */
  readonly bottleneck: string;
  /** What would have limited it instead, were it not for the bottleneck; null where nothing else is known to. */
  readonly nextLimit?: NextLimit | null;
  /** What limited it, phase after phase, from its start to its end. */
  readonly phases: readonly LimitPhase[];
  readonly reasons: readonly Reason[];
}

/** What can hold a transfer back. */
export type LimitKind = 'link' | 'memory' | 'interconnect' | 'device' | 'root-complex' | 'latency' | 'tags' | 'engine';

/** A stretch of time in which one thing held a transfer back. Before the first byte that is latency. */
export interface LimitPhase {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly bytesPerSecond: number;
  readonly limitedBy: string;
  readonly kind: LimitKind;
  /** What would hold it back if this did not; null where nothing else is known to, absent where nobody asked. */
  readonly next?: NextLimit | null;
}

/** The limit behind the limit, and the rate that it would leave, in bytes per second. */
export interface NextLimit {
  readonly limitedBy: string;
  readonly kind: LimitKind;
  readonly bytesPerSecond: number;
}

export interface LinkUse {
  readonly name: string;
  readonly direction: 'up' | 'down';
  readonly payloadBytes: number;
  readonly wireBytes: number;
  /** Share of the run in which the wire was busy, 0 to 1. */
  readonly utilisation: number;
}

/** Bytes that went through a resource that is not a link: `cpu0.memory`, an interconnect. */
export interface ResourceUse {
  readonly name: string;
  readonly kind: 'memory' | 'interconnect' | 'root-complex' | 'device';
  readonly bytes: number;
  readonly utilisation: number;
}

export interface ExpectationResult {
  readonly text: string;
  /** A number in SI units, or the word that was found. */
  readonly actual: number | string | null;
  readonly passed: boolean;
  readonly range: { readonly uri: string; readonly offset: number; readonly end: number };
  readonly message: string;
}

export interface RunResult {
  readonly name: string;
  readonly makespanSeconds: number;
  readonly transfers: readonly TransferResult[];
  readonly links: readonly LinkUse[];
  readonly resources: readonly ResourceUse[];
  readonly expectations: readonly ExpectationResult[];
  /** Operations of streams: copies, kernels, waits. */
  readonly operations: readonly OperationResult[];
  /** Processes, pipelines and collectives as wholes. */
  readonly activities?: readonly ActivityResult[];
  /** Jobs on drives, in the terms of fio. */
  readonly jobs?: readonly JobResult[];
  /** Steps of software and devices, for a trace. */
  readonly records?: readonly TraceRecord[];
  readonly counters?: readonly CounterResult[];
  /** Work that this engine does not know, said aloud. */
  readonly notSimulated: readonly string[];
  /** Defaults that the run rests on. */
  readonly assumptions: readonly string[];
}

export interface OperationResult {
  readonly process: string;
  readonly stream: string;
  readonly label: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** What a process, a pipeline or a collective did as a whole. Units: bytes, seconds, bytes per second. */
export interface ActivityResult {
  readonly kind: string;
  readonly name: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Bytes of the work as the text states them: the size of a collective, all items of a pipeline. */
  readonly bytes: number;
  /** bytes / (end - start); of a pipeline that is paced, over the time of its items. */
  readonly bytesPerSecond: number;
  /** Of a collective: what each link carries, as nccl-tests counts it. */
  readonly busBytesPerSecond?: number;
  /** Of a pipeline: the longest time from the start of an item to its end. */
  readonly latencySeconds?: number;
  /** How it was done: `ring over NVLink`, for example. */
  readonly algorithm?: string;
  /** Name of what limited it for most of its time. */
  readonly bottleneck: string;
  /** What would have limited it instead; null where nothing else is known to. The rate is that of all its parts together. */
  readonly nextLimit?: NextLimit | null;
  /** What limited most of its parts, phase after phase, from its start to its end; rates are those of all parts together. */
  readonly phases?: readonly LimitPhase[];
  readonly reasons: readonly Reason[];
}

/** A counter as a monitoring tool shows it. */
export interface CounterResult {
  /** `nvidia-smi dmon`, `DCGM`, `pcm-pcie`. */
  readonly tool: string;
  /** The tool's own name of it: `rxpci`, `DCGM_FI_PROF_PCIE_RX_BYTES`. */
  readonly counter: string;
  readonly of: string;
  readonly value: number;
  readonly unit: 'bytesPerSecond' | 'bytes' | 'count' | 'fraction' | 'megabytesPerSecond' | 'percent';
}

export interface SimulationResult {
  readonly seed: number;
  readonly fidelity: Fidelity;
  readonly runs: readonly RunResult[];
}

/** Thrown by a run that its caller cancelled. */
export class SimulationCancelled extends Error {
  override readonly name = 'SimulationCancelled';
}
