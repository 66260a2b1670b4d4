/** Pieces of commands on their way through a drive: which command, how many bytes, which channel. */
export class PieceTable {
  command = new Int32Array(1024);
  bytes = new Int32Array(1024);
  channel = new Int32Array(1024);
  readonly #free: number[] = [];
  #used = 0;

  take(command: number, bytes: number, channel: number): number {
    const slot = this.#free.pop() ?? this.#used++;
    if (slot === this.bytes.length) {
      this.command = wider(this.command);
      this.bytes = wider(this.bytes);
      this.channel = wider(this.channel);
    }
    this.command[slot] = command;
    this.bytes[slot] = bytes;
    this.channel[slot] = channel;
    return slot;
  }

  release(slot: number): void {
    this.#free.push(slot);
  }
}

function wider(from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2);
  to.set(from);
  return to;
}
