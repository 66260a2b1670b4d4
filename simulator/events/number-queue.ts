/** A queue of numbers in a ring that grows as needed. */
export class NumberQueue {
  #ring = new Float64Array(16);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(value: number): void {
    if (this.#size === this.#ring.length) {
      const wider = new Float64Array(this.#size * 2);
      for (let index = 0; index < this.#size; index++)
        wider[index] = this.#ring[(this.#head + index) & (this.#size - 1)] ?? 0;
      this.#ring = wider;
      this.#head = 0;
    }
    this.#ring[(this.#head + this.#size) & (this.#ring.length - 1)] = value;
    this.#size++;
  }

  /** The first number, which leaves the queue; -1 from an empty one. */
  shift(): number {
    if (this.#size === 0) return -1;
    const value = this.#ring[this.#head] ?? -1;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#size--;
    return value;
  }

  first(): number {
    return this.#size === 0 ? -1 : (this.#ring[this.#head] ?? -1);
  }
}
