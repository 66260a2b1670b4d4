/**
 * Commands that are outstanding at all drives of a run, one column a fact. Places are used again as commands complete, so
 * memory follows the number outstanding and not the number issued.
 */
export class CommandTable {
  /** The request of the block layer that it serves. */
  request = new Int32Array(256);
  /** The queue of its drive. */
  queue = new Int32Array(256);
  bytes = new Int32Array(256);
  /** Place of its namespace in the drive. */
  namespace = new Uint16Array(256);
  /** First byte in the namespace. */
  offset = new Float64Array(256);
  /** 0 read, 1 write, 2 zone append. */
  operation = new Uint8Array(256);
  /** Whether it goes on where the one before it ended. */
  sequential = new Uint8Array(256);
  /** Which way its data takes: a number of the drive's data paths. */
  path = new Int32Array(256);
  /** Parts of the data that have not arrived yet. */
  pending = new Int32Array(256);
  /** NVMe status, or 0. */
  status = new Uint16Array(256);
  /** When the step under way began, in picoseconds: for traces. */
  since = new Float64Array(256);
  /** When the last of its data arrived, in picoseconds. */
  dataAt = new Float64Array(256);
  /** Number under which a trace knows it, or -1. */
  traced = new Int32Array(256);
  readonly #free: number[] = [];
  #used = 0;
  outstanding = 0;
  mostOutstanding = 0;

  take(): number {
    const reused = this.#free.pop();
    const slot = reused ?? this.#used++;
    if (slot === this.bytes.length) this.#grow();
    this.outstanding++;
    if (this.outstanding > this.mostOutstanding) this.mostOutstanding = this.outstanding;
    this.pending[slot] = 0;
    this.status[slot] = 0;
    this.dataAt[slot] = 0;
    this.traced[slot] = -1;
    return slot;
  }

  release(slot: number): void {
    this.outstanding--;
    this.#free.push(slot);
  }

  /** Bytes of memory that the table takes for one command. */
  static readonly bytesPerCommand = 4 * 6 + 8 * 3 + 2 * 2 + 2;

  #grow(): void {
    const size = this.bytes.length * 2;
    const int = (from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(size);
      to.set(from);
      return to;
    };
    const float = (from: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(size);
      to.set(from);
      return to;
    };
    const byte = (from: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
      const to = new Uint8Array(size);
      to.set(from);
      return to;
    };
    this.request = int(this.request);
    this.queue = int(this.queue);
    this.bytes = int(this.bytes);
    this.path = int(this.path);
    this.pending = int(this.pending);
    this.traced = int(this.traced);
    this.offset = float(this.offset);
    this.since = float(this.since);
    this.dataAt = float(this.dataAt);
    this.operation = byte(this.operation);
    this.sequential = byte(this.sequential);
    const short = (from: Uint16Array<ArrayBuffer>): Uint16Array<ArrayBuffer> => {
      const to = new Uint16Array(size);
      to.set(from);
      return to;
    };
    this.namespace = short(this.namespace);
    this.status = short(this.status);
  }
}

export const operations = { read: 0, write: 1, append: 2 } as const;
