import type { LangiumDocument, LangiumDocuments, Lexer } from 'langium';
import type { CompletionProvider, CompletionProviderOptions, FuzzyMatcher } from 'langium/lsp';
import {
  type CompletionItem,
  CompletionList,
  type CompletionParams,
  InsertTextFormat,
  type Range,
} from 'vscode-languageserver';
import type { ElaboratedMachine } from '../../language/elaborate/elaborated.ts';
import type { Elaborations } from '../../language/services/elaborations.ts';
import type { ImportRoots } from '../../language/services/imports.ts';
import type { ServerServices, ServerSharedServices } from '../module.ts';
import { importProposals } from './imports.ts';
import { insideProposals, type RuleName } from './inside.ts';
import { type CompletionRequest, type Proposal, readRequest } from './request.ts';
import { statementProposals } from './statements.ts';

/**
 * Completion by place: what may begin a statement in a block, and what may come next in one. It reads the text up to
 * the cursor and the schema; the grammar's general `Property` rule would allow anything.
 */
export class PcieCompletion implements CompletionProvider {
  readonly completionOptions: CompletionProviderOptions = { triggerCharacters: [' ', ':', '.', '"', '/', '$', '('] };
  readonly #lexer: Lexer;
  readonly #elaborations: Elaborations;
  readonly #documents: LangiumDocuments;
  readonly #roots: ImportRoots;
  readonly #matcher: FuzzyMatcher;
  readonly #rules: () => readonly RuleName[];
  #insertReplace = false;
  #snippets = false;

  constructor(services: ServerServices, shared: ServerSharedServices, rules: () => readonly RuleName[]) {
    this.#lexer = services.parser.Lexer;
    this.#elaborations = services.Elaborations;
    this.#documents = shared.workspace.LangiumDocuments;
    this.#roots = shared.ImportRoots;
    this.#matcher = shared.lsp.FuzzyMatcher;
    this.#rules = rules;
    shared.lsp.LanguageServer.onInitialize((params) => {
      const item = params.capabilities.textDocument?.completion?.completionItem;
      this.#insertReplace = item?.insertReplaceSupport ?? false;
      this.#snippets = item?.snippetSupport ?? false;
    });
  }

  getCompletion(document: LangiumDocument, params: CompletionParams): CompletionList {
    const offset = document.textDocument.offsetAt(params.position);
    const environment = this.#elaborations.environment(document);
    const request = readRequest(document, offset, this.#lexer, environment, (name) => this.#machine(document, name));
    const proposals = request.place.inComment ? [] : this.#proposals(request);
    const items = proposals.flatMap((proposal) => this.#item(request, proposal) ?? []);
    return CompletionList.create(items, false);
  }

  /** The machine of this name, else the first that the file has or has work for. */
  #machine(document: LangiumDocument, name: string | undefined): ElaboratedMachine | undefined {
    const { machines } = this.#elaborations.get(document);
    return machines.find((machine) => machine.machine.name === name) ?? machines[0];
  }

  #proposals(request: CompletionRequest): Proposal[] {
    if (request.place.inText) {
      const isImport = /^import\b/.test(request.place.statement);
      return isImport ? importProposals(request, this.#documents, this.#roots) : [];
    }
    if (request.tokens.length === 0) return statementProposals(request);
    return insideProposals(request, this.#rules());
  }

  #item(request: CompletionRequest, proposal: Proposal): CompletionItem | undefined {
    const dot = request.partial.lastIndexOf('.');
    const typed =
      proposal.replaces ??
      (dot >= 0 && !proposal.label.includes('.') ? request.partial.slice(dot + 1) : request.partial);
    const label = proposal.label.replace(/^: /, '');
    if (!this.#matcher.match(typed, label)) return undefined;
    const insert = proposal.insert ?? proposal.label;
    const newText = this.#snippets || !proposal.snippet ? insert : withoutHoles(insert);
    const { textDocument } = request.document;
    const position = textDocument.positionAt(request.offset);
    const before: Range = { start: textDocument.positionAt(request.offset - typed.length), end: position };
    const tail = /^[\w-]*/.exec(textDocument.getText().slice(request.offset, request.offset + 100))?.[0].length ?? 0;
    const replace: Range = { start: before.start, end: textDocument.positionAt(request.offset + tail) };
    return {
      label: proposal.label,
      kind: proposal.kind,
      sortText: `${String(proposal.rank).padStart(3, '0')}${proposal.label}`,
      filterText: label,
      ...(proposal.detail === undefined ? {} : { detail: proposal.detail }),
      ...(proposal.documentation === undefined || proposal.documentation === ''
        ? {}
        : { documentation: { kind: 'markdown' as const, value: proposal.documentation } }),
      ...(proposal.snippet && this.#snippets ? { insertTextFormat: InsertTextFormat.Snippet } : {}),
      textEdit: this.#insertReplace ? { newText, insert: before, replace } : { newText, range: before },
    };
  }
}

/** A snippet as plain text, for clients that do not know snippets. */
function withoutHoles(snippet: string): string {
  return snippet
    .replace(/\$\{\d+\|([^,|}]*)[^}]*\}/g, '$1')
    .replace(/\$\{\d+:((?:\\.|[^}\\])*)\}/g, '$1')
    .replace(/\$\d+/g, '')
    .replace(/\\([$}\\|,])/g, '$1')
    .replace(/\t/g, '  ');
}
