import {
  type AstNode,
  AstUtils,
  CstUtils,
  DefaultReferenceDescriptionProvider,
  type LangiumDocument,
  type ReferenceDescription,
  type ReferenceInfo,
  UriUtils,
} from 'langium';
import type {
  Activity,
  Component,
  Expectation,
  Machine,
  Part,
  PartUse,
  PcieFile,
  Property,
  Reference,
  Scenario,
  Statement,
  Subunit,
  Transfer,
} from '../generated/ast.ts';

const collected = new WeakMap<AstNode, readonly ReferenceInfo[]>();

/**
 * The cross-references of a file in the order of its text. Langium finds them by walking all nodes and all their
 * properties, at every phase again; this visits the few places where the grammar has one, and blocks that an edit leaves
 * as they are only once.
 */
export function crossReferencesOf(file: PcieFile): readonly ReferenceInfo[] {
  const known = collected.get(file);
  if (known !== undefined) return known;
  const found: ReferenceInfo[] = [];
  for (const statement of file.statements ?? []) takeStatement(statement, found, 0);
  collected.set(file, found);
  return found;
}

/** Blocks so deep in others are kept by themselves; what lies deeper with those around it. */
const deepestKept = 2;

/** Adds what a statement refers to; of blocks it is kept. */
function takeStatement(statement: Statement, found: ReferenceInfo[], depth: number): void {
  if (depth > deepestKept || !('members' in statement) || statement.members.length === 0) {
    visitStatement(statement, found, depth);
    return;
  }
  let own = collected.get(statement);
  if (own === undefined) {
    const fresh: ReferenceInfo[] = [];
    visitStatement(statement, fresh, depth);
    collected.set(statement, fresh);
    own = fresh;
  }
  for (const info of own) found.push(info);
}

function add(
  container: AstNode,
  property: string,
  reference: ReferenceInfo['reference'] | undefined,
  found: ReferenceInfo[],
): void {
  if (reference !== undefined) found.push({ container, property, reference });
}

function visitStatement(statement: Statement, found: ReferenceInfo[], depth: number): void {
  switch (statement.$type) {
    case 'Component':
      visitPartUse(statement.part, found);
      break;
    case 'Machine':
    case 'Part':
      visitBase(statement, found);
      break;
    case 'Connection':
      visitReference(statement.from, found);
      visitReference(statement.to, found);
      visitPartUse(statement.part, found);
      break;
    case 'Override':
      visitReference(statement.target, found);
      visitPartUse(statement.part, found);
      break;
    case 'Use':
      add(statement, 'template', statement.template, found);
      return;
    case 'Wait':
      add(statement, 'event', statement.event, found);
      return;
    case 'Timed':
      if (statement.statement !== undefined) visitStatement(statement.statement, found, depth);
      return;
    case 'Expectation':
      visitExpectation(statement, found);
      return;
    case 'Transfer':
    case 'Scenario':
    case 'Activity':
    case 'Subunit':
    case 'Property':
      visitClauses(statement, found);
      break;
    default:
  }
  if ('members' in statement) for (const member of statement.members) takeStatement(member, found, depth + 1);
}

function visitBase(node: Machine | Part, found: ReferenceInfo[]): void {
  add(node, 'base', node.base, found);
}

function visitPartUse(use: Component['part'] | PartUse, found: ReferenceInfo[]): void {
  if (use !== undefined) add(use, 'part', use.part, found);
}

function visitReference(reference: Reference | undefined, found: ReferenceInfo[]): void {
  if (reference !== undefined) add(reference, 'element', reference.element, found);
}

function visitClauses(node: Transfer | Scenario | Activity | Subunit | Property, found: ReferenceInfo[]): void {
  for (const clause of node.clauses) for (const target of clause.targets) visitReference(target, found);
}

function visitExpectation(node: Expectation, found: ReferenceInfo[]): void {
  visitReference(node.subject, found);
  visitReference(node.left?.subject, found);
  visitReference(node.right?.subject, found);
}

/** Describes the cross-references of a file for the index: those that lead somewhere. */
export class PcieReferenceDescriptions extends DefaultReferenceDescriptionProvider {
  override async createDescriptions(document: LangiumDocument): Promise<ReferenceDescription[]> {
    return this.describe(document);
  }

  /** The same, at once. */
  describe(document: LangiumDocument): ReferenceDescription[] {
    const descriptions: ReferenceDescription[] = [];
    const sourceUri = document.uri;
    for (const { container, reference } of crossReferencesOf(document.parseResult.value as PcieFile)) {
      const target = 'ref' in reference ? reference.ref : undefined;
      if (target === undefined || reference.$refNode === undefined) continue;
      const targetUri = AstUtils.getDocument(target).uri;
      descriptions.push({
        sourceUri,
        sourcePath: this.nodeLocator.getAstNodePath(container),
        targetUri,
        targetPath: this.nodeLocator.getAstNodePath(target),
        segment: CstUtils.toDocumentSegment(reference.$refNode),
        local: UriUtils.equals(targetUri, sourceUri),
      });
    }
    return descriptions;
  }
}
