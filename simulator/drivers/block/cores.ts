import type { EventLoop, Handler } from '../../events/event-loop.ts';
import { NumberQueue } from '../../events/number-queue.ts';

/** What runs on cores. Costs are picoseconds. */
export interface CoreWork {
  readonly beginInterrupt: (core: number, work: number) => number;
  readonly endInterrupt: (core: number, work: number) => void;
  readonly beginTurn: (thread: number) => number;
  readonly endTurn: (thread: number) => void;
}

/**
 * Cores that run interrupts first and threads in turn. A step of a thread is not broken off, so an interrupt waits for the
 * end of it: a microsecond at most.
 */
export class Cores {
  readonly count: number;
  /** Time spent in interrupts and in threads, in picoseconds. */
  readonly interruptTime: Float64Array;
  readonly threadTime: Float64Array;
  readonly #loop: EventLoop;
  readonly #work: CoreWork;
  readonly #interrupts: readonly NumberQueue[];
  readonly #threads: readonly NumberQueue[];
  readonly #running: Uint8Array;
  readonly #subject: Int32Array;
  readonly #done: Handler;

  constructor(loop: EventLoop, count: number, work: CoreWork) {
    this.count = count;
    this.#loop = loop;
    this.#work = work;
    this.interruptTime = new Float64Array(count);
    this.threadTime = new Float64Array(count);
    this.#interrupts = Array.from({ length: count }, () => new NumberQueue());
    this.#threads = Array.from({ length: count }, () => new NumberQueue());
    this.#running = new Uint8Array(count);
    this.#subject = new Int32Array(count);
    this.#done = (core) => {
      const was = this.#running[core];
      const subject = this.#subject[core] ?? 0;
      // What this wakes on the same core waits until all of it is done.
      if (was === interrupts) work.endInterrupt(core, subject);
      else work.endTurn(subject);
      this.#running[core] = idle;
      this.#next(core);
    };
  }

  interrupt(core: number, work: number): void {
    this.#interrupts[core]?.push(work);
    if (this.#running[core] === idle) this.#next(core);
  }

  ready(core: number, thread: number): void {
    this.#threads[core]?.push(thread);
    if (this.#running[core] === idle) this.#next(core);
  }

  #next(core: number): void {
    if (this.#running[core] !== idle) return;
    const waiting = this.#interrupts[core];
    const threads = this.#threads[core];
    if (waiting !== undefined && waiting.size > 0) {
      const work = waiting.shift();
      this.#running[core] = interrupts;
      this.#subject[core] = work;
      const cost = this.#work.beginInterrupt(core, work);
      this.interruptTime[core] = (this.interruptTime[core] ?? 0) + cost;
      this.#loop.after(cost, this.#done, core);
    } else if (threads !== undefined && threads.size > 0) {
      const thread = threads.shift();
      this.#running[core] = turns;
      this.#subject[core] = thread;
      const cost = this.#work.beginTurn(thread);
      this.threadTime[core] = (this.threadTime[core] ?? 0) + cost;
      this.#loop.after(cost, this.#done, core);
    }
  }
}

const idle = 0;
const interrupts = 1;
const turns = 2;
