/**
 * Work that takes turns in groups, as the contexts of a GPU do: one group runs for a quantum, then the next one that has
 * work, round robin. Within its turn a group shares the machine among its work of the highest priority.
 */
export interface SlicedServer {
  readonly name: string;
  readonly quantumSeconds: number;
  /** Lost at each change from one group to another. */
  readonly switchSeconds: number;
}

/**
 * Slices that a piece of work is cut into at most. Beyond that, slices grow: shares stay the same, and a kernel of days
 * does not take millions of events.
 */
const mostSlices = 2000;

interface Member {
  readonly seconds: number;
  readonly priority: number;
}

/** The turns on one server. Times are seconds; a pure state machine that its caller moves on. */
export class Turns {
  readonly #server: SlicedServer;
  readonly #groups: number[] = [];
  readonly #members = new Map<number, Map<number, Member>>();
  #current = -1;
  /** When the group of this turn begins to run: after the switch. */
  #runsAt = 0;
  #endsAt = Number.POSITIVE_INFINITY;

  constructor(server: SlicedServer) {
    this.#server = server;
  }

  /** A task of a group has work for so many seconds. Of a group, those of the highest priority run. */
  join(group: number, task: number, seconds: number, now: number, priority = 0): void {
    let members = this.#members.get(group);
    if (members === undefined) {
      members = new Map();
      this.#members.set(group, members);
    }
    members.set(task, { seconds, priority });
    if (!this.#groups.includes(group)) this.#groups.push(group);
    if (this.#groups.length === 1) this.#begin(group, now);
    else if (!Number.isFinite(this.#endsAt)) this.#endsAt = Math.max(now, this.#runsAt) + this.#quantum();
  }

  /** A task is done; where its group has nothing left, the next one's turn comes at once. */
  leave(group: number, task: number, now: number): void {
    const members = this.#members.get(group);
    members?.delete(task);
    if (members === undefined || members.size > 0) return;
    const at = this.#groups.indexOf(group);
    if (at >= 0) this.#groups.splice(at, 1);
    if (group !== this.#current) {
      if (this.#groups.length === 1) this.#endsAt = Number.POSITIVE_INFINITY;
      return;
    }
    const next = this.#groups[at % Math.max(1, this.#groups.length)];
    if (next === undefined) this.#endsAt = Number.POSITIVE_INFINITY;
    else this.#begin(next, now);
  }

  /** Gives the turn on where the time has come. */
  advance(now: number): void {
    if (now < this.#endsAt) return;
    const next = this.#groups[(this.#groups.indexOf(this.#current) + 1) % Math.max(1, this.#groups.length)];
    if (next !== undefined) this.#begin(next, now);
  }

  /** True where a task of the group runs now. */
  runs(group: number, task: number, now: number): boolean {
    if (group !== this.#current || now < this.#runsAt) return false;
    const members = this.#members.get(group);
    const own = members?.get(task)?.priority ?? 0;
    for (const { priority } of members?.values() ?? []) if (priority > own) return false;
    return true;
  }

  /** When something changes by itself: a switch is over, or a turn. */
  nextEvent(now: number): number {
    if (this.#groups.length === 0) return Number.POSITIVE_INFINITY;
    return this.#runsAt > now ? this.#runsAt : this.#endsAt;
  }

  #begin(group: number, now: number): void {
    const switched = this.#current >= 0 && this.#current !== group;
    this.#current = group;
    this.#runsAt = now + (switched ? this.#server.switchSeconds : 0);
    this.#endsAt = this.#groups.length > 1 ? this.#runsAt + this.#quantum() : Number.POSITIVE_INFINITY;
  }

  #quantum(): number {
    let most = 0;
    for (const members of this.#members.values())
      for (const { seconds } of members.values()) most = Math.max(most, seconds);
    return Math.max(this.#server.quantumSeconds, most / mostSlices);
  }
}
