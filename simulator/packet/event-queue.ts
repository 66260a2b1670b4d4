import { TimeHeap } from './time-heap.ts';

/** Slots of the near future. At first each is 1.024 ns long: 4.2 us in all, some times what one hop takes. */
const slots = 4096;
const firstSlotPicoseconds = 1024;

/**
 * Events by time, in integer picoseconds: what is near lies in slots (a calendar queue after R. Brown, CACM 31(10), 1988),
 * what is far in a heap. Events of one time come in the order in which they were put in. Nothing is allocated for an
 * event; the arrays grow with the most that is ever pending. Whenever the slots run out they become shorter if they were
 * crowded, longer if most were empty.
 */
export class EventQueue {
  /** Time and code of the event that `next` took out. */
  time = 0;
  code = 0;
  size = 0;
  /** Where the slots begin; before `far` for all that is in them. */
  #base = 0;
  #slot = 0;
  #near = 0;
  #slotPicoseconds = firstSlotPicoseconds;
  /** Slots to the picosecond; the length is a power of two, so that nothing is rounded. */
  #inverse = 1 / firstSlotPicoseconds;
  #span = slots * firstSlotPicoseconds;
  /** Since the slots began: events put in, and those passed on the way to their place. */
  #pushes = 0;
  #steps = 0;
  readonly #heads = new Int32Array(slots).fill(-1);
  readonly #tails = new Int32Array(slots).fill(-1);
  #times = new Float64Array(1024);
  #codes = new Int32Array(1024);
  #after = new Int32Array(1024);
  #free = -1;
  #used = 0;
  readonly #far = new TimeHeap();

  /** Puts an event in; `time` is not before the one that `next` took out last. */
  push(time: number, code: number): void {
    this.size++;
    const ahead = time - this.#base;
    if (ahead < this.#span) this.#pushNear(time, (ahead * this.#inverse) | 0, code);
    else this.#far.push(time, code);
  }

  /** Takes the first event out, into `time` and `code`; false where there is none. */
  next(): boolean {
    if (this.size === 0) return false;
    if (this.#near === 0) this.#turn();
    const heads = this.#heads;
    let slot = this.#slot;
    while ((heads[slot] as number) < 0) slot++;
    this.#slot = slot;
    const node = heads[slot] as number;
    const after = this.#after[node] as number;
    heads[slot] = after;
    if (after < 0) this.#tails[slot] = -1;
    this.#after[node] = this.#free;
    this.#free = node;
    this.#near--;
    this.size--;
    this.time = this.#times[node] as number;
    this.code = this.#codes[node] as number;
    return true;
  }

  /** Time of the first event, in picoseconds; infinite where there is none. */
  peek(): number {
    if (this.size === 0) return Number.POSITIVE_INFINITY;
    if (this.#near === 0) return this.#far.firstTime();
    let slot = this.#slot;
    while ((this.#heads[slot] as number) < 0) slot++;
    return this.#times[this.#heads[slot] as number] as number;
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
    this.#pushes++;
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

  /** All slots are empty: they begin anew where the first of the far events is. */
  #turn(): void {
    if (this.#steps > 2 * this.#pushes && this.#slotPicoseconds > 1) this.#resize(this.#slotPicoseconds / 2);
    else if (this.#slot > 16 * this.#pushes && this.#slotPicoseconds < 2 ** 20) this.#resize(this.#slotPicoseconds * 2);
    this.#pushes = 0;
    this.#steps = 0;
    this.#base = this.#far.firstTime();
    this.#slot = 0;
    while (this.#far.size > 0 && this.#far.firstTime() - this.#base < this.#span) {
      const time = this.#far.firstTime();
      this.#pushNear(time, ((time - this.#base) * this.#inverse) | 0, this.#far.pop());
    }
  }

  #resize(picoseconds: number): void {
    this.#slotPicoseconds = picoseconds;
    this.#inverse = 1 / picoseconds;
    this.#span = slots * picoseconds;
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
