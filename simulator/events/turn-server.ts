import type { EventLoop, Handler } from './event-loop.ts';
import { NumberQueue } from './number-queue.ts';

/**
 * A server for several classes of work that take turns where more than one waits; within a class first come, first
 * served. `done` is called when a piece is served.
 */
export class TurnServer {
  busy = 0;
  served = 0;
  readonly #loop: EventLoop;
  readonly #queues: NumberQueue[];
  readonly #services: NumberQueue[];
  readonly #done: readonly Handler[];
  readonly #finish: Handler;
  #serving = -1;
  #next = 0;
  #startedAt = 0;
  #service = 0;

  constructor(loop: EventLoop, done: readonly Handler[]) {
    this.#loop = loop;
    this.#done = done;
    this.#queues = done.map(() => new NumberQueue());
    this.#services = done.map(() => new NumberQueue());
    this.#finish = (subject) => {
      const of = this.#serving;
      this.#serving = -1;
      this.busy += this.#service;
      this.served++;
      this.#begin();
      this.#done[of]?.(subject);
    };
  }

  /** Adds a piece of work of a class; `service` in picoseconds. */
  offer(of: number, subject: number, service: number): void {
    this.#queues[of]?.push(subject);
    this.#services[of]?.push(service);
    if (this.#serving < 0) this.#begin();
  }

  waiting(of: number): number {
    return this.#queues[of]?.size ?? 0;
  }

  /** Time spent serving up to `now`, the piece under way included. */
  busyUntil(now: number): number {
    return this.busy + (this.#serving < 0 ? 0 : now - this.#startedAt);
  }

  #begin(): void {
    const classes = this.#queues.length;
    for (let tried = 0; tried < classes; tried++) {
      const of = (this.#next + tried) % classes;
      const queue = this.#queues[of];
      if (queue === undefined || queue.size === 0) continue;
      const subject = queue.shift();
      this.#service = this.#services[of]?.shift() ?? 0;
      this.#serving = of;
      this.#next = (of + 1) % classes;
      this.#startedAt = this.#loop.now;
      this.#loop.after(this.#service, this.#finish, subject);
      return;
    }
  }
}
