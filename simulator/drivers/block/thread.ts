import { NumberQueue } from '../../events/number-queue.ts';
import type { Random } from '../../events/random.ts';
import type { IoJob, JobCount } from './job.ts';

/** Where a thread is: about to run or running; waiting for completions; waiting for the time that its rate allows. */
export const threadStates = { active: 0, waiting: 1, paused: 2, done: 3 } as const;

/** One thread of a job: what it has under way and where on the drive it goes next. */
export class IoThread {
  readonly id: number;
  readonly job: IoJob;
  readonly count: JobCount;
  readonly core: number;
  /** Free places in the table of requests. */
  readonly free = new NumberQueue();
  /** Requests that are complete and that the thread has not seen. */
  readonly completed = new NumberQueue();
  /** Commands that it hands over at the end of its turn. */
  readonly prepared = new NumberQueue();
  state: number = threadStates.waiting;
  woken = false;
  inFlight = 0;
  issued = 0;
  readonly limit: number;
  nextAllowed = 0;
  readonly gap: number;
  #cursor: number;
  readonly #base: number;
  readonly #span: number;
  readonly #zoneBytes: number;
  #zone: number;
  readonly #zoneStep: number;
  readonly #zones: number;

  /**
   * @param index of the thread in its job
   * @param zones of the drive: bytes of one and how many; null for a drive without
   */
  constructor(
    id: number,
    job: IoJob,
    index: number,
    count: JobCount,
    zones: { readonly bytes: number; readonly count: number } | null,
  ) {
    this.id = id;
    this.job = job;
    this.count = count;
    this.core = job.cores[index] ?? 0;
    const threads = job.cores.length;
    this.limit = Math.floor(job.requests / threads) + (index < job.requests % threads ? 1 : 0);
    const byRate = Number.isFinite(job.bytesPerSecond) ? ((job.blockBytes * threads) / job.bytesPerSecond) * 1e12 : 0;
    this.gap = Math.max(byRate, job.period);
    this.nextAllowed = job.start;
    const blocks = Math.max(1, Math.floor(job.spanBytes / threads / job.blockBytes));
    this.#span = blocks * job.blockBytes;
    this.#base = index * this.#span;
    this.#cursor = 0;
    this.#zoneBytes = zones?.bytes ?? 0;
    this.#zones = zones?.count ?? 0;
    this.#zone = index;
    this.#zoneStep = threads;
  }

  /** Depth that the engine, and the rule that a zone is written in order, leave. */
  get depth(): number {
    if (!this.job.costs.asynchronous) return 1;
    if (this.#zoneBytes > 0 && (this.job.pattern === 'write' || this.job.pattern === 'readwrite')) return 1;
    return this.job.depth;
  }

  writes(random: Random): boolean {
    switch (this.job.pattern) {
      case 'read':
      case 'randread':
        return false;
      case 'readwrite':
      case 'randrw':
        // rwmixread is 50 where nobody says otherwise, as in fio.
        return random.unit() < 0.5;
      default:
        return true;
    }
  }

  get sequential(): boolean {
    return this.job.pattern === 'read' || this.job.pattern === 'write' || this.job.pattern === 'readwrite';
  }

  /**
   * Where the next request goes. `reset` is called with a zone that is to be written again from its start.
   *
   * @returns the first byte on the drive
   */
  place(random: Random, write: boolean, reset: (zone: number) => void): number {
    const { blockBytes, pattern } = this.job;
    if (this.#zoneBytes > 0 && write && pattern !== 'randwrite' && pattern !== 'randrw') {
      if (this.#cursor + blockBytes > this.#zoneBytes) {
        this.#cursor = 0;
        this.#zone += this.#zoneStep;
        if (this.#zone >= this.#zones) this.#zone %= this.#zoneStep;
        reset(this.#zone);
      }
      const at = this.#zone * this.#zoneBytes + (pattern === 'append' ? 0 : this.#cursor);
      this.#cursor += blockBytes;
      return at;
    }
    if (this.sequential) {
      const at = this.#base + this.#cursor;
      this.#cursor = (this.#cursor + blockBytes) % this.#span;
      return at;
    }
    const blocks = Math.max(1, Math.floor(this.job.spanBytes / blockBytes));
    return random.below(blocks) * blockBytes;
  }
}
