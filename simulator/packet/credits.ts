import type { Credits, Network } from './network.ts';

/**
 * Flow-control credits of the receivers: what they have given out and not yet given back. A credit comes back some time
 * after its TLP has left the buffer; the times of one pool only grow, since updates carry running totals (PCIe Base 5.0
 * section 2.6.1.2).
 */
export class CreditPools {
  /** Left at the sender, by pool: three for each station. */
  readonly headers: Int32Array;
  readonly data: Int32Array;
  readonly #returns: (CreditReturns | null)[] = [];

  constructor(network: Network) {
    const count = 3 * network.stations.length;
    this.headers = new Int32Array(count);
    this.data = new Int32Array(count);
    network.stations.forEach((station, index) => {
      for (let kind = 0; kind < 3; kind++) {
        const credits = station.credits?.[kind as 0 | 1 | 2];
        const pool = 3 * index + kind;
        this.headers[pool] = credits?.headers ?? 0;
        this.data[pool] = credits?.data ?? 0;
        this.#returns.push(credits === undefined ? null : new CreditReturns(credits));
      }
    });
  }

  /** Takes in what has come back by now. */
  settle(pool: number, now: number): void {
    const returns = this.#returns[pool] as CreditReturns;
    while (returns.firstTime <= now) {
      this.headers[pool] = (this.headers[pool] as number) + 1;
      this.data[pool] = (this.data[pool] as number) + returns.shift();
    }
  }

  /** Takes in what has come back by now, and a header with its data out; false where there is not enough. */
  take(pool: number, units: number, now: number): boolean {
    this.settle(pool, now);
    if ((this.headers[pool] as number) < 1 || (this.data[pool] as number) < units) return false;
    this.headers[pool] = (this.headers[pool] as number) - 1;
    this.data[pool] = (this.data[pool] as number) - units;
    return true;
  }

  giveBack(pool: number, units: number, time: number): void {
    (this.#returns[pool] as CreditReturns).push(time, units);
  }

  /** When the next credit comes back; infinite where none is on its way. */
  nextReturn(pool: number): number {
    return (this.#returns[pool] as CreditReturns).firstTime;
  }
}

/** Credits on their way back, first in first out. */
class CreditReturns {
  firstTime = Number.POSITIVE_INFINITY;
  #times: Float64Array;
  #units: Int32Array;
  #head = 0;
  #count = 0;
  #last = 0;

  constructor({ headers }: Credits) {
    this.#times = new Float64Array(Math.min(16, headers));
    this.#units = new Int32Array(this.#times.length);
  }

  push(time: number, units: number): void {
    if (this.#count === this.#times.length) this.#grow();
    this.#last = Math.max(time, this.#last);
    let at = this.#head + this.#count;
    if (at >= this.#times.length) at -= this.#times.length;
    this.#times[at] = this.#last;
    this.#units[at] = units;
    if (this.#count++ === 0) this.firstTime = this.#last;
  }

  shift(): number {
    const units = this.#units[this.#head] as number;
    if (++this.#head === this.#times.length) this.#head = 0;
    this.firstTime = --this.#count === 0 ? Number.POSITIVE_INFINITY : (this.#times[this.#head] as number);
    return units;
  }

  #grow(): void {
    const length = this.#times.length;
    const times = new Float64Array(length * 2);
    const units = new Int32Array(length * 2);
    for (let index = 0; index < length; index++) {
      times[index] = this.#times[(this.#head + index) % length] as number;
      units[index] = this.#units[(this.#head + index) % length] as number;
    }
    this.#times = times;
    this.#units = units;
    this.#head = 0;
  }
}
