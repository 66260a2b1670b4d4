import { type LangiumDocument, type LangiumDocuments, URI, UriUtils } from 'langium';
import type { Import, PcieFile } from '../generated/ast.ts';

/** The scheme of the built-in catalogue's documents. */
export const catalogueScheme = 'pcie-catalogue';

/** Where imports may read: below these folders, and the catalogue. Set by the host (workspace folders, working folder). */
export class ImportRoots {
  #roots: URI[] = [];

  set(roots: readonly URI[]): void {
    this.#roots = roots.map((root) => UriUtils.normalize(root.toString())).map((text) => URI.parse(text));
  }

  /** Whether a file lies below one of the roots. Without roots, only siblings and below of the importing file. */
  allows(target: URI, importing: URI): boolean {
    if (target.scheme === catalogueScheme) return true;
    const roots = this.#roots.length > 0 ? this.#roots : [UriUtils.dirname(importing)];
    return roots.some((root) => {
      const folder = root.path.endsWith('/') ? root.path : `${root.path}/`;
      return root.scheme === target.scheme && root.authority === target.authority && target.path.startsWith(folder);
    });
  }
}

export type ImportTarget =
  | { readonly kind: 'uri'; readonly uri: URI }
  | {
      readonly kind: 'refused';
      readonly code: 'import/not-pcie' | 'import/outside-workspace';
      readonly message: string;
    };

/** The file that an import names, or why it may not be read. Nothing is read here. */
export function importTarget(statement: Import, importing: URI, roots: ImportRoots): ImportTarget {
  const path = statement.path ?? '';
  if (!path.endsWith('.pcie')) {
    return { kind: 'refused', code: 'import/not-pcie', message: `Only .pcie files can be imported, not '${path}'.` };
  }
  const refused: ImportTarget = {
    kind: 'refused',
    code: 'import/outside-workspace',
    message: `'${path}' lies outside the workspace: only files inside it are read.`,
  };
  if (/^[a-z][a-z0-9+.-]+:/i.test(path) || path.startsWith('/') || path.includes('\\')) return refused;
  const uri = UriUtils.resolvePath(UriUtils.dirname(importing), path);
  return roots.allows(uri, importing) ? { kind: 'uri', uri } : refused;
}

const importsKept = new WeakMap<PcieFile, readonly Import[]>();

/** The import statements of a file; collected once for each parse. */
export function importsOf(document: LangiumDocument): readonly Import[] {
  const file = document.parseResult.value as PcieFile;
  const known = importsKept.get(file);
  if (known !== undefined) return known;
  const imports = (file.statements ?? []).filter((statement): statement is Import => statement.$type === 'Import');
  importsKept.set(file, imports);
  return imports;
}

/** One file that another one reaches by imports; `document` is undefined where it is not there. */
export interface Reached {
  readonly uri: string;
  readonly document: LangiumDocument | undefined;
}

/** All files that a file reaches by imports, nearest first, itself not included. Circles end where they close. */
export function reachedBy(document: LangiumDocument, documents: LangiumDocuments, roots: ImportRoots): Reached[] {
  const seen = new Set<string>([document.uri.toString()]);
  const reached: Reached[] = [];
  const queue: LangiumDocument[] = [document];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const statement of importsOf(at)) {
      const target = importTarget(statement, at.uri, roots);
      if (target.kind !== 'uri') continue;
      const uri = target.uri.toString();
      if (seen.has(uri)) continue;
      seen.add(uri);
      const found = documents.getDocument(target.uri);
      reached.push({ uri, document: found });
      if (found !== undefined) queue.push(found);
    }
  }
  return reached;
}
