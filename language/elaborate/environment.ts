import type { Machine, Part, Template } from '../generated/ast.ts';

/**
 * What a file can see: its own declarations, those of the files it imports (and of theirs), and the catalogue.
 * A file's own declaration hides an imported one, and that one hides the catalogue's.
 */
export interface Environment {
  readonly parts: ReadonlyMap<string, Part>;
  readonly templates: ReadonlyMap<string, Template>;
  readonly machines: ReadonlyMap<string, Machine>;
}
