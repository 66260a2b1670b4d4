import type { DataPath } from './data-path.ts';
import type { QueuePair } from './nvme/queue-pair.ts';

/** What a device tells its driver. */
export interface DriveEvents {
  /** An interrupt arrives at the host. */
  readonly interrupt: (drive: number, vector: number) => void;
  /** A completion stands in a queue that is polled. */
  readonly completionPosted: (drive: number, queue: number) => void;
}

/** A block device as its driver sees it: queues, doorbells, completions. */
export interface Drive {
  readonly name: string;
  readonly queues: readonly QueuePair[];
  /** Ways of data; a command names one by its number. */
  readonly paths: DataPath[];
  /** The host rang: this many more commands stand in the queue. */
  ring(queue: number, commands: number): void;
  /** Share of the time up to now in which what limits the media was busy, and what that is called. */
  mediaUse(now: number): { readonly share: number; readonly name: string };
  readonly smart: SmartCounters;
}

/** SMART / Health Information, NVMe Base Specification 2.0, figure 207. Units read and written are thousands of 512 B. */
export interface SmartCounters {
  hostReadCommands: number;
  hostWriteCommands: number;
  bytesRead: number;
  bytesWritten: number;
  /**
   * Physical Media Units Written, in bytes: host data and what garbage collection moves (OCP Datacenter NVMe SSD 2.0, log page
   * C0h). Absent where nobody says how much flash is spare.
   */
  mediaBytesWritten?: number;
  /** Commands that ended with an error. */
  errors: number;
}

export const dataUnitBytes = 512_000;

/** Adds what a write costs the flash, where that is known. */
export function countMedia(smart: SmartCounters, bytes: number | undefined): void {
  if (bytes !== undefined) smart.mediaBytesWritten = (smart.mediaBytesWritten ?? 0) + bytes;
}
