/** Random numbers that depend on the seed alone. */
export class RandomNumbers {
  #state: number;

  constructor(seed: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bf03635) >>> 0;
  }

  /** At least 0, less than 1: an xorshift of 32 bits (Marsaglia, Xorshift RNGs, 2003). */
  next(): number {
    let state = this.#state === 0 ? 1 : this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const found = from[this.whole(0, from.length - 1)];
    if (found === undefined) throw new RangeError('nothing to pick from');
    return found;
  }

  /** Powers of two from `least` to `most`, each as likely. */
  power(least: number, most: number): number {
    return 2 ** this.whole(Math.log2(least), Math.log2(most));
  }
}
