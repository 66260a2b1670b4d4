import { type EventLoop, type Handler, picosecondsPerSecond } from '../../events/event-loop.ts';
import type { Random } from '../../events/random.ts';
import type { TraceLog } from '../../trace/records.ts';
import { type CommandTable, operations } from '../command-table.ts';
import type { DataPath } from '../data-path.ts';
import { countMedia, type Drive, type DriveEvents, type SmartCounters } from '../drive.ts';
import { Flash } from '../flash.ts';
import { describeData } from './descriptors.ts';
import type { NvmeModel } from './model.ts';
import { QueuePair } from './queue-pair.ts';
import { Vectors } from './vectors.ts';
import { Zones } from './zones.ts';

/** How far a drive's own traffic has to go, in picoseconds. */
export interface ControllerWires {
  /** A posted write of the host to the drive: a doorbell. */
  readonly doorbell: number;
  /** A read of host memory by the drive, there and back: commands, lists, data to write. */
  readonly hostRead: number;
  /** A posted write of the drive to host memory. */
  readonly hostWrite: number;
}

export interface ControllerSetup {
  readonly number: number;
  readonly loop: EventLoop;
  readonly random: Random;
  readonly commands: CommandTable;
  readonly wires: ControllerWires;
  readonly events: DriveEvents;
  readonly trace: TraceLog | null;
  /** I/O queue pairs that the driver made, and the vector of each. */
  readonly queueVectors: readonly number[];
  /** Entries of each queue as the driver made it. */
  readonly entries: number;
  /** Bytes of a page of host memory. */
  readonly pageBytes: number;
}

/** An NVMe controller with its namespace and its media. */
export class NvmeController implements Drive {
  readonly name: string;
  readonly model: NvmeModel;
  readonly queues: readonly QueuePair[];
  readonly paths: DataPath[] = [];
  readonly flash: Flash;
  readonly vectors: Vectors;
  /** By namespace; null for one that is not zoned. */
  readonly zones: readonly (Zones | null)[];
  readonly smart: SmartCounters = {
    hostReadCommands: 0,
    hostWriteCommands: 0,
    bytesRead: 0,
    bytesWritten: 0,
    errors: 0,
  };
  readonly #setup: ControllerSetup;
  readonly #fetched: Handler;
  readonly #described: Handler;
  readonly #pieceArrived: Handler;
  readonly #writeArrived: Handler;
  readonly #complete: Handler;

