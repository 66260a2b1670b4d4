import {
  type AstNode,
  type AstNodeDescription,
  isAstNodeDescription,
  type LangiumDocument,
  type LangiumDocuments,
} from 'langium';
import type {
  DocumentSymbolProvider,
  FuzzyMatcher,
  LangiumSharedServices,
  NodeKindProvider,
  WorkspaceSymbolProvider,
} from 'langium/lsp';
import {
  CompletionItemKind,
  type DocumentSymbol,
  SymbolKind,
  type WorkspaceSymbol,
  type WorkspaceSymbolParams,
} from 'vscode-languageserver';
import type { ComponentKind, PcieFile, Statement } from '../../language/generated/ast.ts';
import { catalogueScheme } from '../../language/services/imports.ts';
import { spanOf } from '../text/cst.ts';

const componentSymbols: Readonly<Record<ComponentKind, SymbolKind>> = {
  socket: SymbolKind.Module,
  chipset: SymbolKind.Module,
  'root-port': SymbolKind.Interface,
  port: SymbolKind.Interface,
  switch: SymbolKind.Struct,
  bridge: SymbolKind.Struct,
  gpu: SymbolKind.Object,
  nvme: SymbolKind.Object,
  nic: SymbolKind.Object,
  fpga: SymbolKind.Object,
  sata: SymbolKind.Object,
  nvswitch: SymbolKind.Struct,
  device: SymbolKind.Object,
};

/** What a declaration is called in outlines, with what stands beside its name. */
interface Symbol {
  readonly name: string;
  readonly detail: string;
  readonly kind: SymbolKind;
}

/** The symbol that a statement declares, or null where it declares none. */
export function symbolOf(node: Statement): Symbol | null {
  switch (node.$type) {
    case 'Machine':
      return named(
        node.name,
        node.base === undefined ? 'machine' : `machine, ${node.base.$refText}`,
        SymbolKind.Namespace,
      );
    case 'Part':
      return named(node.name, `part${node.kind === undefined ? '' : ` ${node.kind}`}`, SymbolKind.Class);
    case 'Template':
      return named(
        node.name,
        `template ${node.parameters.map((parameter) => parameter.name).join(', ')}`.trim(),
        SymbolKind.Constructor,
      );
    case 'Component': {
      const link = node.link.map((term) => term.text).join(' ');
      const part = node.part?.part?.$refText ?? node.part?.parameter ?? '';
      const range = node.range?.$cstNode?.text.replace(/\s+/g, '') ?? '';
      return named(
        node.name === undefined ? undefined : node.name + range,
        [node.kind, link, part].filter((word) => word !== '').join(' '),
        componentSymbols[node.kind] ?? SymbolKind.Object,
      );
    }
    case 'Subunit':
      return named(node.name, node.kind, SymbolKind.Field);
    case 'Transfer':
      return named(
        node.name ?? 'transfer',
        node.name === undefined ? endsOf(node) : `transfer ${endsOf(node)}`,
        SymbolKind.Function,
      );
    case 'Scenario':
      return named(node.name, 'scenario', SymbolKind.Event);
    case 'Activity':
      return named(node.name ?? node.kind, node.kind, SymbolKind.Method);
    case 'Connection': {
      const ends = [node.from, node.to].map((end) => end?.$cstNode?.text ?? '');
      return ends.includes('') ? null : named(`${ends[0]} <-> ${ends[1]}`, 'connect', SymbolKind.Operator);
    }
    case 'Record':
      return named(node.name, 'event', SymbolKind.Event);
    default:
      return null;
  }
}

function named(name: string | undefined, detail: string, kind: SymbolKind): Symbol | null {
  return name === undefined || name === '' ? null : { name, detail, kind };
}

function endsOf(node: Extract<Statement, { $type: 'Transfer' }>): string {
  return node.clauses.map((clause) => clause.$cstNode?.text.replace(/\s+/g, ' ') ?? '').join(' ');
}

/** The part of a declaration that is its name; its first line where it has none. Offsets in the text. */
export function nameNodeOf(node: Statement): { readonly offset: number; readonly end: number } | undefined {
  const cst = node.$cstNode;
  return cst === undefined ? undefined : (spanOf(node, 'name') ?? firstLine(cst));
}

