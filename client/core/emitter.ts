/** Ends a subscription. Fits VS Code's `Disposable`. */
export interface Subscription {
  dispose(): void;
}

/** An event source that needs no editor, so that what uses it can be tested without one. */
export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>();

  readonly event = (listener: (value: T) => void): Subscription => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };

  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
}
