import { type AstNode, AstUtils, type LangiumDocument } from 'langium';
import type { RenameProvider } from 'langium/lsp';
import {
  LSPErrorCodes,
  type Range,
  type RenameParams,
  ResponseError,
  type TextDocumentPositionParams,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { Range as ArrayRange } from '../../../language/generated/ast.ts';
import { catalogueScheme } from '../../../language/services/imports.ts';
import { rangeOf } from '../../text/ranges.ts';
import { occurrencesOf } from './occurrences.ts';
import type { NavigationServices, PcieNavigation } from './providers.ts';
import { declarationOf, type Found, targetAt } from './targets.ts';

/** Words that open a clause: they cannot be names. */
const reserved = new Set(['from', 'to', 'on', 'over', 'through', 'after', 'for', 'by', 'at', 'of']);
const legalName = /^(?:[A-Za-z_][\w-]*|[0-9]+(?:-[A-Za-z]|[A-Za-z_])[\w-]*)$/;

/**
 * Renames everything that has a name, in every file that says it. An array is renamed as a whole: its elements keep
 * their numbers (`gpu2` of `gpu[2..3]` becomes `card2`).
 */
export class PcieRename implements RenameProvider {
  readonly #services: () => NavigationServices;

  constructor(navigation: PcieNavigation) {
    this.#services = navigation.services;
  }

  prepareRename(document: LangiumDocument, params: TextDocumentPositionParams): Range | undefined {
    const found = this.#find(document, params);
    if (found === undefined) return undefined;
    // The protocol also takes a placeholder; Langium's type names only the simpler answer.
    return { range: rangeOf(document, found.span), placeholder: stemOf(found) } as unknown as Range;
  }

  rename(document: LangiumDocument, params: RenameParams): WorkspaceEdit | undefined {
    const found = this.#find(document, params);
    if (found === undefined) return undefined;
    const services = this.#services();
    const stem = stemOf(found);
    const wanted = this.#wanted(found, stem, params.newName);
    const changes: Record<string, TextEdit[]> = {};
    for (const each of occurrencesOf(found.target, services)) {
      const uri = each.document.uri.toString();
      const newText = each.text.startsWith(stem) ? wanted + each.text.slice(stem.length) : wanted;
      const edits = changes[uri] ?? [];
      changes[uri] = edits;
      edits.push({ range: rangeOf(each.document, each), newText });
    }
    return { changes };
  }

  #find(document: LangiumDocument, params: TextDocumentPositionParams): Found | undefined {
    const found = targetAt(document, document.textDocument.offsetAt(params.position), this.#services());
    if (found === undefined || found.target.kind === 'file') return undefined;
    const declared = declarationOf(found.target);
    if (declared === undefined) return undefined;
    if (declared.document.uri.scheme === catalogueScheme) {
      throw refusal(`'${found.text}' belongs to the catalogue and cannot be renamed.`);
    }
    return found;
  }

  /** The new stem, checked. */
  #wanted(found: Found, stem: string, newName: string): string {
    const index = found.text.startsWith(stem) ? found.text.slice(stem.length) : '';
    const isElement = index !== '' && newName.endsWith(index) && newName.length > index.length;
    const wanted = isElement ? newName.slice(0, -index.length) : newName;
    if (found.target.kind === 'parameter') {
      if (!/^\$[A-Za-z_][A-Za-z0-9_]*$/.test(wanted)) throw refusal('A parameter is called by a $ and a word: $gpu.');
      if (found.target.template.parameters.some((other) => other.name === wanted))
        throw refusal(`There is a parameter ${wanted} already.`);
      return wanted;
    }
    if (!legalName.test(wanted)) throw refusal(`'${wanted}' is no name: letters, digits, - and _.`);
    if (reserved.has(wanted)) throw refusal(`'${wanted}' opens a clause and cannot be a name.`);
    if (found.target.kind === 'node' && wanted !== stem) refuseTaken(found.target.node, wanted);
    return wanted;
  }
}

/** What the text of a name shares with all that mean the same: for an array its name without the number. */
function stemOf(found: Found): string {
  const { target } = found;
  if (target.kind === 'parameter') return target.name;
  if (target.kind === 'file') return found.text;
  const { name } = target.node as AstNode & { readonly name?: string };
  return name ?? found.text;
}

/** Names in one block must differ; parts, templates and machines in one file. */
function refuseTaken(node: AstNode, wanted: string): void {
  const range = (node as AstNode & { readonly range?: ArrayRange }).range;
  if (range !== undefined) return;
  const container = node.$container;
  if (container === undefined) return;
  for (const sibling of AstUtils.streamContents(container)) {
    if (sibling === node || sibling.$type !== node.$type) continue;
    if ('name' in sibling && sibling.name === wanted)
      throw refusal(`There is a ${node.$type.toLowerCase()} called '${wanted}' beside it already.`);
  }
}

const refusal = (message: string) => new ResponseError(LSPErrorCodes.RequestFailed, message);
