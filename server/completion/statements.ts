import { CompletionItemKind } from 'vscode-languageserver';
import { activitiesIn, blocksIn, componentsIn, statementsIn, subunitsIn } from '../../language/schema/places.ts';
import type { Context, PropertySchema } from '../../language/schema/property.ts';
import { propertiesIn } from '../../language/schema/schema.ts';
import { componentDocs, type KeywordDoc, statementDocs } from '../docs/keywords.ts';
import { keywordMarkdown, propertyMarkdown } from '../docs/markdown.ts';
import { freshName, partProposals } from './names.ts';
import { type CompletionRequest, isComponentKind, type Proposal } from './request.ts';

/** What may begin a statement here: components, properties, blocks, work. */
export function statementProposals(request: CompletionRequest): Proposal[] {
  const said = new Set(request.place.siblings.map((line) => /^[\w-]+/.exec(line)?.[0] ?? ''));
  const proposals = new Map<string, Proposal>();
  const add = (proposal: Proposal) => {
    if (!proposals.has(proposal.label)) proposals.set(proposal.label, proposal);
  };
  for (const context of request.contexts) {
    if (!request.inPart) for (const proposal of keywords(request, context)) add(proposal);
    for (const schema of propertiesIn(context)) {
      if (schema.repeatable || !said.has(schema.name)) add(propertyProposal(schema));
    }
  }
  if (request.inPart) add(keywordProposal(statementDocs.source, 40));
  return [...proposals.values()];
}

function keywords(request: CompletionRequest, context: Context): Proposal[] {
  const here = (places: readonly Context[] | undefined) => places?.includes(context) ?? false;
  const proposals: Proposal[] = [];
  for (const kind of componentsIn[context] ?? []) {
    const doc = componentDocs[kind];
    const snippet = doc.snippet.replace(/\$\{1:[^}]*\}/, `\${1:${freshName(request, kind)}}`);
    proposals.push(keywordProposal({ ...doc, snippet }, 10));
  }
  const add = (words: readonly string[], rank: number) => {
    for (const word of words) proposals.push(keywordProposal(statementDocs[word], rank));
  };
  const words: Readonly<Record<string, string>> = {
    Import: 'import',
    Part: 'part',
    Template: 'template',
    Machine: 'machine',
    Scenario: 'scenario',
    Transfer: 'transfer',
    Timed: 'at',
    Record: 'record',
    Wait: 'wait',
    Expectation: 'expect',
    Allow: 'allow',
    Connection: 'connect',
    Override: 'override',
    Use: 'use',
  };
  for (const [type, word] of Object.entries(words)) {
    if (here(statementsIn[type])) add([word], type === 'Allow' || type === 'Expectation' ? 50 : 30);
  }
  for (const [kind, places] of Object.entries(activitiesIn)) if (here(places)) add([kind], 30);
  for (const [kind, places] of Object.entries(subunitsIn)) if (here(places)) add([kind], 30);
  for (const [block, places] of Object.entries(blocksIn)) if (here(places)) add([block], 20);
  return proposals;
}

export function keywordProposal(doc: KeywordDoc | undefined, rank: number): Proposal {
  return {
    label: doc?.keyword ?? '',
    kind: CompletionItemKind.Keyword,
    detail: doc?.shape ?? '',
    documentation: doc === undefined ? '' : keywordMarkdown(doc),
    insert: doc?.snippet ?? '',
    snippet: true,
    rank,
  };
}

function propertyProposal(schema: PropertySchema): Proposal {
  return {
    label: schema.name,
    kind: CompletionItemKind.Property,
    detail: schema.shape === '' ? schema.doc : schema.shape,
    documentation: propertyMarkdown(schema, ''),
    insert: propertySnippet(schema),
    snippet: true,
    rank: schema.body === null ? 20 : 25,
  };
}

/** The property with holes: a choice where words are offered, else the values of its example. */
export function propertySnippet(schema: PropertySchema): string {
  const escaped = (text: string) => text.replace(/[\\$}]/g, '\\$&');
  if (schema.body !== null) {
    const line = schema.example.split('{')[0]?.trim() ?? schema.name;
    const values = line.slice(schema.name.length).trim();
    return `${schema.name}${values === '' ? '' : ` \${1:${escaped(values)}}`} {\n\t$0\n}`;
  }
  const values = schema.example.slice(schema.name.length).trim();
  if (values === '') return schema.name;
  const isChoice = schema.offers.length > 1 && schema.offers.includes(values);
  if (!isChoice) return `${schema.name} \${1:${escaped(values)}}`;
  const choices = [values, ...schema.offers.filter((offer) => offer !== values)];
  return `${schema.name} \${1|${choices.map((choice) => choice.replace(/[\\,|$}]/g, '\\$&')).join(',')}|}`;
}

/** Kinds of parts after `part`. */
export function partKindProposals(): Proposal[] {
  return [
    ...Object.values(componentDocs).map((doc) => ({
      ...keywordProposal(doc, 10),
      insert: `${doc.keyword} `,
      snippet: false,
    })),
    { ...keywordProposal(statementDocs.interconnect, 12), snippet: false },
  ];
}

/** The parts that a statement may use, by its first word. */
export function partsFor(request: CompletionRequest, first: string, before = ''): Proposal[] {
  if (isComponentKind(first)) return partProposals(request, [first], before);
  if (first === 'connect') return partProposals(request, ['interconnect'], before);
  return [];
}
