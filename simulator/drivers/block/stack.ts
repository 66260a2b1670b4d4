import type { CommandTable } from '../../devices/command-table.ts';
import { type EventLoop, picoseconds, picosecondsPerSecond } from '../../events/event-loop.ts';
import type { Random } from '../../events/random.ts';
import type { TraceLog } from '../../trace/records.ts';
import { type AttachedDrive, queueOf } from './attached-drive.ts';
import { CommandMaker } from './command-maker.ts';
import { Cores } from './cores.ts';
import { type IoJob, JobCount } from './job.ts';
import { RequestTable } from './requests.ts';
import { IoThread, threadStates } from './thread.ts';

function charge(count: JobCount, picosecondsSpent: number): void {
  count.cpuTime += picosecondsSpent;
  count.interruptTime += picosecondsSpent;
}

interface VectorState {
  readonly drive: number;
  readonly vector: number;
  readonly core: number;
  readonly queues: readonly number[];
  /** Commands that the handler under way has taken. */
  readonly taken: number[];
  queued: boolean;
  running: boolean;
  /** One more came while it ran. */
  again: boolean;
  /** As /proc/interrupts counts. */
  handled: number;
}

/**
 * The block layer of Linux and the threads above it: turns of threads that reap and submit, hardware queues, doorbells,
 * interrupts on the cores of their vectors, wake-ups.
 */
export class BlockStack {
  readonly commands: CommandTable;
  readonly cores: Cores;
  readonly counts: readonly JobCount[];
  readonly threads: readonly IoThread[];
  readonly requests: RequestTable;
  readonly vectors: VectorState[] = [];
  /** Interrupts between cores, for wake-ups. */
  interprocessor = 0;
  readonly #loop: EventLoop;
  readonly #trace: TraceLog | null;
  readonly #jobs: readonly IoJob[];
  readonly #drives: AttachedDrive[] = [];
  readonly #vectorOf: number[][] = [];
  readonly #maker: CommandMaker;
  readonly #start: (thread: number) => void;

