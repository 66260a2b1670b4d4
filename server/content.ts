import { type LangiumDocuments, URI, type WorkspaceManager } from 'langium';
import type { LangiumSharedServices, TextDocumentContentProvider } from 'langium/lsp';
import type { TextDocumentContentParams, TextDocumentContentResult } from 'vscode-languageserver';
import type { Operations } from './operations.ts';
import { scheme } from './protocol.ts';
import { parseReportUri } from './reports/uri.ts';

/** Texts of read-only documents: the catalogue as it ships, reports as they are now. */
export class PcieContent implements TextDocumentContentProvider {
  readonly schemes: string[] = [scheme.catalogue, scheme.report];
  readonly #documents: LangiumDocuments;
  readonly #workspace: WorkspaceManager;
  readonly #operations: () => Operations;

  constructor(services: LangiumSharedServices, operations: () => Operations) {
    this.#documents = services.workspace.LangiumDocuments;
    this.#workspace = services.workspace.WorkspaceManager;
    this.#operations = operations;
  }

  async provideTextDocumentContent(params: TextDocumentContentParams): Promise<TextDocumentContentResult | undefined> {
    await this.#workspace.ready;
    const uri = URI.parse(params.uri);
    if (uri.scheme === scheme.catalogue) {
      const document = this.#documents.getDocument(uri);
      return document === undefined ? undefined : { text: document.textDocument.getText() };
    }
    const subject = parseReportUri(params.uri);
    return subject === undefined ? undefined : { text: this.#operations().report(subject) };
  }
}
