import { Histogram } from '../../events/histogram.ts';
import type { StackCosts } from './costs.ts';

export const patterns = ['read', 'write', 'randread', 'randwrite', 'readwrite', 'randrw', 'append'] as const;
export type Pattern = (typeof patterns)[number];

/** A job in the terms of fio, ready to run. Times in picoseconds. */
export interface IoJob {
  readonly name: string;
  readonly drive: number;
  /** Place of the namespace in the drive; 0 where there is one only. */
  readonly namespace: number;
  /** Data paths of its drive for reads and for writes. */
  readonly readPath: number;
  readonly writePath: number;
  readonly pattern: Pattern;
  readonly blockBytes: number;
  /** Requests in flight of each thread. */
  readonly depth: number;
  /** Core of each thread. */
  readonly cores: readonly number[];
  /** Requests handed over by one call, as fio's iodepth_batch. */
  readonly batch: number;
  /** Largest command that the stack makes of a request. */
  readonly maxCommandBytes: number;
  readonly costs: StackCosts;
  /** Bytes a second that all threads together may ask for; infinite without a limit. */
  readonly bytesPerSecond: number;
  /** Picoseconds from one request of a thread to its next, at least. */
  readonly period: number;
  readonly start: number;
  /** No requests from then on. */
  readonly stop: number;
  /** Requests in all. */
  readonly requests: number;
  /** Requests that complete before are not measured. */
  readonly measureFrom: number;
  /** Part of the namespace that is used. */
  readonly spanBytes: number;
}

/** What is counted of a job while it runs. */
export class JobCount {
  issued = 0;
  completed = 0;
  errors = 0;
  bytes = 0;
  /** In nanoseconds, of all but the ramp; of all, where few came. */
  latency = new Histogram();
  #ramped = false;
  /** Requests and bytes without the ramp. */
  measured = 0;
  measuredBytes = 0;
  /** When the last request was complete, in picoseconds. */
  endedAt = 0;
  /** Commands that the drive was given: more than requests where they were cut, fewer where they were joined. */
  commands = 0;
  /** Time of cores spent on it, in picoseconds: threads, interrupts, wake-ups; not the spinning of those that poll. */
  cpuTime = 0;
  /** Of that, in interrupts. */
  interruptTime = 0;

  /** A request that the drive refused. */
  refused(): void {
    this.completed++;
    this.errors++;
  }

  /** A request of a job is complete; times in picoseconds. */
  done(job: IoJob, bytes: number, since: number, now: number): void {
    this.completed++;
    this.bytes += bytes;
    if (now > this.endedAt) this.endedAt = now;
    if (now > job.stop) return;
    if (!this.#ramped && now >= job.measureFrom) {
      // Where little came in the ramp, what came in it counts: it is all there may be.
      this.#ramped = true;
      if (this.latency.count > rampRequests) this.latency = new Histogram();
    }
    this.latency.add((now - since) / 1000);
    if (now < job.measureFrom) return;
    this.measured++;
    this.measuredBytes += bytes;
  }
}

/** From so many requests on, those of the ramp are left out of the latencies. */
const rampRequests = 1000;
