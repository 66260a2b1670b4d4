/**
 * Remembers what something was made from: what would come out as it is need not be made again. Parts are compared by
 * identity, which is enough: what an edit leaves as it is stays the same object.
 */
export class Same {
  #before: readonly unknown[] | null = null;

  /** Whether it is the same as the last time. */
  as(...parts: readonly unknown[]): boolean {
    const before = this.#before;
    this.#before = parts;
    return before?.length === parts.length && parts.every((part, index) => part === before[index]);
  }
}