function firstLine(cst: { readonly offset: number; readonly text: string }): { offset: number; end: number } {
  const length = cst.text.search(/\s*(?:\{|\r?\n|$)/);
  return { offset: cst.offset, end: cst.offset + Math.max(0, length) };
}

/** The outline: machines, components, parts, templates and work as they are nested in the text. */
export class PcieDocumentSymbols implements DocumentSymbolProvider {
  getSymbols(document: LangiumDocument): DocumentSymbol[] {
    return symbolsOf((document.parseResult.value as PcieFile).statements, document);
  }
}

function symbolsOf(statements: readonly Statement[], document: LangiumDocument): DocumentSymbol[] {
  const symbols: DocumentSymbol[] = [];
  for (const outer of statements) {
    const statement = outer.$type === 'Timed' ? outer.statement : outer;
    if (statement === undefined) continue;
    const children = 'members' in statement ? symbolsOf(statement.members, document) : [];
    const symbol = symbolOf(statement);
    const cst = statement.$cstNode;
    const name = nameNodeOf(statement);
    if (symbol === null || cst === undefined || name === undefined) {
      symbols.push(...children);
      continue;
    }
    symbols.push({
      name: symbol.name,
      detail: symbol.detail,
      kind: symbol.kind,
      range: {
        start: document.textDocument.positionAt(cst.offset),
        end: document.textDocument.positionAt(cst.end),
      },
      selectionRange: {
        start: document.textDocument.positionAt(name.offset),
        end: document.textDocument.positionAt(name.end),
      },
      ...(children.length > 0 ? { children } : {}),
    });
  }
  return symbols;
}

/** Everything that has a name, in all files; of the catalogue only what the query asks for. */
export class PcieWorkspaceSymbols implements WorkspaceSymbolProvider {
  readonly #documents: LangiumDocuments;
  readonly #matcher: FuzzyMatcher;

  constructor(services: LangiumSharedServices) {
    this.#documents = services.workspace.LangiumDocuments;
    this.#matcher = services.lsp.FuzzyMatcher;
  }

  getSymbols(params: WorkspaceSymbolParams): WorkspaceSymbol[] {
    const found: WorkspaceSymbol[] = [];
    for (const document of this.#documents.all) {
      if (document.uri.scheme === catalogueScheme && params.query === '') continue;
      this.#collect(document, (document.parseResult.value as PcieFile).statements ?? [], '', params.query, found);
    }
    return found;
  }

  #collect(
    document: LangiumDocument,
    statements: readonly Statement[],
    container: string,
    query: string,
    found: WorkspaceSymbol[],
  ): void {
    for (const outer of statements) {
      const statement = outer.$type === 'Timed' ? outer.statement : outer;
      if (statement === undefined) continue;
      const symbol = symbolOf(statement);
      const name = symbol === null ? undefined : nameNodeOf(statement);
      if (symbol !== null && name !== undefined && this.#matcher.match(query, symbol.name)) {
        const { textDocument } = document;
        found.push({
          name: symbol.name,
          kind: symbol.kind,
          ...(container === '' ? {} : { containerName: container }),
          location: {
            uri: document.uri.toString(),
            range: { start: textDocument.positionAt(name.offset), end: textDocument.positionAt(name.end) },
          },
        });
      }
      if (!('members' in statement)) continue;
      // A machine is left out of qualified names, as everywhere.
      const inner =
        symbol === null || statement.$type === 'Machine'
          ? container
          : container === ''
            ? symbol.name
            : `${container}.${symbol.name}`;
      this.#collect(document, statement.members, inner, query, found);
    }
  }
}

/** Kinds for completion items and for Langium's own lists. */
export class PcieNodeKinds implements NodeKindProvider {
  getSymbolKind(node: AstNode | AstNodeDescription): SymbolKind {
    const at = isAstNodeDescription(node) ? node.node : node;
    return at === undefined ? SymbolKind.Field : (symbolOf(at as Statement)?.kind ?? SymbolKind.Field);
  }

  getCompletionItemKind(node: AstNode | AstNodeDescription): CompletionItemKind {
    switch (this.getSymbolKind(node)) {
      case SymbolKind.Class:
        return CompletionItemKind.Class;
      case SymbolKind.Function:
      case SymbolKind.Method:
        return CompletionItemKind.Function;
      case SymbolKind.Event:
        return CompletionItemKind.Event;
      case SymbolKind.Interface:
        return CompletionItemKind.Interface;
      default:
        return CompletionItemKind.Variable;
    }
  }
}
