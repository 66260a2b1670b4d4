import {
  type AstNode,
  AstUtils,
  CstUtils,
  GrammarUtils,
  isReference,
  type LangiumDocument,
  type LangiumDocuments,
  type URI,
} from 'langium';
import type { ElaboratedMachine } from '../../../language/elaborate/elaborated.ts';
import { firstOf } from '../../../language/elaborate/references.ts';
import type { Expectation, Import, PcieFile, Reference, Template } from '../../../language/generated/ast.ts';
import { type ImportRoots, importTarget } from '../../../language/services/imports.ts';
import type { PcieScopeProvider } from '../../../language/services/scope.ts';
import { featureOf, leafAt, outwards } from '../../text/cst.ts';

/** A stretch of text with a name in it. */
export interface Span {
  readonly offset: number;
  readonly end: number;
}

/** What a name means. A component is the statement that declares it, be it an array or a piece of a template. */
export type Target =
  | { readonly kind: 'node'; readonly node: AstNode }
  | { readonly kind: 'parameter'; readonly template: Template; readonly name: string }
  | { readonly kind: 'file'; readonly uri: URI };

/** A target together with the words that led to it. */
export interface Found {
  readonly target: Target;
  readonly span: Span;
  /** The text of the span. */
  readonly text: string;
  /** The component that an array's element or a template's copy is, where a machine tells. */
  readonly component: { readonly machine: ElaboratedMachine; readonly id: number } | null;
}

/** One word of a (qualified) name and what it means. */
export interface Segment extends Span {
  readonly text: string;
  readonly node: AstNode | null;
  readonly id: number | null;
}

/** Services that finding a target needs. */
export interface TargetServices {
  readonly scopes: PcieScopeProvider;
  readonly roots: ImportRoots;
  readonly documents: LangiumDocuments;
}

/** What the word at an offset means, or undefined for words that name nothing. */
export function targetAt(document: LangiumDocument, offset: number, services: TargetServices): Found | undefined {
  const leaf = leafAt(document, offset);
  if (leaf === undefined) return undefined;
  const node = leaf.astNode;
  const feature = featureOf(leaf);
  const span = { offset: leaf.offset, end: leaf.end };
  const found = (target: Target): Found => ({ target, span, text: leaf.text, component: null });
  if (leaf.tokenType.name === 'PARAM') {
    const parameter = parameterOf(node, leaf.text);
    return parameter === undefined ? undefined : found(parameter);
  }
  if (node.$type === 'Import' && feature === 'path') {
    const target = importTarget(node as Import, document.uri, services.roots);
    return target.kind === 'uri' ? found({ kind: 'file', uri: target.uri }) : undefined;
  }
  if (node.$type === 'Reference' && feature === 'element') {
    const { machine, segments } = segmentsOf(node as Reference, document, services);
    const segment = segments.find((each) => each.offset === leaf.offset);
    if (segment?.node === undefined || segment.node === null) return undefined;
    const component = machine === undefined || segment.id === null ? null : { machine, id: segment.id };
    return { target: { kind: 'node', node: segment.node }, span, text: leaf.text, component };
  }
  if (node.$type === 'Expectation' && feature === 'is') {
    const named = namedByWord(node as Expectation, document, services);
    return named === undefined ? undefined : { ...named, span, text: leaf.text };
  }
  if (feature === 'name' && isNamed(node)) return found({ kind: 'node', node });
  const reference = feature === null ? undefined : (node as unknown as Record<string, unknown>)[feature];
  if (isReference(reference) && reference.ref !== undefined) return found({ kind: 'node', node: reference.ref });
  return undefined;
}

function isNamed(node: AstNode): boolean {
  return 'name' in node && typeof node.name === 'string' && node.$type !== 'Parameter';
}

