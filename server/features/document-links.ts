import { AstUtils, GrammarUtils, type LangiumDocument } from 'langium';
import type { DocumentLinkProvider } from 'langium/lsp';
import type { DocumentLink } from 'vscode-languageserver';
import type { Allow, Expectation, Import, Property } from '../../language/generated/ast.ts';
import { type ImportRoots, importTarget } from '../../language/services/imports.ts';
import type { RulePages } from '../rule-pages.ts';

/** Imports lead to files, `source` texts to the web, rule codes to their pages. */
export class PcieDocumentLinks implements DocumentLinkProvider {
  readonly #roots: ImportRoots;
  readonly #pages: RulePages;

  constructor(roots: ImportRoots, pages: RulePages) {
    this.#roots = roots;
    this.#pages = pages;
  }

  getDocumentLinks(document: LangiumDocument): DocumentLink[] {
    const links: DocumentLink[] = [];
    for (const node of AstUtils.streamAllContents(document.parseResult.value)) {
      switch (node.$type) {
        case 'Import':
          links.push(...this.#import(node as Import, document));
          break;
        case 'Property':
          if ((node as Property).key === 'source') links.push(...sources(node as Property, document));
          break;
        case 'Allow':
        case 'Expectation':
          links.push(...this.#rule(node as Allow | Expectation));
          break;
        default:
      }
    }
    return links;
  }

  #import(node: Import, document: LangiumDocument): DocumentLink[] {
    const path = GrammarUtils.findNodeForProperty(node.$cstNode, 'path');
    if (path === undefined || node.path === undefined) return [];
    const target = importTarget(node, document.uri, this.#roots);
    if (target.kind !== 'uri') return [];
    return [{ range: inQuotes(path.range), target: target.uri.toString(), tooltip: 'Open the imported file' }];
  }

  #rule(node: Allow | Expectation): DocumentLink[] {
    const code = GrammarUtils.findNodeForProperty(node.$cstNode, 'code');
    const target = node.code === undefined ? undefined : this.#pages.urlOf(node.code);
    return code === undefined || target === undefined
      ? []
      : [{ range: code.range, target, tooltip: `About ${node.code}` }];
  }
}

/** Only web addresses become links. */
function sources(node: Property, document: LangiumDocument): DocumentLink[] {
  const links: DocumentLink[] = [];
  for (const value of node.values) {
    const text = value.low?.$type === 'Text' ? value.low : undefined;
    const cst = text?.$cstNode;
    if (text === undefined || cst === undefined) continue;
    for (const found of text.text.matchAll(/https?:\/\/[^\s"<>]+[^\s"<>.,;:)]/g)) {
      const offset = cst.offset + 1 + found.index;
      links.push({
        range: {
          start: document.textDocument.positionAt(offset),
          end: document.textDocument.positionAt(offset + found[0].length),
        },
        target: found[0],
      });
    }
  }
  return links;
}

function inQuotes(range: DocumentLink['range']): DocumentLink['range'] {
  const { start, end } = range;
  return {
    start: { ...start, character: start.character + 1 },
    end: { ...end, character: Math.max(start.character + 1, end.character - 1) },
  };
}
