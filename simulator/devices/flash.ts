import { type EventLoop, type Handler, picoseconds } from '../events/event-loop.ts';
import { FifoServer } from '../events/fifo-server.ts';
import { NumberQueue } from '../events/number-queue.ts';
import type { Random } from '../events/random.ts';
import { TurnServer } from '../events/turn-server.ts';
import { type CommandTable, operations } from './command-table.ts';
import { channelBytesPerSecond, mediaChannels, mediaUnits, pageBytes } from './nvme/model.ts';
import { PieceTable } from './piece-table.ts';
import { type SpareFlash, writeAmplification } from './write-amplification.ts';

/** Figures of a drive's flash and of what manages it. Seconds, bytes; infinite where nothing limits. */
export interface FlashModel {
  readonly readBytesPerSecond: number;
  readonly writeBytesPerSecond: number;
  readonly readIops: number;
  readonly writeIops: number;
  /** Of the media alone, a random read. */
  readonly readSeconds: number;
  readonly sequentialReadSeconds: number;
  readonly writeSeconds: number;
  readonly readSpread: number;
  /** What the drive's own writing depends on; absent where it is unknown. */
  readonly spareFlash?: SpareFlash;
  /** Bytes of writes that it takes before the flash limits; absent: what the flash takes in a short time. */
  readonly writeCacheBytes?: number;
}

export interface FlashEvents {
  /** A piece of a read is in the drive's buffer and can go to the host. */
  readonly pieceRead: (piece: number) => void;
  /** There is room for the data of this write. */
  readonly roomFor: (command: number) => void;
}

/** At most so many pieces a command: a large one is cut into larger pieces. */
const mostPieces = 64;
/**
 * The write buffer holds what the media takes in this time where the text does not say: few data sheets tell how large it is.
 */
const bufferSeconds = 1e-3;

/**
 * Flash behind its controller. Reads and the emptying of the write buffer take turns at the controller, whose time for each
 * follows from the stated IOPS and bandwidth; reads then wait for their unit (plane of a die) and for its channel. Writes are
 * complete once they are in the buffer, which is safe against loss of power.
 */
export class Flash {
  readonly pieces = new PieceTable();
  readonly controller: TurnServer;
  readonly units: readonly FifoServer[];
  readonly channels: readonly FifoServer[];
  readonly bufferBytes: number;
  bufferUsed = 0;
  mostBufferUsed = 0;
  /** Bytes that left the buffer for good. */
  programmed = 0;
  readonly #loop: EventLoop;
  readonly #random: Random;
  readonly #model: FlashModel;
  readonly #commands: CommandTable;
  readonly #events: FlashEvents;
  readonly #waiting = new NumberQueue();
  readonly #perByteOfChannel = 1e12 / channelBytesPerSecond.value;
  readonly #sensed: Handler;
  readonly #transferred: Handler;

