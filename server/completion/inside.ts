import { CompletionItemKind } from 'vscode-languageserver';
import { metrics } from '../../language/elaborate/expectations.ts';
import { clauseDocs, statementDocs } from '../docs/keywords.ts';
import { kindOfPart } from '../docs/part-kind.ts';
import {
  anyComponent,
  componentProposals,
  freshName,
  isDevice,
  machineProposals,
  ofKind,
  parameterProposals,
  partProposals,
  templateProposals,
} from './names.ts';
import { type CompletionRequest, isComponentKind, type Proposal } from './request.ts';
import { keywordProposal, partKindProposals, partsFor } from './statements.ts';
import { generationProposals, laneProposals, propertyValueProposals, unitProposals } from './values.ts';

/** What may follow in a statement that has begun. `rules`: codes of rules with their titles. */
export function insideProposals(request: CompletionRequest, rules: readonly RuleName[]): Proposal[] {
  const words = request.tokens.map((token) => token.image);
  const first = words[0] ?? '';
  if (words.at(-1) === '.') return componentProposals(request, anyComponent, true);
  if (isComponentKind(first)) return componentLine(request, words, first);
  switch (first) {
    case 'machine':
      return words.at(-1) === ':' ? machineProposals(request) : [];
    case 'part':
      return partLine(request, words);
    case 'use':
      return words.length === 1 ? templateProposals(request) : argumentProposals(request, words);
    case 'connect':
      return connectLine(request, words);
    case 'override':
      return words.length === 1
        ? componentProposals(request, anyComponent, false)
        : linkLine(request, words, overriddenKind(request, words));
    case 'at':
      return timedLine(request, words, rules);
    case 'wait':
      return eventProposals(request);
    case 'expect':
      return expectLine(request, words, rules);
    case 'allow':
      return words.length === 1 || words.at(-1) === '/' ? ruleProposals(rules) : [];
    case 'transfer':
    case 'scenario':
    case 'process':
    case 'context':
    case 'stream':
    case 'job':
    case 'pipeline':
    case 'stage':
    case 'collective':
    case 'partition':
    case 'vm':
      return workLine(request, words, first);
    default:
      return propertyValueProposals(request, first);
  }
}

/** What completion needs to know of a rule. */
export interface RuleName {
  readonly code: string;
  readonly title: string;
}

/** `gpu gpu0 gen4 x16 : part`. */
function componentLine(
  request: CompletionRequest,
  words: readonly string[],
  kind: Parameters<typeof freshName>[1],
): Proposal[] {
  if (words.length === 1) {
    return [{ label: freshName(request, kind), kind: CompletionItemKind.Variable, detail: 'a free name', rank: 10 }];
  }
  return linkLine(request, words, kind);
}

/** Generation, width and part, in this order. */
function linkLine(request: CompletionRequest, words: readonly string[], kind: string | undefined): Proposal[] {
  const parameters = parameterProposals(request);
  if (words.at(-1) === ':') return [...parameters, ...(kind === undefined ? [] : partsFor(request, kind))];
  if (words.includes(':')) return [];
  const types = request.tokens.slice(2).map((token) => token.tokenType.name);
  const hasGeneration = types.includes('GEN');
  const hasLanes = types.includes('LANES');
  return [
    ...(hasGeneration || hasLanes || kind === 'socket' ? [] : generationProposals()),
    ...(hasLanes || kind === 'socket' ? [] : laneProposals()),
    ...(kind === undefined ? [] : partsFor(request, kind, ': ')),
    ...parameters,
  ];
}

function overriddenKind(request: CompletionRequest, words: readonly string[]): string | undefined {
  const stop = words.findIndex((word, index) => index > 1 && word !== '.' && words[index - 1] !== '.');
  const name = words.slice(1, stop < 0 ? undefined : stop).join('');
  const found = request.machine?.names.lookup(name)[0];
  return found === undefined ? undefined : request.machine?.machine.components[found.id]?.kind;
}

/** `part gpu name : base`. */
function partLine(request: CompletionRequest, words: readonly string[]): Proposal[] {
  if (words.length === 1) return partKindProposals();
  if (words.at(-1) !== ':') return [];
  const kind = words[1] ?? '';
  if (kind === 'interconnect' || isComponentKind(kind)) return partProposals(request, [kind]);
  const kinds = new Set(
    [...request.environment.parts.values()].map((part) => kindOfPart(part, request.environment) ?? ''),
  );
  return partProposals(request, [...kinds]);
}

