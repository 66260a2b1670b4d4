import { AstUtils, type LangiumDocuments, type URI } from 'langium';
import type { Environment } from '../../../language/elaborate/environment.ts';
import type { Part, Property, Statement, Template } from '../../../language/generated/ast.ts';
import { catalogueScheme } from '../../../language/services/imports.ts';
import { code, docCommentAbove, escapeMarkdown } from '../../docs/markdown.ts';
import { kindOfPart } from '../../docs/part-kind.ts';

interface Figure {
  readonly text: string;
  readonly source: string | null;
  readonly from: string;
}

/** A part: every figure with where it is stated, the inherited ones included. */
export function partMarkdown(part: Part, environment: Environment): string {
  const chain = chainOf(part, environment);
  const kind = kindOfPart(part, environment);
  const figures = new Map<string, Figure>();
  // From the base outwards: what a part says replaces what it inherits.
  for (const at of [...chain].reverse()) collect(at.members, at.name, null, figures);
  const cst = part.$cstNode;
  const comment = cst === undefined ? '' : docCommentAbove(cst.root.fullText, cst.offset);
  const inherits =
    chain.length > 1
      ? `, inherits from ${chain
          .slice(1)
          .map((base) => `\`${base.name}\``)
          .join(', ')}`
      : '';
  const place = AstUtils.getDocument(part).uri.scheme === catalogueScheme ? ' · catalogue' : '';
  const sources = [...new Set([...figures.values()].map((figure) => figure.source))].filter(
    (source) => source !== null,
  );
  const rows = [...figures.values()].map((figure) => {
    const number = figure.source === null ? '' : `[${sources.indexOf(figure.source) + 1}]`;
    const from = figure.from === part.name ? '' : ` *(${escapeMarkdown(figure.from)})*`;
    return `| \`${figure.text.replace(/\|/g, '\\|')}\`${from} | ${number} |`;
  });
  const table = rows.length === 0 ? '' : ['| figure | source |', '|---|---|', ...rows].join('\n');
  const list = sources.map((source, index) => `[${index + 1}] ${sourceMarkdown(source)}`).join('  \n');
  return [`**${part.name}** · part${kind === undefined ? '' : ` ${kind}`}${inherits}${place}`, comment, table, list]
    .filter((piece) => piece !== '')
    .join('\n\n');
}

function chainOf(part: Part, environment: Environment): Part[] {
  const chain: Part[] = [];
  for (let at: Part | undefined = part; at !== undefined && !chain.includes(at); ) {
    chain.push(at);
    at = at.base === undefined ? undefined : environment.parts.get(at.base.$refText);
  }
  return chain;
}

/** A property by its name; those that may be repeated also by their first value (`bar 0`, `bar 2`). */
function keyOf(property: Property): string {
  const repeatable = ['bar', 'function', 'bifurcation-supported', 'window'].includes(property.key);
  return repeatable ? `${property.key} ${property.values[0]?.$cstNode?.text ?? ''}` : property.key;
}

function collect(
  members: readonly Statement[],
  from: string,
  source: string | null,
  figures: Map<string, Figure>,
): void {
  for (const member of members) {
    if (member.$type !== 'Property') continue;
    if (member.key === 'source') {
      const low = member.values[0]?.low;
      collect(member.members, from, low?.$type === 'Text' ? low.text : source, figures);
      continue;
    }
    const text = (member.$cstNode?.text ?? '').replace(/\s+/g, ' ');
    figures.set(keyOf(member), { text: text.length > 100 ? `${text.slice(0, 99)}…` : text, source, from });
  }
}

/** Only web addresses become links. */
function sourceMarkdown(source: string): string {
  const address = /https?:\/\/[^\s"<>]+/.exec(source)?.[0];
  return address === undefined
    ? escapeMarkdown(source)
    : `<${address}>${escapeMarkdown(source.replace(address, '').trim() === '' ? '' : ` ${source.replace(address, '').trim()}`)}`;
}

/** A template with its parameters, and the text that it stands for. */
export function templateMarkdown(template: Template): string {
  const cst = template.$cstNode;
  if (cst === undefined) return '';
  const lines = cst.text.split(/\r?\n/);
  const shown = lines.length > 24 ? [...lines.slice(0, 23), '  // …', '}'] : lines;
  return [docCommentAbove(cst.root.fullText, cst.offset), code(shown.join('\n'))]
    .filter((piece) => piece !== '')
    .join('\n\n');
}

/** A file that is imported: what it declares. */
export function importMarkdown(uri: URI, documents: LangiumDocuments): string {
  const document = documents.getDocument(uri);
  if (document === undefined) return `There is no file ${escapeMarkdown(uri.path)}.`;
  const names = new Map<string, string[]>();
  const file = document.parseResult.value as { readonly statements?: readonly Statement[] };
  for (const statement of file.statements ?? []) {
    const declares = statement.$type === 'Part' || statement.$type === 'Template' || statement.$type === 'Machine';
    if (!declares || statement.name === undefined) continue;
    const word = `${statement.$type.toLowerCase()}s`;
    names.set(word, [...(names.get(word) ?? []), statement.name]);
  }
  const lists = [...names].map(([word, list]) => `${word}: ${list.map((name) => `\`${name}\``).join(', ')}`);
  return [`**${escapeMarkdown(uri.path.slice(uri.path.lastIndexOf('/') + 1))}**`, ...lists].join('\n\n');
}
