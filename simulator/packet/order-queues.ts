/**
 * Lanes that keep one order at a station: which stage's TLP is next, first in first out. Without Relaxed Ordering no posted
 * request and no completion passes a posted request (PCIe Base 5.0 section 2.4.1).
 */
export class OrderQueues {
  readonly #queues: { stages: Int32Array; head: number; count: number }[];

  constructor(count: number) {
    this.#queues = Array.from({ length: count }, () => ({ stages: new Int32Array(16), head: 0, count: 0 }));
  }

  push(order: number, stage: number): void {
    const queue = this.#queues[order];
    if (queue === undefined) return;
    const { length } = queue.stages;
    if (queue.count === length) {
      const stages = new Int32Array(2 * length);
      for (let at = 0; at < length; at++) stages[at] = queue.stages[(queue.head + at) % length] as number;
      queue.stages = stages;
      queue.head = 0;
    }
    queue.stages[(queue.head + queue.count) % queue.stages.length] = stage;
    queue.count++;
  }

  /** The stage whose TLP is first, -1 where none is there. */
  first(order: number): number {
    const queue = this.#queues[order];
    return queue === undefined || queue.count === 0 ? -1 : (queue.stages[queue.head] as number);
  }

  shift(order: number): void {
    const queue = this.#queues[order];
    if (queue === undefined || queue.count === 0) return;
    queue.head = (queue.head + 1) % queue.stages.length;
    queue.count--;
  }
}
