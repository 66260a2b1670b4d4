import type { Network } from './network.ts';

/** Tags of requesters: a read takes one from its request to its last completion (PCIe Base 5.0 section 2.2.6.2). */
export class TagPools {
  /** Tags left, by pool. */
  readonly left: Int32Array;
  /** How often a movement found none. */
  readonly missed: Float64Array;
  readonly #waiting: number[][];

  constructor({ tags, movements }: Network) {
    this.left = Int32Array.from(tags);
    this.missed = new Float64Array(movements.length);
    this.#waiting = tags.map(() => []);
  }

  /** False where none is left: the movement then waits for its turn. */
  take(pool: number, movement: number): boolean {
    const left = this.left[pool] as number;
    if (left > 0) {
      this.left[pool] = left - 1;
      return true;
    }
    this.missed[movement] = (this.missed[movement] as number) + 1;
    const waiting = this.#waiting[pool];
    if (waiting !== undefined && !waiting.includes(movement)) waiting.push(movement);
    return false;
  }

  /** The movement that has waited longest for a tag, which waits no more; -1 for none. */
  giveBack(pool: number): number {
    this.left[pool] = (this.left[pool] as number) + 1;
    return this.#waiting[pool]?.shift() ?? -1;
  }
}
