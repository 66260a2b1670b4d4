import type { LangiumDocument, LangiumDocuments } from 'langium';
import { elaborate, elaborateStructures, type FileStructures } from '../elaborate/elaborate.ts';
import type { Elaboration } from '../elaborate/elaborated.ts';
import type { Environment } from '../elaborate/environment.ts';
import { Reuse } from '../elaborate/reuse.ts';
import type { Machine, Part, PcieFile, Template } from '../generated/ast.ts';
import { Catalogue } from './catalogue.ts';
import { catalogueScheme, type ImportRoots, type Reached, reachedBy } from './imports.ts';

/** What an answer was made from: it holds as long as all of these are still the same. */
interface Stamped<T> {
  readonly stamp: readonly (readonly [string, unknown])[];
  readonly value: T;
}

interface Declarations {
  readonly parts: Map<string, Part>;
  readonly templates: Map<string, Template>;
  readonly machines: Map<string, Machine>;
}

/**
 * Elaborates each file once for all who ask: rules, hovers, hints, lenses, the simulator. An answer is kept until the
 * file or one that it reaches by imports is parsed again.
 */
export class Elaborations {
  readonly #documents: LangiumDocuments;
  readonly #roots: ImportRoots;
  readonly #structures = new Map<string, Stamped<FileStructures>>();
  readonly #elaborations = new Map<string, Stamped<Elaboration>>();
  readonly #environments = new Map<string, Stamped<Environment>>();
  readonly #reuse = new Map<string, { readonly around: readonly unknown[]; readonly reuse: Reuse }>();
  readonly #catalogue: Catalogue;

  constructor(documents: LangiumDocuments, roots: ImportRoots) {
    this.#documents = documents;
    this.#roots = roots;
    this.#catalogue = new Catalogue(documents);
  }

  /** The machines and the work of a file. */
  get(document: LangiumDocument): Elaboration {
    const reached = this.reached(document);
    return this.#keep(this.#elaborations, document, reached, () => {
      const imported = reached.flatMap((other) =>
        other.document === undefined ? [] : this.structures(other.document).machines,
      );
      const structures = this.structures(document);
      return elaborate(document.parseResult.value as PcieFile, structures, imported, this.#reuseOf(document, reached));
    });
  }

  /** The machines of a file without the work on them. */
  structures(document: LangiumDocument): FileStructures {
    const reached = this.reached(document);
    return this.#keep(this.#structures, document, reached, () => {
      const file = document.parseResult.value as PcieFile;
      return elaborateStructures(file, this.environment(document), this.#reuseOf(document, reached));
    });
  }

  /** What is left of the last elaboration of a file, or nothing yet where something around its machines has changed. */
  #reuseOf(document: LangiumDocument, reached: readonly Reached[]): Reuse {
    const uri = document.uri.toString();
    const file = document.parseResult.value as PcieFile;
    const around = [this.#catalogue.isLoaded, ...reached.map((other) => other.document?.parseResult)];
    const before = this.#reuse.get(uri);
    const isSame =
      before?.around.length === around.length && before.around.every((one, index) => one === around[index]);
    if (before !== undefined && isSame && before.reuse.isFor(file)) return before.reuse;
    const reuse = new Reuse(file, this.environment(document));
    this.#reuse.set(uri, { around, reuse });
    return reuse;
  }

  /** What a file can see: its own, what it imports, the catalogue. */
  environment(document: LangiumDocument): Environment {
    const reached = this.reached(document);
    return this.#keep(this.#environments, document, reached, () => {
      // What a file of the catalogue declares is of the catalogue, for itself as well.
      const declared = document.uri.scheme === catalogueScheme ? emptyDeclarations() : declarationsOf(document);
      for (const other of reached) if (other.document !== undefined) merge(declared, declarationsOf(other.document));
      return { ...declared, parts: this.#catalogue.behind(declared.parts) };
    });
  }

  /** The files that this one reaches by imports. */
  reached(document: LangiumDocument): Reached[] {
    return reachedBy(document, this.#documents, this.#roots);
  }

  /** Forgets a file that is gone. */
  delete(uri: string): void {
    for (const kept of [this.#structures, this.#elaborations, this.#environments, this.#reuse]) kept.delete(uri);
  }

  #keep<T>(kept: Map<string, Stamped<T>>, document: LangiumDocument, reached: readonly Reached[], make: () => T): T {
    const uri = document.uri.toString();
    const stamp = [
      [uri, document.parseResult] as const,
      ...reached.map((other) => [other.uri, other.document?.parseResult] as const),
    ];
    const before = kept.get(uri);
    if (
      before !== undefined &&
      before.stamp.length === stamp.length &&
      before.stamp.every(([name, parsed], index) => stamp[index]?.[0] === name && stamp[index]?.[1] === parsed)
    ) {
      return before.value;
    }
    const value = make();
    kept.set(uri, { stamp, value });
    return value;
  }
}

function emptyDeclarations(): Declarations {
  return { parts: new Map(), templates: new Map(), machines: new Map() };
}

function declarationsOf(document: LangiumDocument): Declarations {
  const declarations = emptyDeclarations();
  for (const statement of (document.parseResult.value as PcieFile).statements ?? []) {
    if (!('name' in statement) || statement.name === undefined) continue;
    if (statement.$type === 'Part') first(declarations.parts, statement.name, statement);
    else if (statement.$type === 'Template') first(declarations.templates, statement.name, statement);
    else if (statement.$type === 'Machine') first(declarations.machines, statement.name, statement);
  }
  return declarations;
}

function first<V>(map: Map<string, V>, key: string, value: V): void {
  if (!map.has(key)) map.set(key, value);
}

/** Adds what is not hidden by a declaration that is nearer. */
function merge(into: Declarations, from: Declarations): void {
  for (const [name, part] of from.parts) first(into.parts, name, part);
  for (const [name, template] of from.templates) first(into.templates, name, template);
  for (const [name, machine] of from.machines) first(into.machines, name, machine);
}
