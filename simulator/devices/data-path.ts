import type { FifoServer } from '../events/fifo-server.ts';

/** A thing that data passes on its way, shared with everything else that passes it. */
export interface PathStage {
  readonly kind: 'link' | 'memory' | 'interconnect' | 'device' | 'root-complex' | 'tags' | 'latency' | 'engine';
  readonly server: FifoServer;
  /** Service for a byte of payload: what it costs there over what it can carry. */
  readonly picosecondsPerByte: number;
  /** Service for a command's own traffic: its entries in the queues, its doorbells, its interrupt. */
  readonly picosecondsPerCommand: number;
}

/** The way of a drive's data to where it goes, or from where it comes. */
export class DataPath {
  readonly stages: readonly PathStage[];
  /** One way for what is posted, the round trip for what the drive reads, in picoseconds. */
  readonly latency: number;
  /** How much of a buffer at its other end is contiguous: what one descriptor of a scatter-gather list can cover. */
  readonly segmentBytes: number;
  bytes = 0;

  constructor(stages: readonly PathStage[], latency: number, segmentBytes = 4096) {
    this.stages = stages;
    this.latency = latency;
    this.segmentBytes = segmentBytes;
  }

  /**
   * Moves data from now on; switches and bridges cut through, so all stages take it in at once.
   *
   * @returns when the last byte has arrived, in picoseconds
   */
  move(now: number, bytes: number, commands: number): number {
    this.bytes += bytes;
    let end = now;
    for (const stage of this.stages) {
      const service = Math.round(bytes * stage.picosecondsPerByte + commands * stage.picosecondsPerCommand);
      const done = stage.server.admit(now, service);
      if (done > end) end = done;
    }
    return end + this.latency;
  }
}