  constructor(loop: EventLoop, random: Random, model: FlashModel, commands: CommandTable, events: FlashEvents) {
    this.#loop = loop;
    this.#random = random;
    this.#model = model;
    this.#commands = commands;
    this.#events = events;
    const units = mediaUnits(model.readIops, model.readSeconds);
    this.units = Array.from({ length: units }, (_, index) => new FifoServer(`unit ${index}`));
    const channels = Math.min(units, mediaChannels(model.readBytesPerSecond));
    this.channels = Array.from({ length: channels }, (_, index) => new FifoServer(`channel ${index}`));
    const usual = Number.isFinite(model.writeBytesPerSecond)
      ? Math.max(2 ** 20, model.writeBytesPerSecond * bufferSeconds)
      : Number.POSITIVE_INFINITY;
    this.bufferBytes = model.writeCacheBytes ?? usual;
    this.controller = new TurnServer(loop, [(command) => this.#scatter(command), (piece) => this.#emptied(piece)]);
    this.#sensed = (piece) => {
      const channel = this.channels[this.pieces.channel[piece] ?? 0];
      const service = Math.round((this.pieces.bytes[piece] ?? 0) * this.#perByteOfChannel);
      const end = channel === undefined ? loop.now : channel.admit(loop.now, service);
      loop.at(end, this.#transferred, piece);
    };
    this.#transferred = (piece) => this.#events.pieceRead(piece);
  }

  read(command: number): void {
    const { readIops, readBytesPerSecond } = this.#model;
    const bytes = this.#commands.bytes[command] ?? 0;
    this.controller.offer(0, command, picoseconds(Math.max(1 / readIops, bytes / readBytesPerSecond)));
  }

  /** Asks for room in the buffer; `roomFor` is called now or when there is some. */
  reserve(command: number): void {
    if (this.#waiting.size > 0 || !this.#fits(command)) this.#waiting.push(command);
    else this.#admit(command);
  }

  /**
   * The data of a write is in the buffer: it is written to the flash in due course.
   *
   * @returns picoseconds until the command is complete
   */
  written(command: number): number {
    const bytes = this.#commands.bytes[command] ?? 0;
    const { writeIops, writeBytesPerSecond, writeSeconds } = this.#model;
    const together = bytes / writeBytesPerSecond;
    const inOrder = this.#inOrder(command);
    // Random writes cost what the stated IOPS say for every 4 KiB, or what the drive maps as one: collecting garbage is in it.
    const unit = Math.max(4096, this.#model.spareFlash?.unitBytes ?? 0);
    const service = inOrder ? together : Math.max(together, Math.ceil(bytes / unit) / writeIops);
    this.controller.offer(1, this.pieces.take(-1, bytes, 0), picoseconds(service));
    return picoseconds(writeSeconds);
  }

  /** Bytes that a write costs the flash in the end; undefined where nobody says how much of it is spare. */
  mediaBytes(command: number): number | undefined {
    const { spareFlash } = this.#model;
    const bytes = this.#commands.bytes[command] ?? 0;
    return spareFlash && bytes * writeAmplification(spareFlash, this.#inOrder(command), bytes);
  }

  #inOrder(command: number): boolean {
    return this.#commands.sequential[command] === 1 || this.#commands.operation[command] === operations.append;
  }

  /** Cuts a read into pieces for the units that hold its pages. */
  #scatter(command: number): void {
    const bytes = this.#commands.bytes[command] ?? 0;
    const offset = this.#commands.offset[command] ?? 0;
    const sequential = this.#commands.sequential[command] === 1;
    const size = Math.max(pageBytes.value, Math.ceil(bytes / mostPieces));
    const count = Math.ceil(bytes / size);
    this.#commands.pending[command] = count;
    let left = bytes;
    let page = Math.floor(offset / pageBytes.value);
    for (let index = 0; index < count; index++, page++) {
      const at = page % this.units.length;
      const piece = this.pieces.take(command, Math.min(size, left), at % this.channels.length);
      left -= size;
      const unit = this.units[at];
      const ready =
        sequential || unit === undefined
          ? this.#loop.now + picoseconds(this.#model.sequentialReadSeconds)
          : unit.admit(
              this.#loop.now,
              picoseconds(this.#random.logNormal(this.#model.readSeconds, this.#model.readSpread)),
            );
      this.#loop.at(ready, this.#sensed, piece);
    }
  }

  #fits(command: number): boolean {
    // A command larger than the buffer goes through an empty one.
    return this.bufferUsed === 0 || this.bufferUsed + (this.#commands.bytes[command] ?? 0) <= this.bufferBytes;
  }

  #admit(command: number): void {
    this.bufferUsed += this.#commands.bytes[command] ?? 0;
    if (this.bufferUsed > this.mostBufferUsed) this.mostBufferUsed = this.bufferUsed;
    this.#events.roomFor(command);
  }

  #emptied(piece: number): void {
    const bytes = this.pieces.bytes[piece] ?? 0;
    this.pieces.release(piece);
    this.bufferUsed -= bytes;
    this.programmed += bytes;
    while (this.#waiting.size > 0 && this.#fits(this.#waiting.first())) this.#admit(this.#waiting.shift());
  }
}
