/**
 * A server with one queue, first come first served. Since it knows at once when it will be done with what comes in, it
 * needs no events of its own; callers hand work in at the time of the event that runs. Times are picoseconds.
 */
export class FifoServer {
  readonly name: string;
  /** When all that was admitted is done. */
  freeAt = 0;
  /** Time spent serving, in all. */
  busy = 0;
  served = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Takes work in and says when it is done. */
  admit(now: number, service: number): number {
    this.freeAt = Math.max(now, this.freeAt) + service;
    this.busy += service;
    this.served++;
    return this.freeAt;
  }

  /** Share of the time up to `until` in which it served, 0 to 1. */
  utilisation(until: number): number {
    if (until <= 0) return 0;
    // What was admitted and lies beyond `until` has not been served yet.
    const ahead = Math.max(0, this.freeAt - until);
    return Math.min(1, Math.max(0, this.busy - ahead) / until);
  }
}
