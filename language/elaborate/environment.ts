import type { Machine, Part, PartKind, Template } from '../generated/ast.ts';

/** Parts by name. Those of the catalogue are parsed when they are asked for, a file at a time: names alone cost nothing. */
export interface PartNames extends Iterable<readonly [string, Part]> {
  get(name: string): Part | undefined;
  keys(): Iterable<string>;
  /** The kind of a part of the catalogue, by its name alone; undefined for others. */
  kindInCatalogue(name: string): PartKind | undefined;
  /** IDs, as `10de:20b5`, that a part of the catalogue can have, by its name alone; undefined for others. */
  idsInCatalogue(name: string): ReadonlySet<string> | undefined;
  values(): Iterable<Part>;
  /** Those that can be of these kinds: all that a file declares or imports, of the catalogue what is of one of them. */
  ofKinds(kinds: readonly string[]): Iterable<readonly [string, Part]>;
}

/**
 * What a file can see: its own declarations, those of the files it imports (and of theirs), and the catalogue.
 * A file's own declaration hides an imported one, and that one hides the catalogue's.
 */
export interface Environment {
  readonly parts: PartNames;
  readonly templates: ReadonlyMap<string, Template>;
  readonly machines: ReadonlyMap<string, Machine>;
}
