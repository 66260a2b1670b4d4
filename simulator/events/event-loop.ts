import { SimulationCancelled } from '../simulate.types.ts';

/** What happens at an event. `subject` is what the caller gave with it: the number of a command, a core, a queue. */
export type Handler = (subject: number) => void;

/** Picoseconds as whole numbers: exact up to 2^53 ps, which is two and a half hours. */
export const picosecondsPerSecond = 1e12;

/** Whole picoseconds of a time in seconds. */
export function picoseconds(seconds: number): number {
  return Math.round(seconds * picosecondsPerSecond);
}

/**
 * Events in the order of their times; those of one time in the order in which they were asked for. So a run is a pure
 * function of what is asked. Times are whole picoseconds; an event costs no allocation, only places in four arrays that
 * grow with the number of events outstanding.
 */
export class EventLoop {
  /** The time of the event that runs, in picoseconds. */
  now = 0;
  /** Events that have run. */
  handled = 0;
  #times = new Float64Array(1024);
  #orders = new Float64Array(1024);
  #subjects = new Int32Array(1024);
  readonly #handlers: Handler[] = [];
  #size = 0;
  #order = 0;

  get pending(): number {
    return this.#size;
  }

  /**
   * Runs `handler` at a time in picoseconds; never, where that lies beyond the hours that can be counted.
   *
   * @throws RangeError for a time that has passed or is no whole number: an effect before its cause
   */
  at(time: number, handler: Handler, subject = 0): void {
    if (time > Number.MAX_SAFE_INTEGER) return;
    if (!(time >= this.now) || !Number.isInteger(time))
      throw new RangeError(`an event at ${time} ps, asked for at ${this.now} ps`);
    let at = this.#size++;
    if (at === this.#times.length) this.#grow();
    const times = this.#times;
    const orders = this.#orders;
    const subjects = this.#subjects;
    const handlers = this.#handlers;
    const order = this.#order++;
    // Later orders lose every tie, so only times decide on the way up.
    while (at > 0) {
      const up = (at - 1) >> 2;
      const above = times[up] ?? 0;
      if (above <= time) break;
      times[at] = above;
      orders[at] = orders[up] ?? 0;
      subjects[at] = subjects[up] ?? 0;
      const moved = handlers[up];
      if (moved !== undefined) handlers[at] = moved;
      at = up;
    }
    times[at] = time;
    orders[at] = order;
    subjects[at] = subject;
    handlers[at] = handler;
  }

  /** Runs `handler` this many picoseconds from now. */
  after(delay: number, handler: Handler, subject = 0): void {
    this.at(this.now + delay, handler, subject);
  }

  /**
   * Runs events until none is left or the next one lies beyond `until`.
   *
   * @throws SimulationCancelled when `cancelled` says so; it is asked every few thousand events
   */
  run(until = Number.POSITIVE_INFINITY, cancelled?: () => boolean): void {
    while (this.#size > 0) {
      const time = this.#times[0] ?? 0;
      if (time > until) return;
      if (cancelled !== undefined && (this.handled & 8191) === 8191 && cancelled()) throw new SimulationCancelled();
      const handler = this.#handlers[0];
      const subject = this.#subjects[0] ?? 0;
      this.now = time;
      this.handled++;
      this.#removeFirst();
      handler?.(subject);
    }
  }

  #removeFirst(): void {
    const times = this.#times;
    const orders = this.#orders;
    const subjects = this.#subjects;
    const handlers = this.#handlers;
    const size = --this.#size;
    const last = handlers.pop();
    if (size === 0 || last === undefined) return;
    const time = times[size] ?? 0;
    const order = orders[size] ?? 0;
    const subject = subjects[size] ?? 0;
    let at = 0;
    for (;;) {
      let child = 4 * at + 1;
      if (child >= size) break;
      const end = Math.min(child + 4, size);
      let least = times[child] ?? 0;
      for (let other = child + 1; other < end; other++) {
        const value = times[other] ?? 0;
        if (value < least || (value === least && (orders[other] ?? 0) < (orders[child] ?? 0))) {
          child = other;
          least = value;
        }
      }
      if (time < least || (time === least && order < (orders[child] ?? 0))) break;
      times[at] = least;
      orders[at] = orders[child] ?? 0;
      subjects[at] = subjects[child] ?? 0;
      const moved = handlers[child];
      if (moved !== undefined) handlers[at] = moved;
      at = child;
    }
    times[at] = time;
    orders[at] = order;
    subjects[at] = subject;
    handlers[at] = last;
  }

  #grow(): void {
    const wider = <T extends Float64Array | Int32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    const size = this.#times.length * 2;
    this.#times = wider(this.#times, new Float64Array(size));
    this.#orders = wider(this.#orders, new Float64Array(size));
    this.#subjects = wider(this.#subjects, new Int32Array(size));
  }
}
