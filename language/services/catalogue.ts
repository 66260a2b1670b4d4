import {
  DocumentState,
  type LangiumDocument,
  type LangiumDocuments,
  type LangiumSharedCoreServices,
  type ParseResult,
  TextDocument,
  URI,
} from 'langium';
import type { PartNames } from '../elaborate/environment.ts';
import type { Part, PartKind, PcieFile } from '../generated/ast.ts';
import { catalogueFiles } from '../parts/catalogue.generated.ts';
import { catalogueScheme } from './imports.ts';

/** Where a part of the catalogue stands. */
interface Place {
  readonly uri: URI;
  readonly kind: PartKind;
  /** Those of all parts of its file. */
  readonly ids: ReadonlySet<string>;
}

const uriOf = (file: string): URI => URI.from({ scheme: catalogueScheme, path: `/${file}` });

/** Where each part stands, by the generated list: no file is parsed for it. */
const places: ReadonlyMap<string, Place> = new Map(
  catalogueFiles.flatMap((file) => {
    const uri = uriOf(file.name);
    const ids = new Set(file.ids);
    return Object.entries(file.parts).flatMap(([kind, names]) =>
      names.map((name) => [name, { uri, kind: kind as PartKind, ids }] as const),
    );
  }),
);

/**
 * The documents of the catalogue, made once. Each is parsed when somebody asks for what stands in it: a machine names parts
 * of a few files, and every start would pay for all of them.
 */
export function loadCatalogue(shared: LangiumSharedCoreServices): LangiumDocument[] {
  const { LangiumDocuments: documents } = shared.workspace;
  return catalogueFiles.map((file) => {
    const uri = uriOf(file.name);
    const known = documents.getDocument(uri);
    if (known !== undefined) return known;
    const document = unreadDocument(shared, uri, file.text);
    documents.addDocument(document);
    return document;
  });
}

/**
 * A document that is parsed at the first look. Its names are found without an index, its references are linked on demand,
 * and a build has nothing to do for it.
 */
function unreadDocument(shared: LangiumSharedCoreServices, uri: URI, text: string): LangiumDocument {
  let parsed: ParseResult | undefined;
  const { LangiumDocumentFactory: factory } = shared.workspace;
  const document: LangiumDocument = {
    uri,
    textDocument: TextDocument.create(uri.toString(), 'pcie', 0, text),
    state: DocumentState.Validated,
    references: [],
    get parseResult() {
      if (parsed === undefined) {
        const made = factory.fromString(text, uri);
        parsed = made.parseResult;
        Object.assign(parsed.value, { $document: document });
      }
      return parsed;
    },
    set parseResult(result) {
      parsed = result;
    },
  };
  return document;
}

/** The parts of the catalogue whose files are loaded, by name. */
class CatalogueParts implements PartNames {
  readonly #documents: LangiumDocuments;
  readonly #read = new Map<LangiumDocument, { readonly parsed: ParseResult; readonly parts: Map<string, Part> }>();

  constructor(documents: LangiumDocuments) {
    this.#documents = documents;
  }

  get(name: string): Part | undefined {
    const place = places.get(name);
    return place === undefined ? undefined : this.#at(name, place);
  }

  *keys(): Iterable<string> {
    for (const [name, { uri }] of places) if (this.#documents.hasDocument(uri)) yield name;
  }

  kindInCatalogue(name: string): PartKind | undefined {
    return places.get(name)?.kind;
  }

  idsInCatalogue(name: string): ReadonlySet<string> | undefined {
    return places.get(name)?.ids;
  }

  *values(): Iterable<Part> {
    for (const [, part] of this) yield part;
  }

  *[Symbol.iterator](): Iterator<readonly [string, Part]> {
    for (const [name, place] of places) {
      const part = this.#at(name, place);
      if (part !== undefined) yield [name, part];
    }
  }

  *ofKinds(kinds: readonly string[]): Iterable<readonly [string, Part]> {
    for (const [name, place] of places) {
      const part = kinds.includes(place.kind) ? this.#at(name, place) : undefined;
      if (part !== undefined) yield [name, part];
    }
  }

  #at(name: string, { uri }: Place): Part | undefined {
    const document = this.#documents.getDocument(uri);
    if (document === undefined) return undefined;
    const { parseResult } = document;
    let read = this.#read.get(document);
    if (read?.parsed !== parseResult) {
      const parts = new Map<string, Part>();
      for (const statement of (parseResult.value as PcieFile).statements ?? []) {
        if (statement.$type === 'Part' && statement.name !== undefined) parts.set(statement.name, statement);
      }
      read = { parsed: parseResult, parts };
      this.#read.set(document, read);
    }
    return read.parts.get(name);
  }
}

/** Parts that a file declares or imports, before those of the catalogue. */
class VisibleParts implements PartNames {
  readonly #near: ReadonlyMap<string, Part>;
  readonly #catalogue: PartNames;

  constructor(near: ReadonlyMap<string, Part>, catalogue: PartNames) {
    this.#near = near;
    this.#catalogue = catalogue;
  }

  get(name: string): Part | undefined {
    return this.#near.get(name) ?? this.#catalogue.get(name);
  }

  *keys(): Iterable<string> {
    yield* this.#near.keys();
    for (const name of this.#catalogue.keys()) if (!this.#near.has(name)) yield name;
  }

  kindInCatalogue(name: string): PartKind | undefined {
    return this.#near.has(name) ? undefined : this.#catalogue.kindInCatalogue(name);
  }

  idsInCatalogue(name: string): ReadonlySet<string> | undefined {
    return this.#near.has(name) ? undefined : this.#catalogue.idsInCatalogue(name);
  }

  *values(): Iterable<Part> {
    for (const [, part] of this) yield part;
  }

  *[Symbol.iterator](): Iterator<readonly [string, Part]> {
    yield* this.#near;
    for (const entry of this.#catalogue) if (!this.#near.has(entry[0])) yield entry;
  }

  *ofKinds(kinds: readonly string[]): Iterable<readonly [string, Part]> {
    yield* this.#near;
    for (const entry of this.#catalogue.ofKinds(kinds)) if (!this.#near.has(entry[0])) yield entry;
  }
}

const firstUri = uriOf(catalogueFiles[0]?.name ?? '');

/** Names of the catalogue behind those of a file. */
export class Catalogue {
  readonly #documents: LangiumDocuments;
  readonly #parts: CatalogueParts;

  constructor(documents: LangiumDocuments) {
    this.#documents = documents;
    this.#parts = new CatalogueParts(documents);
  }

  /** Whether its files are there; they come all at once. */
  get isLoaded(): boolean {
    return this.#documents.hasDocument(firstUri);
  }

  behind(near: ReadonlyMap<string, Part>): PartNames {
    return new VisibleParts(near, this.#parts);
  }
}
