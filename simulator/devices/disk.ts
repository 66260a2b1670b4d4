import type { Sourced } from '../../model/origin.ts';
import { type EventLoop, type Handler, picoseconds } from '../events/event-loop.ts';
import type { Random } from '../events/random.ts';
import type { CommandTable } from './command-table.ts';

/** A disk that turns. Seconds, bytes. */
export interface DiskModel {
  readonly capacityBytes: number;
  readonly bytesPerSecond: number;
  /** Half a revolution: the average rotational latency of data sheets. */
  readonly halfTurnSeconds: number;
}

/** Average seek of a 7200 rpm disk, settling included. */
export const averageSeek: Sourced<number> = {
  value: 8.2e-3,
  source: 'HGST Ultrastar 7K4000 specification, table 6: typical, read',
};
export const trackSeek: Sourced<number> = {
  value: 1e-3,
  source: 'Hitachi Travelstar 5K320 specification, table 7: single track, typical, read',
};
/** The mean of the square root of the distance between two places chosen at random. */
const meanRootDistance = 8 / 15;

/**
 * An arm, platters, and the queue of NCQ: of what waits, the disk takes what its arm reaches first. The time of a seek grows
 * with the square root of the distance (Ruemmler and Wilkes, "An introduction to disk drive modeling", 1994).
 */
export class Disk {
  busy = 0;
  readonly #loop: EventLoop;
  readonly #random: Random;
  readonly #model: DiskModel;
  readonly #commands: CommandTable;
  readonly #done: (command: number) => void;
  readonly #finish: Handler;
  readonly #waiting: number[] = [];
  #serving = false;
  #startedAt = 0;
  /** Where the last command ended. */
  #at = 0;

  constructor(
    loop: EventLoop,
    random: Random,
    model: DiskModel,
    commands: CommandTable,
    done: (command: number) => void,
  ) {
    this.#loop = loop;
    this.#random = random;
    this.#model = model;
    this.#commands = commands;
    this.#done = done;
    this.#finish = (command) => {
      this.#serving = false;
      this.busy += loop.now - this.#startedAt;
      this.#next();
      this.#done(command);
    };
  }

  serve(command: number): void {
    this.#waiting.push(command);
    if (!this.#serving) this.#next();
  }

  busyUntil(now: number): number {
    return this.busy + (this.#serving ? now - this.#startedAt : 0);
  }

  /** Seconds to move the arm between two places of the disk, in bytes. */
  seekSeconds(from: number, to: number): number {
    if (from === to) return 0;
    const distance = Math.min(1, Math.abs(to - from) / this.#model.capacityBytes);
    const slope = (averageSeek.value - trackSeek.value) / meanRootDistance;
    return trackSeek.value + slope * Math.sqrt(distance);
  }

  #next(): void {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    this.#waiting.forEach((command, index) => {
      const seek = this.seekSeconds(this.#at, this.#commands.offset[command] ?? 0);
      if (seek < least) {
        least = seek;
        best = index;
      }
    });
    const command = this.#waiting[best];
    if (command === undefined) return;
    this.#waiting.splice(best, 1);
    const bytes = this.#commands.bytes[command] ?? 0;
    // What goes on where the last one ended needs no turn of the platter.
    const turn = least === 0 ? 0 : 2 * this.#model.halfTurnSeconds * this.#random.unit();
    this.#at = (this.#commands.offset[command] ?? 0) + bytes;
    this.#serving = true;
    this.#startedAt = this.#loop.now;
    this.#loop.after(picoseconds(least + turn + bytes / this.#model.bytesPerSecond), this.#finish, command);
  }
}
