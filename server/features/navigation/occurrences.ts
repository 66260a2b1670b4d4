import type { References } from 'langium';
import { type AstNode, AstUtils, CstUtils, GrammarUtils, type LangiumDocument, URI } from 'langium';
import type { Template } from '../../../language/generated/ast.ts';
import { catalogueScheme } from '../../../language/services/imports.ts';
import {
  declarationOf,
  namedByWord,
  referencesIn,
  type Span,
  segmentsOf,
  type Target,
  type TargetServices,
} from './targets.ts';

/** A place where something is named. */
export interface Occurrence extends Span {
  readonly document: LangiumDocument;
  readonly text: string;
  readonly isDeclaration: boolean;
}

/**
 * Every place where a target is named, its declaration included. `only`: look in this document alone.
 */
export function occurrencesOf(
  target: Target,
  services: TargetServices & { readonly references: References },
  only?: LangiumDocument,
): Occurrence[] {
  const found: Occurrence[] = [];
  const declared = declarationOf(target);
  const add = (document: LangiumDocument, span: Span, isDeclaration: boolean) => {
    if (only !== undefined && document !== only) return;
    const text = document.textDocument.getText().slice(span.offset, span.end);
    found.push({ document, offset: span.offset, end: span.end, text, isDeclaration });
  };
  if (declared !== undefined) add(declared.document, declared.name, true);
  switch (target.kind) {
    case 'file':
      return [];
    case 'parameter':
      parameterUses(target.template, target.name, (span) => add(AstUtils.getDocument(target.template), span, false));
      argumentUses(target, services, add);
      break;
    default:
      if (isInMachine(target.node)) componentUses(target.node, services, only, add);
      else linkedUses(target.node, services, add);
  }
  return sorted(found);
}

/** Components and machines are named in parts of references; everything else by a cross-reference as a whole. */
function isInMachine(node: AstNode): boolean {
  return node.$type === 'Component' || node.$type === 'Machine';
}

type Add = (document: LangiumDocument, span: Span, isDeclaration: boolean) => void;

function componentUses(
  node: AstNode,
  services: TargetServices & { readonly references: References },
  only: LangiumDocument | undefined,
  add: Add,
): void {
  const stem = 'name' in node && typeof node.name === 'string' ? node.name : '';
  for (const document of only === undefined ? services.documents.all : [only]) {
    if (document.uri.scheme === catalogueScheme) continue;
    const { nodes, words } = referencesIn(document);
    for (const reference of nodes) {
      // Elements of an array begin with its name; a cheap look first.
      if (!(reference.element?.$refText ?? '').includes(stem)) continue;
      for (const segment of segmentsOf(reference, document, services).segments) {
        if (segment.node === node) add(document, segment, false);
      }
    }
    for (const word of words) {
      const named = word.is?.startsWith(stem) ? namedByWord(word, document, services) : undefined;
      const span = GrammarUtils.findNodeForProperty(word.$cstNode, 'is');
      if (span !== undefined && named?.target.kind === 'node' && named.target.node === node) add(document, span, false);
    }
  }
  if (node.$type === 'Machine') linkedUses(node, services, add);
}

/** What the index of cross-references knows. */
function linkedUses(node: AstNode, services: TargetServices & { readonly references: References }, add: Add): void {
  for (const use of services.references.findReferences(node, { includeDeclaration: false })) {
    const document = services.documents.getDocument(URI.parse(use.sourceUri.toString()));
    if (document !== undefined) add(document, { offset: use.segment.offset, end: use.segment.end }, false);
  }
}

/** `$name` inside a template, its declaration apart. */
function parameterUses(template: Template, name: string, add: (span: Span) => void): void {
  const cst = template.$cstNode;
  if (cst === undefined) return;
  for (const leaf of CstUtils.flattenCst(cst)) {
    const { $type } = leaf.hidden ? template : leaf.astNode;
    const isOwn = leaf.tokenType.name === 'PARAM' && leaf.text === name && $type !== 'Parameter';
    if (isOwn && ($type !== 'Argument' || !isNameOfArgument(leaf))) add(leaf);
  }
}

/** `use t($name = …)`: names the used template's parameter, not that of the template around. */
function isNameOfArgument(leaf: { readonly offset: number; readonly astNode: AstNode }): boolean {
  return GrammarUtils.findNodeForProperty(leaf.astNode.$cstNode, 'parameter')?.offset === leaf.offset;
}

function argumentUses(
  target: Extract<Target, { kind: 'parameter' }>,
  services: TargetServices & { readonly references: References },
  add: Add,
): void {
  for (const use of services.references.findReferences(target.template, { includeDeclaration: false })) {
    const document = services.documents.getDocument(URI.parse(use.sourceUri.toString()));
    if (document === undefined) continue;
    for (const node of AstUtils.streamAllContents(document.parseResult.value)) {
      if (node.$type !== 'Argument') continue;
      const container = node.$container as { readonly template?: { readonly ref?: AstNode } } | undefined;
      const span = GrammarUtils.findNodeForProperty(node.$cstNode, 'parameter');
      const isIt = container?.template?.ref === target.template && span?.text === target.name;
      if (isIt && span !== undefined) add(document, span, false);
    }
  }
}

function sorted(found: readonly Occurrence[]): Occurrence[] {
  const seen = new Set<string>();
  return found
    .filter((each) => {
      const key = `${each.document.uri.toString()}#${each.offset}`;
      return !seen.has(key) && seen.add(key);
    })
    .sort((a, b) =>
      a.document === b.document ? a.offset - b.offset : a.document.uri.toString() < b.document.uri.toString() ? -1 : 1,
    );
}
