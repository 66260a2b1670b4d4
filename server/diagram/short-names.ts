import type { ElaboratedMachine } from '../../language/elaborate/elaborated.ts';

/** The shortest names of things that share their last segment: each depends on these and on no others. */
interface Alike {
  readonly names: readonly string[];
  readonly short: readonly string[];
}

/**
 * The shortest name of each component of a machine, by id. While a text is typed most names stay as they are: only those
 * whose last segment was touched are looked for again.
 */
export class ShortNames {
  #machine = '';
  #alike: ReadonlyMap<string, Alike> = new Map();

  of({ machine, names: index }: ElaboratedMachine): readonly string[] {
    const before = this.#machine === machine.name ? this.#alike : new Map<string, Alike>();
    const byLabel = new Map<string, { readonly ids: number[]; readonly names: string[] }>();
    for (const { id, name } of machine.components) {
      const label = name.slice(name.lastIndexOf('.') + 1);
      const known = byLabel.get(label);
      if (known === undefined) byLabel.set(label, { ids: [id], names: [name] });
      else {
        known.ids.push(id);
        known.names.push(name);
      }
    }
    const made: string[] = [];
    const alike = new Map<string, Alike>();
    for (const [label, { ids, names }] of byLabel) {
      const kept = before.get(label);
      const isKept = kept?.names.length === names.length && names.every((name, at) => name === kept.names[at]);
      const now = isKept ? kept : { names, short: ids.map((id) => index.shortest(id)) };
      alike.set(label, now);
      for (const [at, id] of ids.entries()) made[id] = now.short[at] ?? '';
    }
    this.#machine = machine.name;
    this.#alike = alike;
    return made;
  }
}
