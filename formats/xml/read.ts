import { SaxesParser } from 'saxes';
import { UnreadableInput } from '../observed.ts';

/** An element with what it holds, as far as topology files need it: no namespaces, no comments. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Character data directly inside, joined. */
  readonly text: string;
  /** Line of the start tag, from 1. */
  readonly line: number;
}

/** More than any machine needs: hwloc writes some 2 MB for a thousand threads. */
export const xmlLimits = { characters: 64 * 2 ** 20, elements: 400_000, depth: 200 } as const;

const chunk = 2 ** 16;

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

/**
 * Reads a document to its root element. Entities of a DTD are not expanded and no DTD is read; only the five of XML itself are
 * known. Throws UnreadableInput, with the line, for text that is not well-formed, that ends early, or that is larger than
 * `xmlLimits`.
 */
export function readXml(text: string): XmlElement {
  if (text.length > xmlLimits.characters) {
    const millions = Math.round(text.length / 1e6);
    throw new UnreadableInput(
      `It has ${millions} million characters; a topology has at most ${Math.round(xmlLimits.characters / 1e6)} million.`,
    );
  }
  const parser = new SaxesParser();
  const open: OpenElement[] = [];
  let root: XmlElement | null = null;
  let count = 0;
  parser.on('error', (error) => {
    throw new UnreadableInput(`This is no XML: ${plain(error.message, open.at(-1))}.`, parser.line);
  });
  parser.on('opentag', (tag) => {
    if (++count > xmlLimits.elements) {
      throw new UnreadableInput(`It has more than ${xmlLimits.elements} elements.`, parser.line);
    }
    if (open.length >= xmlLimits.depth) {
      throw new UnreadableInput(`Its elements are nested more than ${xmlLimits.depth} deep.`, parser.line);
    }
    const element: OpenElement = {
      name: tag.name,
      attributes: new Map(Object.entries(tag.attributes)),
      children: [],
      text: '',
      line: parser.line,
    };
    const parent = open.at(-1);
    if (parent === undefined) root ??= element;
    else parent.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => open.pop());
  parser.on('text', (data) => addText(open, data));
  parser.on('cdata', (data) => addText(open, data));
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const opening = /\S/.exec(body);
  if (opening !== null && opening[0] !== '<') {
    const line = body.slice(0, opening.index).split('\n').length;
    const words = body.slice(opening.index, opening.index + 30).split('\n')[0] ?? '';
    throw new UnreadableInput(`This is no XML: it opens with '${words}'.`, line);
  }
  for (let at = 0; at < body.length; at += chunk) parser.write(body.slice(at, at + chunk));
  parser.close();
  if (root === null) throw new UnreadableInput('This is no XML: there is no element in it.', 1);
  return root;
}

function addText(open: readonly OpenElement[], data: string): void {
  const element = open.at(-1);
  if (element !== undefined && data.trim() !== '') element.text += data;
}

/** The parser's words without the position, which stands in front already, and with what was open. */
function plain(message: string, inside: XmlElement | undefined): string {
  const words = message.replace(/^(?:[^:\s]*:)?\d+:\d+: /, '').replace(/\.$/, '');
  return inside !== undefined && /^unclosed|unexpected end/.test(words)
    ? `it ends inside <${inside.name}> of line ${inside.line}`
    : words;
}

/** The attribute, or undefined where it is absent or empty. */
export function attribute(element: XmlElement, name: string): string | undefined {
  const value = element.attributes.get(name)?.trim();
  return value === '' ? undefined : value;
}

/** The attribute as a whole number: decimal, or hexadecimal after `0x`; undefined where it is none. */
export function integerAttribute(element: XmlElement, name: string): number | undefined {
  const value = attribute(element, name);
  return value !== undefined && /^(?:-?\d+|0x[0-9a-f]+)$/i.test(value) ? Number(value) : undefined;
}
