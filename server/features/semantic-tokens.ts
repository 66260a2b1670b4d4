import { type AstNode, AstUtils, type LangiumDocument, type LeafCstNode } from 'langium';
import type { SemanticTokenProvider } from 'langium/lsp';
import {
  type SemanticTokens,
  SemanticTokensBuilder,
  type SemanticTokensDelta,
  type SemanticTokensOptions,
  type SemanticTokensParams,
  type SemanticTokensRangeParams,
} from 'vscode-languageserver';
import type { Reference } from '../../language/generated/ast.ts';
import { catalogueScheme } from '../../language/services/imports.ts';
import { featureOf, visitLeaves } from '../text/cst.ts';

const types = [
  'keyword',
  'type',
  'namespace',
  'class',
  'function',
  'variable',
  'property',
  'enumMember',
  'event',
  'parameter',
  'number',
  'string',
  'operator',
  'decorator',
] as const;
type TokenKind = (typeof types)[number];

const modifiers = ['declaration', 'defaultLibrary'] as const;
const declaration = 1;
const defaultLibrary = 2;

const indexed = (names: readonly string[], value: (at: number) => number) =>
  Object.fromEntries(names.map((name, at) => [name, value(at)]));

/** What kind of word each word is, by its place in the syntax tree: a keyword used as a name is a name. */
export class PcieSemanticTokens implements SemanticTokenProvider {
  readonly tokenTypes: Record<string, number> = indexed(types, (at) => at);
  readonly tokenModifiers: Record<string, number> = indexed(modifiers, (at) => 2 ** at);
  readonly semanticTokensOptions: SemanticTokensOptions = {
    legend: { tokenTypes: [...types], tokenModifiers: [...modifiers] },
    full: { delta: false },
    range: true,
  };

  semanticHighlight(document: LangiumDocument, _params: SemanticTokensParams): SemanticTokens {
    return tokensBetween(document, 0, document.textDocument.getText().length);
  }

  semanticHighlightRange(document: LangiumDocument, params: SemanticTokensRangeParams): SemanticTokens {
    const { start, end } = params.range;
    return tokensBetween(document, document.textDocument.offsetAt(start), document.textDocument.offsetAt(end));
  }

  semanticHighlightDelta(document: LangiumDocument): SemanticTokens | SemanticTokensDelta {
    return tokensBetween(document, 0, document.textDocument.getText().length);
  }
}

function tokensBetween(document: LangiumDocument, from: number, to: number): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  const root = document.parseResult.value.$cstNode;
  if (root === undefined) return builder.build();
  visitLeaves(root, from, to, (leaf) => {
    const found = classify(leaf);
    if (found === undefined) return;
    const { start, end } = leaf.range;
    if (start.line !== end.line) return;
    builder.push(start.line, start.character, leaf.length, types.indexOf(found.kind), found.modifiers);
  });
  return builder.build();
}

interface Classified {
  readonly kind: TokenKind;
  readonly modifiers: number;
}

const plain = (kind: TokenKind): Classified => ({ kind, modifiers: 0 });
const declared = (kind: TokenKind): Classified => ({ kind, modifiers: declaration });

function classify(leaf: LeafCstNode): Classified | undefined {
  const token = leaf.tokenType.name;
  switch (token) {
    case 'STRING':
      return plain('string');
    case 'PARAM':
      return leaf.astNode.$type === 'Parameter' ? declared('parameter') : plain('parameter');
    case 'HEX':
    case 'BDF':
    case 'IDPAIR':
    case 'NUMBER':
    case 'GEN':
    case 'LANES':
      return plain('number');
    case 'NL':
    case '{':
    case '}':
    case '(':
    case ')':
    case '[':
    case ']':
    case ',':
    case '.':
      return undefined;
    case ':':
    case '=':
    case '..':
    case '+':
    case '-':
    case '*':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '==':
    case '!=':
      return plain('operator');
    default:
      return classifyWord(leaf, leaf.astNode, featureOf(leaf));
  }
}

function classifyWord(leaf: LeafCstNode, node: AstNode, feature: string | null): Classified | undefined {
  switch (`${node.$type}.${feature ?? ''}`) {
    case 'Component.kind':
    case 'Part.kind':
      return plain('type');
    case 'Component.name':
    case 'Subunit.name':
      return declared('variable');
    case 'Machine.name':
      return declared('namespace');
    case 'Machine.base':
      return plain('namespace');
    case 'Part.name':
      return declared('class');
    case 'Part.base':
    case 'PartUse.part':
      return { kind: 'class', modifiers: fromCatalogue(node, feature) ? defaultLibrary : 0 };
    case 'Template.name':
      return declared('function');
    case 'Use.template':
      return plain('function');
    case 'Transfer.name':
    case 'Scenario.name':
    case 'Activity.name':
      return declared('function');
    case 'Record.name':
      return declared('event');
    case 'Wait.event':
      return plain('event');
    case 'Reference.element':
      return plain(referenceKind(node as Reference, leaf));
    case 'Property.key':
    case 'Measure.metric':
      return plain('property');
    case 'WordValue.word':
    case 'Literal.text':
    case 'LinkTerm.text':
    case 'Expectation.is':
      return plain('enumMember');
    case 'Quantity.unit':
      return plain('number');
    case 'Allow.code':
    case 'Expectation.code':
      return plain('decorator');
    case 'Expectation.comparison':
    case 'Sum.operator':
      return plain('operator');
    default:
      return leaf.text === '/' ? plain('operator') : plain('keyword');
  }
}

function fromCatalogue(node: AstNode, feature: string | null): boolean {
  const reference =
    feature === null ? undefined : (node as unknown as Record<string, Reference['element'] | undefined>)[feature];
  const target = reference?.ref;
  return target !== undefined && AstUtils.getDocument(target).uri.scheme === catalogueScheme;
}

/** A name is coloured as what it names; all of its segments but the last lead through components. */
function referenceKind(reference: Reference, leaf: LeafCstNode): TokenKind {
  const end = reference.element?.$refNode?.end;
  if (end !== undefined && leaf.end < end) return 'variable';
  switch (reference.element?.ref?.$type) {
    case 'Transfer':
    case 'Scenario':
    case 'Activity':
      return 'function';
    case 'Machine':
      return 'namespace';
    default:
      return 'variable';
  }
}
