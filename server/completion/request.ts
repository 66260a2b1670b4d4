import type { IToken } from 'chevrotain';
import type { LangiumDocument, Lexer } from 'langium';
import type { CompletionItemKind } from 'vscode-languageserver';
import type { ElaboratedMachine } from '../../language/elaborate/elaborated.ts';
import type { Environment } from '../../language/elaborate/environment.ts';
import { statementsIn } from '../../language/schema/places.ts';
import type { Context } from '../../language/schema/property.ts';
import { propertyIn } from '../../language/schema/schema.ts';
import { type ComponentKind, componentKinds } from '../../model/machine.ts';
import { kindOfPart } from '../docs/part-kind.ts';
import { type Place, placeAt } from '../text/blocks.ts';

/** What completion answers with, before it is fitted to the client. */
export interface Proposal {
  readonly label: string;
  readonly kind: CompletionItemKind;
  readonly detail?: string;
  /** Markdown; made only for what is shown. */
  readonly documentation?: string;
  /** Text to insert where it is not the label. */
  readonly insert?: string;
  /** `insert` is an LSP snippet. */
  readonly snippet?: boolean;
  /** Orders the list: the lower, the nearer to the top. */
  readonly rank: number;
  /** Replaces more than the word at the cursor: text that ends at the cursor. */
  readonly replaces?: string;
}

/** A place in a text where something is to be written. */
export interface CompletionRequest {
  readonly document: LangiumDocument;
  readonly offset: number;
  readonly place: Place;
  /** Contexts that the innermost block may have: one, but for templates. */
  readonly contexts: readonly Context[];
  readonly inPart: boolean;
  readonly inTemplate: boolean;
  /** Header tokens of the open blocks, outermost first. */
  readonly headers: readonly (readonly IToken[])[];
  /** Tokens of the statement before the word at the cursor. */
  readonly tokens: readonly IToken[];
  /** The part of the word before the cursor; for names with its dots, for rules with its slashes. */
  readonly partial: string;
  readonly environment: Environment;
  /** The machine that the place is about, as of the last good state of the text. */
  readonly machine: ElaboratedMachine | undefined;
}

export function isComponentKind(word: string | undefined): word is ComponentKind {
  return componentKinds.some((kind) => kind === word);
}

/** Reads a place. Cheap: one pass over the text before the cursor, and tokens of the headers around it. */
export function readRequest(
  document: LangiumDocument,
  offset: number,
  lexer: Lexer,
  environment: Environment,
  machineOf: (name: string | undefined) => ElaboratedMachine | undefined,
): CompletionRequest {
  const place = placeAt(document.textDocument.getText(), offset);
  const tokenize = (text: string) => lexer.tokenize(text).tokens.filter((token) => token.tokenType.name !== 'NL');
  const headers = place.blocks.map((block) => tokenize(block.header));
  const [outer] = headers;
  const isMachine = outer?.[0]?.image === 'machine';
  const machine = machineOf(isMachine ? outer?.[1]?.image : targetMachine(outer ?? tokenize(place.statement)));
  let contexts: readonly Context[] = ['file'];
  for (const header of headers) contexts = innerContexts(header, contexts, environment, machine);
  const codes = /^allow\b|\bfinding\b/.test(place.statement);
  const partial = place.inText
    ? (/"((?:\\.|[^"\\])*)$/.exec(place.statement)?.[1] ?? '')
    : ((codes ? /[\w/-]*$/ : /(?:[$\w-]+\.(?!\.))*[$\w-]*$/).exec(place.statement)?.[0] ?? '');
  return {
    document,
    offset,
    place,
    contexts,
    inPart: outer?.[0]?.image === 'part',
    inTemplate: outer?.[0]?.image === 'template',
    headers,
    tokens: tokenize(place.statement.slice(0, place.statement.length - partial.length)),
    partial,
    environment,
    machine,
  };
}

/** The machine that work names with `on`. */
function targetMachine(header: readonly IToken[]): string | undefined {
  const on = header.findIndex((token) => token.image === 'on');
  return on < 0 ? undefined : header[on + 1]?.image;
}

/** What may stand in a block, by its header and by what it stands in. */
function innerContexts(
  header: readonly IToken[],
  outer: readonly Context[],
  environment: Environment,
  machine: ElaboratedMachine | undefined,
): readonly Context[] {
  const words = header.map((token) => token.image);
  const first = words[0] === 'at' ? words.find((word) => word === 'transfer' || word in activityContexts) : words[0];
  if (first === undefined) return [];
  if (isComponentKind(first)) return [first];
  switch (first) {
    case 'machine':
      return ['machine'];
    case 'part':
      return partContexts(words, environment);
    case 'template':
      return templateContexts();
    case 'connect':
      return ['interconnect'];
    case 'override': {
      const name = /^[\w.-]+/.exec(words.slice(1).join(''))?.[0] ?? '';
      const found = machine?.names.lookup(name)[0];
      const kind = found === undefined ? undefined : machine?.machine.components[found.id]?.kind;
      return kind === undefined ? componentKinds : [kind];
    }
    case 'source':
      return outer;
    case 'firmware':
    case 'linux':
    case 'scenario':
    case 'transfer':
    case 'namespace':
    case 'mig':
    case 'partition':
    case 'vm':
      return [first];
    default: {
      const activity = activityContexts[first];
      if (activity !== undefined) return [activity];
      const bodies = outer.map((context) => propertyIn(context, first)?.body ?? null);
      return bodies.filter((body): body is Context => body !== null);
    }
  }
}

const activityContexts: Readonly<Record<string, Context>> = {
  process: 'process',
  context: 'context',
  stream: 'stream',
  job: 'job',
  pipeline: 'pipeline',
  stage: 'stage',
  collective: 'collective',
};

/** A template may be used in any of these; what its text says decides. */
function templateContexts(): readonly Context[] {
  return statementsIn.Use ?? [];
}

function partContexts(words: readonly string[], environment: Environment): readonly Context[] {
  const kind = words[1];
  if (kind === 'interconnect' || isComponentKind(kind)) return [kind];
  const colon = words.indexOf(':');
  const base = colon < 0 ? undefined : environment.parts.get(words[colon + 1] ?? '');
  const inherited = base === undefined ? undefined : kindOfPart(base, environment);
  return inherited === undefined ? [] : [inherited];
}