  constructor(
    loop: EventLoop,
    random: Random,
    commands: CommandTable,
    jobs: readonly IoJob[],
    coreCount: number,
    zonesOf: (drive: number, namespace: number) => { readonly bytes: number; readonly count: number } | null,
    trace: TraceLog | null,
    traceCommands: number,
  ) {
    this.#loop = loop;
    this.#jobs = jobs;
    this.#trace = trace;
    this.commands = commands;
    this.counts = jobs.map(() => new JobCount());
    const threads: IoThread[] = [];
    jobs.forEach((job, at) => {
      const count = this.counts[at] ?? new JobCount();
      job.cores.forEach((_, index) => {
        threads.push(new IoThread(threads.length, job, index, count, zonesOf(job.drive, job.namespace)));
      });
    });
    this.threads = threads;
    this.requests = new RequestTable(threads.reduce((sum, thread) => sum + thread.depth, 0));
    this.#maker = new CommandMaker(random, commands, this.requests, trace === null ? 0 : traceCommands);
    let place = 0;
    for (const thread of threads) {
      for (let index = 0; index < thread.depth; index++, place++) {
        this.requests.thread[place] = thread.id;
        thread.free.push(place);
      }
    }
    this.cores = new Cores(loop, coreCount, {
      beginInterrupt: (core, work) => this.#beginInterrupt(core, work),
      endInterrupt: (core, work) => this.#endInterrupt(core, work),
      beginTurn: (thread) => this.#beginTurn(thread),
      endTurn: (thread) => this.#endTurn(thread),
    });
    this.#start = (id) => {
      const thread = this.threads[id];
      if (thread === undefined || thread.state === threadStates.done || thread.state === threadStates.active) return;
      thread.state = threadStates.active;
      this.cores.ready(thread.core, id);
    };
  }

  /** Drives in the order of their numbers. */
  attach(attached: AttachedDrive): void {
    const { drive, map } = attached;
    const number = this.#drives.length;
    this.#drives.push(attached);
    const states = map.coreOfVector.map((core, vector) => {
      const queues = drive.queues.flatMap((queue, index) =>
        queue.vector === vector && index < map.vectorOfQueue.length ? [index] : [],
      );
      this.vectors.push({
        drive: number,
        vector,
        core,
        queues,
        taken: [],
        queued: false,
        running: false,
        again: false,
        handled: 0,
      });
      return this.vectors.length - 1;
    });
    this.#vectorOf.push(states);
    for (const queue of drive.queues.slice(map.vectorOfQueue.length)) queue.polled = true;
  }

  /** Lets all threads begin at their times. */
  begin(): void {
    for (const thread of this.threads)
      this.#loop.at(Math.max(this.#loop.now, thread.job.start), this.#start, thread.id);
  }

  /** A drive's interrupt reaches its core. One that is pending already is the same one. */
  interrupt(drive: number, vector: number): void {
    const index = this.#vectorOf[drive]?.[vector] ?? -1;
    const state = this.vectors[index];
    if (state === undefined) return;
    if (state.running) state.again = true;
    else if (!state.queued) {
      state.queued = true;
      this.cores.interrupt(state.core, index);
    }
  }

  /** A completion stands in a queue that is polled: whoever spins there finds it. */
  poll(drive: number, queue: number): void {
    const pair = this.#drives[drive]?.drive.queues[queue];
    if (pair === undefined) return;
    for (let command = pair.take(); command >= 0; command = pair.take()) this.#complete(command, -1);
    this.#dispatch(drive, queue);
  }

  #beginInterrupt(core: number, work: number): number {
    if (work < 0) {
      const thread = this.threads[-work - 1];
      const cost = picoseconds(thread?.job.costs.interrupt ?? 0);
      if (thread !== undefined) charge(thread.count, cost);
      return cost;
    }
    const state = this.vectors[work];
    if (state === undefined) return 0;
    state.queued = false;
    state.running = true;
    state.handled++;
    let cost = 0;
    for (const queue of state.queues) {
      const pair = this.#drives[state.drive]?.drive.queues[queue];
      for (let command = pair?.take() ?? -1; command >= 0; command = pair?.take() ?? -1) {
        state.taken.push(command);
        const thread = this.threads[this.requests.thread[this.commands.request[command] ?? 0] ?? 0];
        if (thread === undefined) continue;
        const { costs } = thread.job;
        let own = costs.completeEach + (thread.core === core ? 0 : costs.remoteEach);
        if (cost === 0) own += costs.interrupt;
        const spent = this.#invalidated(thread, picoseconds(own), cost);
        charge(thread.count, spent);
        this.#recordInterrupt(state, command, cost, spent);
        cost += spent;
      }
      // The head's doorbell makes room in the queue for what waits.
      this.#dispatch(state.drive, queue);
    }
    // One that finds nothing has cost the interrupt all the same.
    return cost === 0 ? picoseconds(this.#jobs[0]?.costs.interrupt ?? 0) : cost;
  }

  #endInterrupt(core: number, work: number): void {
    if (work < 0) {
      this.#start(-work - 1);
      return;
    }
    const state = this.vectors[work];
    if (state === undefined) return;
    for (const command of state.taken) this.#complete(command, core);
    state.taken.length = 0;
    state.running = false;
    if (state.again) {
      state.again = false;
      state.queued = true;
      this.cores.interrupt(state.core, work);
    }
  }

  /** A command is done: so is what it served, and who waits for that is woken. `core` is -1 for polling. */
  #complete(command: number, core: number): void {
    const status = this.commands.status[command] ?? 0;
    if (core < 0) this.#record(command, 'poll');
    const first = this.commands.request[command] ?? -1;
    this.commands.release(command);
    for (let request = first; request >= 0; ) {
      const next = this.requests.joined[request] ?? -1;
      if (status !== 0) this.requests.failed[request] = 1;
      const left = (this.requests.commands[request] ?? 1) - 1;
      this.requests.commands[request] = left;
      if (left === 0) this.#wake(request, core);
      request = next;
    }
  }

  #wake(request: number, core: number): void {
    const thread = this.threads[this.requests.thread[request] ?? 0];
    if (thread === undefined) return;
    thread.completed.push(request);
    if (thread.state !== threadStates.waiting && thread.state !== threadStates.paused) return;
    if (core < 0) {
      this.#start(thread.id);
      return;
    }
    if (thread.woken) return;
    thread.woken = true;
    if (thread.core === core) this.#start(thread.id);
    else {
      this.interprocessor++;
      this.cores.interrupt(thread.core, -thread.id - 1);
    }
  }

  /** Reaps what is complete and prepares what can be submitted; the cost of both. */
  #beginTurn(id: number): number {
    const thread = this.threads[id];
    if (thread === undefined) return 0;
    const { job, count } = thread;
    const { costs } = job;
    const { now } = this.#loop;
    let cost = thread.woken ? picoseconds(costs.contextSwitch) : 0;
    thread.woken = false;
    if (thread.completed.size > 0) cost += picoseconds(costs.reapCall);
    while (thread.completed.size > 0) {
      if (costs.reapEach !== undefined) cost += picoseconds(costs.reapEach);
      if (costs.polled) cost += this.#invalidated(thread, picoseconds(costs.completeEach), cost);
      this.#reap(thread, thread.completed.shift(), now + cost);
    }
    const room = Math.min(job.batch, thread.depth - thread.inFlight, thread.limit - thread.issued);
    if (room <= 0 || now >= job.stop || now < thread.nextAllowed) {
      count.cpuTime += cost;
      return cost;
    }
    cost += picoseconds(costs.submitCall);
    let last = -1;
    for (let index = 0; index < room && now + cost < job.stop && now + cost >= thread.nextAllowed; index++) {
      const prepared = thread.prepared.size;
      last = this.#maker.prepare(thread, now + cost, last, this.#drives[job.drive]);
      cost += picoseconds(costs.submitEach * Math.max(1, thread.prepared.size - prepared));
      if (thread.gap > 0) thread.nextAllowed = Math.max(thread.nextAllowed, now) + Math.round(thread.gap);
    }
    cost += this.#lockWait(thread, now + cost);
    count.cpuTime += cost;
    return cost;
  }

  /** A piece of work of a core that ends with an invalidation of the IOMMU, where the mapping is strict. */
  #invalidated(thread: IoThread, work: number, before: number): number {
    const seconds = thread.job.costs.invalidation;
    const server = this.#drives[thread.job.drive]?.invalidations ?? null;
    if (seconds === 0 || server === null) return work;
    // Asked for at the start of the event: what others ask for meanwhile fits in between.
    const done = server.admit(this.#loop.now, picoseconds(seconds)) - this.#loop.now;
    return Math.max(work, done - before);
  }

  /** Waiting for the queue's lock, where another core holds it or held it last. */
  #lockWait(thread: IoThread, now: number): number {
    const { costs } = thread.job;
    const attached = this.#drives[thread.job.drive];
    const queue = attached?.drive.queues[queueOf(attached, thread)];
    if (queue === undefined || thread.prepared.size === 0 || costs.lockHold === 0) return 0;
    const moved = queue.lastCore >= 0 && queue.lastCore !== thread.core ? costs.lockTransfer : 0;
    queue.lastCore = thread.core;
    const hold = picoseconds(costs.lockHold * thread.prepared.size + moved);
    return Math.max(picoseconds(moved), queue.lock.admit(this.#loop.now, hold) - now);
  }

  #endTurn(id: number): void {
    const thread = this.threads[id];
    if (thread === undefined) return;
    const { job } = thread;
    if (thread.prepared.size > 0) {
      const attached = this.#drives[job.drive];
      const queue = attached === undefined ? 0 : queueOf(attached, thread);
      const pair = attached?.drive.queues[queue];
      thread.count.commands += thread.prepared.size;
      while (thread.prepared.size > 0) {
        const command = thread.prepared.shift();
        this.#recordSubmit(thread, command);
        pair?.waiting.push(command);
      }
      this.#dispatch(job.drive, queue);
    }
    const { now } = this.#loop;
    const more = thread.issued < thread.limit && now < job.stop;
    if (thread.completed.size > 0 || (more && thread.inFlight < thread.depth && now >= thread.nextAllowed)) {
      this.cores.ready(thread.core, id);
    } else if (more && thread.inFlight < thread.depth) {
      thread.state = threadStates.paused;
      this.#loop.at(Math.max(now, thread.nextAllowed), this.#start, id);
    } else thread.state = more || thread.inFlight > 0 ? threadStates.waiting : threadStates.done;
  }

  /** Puts what waits for a queue into it as far as there is room, and rings once. */
  #dispatch(drive: number, queue: number): void {
    const device = this.#drives[drive]?.drive;
    const pair = device?.queues[queue];
    if (device === undefined || pair === undefined) return;
    let put = 0;
    while (pair.waiting.size > 0 && !pair.full) {
      pair.put(pair.waiting.shift());
      put++;
    }
    if (put > 0) device.ring(queue, put);
  }

  #reap(thread: IoThread, request: number, now: number): void {
    const { count, job } = thread;
    const since = this.requests.since[request] ?? 0;
    const bytes = this.requests.bytes[request] ?? 0;
    thread.free.push(request);
    thread.inFlight--;
    if (this.requests.failed[request] === 1) count.refused();
    else count.done(job, bytes, since, now);
  }

  #recordSubmit(thread: IoThread, command: number): void {
    const flow = this.commands.traced[command] ?? -1;
    if (flow < 0 || this.#trace === null) return;
    const startSeconds = (this.commands.since[command] ?? 0) / picosecondsPerSecond;
    this.commands.since[command] = this.#loop.now;
    const endSeconds = this.#loop.now / picosecondsPerSecond;
    this.#trace.add({
      track: `core ${thread.core}`,
      name: `submit ${thread.job.name}`,
      startSeconds,
      endSeconds,
      flow: `command ${flow}`,
    });
  }

  /** A completion that a handler takes: on the track of the core, from the queue of the drive. */
  #recordInterrupt(state: VectorState, command: number, before: number, spent: number): void {
    const flow = this.commands.traced[command] ?? -1;
    if (flow < 0 || this.#trace === null) return;
    const drive = this.#drives[state.drive]?.drive.name ?? '';
    const startSeconds = (this.#loop.now + before) / picosecondsPerSecond;
    this.#trace.add({
      track: `core ${state.core}`,
      name: `interrupt ${drive} vector ${state.vector}`,
      startSeconds,
      endSeconds: startSeconds + spent / picosecondsPerSecond,
      flow: `command ${flow}`,
      args: { queuedSeconds: Math.max(0, startSeconds - (this.commands.since[command] ?? 0) / picosecondsPerSecond) },
    });
  }

  #record(command: number, name: string): void {
    const flow = this.commands.traced[command] ?? -1;
    if (flow < 0 || this.#trace === null) return;
    const { drive } = this.threads[this.requests.thread[this.commands.request[command] ?? 0] ?? 0]?.job ?? { drive: 0 };
    const startSeconds = (this.commands.since[command] ?? 0) / picosecondsPerSecond;
    const endSeconds = this.#loop.now / picosecondsPerSecond;
    const track = `${this.#drives[drive]?.drive.name ?? ''}/queue ${(this.commands.queue[command] ?? 0) + 1}`;
    this.#trace.add({ track, name, startSeconds, endSeconds, flow: `command ${flow}` });
  }
}
