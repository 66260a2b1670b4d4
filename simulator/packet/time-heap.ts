/** A binary heap of times with a code each, in arrays that grow by doubling; equal times keep the order of arrival. */
export class TimeHeap {
  size = 0;
  /** Infinite where the heap is empty. */
  firstTime = Number.POSITIVE_INFINITY;
  #times = new Float64Array(64);
  #orders = new Float64Array(64);
  #codes = new Int32Array(64);
  #pushed = 0;

  push(time: number, code: number): void {
    if (this.size === this.#times.length) this.#grow();
    const order = this.#pushed++;
    const times = this.#times;
    let at = this.size++;
    while (at > 0) {
      const up = (at - 1) >> 1;
      // A later arrival of the same time stays below.
      if ((times[up] as number) <= time) break;
      this.#move(up, at);
      at = up;
    }
    this.#put(at, time, order, code);
    this.firstTime = times[0] as number;
  }

  /** Takes the first one out and gives its code; -1 where the heap is empty. */
  pop(): number {
    if (this.size === 0) return -1;
    const first = this.#codes[0] as number;
    const last = --this.size;
    const time = this.#times[last] as number;
    const order = this.#orders[last] as number;
    const code = this.#codes[last] as number;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= last) break;
      if (down + 1 < last && this.#precedes(down + 1, down)) down++;
      const below = this.#times[down] as number;
      if (below > time || (below === time && (this.#orders[down] as number) > order)) break;
      this.#move(down, at);
      at = down;
    }
    this.#put(at, time, order, code);
    this.firstTime = last === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
    return first;
  }

  #precedes(a: number, b: number): boolean {
    const [left, right] = [this.#times[a] as number, this.#times[b] as number];
    return left < right || (left === right && (this.#orders[a] as number) < (this.#orders[b] as number));
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#times[from] as number, this.#orders[from] as number, this.#codes[from] as number);
  }

  #put(at: number, time: number, order: number, code: number): void {
    this.#times[at] = time;
    this.#orders[at] = order;
    this.#codes[at] = code;
  }

  #grow(): void {
    const length = this.#times.length * 2;
    const times = new Float64Array(length);
    times.set(this.#times);
    this.#times = times;
    const orders = new Float64Array(length);
    orders.set(this.#orders);
    this.#orders = orders;
    const codes = new Int32Array(length);
    codes.set(this.#codes);
    this.#codes = codes;
  }
}
