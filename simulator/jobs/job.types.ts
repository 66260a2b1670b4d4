import type { RouteKind } from '../../model/route/types.ts';
import type { LimitPhase, NextLimit } from '../simulate.types.ts';

/** What a job did, in the terms of fio. Units: seconds, bytes, operations per second. */
export interface JobFigures {
  readonly name: string;
  readonly drives: readonly string[];
  readonly target: string;
  readonly pattern: string;
  readonly engine: string;
  readonly blockBytes: number;
  readonly depth: number;
  readonly threads: number;
  readonly iops: number;
  readonly bytesPerSecond: number;
  /** What the drive sees of it, where a cache stands between: writes that go on when the program is done. Absent: all. */
  readonly driveBytesPerSecond?: number;
  readonly latency: JobLatency;
  /** Time of cores for an operation: threads, interrupts, and the spinning of those that poll. */
  readonly cpuSecondsPerOperation: number;
  /** Of that, in interrupts. */
  readonly interruptSecondsPerOperation: number;
  /** Commands that the drive got for an operation: above 1 where requests were cut, below where they were joined. */
  readonly commandsPerOperation: number;
  /** Operations that the drive refused: writes that break the rules of zones. */
  readonly errorsPerOperation: number;
  /** Bytes that the drives write to their flash for each byte of a write; absent for reads, and where it is unknown. */
  readonly writeAmplification?: number;
  readonly limitedBy: string;
  readonly limitKind: LimitPhase['kind'];
  /** What is the busiest beside it, and the rate at which that would be busy all the time; null where nothing else is known. */
  readonly nextLimit: NextLimit | null;
  readonly route: RouteKind;
  /** The job ended by itself within the watch: size or time are as they were; else what was seen is taken for the rest. */
  readonly seconds: number | null;
}

/** From the call to the completion in the hands of the thread (fio's `lat`). Seconds. */
export interface JobLatency {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** A counter under the name of the tool that shows it. */
export interface JobCounter {
  readonly tool: string;
  readonly counter: string;
  readonly of: string;
  readonly value: number;
  readonly unit: 'count' | 'bytes';
}

/** Figures of a job with its place in the scenario. */
export interface JobResult extends JobFigures {
  /** What limited it, phase after phase, from its start to its end. */
  readonly phases: readonly LimitPhase[];
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly operations: number;
  readonly bytes: number;
}
