import { type CommandTable, operations } from '../../devices/command-table.ts';
import type { Random } from '../../events/random.ts';
import { type AttachedDrive, queueOf } from './attached-drive.ts';
import type { RequestTable } from './requests.ts';
import type { IoThread } from './thread.ts';

/** Makes commands of requests: too large ones are cut, those of one call that go on from each other are joined. */
export class CommandMaker {
  readonly #random: Random;
  readonly #commands: CommandTable;
  readonly #requests: RequestTable;
  readonly #mostTraced: number;
  #traced = 0;

  constructor(random: Random, commands: CommandTable, requests: RequestTable, mostTraced: number) {
    this.#random = random;
    this.#commands = commands;
    this.#requests = requests;
    this.#mostTraced = mostTraced;
  }

  /**
   * Makes commands of the next request of a thread, or joins it to the last command of the same call.
   *
   * @param last command to which it may be joined, or -1
   * @returns the command to which the next request may be joined, or -1
   */
  prepare(thread: IoThread, now: number, last: number, attached: AttachedDrive | undefined): number {
    const { job, count } = thread;
    const requests = this.#requests;
    const request = thread.free.shift();
    const write = thread.writes(this.#random);
    const at = thread.place(this.#random, write, (zone) => attached?.resets[job.namespace]?.(zone));
    requests.since[request] = now;
    requests.bytes[request] = job.blockBytes;
    requests.failed[request] = 0;
    requests.joined[request] = -1;
    thread.inFlight++;
    thread.issued++;
    count.issued++;
    const operation = !write ? operations.read : job.pattern === 'append' ? operations.append : operations.write;
    if (last >= 0 && this.#joins(thread, last, operation, at)) {
      this.#join(request, last, job.blockBytes);
      return last;
    }
    const queue = attached === undefined ? 0 : queueOf(attached, thread);
    let parts = 0;
    let command = -1;
    for (let left = job.blockBytes; left > 0; left -= job.maxCommandBytes, parts++) {
      const bytes = Math.min(left, job.maxCommandBytes);
      command = this.#make(thread, request, operation, at + job.blockBytes - left, bytes);
      this.#commands.queue[command] = queue;
      if (this.#traced < this.#mostTraced) {
        this.#commands.traced[command] = this.#traced++;
        this.#commands.since[command] = now;
      }
      thread.prepared.push(command);
    }
    requests.commands[request] = parts;
    return parts === 1 ? command : -1;
  }

  #make(thread: IoThread, request: number, operation: number, offset: number, bytes: number): number {
    const commands = this.#commands;
    const { job } = thread;
    const command = commands.take();
    commands.request[command] = request;
    commands.namespace[command] = job.namespace;
    commands.bytes[command] = bytes;
    commands.offset[command] = offset;
    commands.operation[command] = operation;
    commands.sequential[command] = thread.sequential ? 1 : 0;
    commands.path[command] = operation === operations.read ? job.readPath : job.writePath;
    return command;
  }

  #join(request: number, command: number, bytes: number): void {
    const { joined, commands } = this.#requests;
    this.#commands.bytes[command] = (this.#commands.bytes[command] ?? 0) + bytes;
    commands[request] = 1;
    let tail = this.#commands.request[command] ?? 0;
    for (let next = joined[tail] ?? -1; next >= 0; next = joined[tail] ?? -1) tail = next;
    joined[tail] = request;
  }

  /** Whether a request goes on where a command of the same call ends, and both fit into one. */
  #joins(thread: IoThread, last: number, operation: number, at: number): boolean {
    const commands = this.#commands;
    const bytes = commands.bytes[last] ?? 0;
    return (
      thread.sequential &&
      commands.operation[last] === operation &&
      (commands.offset[last] ?? 0) + bytes === at &&
      bytes + thread.job.blockBytes <= thread.job.maxCommandBytes
    );
  }
}
