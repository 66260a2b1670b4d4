/** A command as a lens carries it. */
export interface LensCommand {
  readonly command: string;
  readonly arguments?: readonly unknown[];
}

interface Known {
  readonly id: string;
  readonly forget: () => void;
}

/** Lists of a document whose commands still answer: the one on the screen, and those that it replaces bit by bit. */
const listsKept = 4;

/**
 * Commands without arguments for commands with some. VS Code keeps the arguments of a lens only until the next list of
 * lenses has come, but draws the new ones later (those out of sight when they are scrolled to): a click in between ends in
 * "Actual command not found". A command that needs no arguments is run as it is, and the same lens always has the same.
 */
export class LensCommands {
  readonly #register: (id: string, target: LensCommand) => { dispose(): unknown };
  readonly #known = new Map<string, Known>();
  readonly #lists = new Map<string, string[][]>();
  #next = 1;

  /** @param register makes `id` a command of the editor that runs the target with its arguments */
  constructor(register: (id: string, target: LensCommand) => { dispose(): unknown }) {
    this.#register = register;
  }

  /**
   * The ids that stand for the commands of a new list of lenses of a document, in their order.
   *
   * @param document any name of it; commands of different documents differ in their arguments
   */
  ids(document: string, targets: readonly LensCommand[]): string[] {
    const keys = targets.map((target) => JSON.stringify([target.command, ...(target.arguments ?? [])]));
    const ids = keys.map((key, index) => this.#idOf(key, targets[index] ?? { command: '' }));
    this.#keep(document, [keys, ...(this.#lists.get(document) ?? [])].slice(0, listsKept));
    return ids;
  }

  /** The document was closed. */
  forget(document: string): void {
    this.#keep(document, []);
  }

  dispose(): void {
    for (const { forget } of this.#known.values()) forget();
    this.#known.clear();
    this.#lists.clear();
  }

  #idOf(key: string, target: LensCommand): string {
    const known = this.#known.get(key);
    if (known !== undefined) return known.id;
    // VS Code lists no commands that begin so.
    const id = `_pcie.lens.${this.#next++}`;
    const registered = this.#register(id, target);
    this.#known.set(key, { id, forget: () => void registered.dispose() });
    return id;
  }

  #keep(document: string, lists: string[][]): void {
    const before = this.#lists.get(document) ?? [];
    if (lists.length === 0) this.#lists.delete(document);
    else this.#lists.set(document, lists);
    const kept = new Set([...this.#lists.values()].flat(2));
    for (const key of before.flat()) {
      if (kept.has(key)) continue;
      this.#known.get(key)?.forget();
      this.#known.delete(key);
    }
  }
}
