import type { Resource } from '../resource.ts';

export interface OptionalSize {
  readonly resource: Resource;
  readonly extraBytes: number;
  /** Alignment of the window with the addition; 0 for BARs of virtual functions. */
  readonly alignment: number;
}

/**
 * What would be good to have beside what must be: reserves of hot-plug bridges, BARs of virtual functions, and what the
 * windows above need more for them (the kernel's realloc_head). The latest entry comes first.
 */
export class OptionalSizes {
  readonly #entries = new Map<Resource, OptionalSize>();

  get empty(): boolean {
    return this.#entries.size === 0;
  }

  add(resource: Resource, extraBytes: number, alignment: number): void {
    this.#entries.set(resource, { resource, extraBytes, alignment });
  }

  extraBytes(resource: Resource): number {
    return this.#entries.get(resource)?.extraBytes ?? 0;
  }

  alignment(resource: Resource): number {
    return this.#entries.get(resource)?.alignment ?? 0;
  }

  remove(resource: Resource): void {
    this.#entries.delete(resource);
  }

  /** The entries of these resources, latest first, taken out. */
  take(among: ReadonlySet<Resource>): OptionalSize[] {
    const taken: OptionalSize[] = [];
    for (const [resource, entry] of this.#entries) {
      if (!among.has(resource)) continue;
      this.#entries.delete(resource);
      taken.unshift(entry);
    }
    return taken;
  }
}
