/** What was made in the round before, by name: made again only from something else. */
export class Memo<T> {
  #before: ReadonlyMap<string, Made<T>> = new Map();
  #now = new Map<string, Made<T>>();

  /** @param from all that the outcome follows from, compared one by one */
  get(name: string, from: readonly unknown[], make: () => T): T {
    const before = this.#now.get(name) ?? this.#before.get(name);
    const made = before !== undefined && isSame(before.from, from) ? before : { from, made: make() };
    this.#now.set(name, made);
    return made.made;
  }

  /** Forgets what was not asked for in this round. */
  next(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }
}

interface Made<T> {
  readonly from: readonly unknown[];
  readonly made: T;
}

const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((each, index) => each === b[index]);