/** `use name($parameter = value)`: parameters that have no argument yet. */
function argumentProposals(request: CompletionRequest, words: readonly string[]): Proposal[] {
  const template = request.environment.templates.get(words[1] ?? '');
  if (template === undefined || !words.includes('(') || words.at(-1) === ')') return [];
  const outer = parameterProposals(request);
  if (words.at(-1) === '=') return [...outer, ...partProposals(request, allPartKinds(request))];
  if (words.at(-1) !== '(' && words.at(-1) !== ',') return [];
  const named = template.parameters
    .filter((parameter) => !words.includes(parameter.name))
    .map((parameter) => ({
      label: `${parameter.name} =`,
      kind: CompletionItemKind.TypeParameter,
      detail:
        parameter.default === undefined
          ? 'parameter'
          : `parameter, ${parameter.default.$cstNode?.text ?? ''} by default`,
      insert: `${parameter.name} = `,
      rank: 5,
    }));
  return [...named, ...outer, ...partProposals(request, allPartKinds(request))];
}

function allPartKinds(request: CompletionRequest): string[] {
  return [
    ...new Set([...request.environment.parts.values()].map((part) => kindOfPart(part, request.environment) ?? '')),
  ];
}

function connectLine(request: CompletionRequest, words: readonly string[]): Proposal[] {
  if (words.length === 1 || words.at(-1) === 'to') return componentProposals(request, anyComponent, false);
  if (words.at(-1) === ':') return partProposals(request, ['interconnect']);
  return words.includes('to') ? partProposals(request, ['interconnect'], ': ') : [clause('to')];
}

const clause = (label: string, rank = 10): Proposal => ({
  label,
  kind: CompletionItemKind.Keyword,
  detail: clauseDocs[label] ?? '',
  rank,
});

/** Clauses of each kind of work, in the order in which they are usually written. */
const clausesOf: Readonly<Record<string, readonly string[]>> = {
  transfer: ['from', 'to', 'by', 'through', 'after'],
  scenario: ['on'],
  process: ['on', 'after'],
  context: [],
  stream: [],
  job: ['on', 'from', 'to', 'by', 'after'],
  pipeline: ['from', 'to', 'through', 'after'],
  stage: ['from', 'to', 'on', 'by', 'after'],
  collective: ['over', 'after'],
  partition: ['for', 'to'],
  vm: ['for'],
};
const clauseWords = new Set(['from', 'to', 'on', 'over', 'through', 'after', 'for', 'by']);

/** `transfer load from ssd0 to gpu0`. */
function workLine(request: CompletionRequest, words: readonly string[], kind: string): Proposal[] {
  const rest = (clausesOf[kind] ?? [])
    .filter((word) => !words.includes(word))
    .map((word, index) => clause(word, 10 + index));
  const at = words.findLastIndex((word) => clauseWords.has(word));
  if (at < 0) return rest;
  const targets = clauseTargets(request, kind, words[at] ?? '');
  return words.length - 1 === at
    ? targets
    : [...rest, ...targets.map((target) => ({ ...target, rank: target.rank + 20 }))];
}

function clauseTargets(request: CompletionRequest, kind: string, word: string): Proposal[] {
  switch (word) {
    case 'from':
    case 'to':
      return kind === 'partition'
        ? componentProposals(request, ofKind('root-port', 'port'), false)
        : componentProposals(request, isDevice, true);
    case 'on':
      if (kind === 'scenario') return machineProposals(request);
      return componentProposals(request, kind === 'process' ? ofKind('gpu') : isDevice, false);
    case 'over':
      return componentProposals(request, ofKind('gpu'), false);
    case 'by':
      return componentProposals(request, (component) => isDevice(component) || component.kind === 'socket', false);
    case 'for':
      return componentProposals(request, kind === 'partition' ? ofKind('port') : isDevice, false);
    case 'after':
      return workProposals(request);
    default:
      return componentProposals(request, anyComponent, false);
  }
}

