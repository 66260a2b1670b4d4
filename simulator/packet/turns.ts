import type { StageTable } from './lanes.ts';

/**
 * Whose turn it is at each station: lanes with something to send stand in a ring and have equal shares of the transfer's
 * bytes, whatever the size of their TLPs (deficit round robin: Shreedhar and Varghese, SIGCOMM 1995). With room for each
 * lane in every buffer that is max-min fair (Hahne, IEEE JSAC 9(7), 1991).
 */
export class Turns {
  /** The last in the ring of each station, -1 for an empty one; the one after it is first. */
  readonly #lastOf: Int32Array;
  readonly #next: Int32Array;
  readonly #deficit: Float64Array;
  readonly #quantum: Float64Array;
  readonly #units: Float64Array;

  constructor(table: StageTable, stations: number) {
    this.#lastOf = new Int32Array(stations).fill(-1);
    this.#next = new Int32Array(table.count).fill(-1);
    this.#deficit = new Float64Array(table.count);
    this.#units = table.unitBytes;
    this.#quantum = new Float64Array(stations);
    for (let stage = 0; stage < table.count; stage++) {
      const station = table.station[stage] as number;
      this.#quantum[station] = Math.max(this.#quantum[station] as number, table.unitBytes[stage] as number);
    }
  }

  isEmpty(station: number): boolean {
    return (this.#lastOf[station] as number) < 0;
  }

  /** Adds a stage, to come last. */
  add(station: number, stage: number): void {
    const last = this.#lastOf[station] as number;
    if (last < 0) this.#next[stage] = stage;
    else {
      this.#next[stage] = this.#next[last] as number;
      this.#next[last] = stage;
    }
    this.#lastOf[station] = stage;
  }

  /** The stage whose turn it is; the ring must not be empty. */
  current(station: number): number {
    let last = this.#lastOf[station] as number;
    let stage = this.#next[last] as number;
    if (stage === last) return stage;
    while ((this.#deficit[stage] as number) < (this.#units[stage] as number)) {
      this.#deficit[stage] = (this.#deficit[stage] as number) + (this.#quantum[station] as number);
      last = stage;
      stage = this.#next[stage] as number;
    }
    this.#lastOf[station] = last;
    return stage;
  }

  /** The current stage has sent a TLP. */
  charge(stage: number): void {
    const left = (this.#deficit[stage] as number) - (this.#units[stage] as number);
    this.#deficit[stage] = Math.max(left, 0);
  }

  /** The current stage has nothing more, or may not send it. */
  removeCurrent(station: number, stage: number): void {
    const last = this.#lastOf[station] as number;
    this.#deficit[stage] = 0;
    if (stage === last) this.#lastOf[station] = -1;
    else this.#next[last] = this.#next[stage] as number;
  }
}
