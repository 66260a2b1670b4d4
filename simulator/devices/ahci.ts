import type { Sourced } from '../../model/origin.ts';
import { type Handler, picosecondsPerSecond } from '../events/event-loop.ts';
import { FifoServer } from '../events/fifo-server.ts';
import { operations } from './command-table.ts';
import type { DataPath } from './data-path.ts';
import { Disk, type DiskModel } from './disk.ts';
import { countMedia, type Drive, type SmartCounters } from './drive.ts';
import { Flash, type FlashModel } from './flash.ts';
import type { ControllerSetup } from './nvme/controller.ts';
import { QueuePair } from './nvme/queue-pair.ts';

/** A SATA controller with its drive. `media` tells flash from a disk that turns. */
export interface AhciModel {
  readonly name: string;
  readonly media:
    | { readonly kind: 'flash'; readonly flash: FlashModel }
    | { readonly kind: 'disk'; readonly disk: DiskModel };
}

/** 6 Gb/s with 8b/10b. */
export const sataBytesPerSecond: Sourced<number> = { value: 600e6, source: 'Serial ATA 3.0, 6 Gb/s' };
/** The controller reads the header of the command, then its table with the command and the list of buffers (AHCI 1.3.1, 4.2). */
const reads = 2;
/** One register starts a command (PxCI), and one place in the list of 32 is its queue (PxSACT). */
export const ahciQueueEntries = 33;

/** An AHCI controller: one queue of 32, one interrupt, one wire to the drive. */
export class AhciController implements Drive {
  readonly name: string;
  readonly queues: readonly QueuePair[];
  readonly paths: DataPath[] = [];
  readonly wire: FifoServer;
  readonly smart: SmartCounters = {
    hostReadCommands: 0,
    hostWriteCommands: 0,
    bytesRead: 0,
    bytesWritten: 0,
    errors: 0,
  };
  readonly #setup: ControllerSetup;
  readonly #flash: Flash | null;
  readonly #disk: Disk | null;
  readonly #perByte = picosecondsPerSecond / sataBytesPerSecond.value;
  readonly #fetched: Handler;
  readonly #pieceAtHost: Handler;
  readonly #readAtHost: Handler;
  readonly #writeAtDrive: Handler;
  readonly #complete: Handler;

  constructor(model: AhciModel, setup: ControllerSetup) {
    this.name = model.name;
    this.#setup = setup;
    this.queues = [new QueuePair(1, Math.min(ahciQueueEntries, setup.entries), 0)];
    this.wire = new FifoServer(`${model.name} SATA`);
    const { loop, random, commands } = setup;
    this.#flash =
      model.media.kind === 'flash'
        ? new Flash(loop, random, model.media.flash, commands, {
            pieceRead: (piece) => this.#sendPiece(piece),
            roomFor: (command) => this.#fetchData(command),
          })
        : null;
    this.#disk =
      model.media.kind === 'disk'
        ? new Disk(loop, random, model.media.disk, commands, (command) => this.#served(command))
        : null;
    this.#fetched = () => this.#takeCommands();
    this.#pieceAtHost = (piece) => {
      const command = this.#flash?.pieces.command[piece] ?? 0;
      this.#flash?.pieces.release(piece);
      const left = (commands.pending[command] ?? 1) - 1;
      commands.pending[command] = left;
      if (left === 0) this.#arrived(command);
    };
    this.#readAtHost = (command) => this.#arrived(command);
    this.#writeAtDrive = (command) => {
      commands.dataAt[command] = loop.now;
      if (this.#disk !== null) this.#disk.serve(command);
      else loop.after(this.#flash?.written(command) ?? 0, this.#complete, command);
    };
    this.#complete = (command) => this.#finish(command);
  }

  ring(_queue: number, count: number): void {
    this.queues[0]?.doorbells.push(count);
    const { loop, wires } = this.#setup;
    loop.after(wires.doorbell + reads * wires.hostRead, this.#fetched, 0);
  }

  mediaUse(now: number): { readonly share: number; readonly name: string } {
    if (now <= 0) return { share: 0, name: `${this.name} media` };
    const media = (this.#disk?.busyUntil(now) ?? this.#flash?.controller.busyUntil(now) ?? 0) / now;
    const wire = this.wire.utilisation(now);
    return wire > media ? { share: wire, name: this.wire.name } : { share: media, name: `${this.name} media` };
  }

  #takeCommands(): void {
    const pair = this.queues[0];
    if (pair === undefined) return;
    const { commands } = this.#setup;
    for (let left = pair.doorbells.shift(); left > 0; left--) {
      const command = pair.fetch();
      const bytes = commands.bytes[command] ?? 0;
      if (commands.operation[command] === operations.read) {
        this.smart.hostReadCommands++;
        this.smart.bytesRead += bytes;
        if (this.#disk !== null) this.#disk.serve(command);
        else this.#flash?.read(command);
      } else {
        this.smart.hostWriteCommands++;
        this.smart.bytesWritten += bytes;
        countMedia(this.smart, this.#flash?.mediaBytes(command));
        if (this.#flash !== null) this.#flash.reserve(command);
        else this.#fetchData(command);
      }
    }
  }

  #sendPiece(piece: number): void {
    this.#send(
      this.#flash?.pieces.command[piece] ?? 0,
      this.#flash?.pieces.bytes[piece] ?? 0,
      this.#pieceAtHost,
      piece,
    );
  }

  /** The disk has read or written what a command asks for. */
  #served(command: number): void {
    const { commands } = this.#setup;
    if (commands.operation[command] !== operations.read) {
      this.#finish(command);
      return;
    }
    // What the disk read went over the faster wire as it came: only the way of the last of it is left.
    const { loop } = this.#setup;
    const bytes = commands.bytes[command] ?? 0;
    this.wire.admit(loop.now, Math.round(bytes * this.#perByte));
    const path = this.paths[commands.path[command] ?? 0];
    path?.move(loop.now, bytes, 1);
    loop.after(path?.latency ?? 0, this.#readAtHost, command);
  }

  #send(command: number, bytes: number, then: Handler, subject: number): void {
    const { commands, loop } = this.#setup;
    const over = this.wire.admit(loop.now, Math.round(bytes * this.#perByte));
    const path = this.paths[commands.path[command] ?? 0];
    // The wire to the drive is the slower one: the way to the host takes in what comes from it as it comes.
    const arrived = path === undefined ? over : Math.max(over + path.latency, path.move(loop.now, bytes, 1));
    loop.at(arrived, then, subject);
  }

  #fetchData(command: number): void {
    this.#send(command, this.#setup.commands.bytes[command] ?? 0, this.#writeAtDrive, command);
  }

  #arrived(command: number): void {
    this.#setup.commands.dataAt[command] = this.#setup.loop.now;
    this.#finish(command);
  }

  #finish(command: number): void {
    const { events, number } = this.#setup;
    this.queues[0]?.post(command);
    events.interrupt(number, 0);
  }
}