  constructor(model: NvmeModel, setup: ControllerSetup) {
    this.name = model.name;
    this.model = model;
    this.#setup = setup;
    this.queues = setup.queueVectors.map((vector, index) => new QueuePair(index + 1, setup.entries, vector));
    this.vectors = new Vectors(
      setup.loop,
      Math.max(1, ...setup.queueVectors.map((vector) => vector + 1)),
      { threshold: model.coalesceThreshold, seconds: model.coalesceSeconds },
      (vector) => setup.events.interrupt(setup.number, vector),
    );
    this.zones = model.namespaces.map(({ zones }) => (zones === null ? null : new Zones(zones)));
    this.flash = new Flash(setup.loop, setup.random, this.#mediaAlone(), setup.commands, {
      pieceRead: (piece) => this.#sendPiece(piece),
      roomFor: (command) => this.#fetchData(command),
    });
    this.#fetched = (queue) => this.#takeCommands(queue);
    this.#described = (command) => this.#execute(command);
    this.#pieceArrived = (piece) => {
      const command = this.flash.pieces.command[piece] ?? 0;
      this.flash.pieces.release(piece);
      const left = (setup.commands.pending[command] ?? 1) - 1;
      setup.commands.pending[command] = left;
      if (left > 0) return;
      setup.commands.dataAt[command] = setup.loop.now;
      this.#record(command, 'data to host');
      this.#finish(command);
    };
    this.#writeArrived = (command) => {
      setup.commands.dataAt[command] = setup.loop.now;
      this.#record(command, 'data from host');
      setup.loop.after(this.flash.written(command), this.#complete, command);
    };
    this.#complete = (command) => this.#finish(command);
  }

  ring(queue: number, commands: number): void {
    const pair = this.queues[queue];
    if (pair === undefined) throw new RangeError(`${this.name} has no queue ${queue}`);
    pair.doorbells.push(commands);
    const { wires, loop } = this.#setup;
    // Entries in the drive's own memory came with the stores that went ahead of the doorbell.
    const fetch = this.model.controllerMemoryBuffer ? 0 : wires.hostRead;
    loop.after(wires.doorbell + fetch, this.#fetched, queue);
  }

  mediaUse(now: number): { readonly share: number; readonly name: string } {
    const controller = now > 0 ? this.flash.controller.busyUntil(now) / now : 0;
    let units = 0;
    for (const unit of this.flash.units) units += unit.utilisation(now);
    units /= this.flash.units.length;
    let channels = 0;
    for (const channel of this.flash.channels) channels += channel.utilisation(now);
    channels /= this.flash.channels.length;
    return { share: Math.max(controller, units, channels), name: `${this.name} media` };
  }

  /** What is left of the stated times for the media, once the wires and the controller have had theirs. */
  #mediaAlone() {
    const { model } = this;
    const { wires } = this.#setup;
    const fetch = wires.doorbell + (model.controllerMemoryBuffer ? 0 : wires.hostRead);
    const around = (fetch + wires.hostWrite) / picosecondsPerSecond;
    const controller = Math.max(1 / model.readIops, 4096 / model.readBytesPerSecond);
    const rest = (seconds: number, taken: number) => Math.max(0, seconds - taken);
    // A 4 KiB piece on its channel.
    const channel = 4096 / 1.2e9;
    return {
      readBytesPerSecond: model.readBytesPerSecond,
      writeBytesPerSecond: model.writeBytesPerSecond,
      readIops: model.readIops,
      writeIops: model.writeIops,
      readSeconds: rest(model.readSeconds, around + controller + channel),
      sequentialReadSeconds: rest(model.sequentialReadSeconds, around + controller + channel),
      writeSeconds: rest(model.writeSeconds, around + wires.hostRead / picosecondsPerSecond),
      readSpread: model.readSpread,
      ...(model.spareFlash === undefined ? {} : { spareFlash: model.spareFlash }),
      ...(model.writeCacheBytes === undefined ? {} : { writeCacheBytes: model.writeCacheBytes }),
    };
  }

  #takeCommands(queue: number): void {
    const pair = this.queues[queue];
    if (pair === undefined) return;
    const { commands, loop, wires } = this.#setup;
    const count = pair.doorbells.shift();
    for (let index = 0; index < count; index++) {
      const command = pair.fetch();
      this.#record(command, 'fetch');
      const bytes = commands.bytes[command] ?? 0;
      const { segmentBytes = this.#setup.pageBytes } = this.paths[commands.path[command] ?? 0] ?? {};
      const segments = Math.ceil(bytes / segmentBytes);
      const data = describeData(bytes, this.#setup.pageBytes, segments, this.model.scatterGather);
      if (data.listReads === 0) this.#execute(command);
      else loop.after(data.listReads * wires.hostRead, this.#described, command);
    }
  }

  #execute(command: number): void {
    const { commands } = this.#setup;
    const operation = commands.operation[command] ?? 0;
    const bytes = commands.bytes[command] ?? 0;
    if (operation === operations.read) {
      this.smart.hostReadCommands++;
      this.smart.bytesRead += bytes;
      this.flash.read(command);
      return;
    }
    this.smart.hostWriteCommands++;
    const status = this.#zoneStatus(command, operation, bytes);
    if (status !== 0) {
      commands.status[command] = status;
      this.smart.errors++;
      this.#finish(command);
      return;
    }
    this.smart.bytesWritten += bytes;
    countMedia(this.smart, this.flash.mediaBytes(command));
    this.flash.reserve(command);
  }

  #zoneStatus(command: number, operation: number, bytes: number): number {
    const { commands } = this.#setup;
    const zones = this.zones[commands.namespace[command] ?? 0] ?? null;
    if (zones === null) return 0;
    const offset = commands.offset[command] ?? 0;
    return operation === operations.append ? zones.append(zones.zoneOf(offset), bytes) : zones.write(offset, bytes);
  }

  #sendPiece(piece: number): void {
    const { commands, loop } = this.#setup;
    const command = this.flash.pieces.command[piece] ?? 0;
    // A trace shows when the first of a command's data was there, and when the last of it arrived.
    if ((commands.dataAt[command] ?? 0) === 0) this.#record(command, 'media');
    commands.dataAt[command] = loop.now;
    const path = this.paths[commands.path[command] ?? 0];
    const bytes = this.flash.pieces.bytes[piece] ?? 0;
    const last = (commands.pending[command] ?? 1) === 1 ? 1 : 0;
    loop.at(path === undefined ? loop.now : path.move(loop.now, bytes, last), this.#pieceArrived, piece);
  }

  #fetchData(command: number): void {
    const { commands, loop } = this.#setup;
    this.#record(command, 'buffer');
    const path = this.paths[commands.path[command] ?? 0];
    const end = path === undefined ? loop.now : path.move(loop.now, commands.bytes[command] ?? 0, 1);
    loop.at(end, this.#writeArrived, command);
  }

  /** The completion follows the data on the same way, and the interrupt follows the completion: all are posted writes. */
  #finish(command: number): void {
    const { commands, events, number } = this.#setup;
    this.#record(command, 'completion');
    const queue = commands.queue[command] ?? 0;
    const pair = this.queues[queue];
    if (pair === undefined) return;
    pair.post(command);
    if (pair.polled) events.completionPosted(number, queue);
    else this.vectors.completion(pair.vector);
  }

  /** The step that ends now, on the drive's track. */
  #record(command: number, name: string): void {
    const { commands, loop, trace } = this.#setup;
    const flow = commands.traced[command] ?? -1;
    if (flow < 0 || trace === null) return;
    const startSeconds = (commands.since[command] ?? 0) / picosecondsPerSecond;
    commands.since[command] = loop.now;
    trace.add({
      track: `${this.name}/queue ${(commands.queue[command] ?? 0) + 1}`,
      name,
      startSeconds,
      endSeconds: loop.now / picosecondsPerSecond,
      flow: `command ${flow}`,
      args: { bytes: commands.bytes[command] ?? 0 },
    });
  }
}
