import { TimeHeap } from './time-heap.ts';

/** Slots of the near future. At first each is 1.024 ns long: 4.2 us in all, some times what one hop takes. */
const slots = 4096;
const firstSlotPicoseconds = 1024;
/** Events between two looks at how crowded the slots are. */
const review = 65_536;

/**
 * Events by time, in integer picoseconds: what is near lies in slots that are used round and round (a calendar queue: R.
 * Brown, CACM 31(10), 1988), what is far in a heap. Events of one time come in the order in which they were put in.
 * Nothing is allocated for an event; the arrays grow with the most that is ever pending. Slots become shorter where they
 * are crowded, longer where most are empty.
 */
export class EventQueue {
  /** Time and code of the event that `next` took out. */
  time = 0;
  code = 0;
  size = 0;
  /** Where slot 0 of this round begins, and the slot that is looked at: up to twice the number of slots. */
  #base = 0;
  #slot = 0;
  #near = 0;
  /** Slots to the picosecond; the length of one is a power of two, so that nothing is rounded. */
  #inverse = 1 / firstSlotPicoseconds;
  #heads = new Int32Array(slots).fill(-1);
  #tails = new Int32Array(slots).fill(-1);
  #times = new Float64Array(1024);
  #codes = new Int32Array(1024);
  #after = new Int32Array(1024);
  #free = -1;
  #used = 0;
  readonly #far = new TimeHeap();
  /** Since the last review: events taken out, those passed on the way to a place, and slots passed. */
  #taken = 0;
  #steps = 0;
  #passed = 0;

  /** Puts an event in; `time` is not before the one that `next` took out last. */
  push(time: number, code: number): void {
    this.size++;
    const at = (time - this.#base) * this.#inverse;
    if (at < this.#slot + slots) this.#pushNear(time, (at | 0) & (slots - 1), code);
    else this.#far.push(time, code);
  }

  /** Takes the first event out, into `time` and `code`; false where there is none. */
  next(): boolean {
    if (this.size === 0) return false;
    this.size--;
    const far = this.#far;
    if (this.#near === 0) {
      this.#takeFar();
      // The slots begin anew here.
      this.#base = this.time;
      this.#slot = 0;
      return true;
    }
    const heads = this.#heads;
    let slot = this.#slot;
    while ((heads[slot & (slots - 1)] as number) < 0) slot++;
    const at = slot & (slots - 1);
    const node = heads[at] as number;
    const time = this.#times[node] as number;
    // Of one time, what was put in while it was far came first.
    if (far.firstTime <= time) {
      this.#takeFar();
      return true;
    }
    this.#passed += slot - this.#slot;
    if (slot >= slots) {
      slot -= slots;
      this.#base += slots / this.#inverse;
    }
    this.#slot = slot;
    const after = this.#after[node] as number;
    heads[at] = after;
    if (after < 0) this.#tails[at] = -1;
    this.#after[node] = this.#free;
    this.#free = node;
    this.#near--;
    this.time = time;
    this.code = this.#codes[node] as number;
    if (++this.#taken === review) this.#review();
    return true;
  }

  #takeFar(): void {
    this.time = this.#far.firstTime;
    this.code = this.#far.pop();
  }

  #pushNear(time: number, slot: number, code: number): void {
    let node = this.#free;
    if (node >= 0) this.#free = this.#after[node] as number;
    else {
      node = this.#used++;
      if (node === this.#times.length) this.#grow();
    }
    this.#times[node] = time;
    this.#codes[node] = code;
    this.#near++;
    this.#insert(node, time, slot);
  }

  #insert(node: number, time: number, slot: number): void {
    const after = this.#after;
    const tail = this.#tails[slot] as number;
    if (tail < 0) {
      after[node] = -1;
      this.#heads[slot] = node;
      this.#tails[slot] = node;
      return;
    }
    if ((this.#times[tail] as number) <= time) {
      after[node] = -1;
      after[tail] = node;
      this.#tails[slot] = node;
      return;
    }
    let before = -1;
    let at = this.#heads[slot] as number;
    while ((this.#times[at] as number) <= time) {
      before = at;
      at = after[at] as number;
      this.#steps++;
    }
    after[node] = at;
    if (before < 0) this.#heads[slot] = node;
    else after[before] = node;
  }

  #review(): void {
    if (this.#steps > this.#taken && this.#inverse < 1) this.#resize(this.#inverse * 2);
    else if (this.#passed > 8 * this.#taken && this.#inverse > 2 ** -20) this.#resize(this.#inverse / 2);
    this.#taken = 0;
    this.#steps = 0;
    this.#passed = 0;
  }

  /** Puts everything near into slots of another length, in the order in which it stands. */
  #resize(inverse: number): void {
    const heads = this.#heads;
    const from = this.#slot;
    this.#heads = new Int32Array(slots).fill(-1);
    this.#tails = new Int32Array(slots).fill(-1);
    this.#inverse = inverse;
    this.#base = this.time;
    this.#slot = 0;
    for (let slot = from; slot < from + slots; slot++) {
      let node = heads[slot & (slots - 1)] as number;
      while (node >= 0) {
        const after = this.#after[node] as number;
        const time = this.#times[node] as number;
        const at = (time - this.#base) * inverse;
        if (at < slots) this.#insert(node, time, at | 0);
        else {
          this.#far.push(time, this.#codes[node] as number);
          this.#after[node] = this.#free;
          this.#free = node;
          this.#near--;
        }
        node = after;
      }
    }
  }

  #grow(): void {
    const length = this.#times.length * 2;
    const times = new Float64Array(length);
    times.set(this.#times);
    this.#times = times;
    const codes = new Int32Array(length);
    codes.set(this.#codes);
    this.#codes = codes;
    const after = new Int32Array(length);
    after.set(this.#after);
    this.#after = after;
  }
}
