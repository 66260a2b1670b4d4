import { type LangiumDocuments, UriUtils } from 'langium';
import { CompletionItemKind } from 'vscode-languageserver';
import { catalogueScheme, type ImportRoots } from '../../language/services/imports.ts';
import type { CompletionRequest, Proposal } from './request.ts';

/** Files that may be imported, relative to this one. */
export function importProposals(
  request: CompletionRequest,
  documents: LangiumDocuments,
  roots: ImportRoots,
): Proposal[] {
  const own = request.document.uri;
  const folder = UriUtils.dirname(own);
  const proposals: Proposal[] = [];
  for (const document of documents.all) {
    const { uri } = document;
    if (uri.scheme === catalogueScheme || uri.toString() === own.toString() || !roots.allows(uri, own)) continue;
    const label = UriUtils.relative(folder, uri);
    if (label.endsWith('.pcie')) {
      proposals.push({
        label,
        kind: CompletionItemKind.File,
        replaces: request.partial,
        rank: 10 + label.split('/').length,
      });
    }
  }
  return proposals;
}
