import { FifoServer } from '../../events/fifo-server.ts';
import { NumberQueue } from '../../events/number-queue.ts';

/** Sizes of entries, NVMe Base Specification 2.0, sections 3.3.3.1 and 3.3.3.2. */
export const submissionEntryBytes = 64;
export const completionEntryBytes = 16;
/** A doorbell is a register of 32 bits, NVMe over PCIe Transport 1.0, section 3.1.2. */
export const doorbellBytes = 4;

/**
 * A submission queue with its completion queue. The host moves the tail of the one and the head of the other and says so by
 * doorbells; the drive moves the others. One entry stays empty, so a queue of n holds n - 1.
 */
export class QueuePair {
  readonly id: number;
  readonly entries: number;
  readonly vector: number;
  /** Commands that the host put in and the drive has not fetched yet, in order. */
  readonly submitted = new NumberQueue();
  /** How many commands each doorbell on its way told of. */
  readonly doorbells = new NumberQueue();
  /** Completed commands that the host has not seen yet, in order. */
  readonly completed = new NumberQueue();
  /** Commands that wait in the block layer for a place here. */
  readonly waiting = new NumberQueue();
  /** Held while a core puts an entry in: what several cores share a queue for. */
  readonly lock: FifoServer;
  lastCore = -1;
  polled = false;
  /** Between the host's putting in and its seeing the completion. */
  outstanding = 0;
  mostOutstanding = 0;
  submissionTail = 0;
  submissionHead = 0;
  completionTail = 0;
  completionHead = 0;
  /** Phase Tag of the entries that the drive writes in this pass. */
  phase = 1;

  constructor(id: number, entries: number, vector: number) {
    this.id = id;
    this.entries = entries;
    this.vector = vector;
    this.lock = new FifoServer(`queue ${id}`);
  }

  get full(): boolean {
    return this.outstanding >= this.entries - 1;
  }

  /** The host puts a command in. */
  put(command: number): void {
    if (this.full) throw new RangeError(`queue ${this.id} is full: ${this.outstanding} of ${this.entries} entries`);
    this.submitted.push(command);
    this.submissionTail = (this.submissionTail + 1) % this.entries;
    this.outstanding++;
    if (this.outstanding > this.mostOutstanding) this.mostOutstanding = this.outstanding;
  }

  /** The drive takes the next command out; -1 where there is none. */
  fetch(): number {
    const command = this.submitted.shift();
    if (command >= 0) this.submissionHead = (this.submissionHead + 1) % this.entries;
    return command;
  }

  /** The drive writes a completion. */
  post(command: number): void {
    if (this.completed.size >= this.entries - 1) throw new RangeError(`completion queue ${this.id} overflows`);
    this.completed.push(command);
    this.completionTail++;
    if (this.completionTail === this.entries) {
      this.completionTail = 0;
      this.phase ^= 1;
    }
  }

  /** The host takes a completion; -1 where there is none. */
  take(): number {
    const command = this.completed.shift();
    if (command >= 0) {
      this.completionHead = (this.completionHead + 1) % this.entries;
      this.outstanding--;
    }
    return command;
  }
}