/** Transfers and scenarios by name. */
function workProposals(request: CompletionRequest): Proposal[] {
  const work = request.machine?.work;
  const names = [...(work?.transfers ?? []), ...(work?.scenarios ?? [])].map((item) => item.name);
  const beside = request.place.siblings.flatMap(
    (line) => /^(?:at\s.*?)?(?:transfer|process|job)\s+([\w-]+)/.exec(line)?.[1] ?? [],
  );
  return [...new Set([...names, ...beside])]
    .filter((name) => /^[\w-]+$/.test(name) && !clauseWords.has(name))
    .map((label) => ({ label, kind: CompletionItemKind.Function, detail: 'work', rank: 10 }));
}

/** `at 5 us transfer …`. */
function timedLine(request: CompletionRequest, words: readonly string[], rules: readonly RuleName[]): Proposal[] {
  const types = request.tokens.map((token) => token.tokenType.name);
  if (words.length === 1) return [{ label: '0 us', kind: CompletionItemKind.Value, detail: 'for example', rank: 10 }];
  if (words.length === 2 && types[1] === 'NUMBER') return unitProposals('seconds');
  const start = words.findIndex((_, index) => index >= 2 && types[index] !== 'UNIT' && types[index] !== 'NUMBER');
  if (start < 0)
    return ['transfer', 'process', 'job', 'pipeline', 'collective'].map((word) =>
      keywordProposal(statementDocs[word], 10),
    );
  return insideProposals({ ...request, tokens: request.tokens.slice(start) }, rules);
}

/** Events that are recorded in the blocks around; the text decides, so that it works while typing. */
function eventProposals(request: CompletionRequest): Proposal[] {
  const outer = request.place.blocks[0]?.offset ?? 0;
  const text = request.document.textDocument.getText().slice(outer);
  const names = new Set([...text.matchAll(/\brecord[ \t]+([A-Za-z_][\w-]*)/g)].map((found) => found[1] ?? ''));
  return [...names].map((label) => ({ label, kind: CompletionItemKind.Event, detail: 'event', rank: 10 }));
}

const wordValues: Readonly<Record<string, readonly string[]>> = {
  path: ['direct', 'host-bridge', 'host-memory', 'none'],
  class: ['PIX', 'PXB', 'PHB', 'NODE', 'SYS'],
  mapping: ['bus-address', 'through-host-bridge', 'not-supported', 'not-peer'],
};

/** `expect bandwidth of load >= 6 GB/s within 5 %`. */
function expectLine(request: CompletionRequest, words: readonly string[], rules: readonly RuleName[]): Proposal[] {
  const last = words.at(-1) ?? '';
  if (words.includes('finding')) {
    if (last === 'finding' || last === '/') return ruleProposals(rules);
    return last === 'of' ? componentProposals(request, anyComponent, false) : [clause('of')];
  }
  if (last === 'no') return [clause('finding')];
  if (last === 'of') return [...componentProposals(request, anyComponent, true), ...workProposals(request)];
  const metricProposals = Object.entries(metrics).map(([label, metric]) => ({
    label,
    kind: CompletionItemKind.Property,
    detail: metric.doc,
    rank: 10,
  }));
  if (words.length === 1) return [...metricProposals, clause('no', 30), clause('finding', 31)];
  if (last === '/') return metricProposals;
  const metric = metrics[words[1] ?? ''];
  const comparison = words.findIndex((word) => /^[<>=!]=?$/.test(word));
  if (comparison < 0) {
    if (metric?.dimension === 'word') {
      const choices = wordValues[words[1] ?? ''];
      if (choices === undefined) return componentProposals(request, anyComponent, true);
      return choices.map((label) => ({ label, kind: CompletionItemKind.EnumMember, rank: 10 }));
    }
    const comparisons = ['>=', '<=', '<', '>', '=='].map((label, index) => ({
      label,
      kind: CompletionItemKind.Operator,
      rank: 10 + index,
    }));
    return [...comparisons, clause('of', 20)];
  }
  const isNumber = request.tokens.at(-1)?.tokenType.name === 'NUMBER';
  if (words.includes('within')) return isNumber ? unitProposals('fraction') : [];
  const dimension = metric?.dimension;
  if (isNumber && dimension !== undefined && dimension !== 'word' && dimension !== 'number')
    return unitProposals(dimension);
  return words.length - 1 > comparison ? [clause('within', 30)] : [];
}

function ruleProposals(rules: readonly RuleName[]): Proposal[] {
  return rules.map((rule) => ({ label: rule.code, kind: CompletionItemKind.Constant, detail: rule.title, rank: 10 }));
}
