/** What a name stands for: a component by id, or the memory of the socket with that id. */
export interface NamedThing {
  readonly id: number;
  readonly memory: boolean;
}

/**
 * Finds components by name. A name may leave out any of the outer and middle segments as long as it is unique:
 * `cpu0.rp0.sw0.p0.gpu0`, `sw0.gpu0` and `gpu0` are the same device. Built once, answered in the number of
 * components that share the last segment.
 */
export class NameIndex {
  readonly #byLabel = new Map<string, number[]>();
  readonly #names: string[];
  readonly #sockets: readonly number[];
  readonly #machine: string;
  /** Names that were asked for. */
  readonly #known = new Map<string, readonly NamedThing[]>();
  #asked: Map<string, readonly NamedThing[]> | undefined;

  constructor(machine: string, names: readonly string[], sockets: readonly number[]) {
    this.#machine = machine;
    this.#names = [...names];
    this.#sockets = sockets;
    for (const [id, name] of names.entries()) {
      const label = name.slice(name.lastIndexOf('.') + 1);
      const ids = this.#byLabel.get(label);
      if (ids === undefined) this.#byLabel.set(label, [id]);
      else ids.push(id);
    }
  }

  /** Every last segment, for completion and for suggestions. */
  labels(): Iterable<string> {
    return this.#byLabel.keys();
  }

  /** Everything that a name may mean: empty where nothing has it, several where it is ambiguous. */
  lookup(name: string): readonly NamedThing[] {
    let found = this.#known.get(name);
    if (found === undefined) {
      found = this.#find(name);
      if (found.length > 0) this.#known.set(name, found);
    }
    this.#asked?.set(name, found);
    return found;
  }

  /** Does something and says which names it looked up, with what they meant. */
  watch<T>(read: () => T): { readonly value: T; readonly asked: ReadonlyMap<string, readonly NamedThing[]> } {
    const asked = new Map<string, readonly NamedThing[]>();
    this.#asked = asked;
    try {
      return { value: read(), asked };
    } finally {
      this.#asked = undefined;
    }
  }

  /** Whether names mean here what they mean in another index: the same things, called the same. */
  agrees(asked: ReadonlyMap<string, readonly NamedThing[]>, other: NameIndex): boolean {
    for (const [name, before] of asked) {
      const now = this.lookup(name);
      if (now.length !== before.length) return false;
      for (const [index, { id, memory }] of now.entries()) {
        if (before[index]?.id !== id || before[index].memory !== memory) return false;
        if (this.qualified(id) !== other.qualified(id)) return false;
      }
    }
    return true;
  }

  #find(name: string): readonly NamedThing[] {
    const segments = name.split('.');
    const own = segments[0] === this.#machine && segments.length > 1 ? segments.slice(1) : segments;
    const found = this.#components(own).map((id) => ({ id, memory: false }));
    if (found.length > 0 || own.at(-1) !== 'memory') return found;
    const sockets = own.length === 1 ? this.#sockets : this.#components(own.slice(0, -1));
    return sockets.filter((id) => this.#sockets.includes(id)).map((id) => ({ id, memory: true }));
  }

  /** The qualified name of a component. */
  qualified(id: number): string {
    return this.#names[id] ?? '';
  }

  /** The shortest name that means this component and no other. */
  shortest(id: number): string {
    const name = this.#names[id] ?? '';
    const segments = name.split('.');
    for (let from = segments.length - 1; from > 0; from--) {
      const short = segments.slice(from).join('.');
      const found = this.lookup(short);
      if (found.length === 1 && found[0]?.id === id) return short;
    }
    return name;
  }

  #components(segments: readonly string[]): number[] {
    const label = segments.at(-1) ?? '';
    const candidates = this.#byLabel.get(label) ?? [];
    const fits = candidates.filter((id) => isSubsequence(segments, (this.#names[id] ?? '').split('.')));
    const exact = fits.filter((id) => this.#names[id] === segments.join('.'));
    return exact.length > 0 ? exact : fits;
  }
}

/** Whether `short` can be had from `full` by leaving segments out; both end alike. */
function isSubsequence(short: readonly string[], full: readonly string[]): boolean {
  if (short.at(-1) !== full.at(-1)) return false;
  let at = 0;
  for (const segment of full) if (segment === short[at]) at++;
  return at >= short.length;
}
