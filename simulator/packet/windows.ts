import type { StageTable } from './lanes.ts';

/**
 * Room of each lane in the buffer behind each of its stages, a time for each place: when it can be used again, infinite
 * while a TLP lies in it. Rings are there only while their lane runs.
 */
export class LaneWindows {
  readonly #rings: Float64Array[];
  readonly #sendAt: Int32Array;
  readonly #freeAt: Int32Array;
  readonly #table: StageTable;

  constructor(table: StageTable) {
    this.#table = table;
    this.#rings = new Array<Float64Array>(table.count).fill(none);
    this.#sendAt = new Int32Array(table.count);
    this.#freeAt = new Int32Array(table.count);
  }

  /** Makes rings for stages `from` up to `to`, of at most `most` places. */
  open(from: number, to: number, most: number): void {
    for (let stage = from; stage < to; stage++) {
      this.#rings[stage] = new Float64Array(Math.min(this.#table.window[stage] as number, most));
      this.#sendAt[stage] = 0;
      this.#freeAt[stage] = 0;
    }
  }

  close(from: number, to: number): void {
    for (let stage = from; stage < to; stage++) this.#rings[stage] = none;
  }

  /** When the stage has room for its next TLP: at once, later, or (infinite) after another one has left. */
  roomAt(stage: number): number {
    return (this.#rings[stage] as Float64Array)[this.#sendAt[stage] as number] as number;
  }

  take(stage: number): void {
    const ring = this.#rings[stage] as Float64Array;
    const at = this.#sendAt[stage] as number;
    ring[at] = Number.POSITIVE_INFINITY;
    this.#sendAt[stage] = at + 1 === ring.length ? 0 : at + 1;
  }

  /** The first TLP in the buffer leaves it; its room can be used from `time` on. */
  giveBack(stage: number, time: number): void {
    const ring = this.#rings[stage] as Float64Array;
    const at = this.#freeAt[stage] as number;
    ring[at] = time;
    this.#freeAt[stage] = at + 1 === ring.length ? 0 : at + 1;
  }
}

const none = new Float64Array(0);