/** The words of a reference, each with what it means: the inner segments are what the last one stands in. */
export function segmentsOf(
  reference: Reference,
  document: LangiumDocument,
  services: TargetServices,
): { readonly machine: ElaboratedMachine | undefined; readonly segments: Segment[] } {
  const cst = reference.element?.$refNode;
  if (cst === undefined) return { machine: undefined, segments: [] };
  const words = CstUtils.flattenCst(cst)
    .filter((leaf) => !leaf.hidden && leaf.text !== '.')
    .toArray();
  const machine = services.scopes.machineAround(reference, document);
  const ids = machine === undefined ? undefined : idsOf(firstOf(reference).split('.'), machine);
  const segments = words.map((leaf, index): Segment => {
    const at = { offset: leaf.offset, end: leaf.end, text: leaf.text };
    const id = ids?.[index];
    if (machine !== undefined && id === 'machine') return { ...at, id: null, node: machine.node };
    if (machine !== undefined && typeof id === 'number') return { ...at, id, node: machine.nodes[id] ?? null };
    // Work, and what no machine knows: the linker found it as a whole.
    const node = ids === undefined && index === words.length - 1 ? (reference.element?.ref ?? null) : null;
    return { ...at, id: null, node };
  });
  return { machine, segments };
}

/** For each segment the component that it means; `memory` means none. Undefined where the name means no component. */
function idsOf(segments: readonly string[], machine: ElaboratedMachine): (number | 'machine' | null)[] | undefined {
  const [found] = machine.names.lookup(segments.join('.'));
  if (found === undefined) return undefined;
  const ids: (number | 'machine' | null)[] = [];
  let at: number | null = found.id;
  for (const [index, segment] of [...segments.entries()].reverse()) {
    if (found.memory && index === segments.length - 1) {
      ids.unshift(null);
      continue;
    }
    while (at !== null && machine.machine.components[at]?.label !== segment)
      at = machine.machine.components[at]?.parent ?? null;
    if (at === null) {
      ids.unshift(index === 0 && segment === machine.machine.name ? 'machine' : null);
      continue;
    }
    ids.unshift(at);
    at = machine.machine.components[at]?.parent ?? null;
  }
  return ids;
}

/** `expect bottleneck rp0`: the word is a name where a component has it. */
export function namedByWord(
  node: Expectation,
  document: LangiumDocument,
  services: TargetServices,
): Omit<Found, 'span' | 'text'> | undefined {
  const machine = services.scopes.machineAround(node, document);
  const [found] = node.is === undefined || machine === undefined ? [] : machine.names.lookup(node.is);
  const declared = found === undefined ? undefined : machine?.nodes[found.id];
  if (machine === undefined || found === undefined || declared === undefined) return undefined;
  return { target: { kind: 'node', node: declared }, component: { machine, id: found.id } };
}

/** The parameter that a `$word` means: of the template around it, or of the template that is used. */
function parameterOf(node: AstNode, name: string): Target | undefined {
  if (node.$type === 'Argument') {
    const template = (node.$container as { readonly template?: { readonly ref?: Template } } | undefined)?.template
      ?.ref;
    return template === undefined ? undefined : { kind: 'parameter', template, name };
  }
  const template = outwards(node).find((at) => at.$type === 'Template') as Template | undefined;
  return template === undefined ? undefined : { kind: 'parameter', template, name };
}

/** Where a target is declared. */
export function declarationOf(
  target: Target,
): { readonly document: LangiumDocument; readonly name: Span; readonly whole: Span } | undefined {
  if (target.kind === 'file') return undefined;
  const node =
    target.kind === 'parameter' ? target.template.parameters.find((each) => each.name === target.name) : target.node;
  const cst = node?.$cstNode;
  if (node === undefined || cst === undefined) return undefined;
  const name = GrammarUtils.findNodeForProperty(cst, 'name') ?? cst;
  return { document: AstUtils.getDocument(node), name, whole: cst };
}

const references = new WeakMap<
  object,
  { readonly nodes: readonly Reference[]; readonly words: readonly Expectation[] }
>();

/** All references of a document, and the expectations whose word may be a name; collected once for each parse. */
export function referencesIn(document: LangiumDocument): {
  readonly nodes: readonly Reference[];
  readonly words: readonly Expectation[];
} {
  const known = references.get(document.parseResult);
  if (known !== undefined) return known;
  const nodes: Reference[] = [];
  const words: Expectation[] = [];
  for (const node of AstUtils.streamAllContents(document.parseResult.value as PcieFile)) {
    if (node.$type === 'Reference') nodes.push(node as Reference);
    else if (node.$type === 'Expectation' && (node as Expectation).is !== undefined) words.push(node as Expectation);
  }
  const result = { nodes, words };
  references.set(document.parseResult, result);
  return result;
}
