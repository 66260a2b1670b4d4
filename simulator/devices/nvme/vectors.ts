import { type EventLoop, type Handler, picoseconds } from '../../events/event-loop.ts';

/**
 * MSI-X vectors of a drive, with Interrupt Coalescing (NVMe Base Specification 2.0, feature 08h): an interrupt goes out when
 * so many completions have gathered or the time is over, whichever comes first. The admin queue is never coalesced.
 */
export class Vectors {
  readonly sent: Float64Array;
  readonly #loop: EventLoop;
  readonly #gathered: Int32Array;
  /** Interrupts of a vector so far, to tell a timer of an earlier gathering from one of this. */
  readonly #timers: Int32Array;
  readonly #threshold: number;
  readonly #time: number;
  readonly #send: (vector: number) => void;
  readonly #expired: Handler;

  constructor(
    loop: EventLoop,
    count: number,
    coalesce: { readonly threshold: number; readonly seconds: number },
    send: (vector: number) => void,
  ) {
    this.#loop = loop;
    this.sent = new Float64Array(count);
    this.#gathered = new Int32Array(count);
    this.#timers = new Int32Array(count);
    this.#threshold = coalesce.threshold;
    this.#time = picoseconds(coalesce.seconds);
    this.#send = send;
    this.#expired = (vector) => {
      this.#timers[vector] = (this.#timers[vector] ?? 0) - 1;
      // Timers run one after the other; only the last one started can belong to what has gathered since.
      if (this.#timers[vector] === 0 && (this.#gathered[vector] ?? 0) > 0) this.#fire(vector);
    };
  }

  /** A completion was posted in a queue of this vector. */
  completion(vector: number): void {
    if (this.#threshold <= 1) {
      this.#fire(vector);
      return;
    }
    const gathered = (this.#gathered[vector] ?? 0) + 1;
    this.#gathered[vector] = gathered;
    if (gathered >= this.#threshold) this.#fire(vector);
    else if (gathered === 1) {
      this.#timers[vector] = (this.#timers[vector] ?? 0) + 1;
      this.#loop.after(this.#time, this.#expired, vector);
    }
  }

  #fire(vector: number): void {
    this.#gathered[vector] = 0;
    this.sent[vector] = (this.sent[vector] ?? 0) + 1;
    this.#send(vector);
  }
}
