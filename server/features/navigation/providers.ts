import type { LangiumDocument, References } from 'langium';
import type {
  DefinitionProvider,
  DocumentHighlightProvider,
  ReferencesProvider,
  TypeDefinitionProvider,
} from 'langium/lsp';
import {
  type DefinitionParams,
  type DocumentHighlight,
  DocumentHighlightKind,
  type DocumentHighlightParams,
  type Location,
  type LocationLink,
  type ReferenceParams,
  type TypeDefinitionParams,
} from 'vscode-languageserver';
import type { Component } from '../../../language/generated/ast.ts';
import { rangeOf } from '../../text/ranges.ts';
import { occurrencesOf } from './occurrences.ts';
import { declarationOf, type TargetServices, targetAt } from './targets.ts';

export type NavigationServices = TargetServices & { readonly references: References };

/** Definition, references, highlights and type definition; array elements lead to their array. */
export class PcieNavigation
  implements DefinitionProvider, ReferencesProvider, DocumentHighlightProvider, TypeDefinitionProvider
{
  readonly services: () => NavigationServices;

  constructor(services: () => NavigationServices) {
    this.services = services;
  }

  getDefinition(document: LangiumDocument, params: DefinitionParams): LocationLink[] | undefined {
    const found = targetAt(document, document.textDocument.offsetAt(params.position), this.services());
    if (found === undefined) return undefined;
    const originSelectionRange = rangeOf(document, found.span);
    if (found.target.kind === 'file') {
      const start = { line: 0, character: 0 };
      const range = { start, end: start };
      return [
        {
          originSelectionRange,
          targetUri: found.target.uri.toString(),
          targetRange: range,
          targetSelectionRange: range,
        },
      ];
    }
    const declared = declarationOf(found.target);
    if (declared === undefined) return undefined;
    return [
      {
        originSelectionRange,
        targetUri: declared.document.uri.toString(),
        targetRange: rangeOf(declared.document, declared.whole),
        targetSelectionRange: rangeOf(declared.document, declared.name),
      },
    ];
  }

  /** From a component to the part that it is. */
  getTypeDefinition(document: LangiumDocument, params: TypeDefinitionParams): LocationLink[] | undefined {
    const found = targetAt(document, document.textDocument.offsetAt(params.position), this.services());
    if (found?.target.kind !== 'node' || found.target.node.$type !== 'Component') return undefined;
    const part = (found.target.node as Component).part?.part?.ref;
    const declared = part === undefined ? undefined : declarationOf({ kind: 'node', node: part });
    if (declared === undefined) return undefined;
    return [
      {
        originSelectionRange: rangeOf(document, found.span),
        targetUri: declared.document.uri.toString(),
        targetRange: rangeOf(declared.document, declared.whole),
        targetSelectionRange: rangeOf(declared.document, declared.name),
      },
    ];
  }

  findReferences(document: LangiumDocument, params: ReferenceParams): Location[] {
    const services = this.services();
    const found = targetAt(document, document.textDocument.offsetAt(params.position), services);
    if (found === undefined) return [];
    return occurrencesOf(found.target, services)
      .filter((each) => params.context.includeDeclaration || !each.isDeclaration)
      .map((each) => ({ uri: each.document.uri.toString(), range: rangeOf(each.document, each) }));
  }

  getDocumentHighlight(document: LangiumDocument, params: DocumentHighlightParams): DocumentHighlight[] | undefined {
    const services = this.services();
    const found = targetAt(document, document.textDocument.offsetAt(params.position), services);
    if (found === undefined || found.target.kind === 'file') return undefined;
    return occurrencesOf(found.target, services, document).map((each) => ({
      range: rangeOf(document, each),
      kind: each.isDeclaration ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
    }));
  }
}
