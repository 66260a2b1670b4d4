import {
  type AstNode,
  AstUtils,
  type CstNode,
  CstUtils,
  GrammarAST,
  isCompositeCstNode,
  isLeafCstNode,
  type LangiumDocument,
  type LeafCstNode,
} from 'langium';
import type { Statement } from '../../language/generated/ast.ts';

const assignments = new WeakMap<GrammarAST.AbstractElement, string | null>();

/** The property of the syntax tree that a grammar element fills, or null. */
function assignedBy(element: GrammarAST.AbstractElement): string | null {
  const known = assignments.get(element);
  if (known !== undefined) return known;
  const found = AstUtils.getContainerOfType(element, GrammarAST.isAssignment)?.feature ?? null;
  assignments.set(element, found);
  return found;
}

/** The property of its syntax node that a leaf belongs to (`name`, `kind`, …); null for plain keywords. */
export function featureOf(leaf: CstNode): string | null {
  const owner = leaf.astNode;
  for (let at: CstNode = leaf; at.container !== undefined && at.container.astNode === owner; at = at.container) {
    const feature = at.grammarSource === undefined ? null : assignedBy(at.grammarSource);
    if (feature !== null) return feature;
  }
  return null;
}

/** Calls `visit` for every visible leaf between two offsets, in order. */
export function visitLeaves(node: CstNode, from: number, to: number, visit: (leaf: LeafCstNode) => void): void {
  if (node.end < from || node.offset > to) return;
  if (isLeafCstNode(node)) {
    if (!node.hidden) visit(node);
    return;
  }
  if (isCompositeCstNode(node)) for (const child of node.content) visitLeaves(child, from, to, visit);
}

/** Whether a leaf is what somebody points at: a word, a number, a text; not punctuation or white space. */
function isPointable(leaf: LeafCstNode): boolean {
  return !leaf.hidden && leaf.tokenType.name !== 'NL' && /^[\w"$%\u00b5\u03bc]/.test(leaf.text);
}

/** The leaf at an offset, or the one that ends there; white space, comments and punctuation are no answer. */
export function leafAt(document: LangiumDocument, offset: number): LeafCstNode | undefined {
  const root = document.parseResult.value.$cstNode;
  if (root === undefined) return undefined;
  for (const at of offset > 0 ? [offset, offset - 1] : [offset]) {
    const leaf = CstUtils.findLeafNodeAtOffset(root, at);
    if (leaf !== undefined && at >= leaf.offset && at < leaf.end && isPointable(leaf)) return leaf;
  }
  return undefined;
}

/** The syntax nodes from `node` outwards, itself first. */
export function outwards(node: AstNode): AstNode[] {
  const result: AstNode[] = [];
  for (let at: AstNode | undefined = node; at !== undefined; at = at.$container) result.push(at);
  return result;
}

/** Offsets of the `{` of a node's own block, and of its `}` where it is closed. */
export function bracesOf(
  node: AstNode & { readonly closed?: boolean },
): { readonly open: number; readonly close: number | undefined } | undefined {
  const cst = node.$cstNode;
  if (cst === undefined || !isCompositeCstNode(cst)) return undefined;
  const text = cst.root.fullText;
  const open = firstBrace(cst, node, text);
  if (open === undefined) return undefined;
  return { open, close: node.closed === true && text[cst.end - 1] === '}' ? cst.end - 1 : undefined };
}

function firstBrace(
  composite: { readonly content: readonly CstNode[] },
  node: AstNode,
  text: string,
): number | undefined {
  for (const child of composite.content) {
    if (isLeafCstNode(child)) {
      if (child.length === 1 && text[child.offset] === '{' && child.astNode === node) return child.offset;
    } else if (isCompositeCstNode(child) && child.astNode === node) {
      const inner = firstBrace(child, node, text);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

/** Calls `visit` for every comment, in order. */
export function visitComments(node: CstNode, visit: (leaf: LeafCstNode) => void): void {
  if (isLeafCstNode(node)) {
    if (node.hidden && node.tokenType.name.endsWith('_COMMENT')) visit(node);
    return;
  }
  if (isCompositeCstNode(node)) for (const child of node.content) visitComments(child, visit);
}

/** The statements that touch a stretch of text, outer ones first, nested ones after them; others are not looked into. */
export function* statementsBetween(statements: readonly Statement[], from: number, to: number): Generator<Statement> {
  for (const outer of statements) {
    const cst = outer.$cstNode;
    if (cst === undefined || cst.end < from || cst.offset > to) continue;
    yield outer;
    const inner = outer.$type === 'Timed' ? outer.statement : outer;
    if (inner === undefined) continue;
    if (inner !== outer) yield inner;
    if ('members' in inner) yield* statementsBetween(inner.members, from, to);
  }
}

/** The first stretch of text that fills a property of a node. */
export function spanOf(node: AstNode, property: string): { readonly offset: number; readonly end: number } | undefined {
  const cst = node.$cstNode;
  return cst !== undefined && isCompositeCstNode(cst) ? firstFilling(cst, node, property) : undefined;
}

function firstFilling(
  composite: { readonly content: readonly CstNode[] },
  node: AstNode,
  property: string,
): CstNode | undefined {
  for (const child of composite.content) {
    if (child.grammarSource !== undefined && assignedBy(child.grammarSource) === property) return child;
    if (isCompositeCstNode(child) && child.astNode === node) {
      const inner = firstFilling(child, node, property);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}
