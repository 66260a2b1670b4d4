/** Attributes of an element in writing; undefined: left out. */
export type XmlAttributes = Readonly<Record<string, string | number | undefined>>;

/** An element in writing. */
export interface XmlNode {
  readonly name: string;
  readonly attributes: XmlAttributes;
  readonly children?: readonly XmlNode[];
  /** Character data, instead of children. */
  readonly text?: string;
}

/** The element and all below it, one line each, two spaces a level. */
export function writeXml(node: XmlNode, depth = 0): string {
  const indent = '  '.repeat(depth);
  const attributes = Object.entries(node.attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
  if (node.text !== undefined) return `${indent}<${node.name}${attributes}>${escapeXml(node.text)}</${node.name}>\n`;
  const children = node.children ?? [];
  if (children.length === 0) return `${indent}<${node.name}${attributes}/>\n`;
  const inside = children.map((child) => writeXml(child, depth + 1)).join('');
  return `${indent}<${node.name}${attributes}>\n${inside}${indent}</${node.name}>\n`;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it can stand in XML, in attributes too; control characters, which XML cannot hold, become spaces. */
export function escapeXml(text: string): string {
  return (
    text
      .replace(/[&<>"']/g, (character) => escapes[character] ?? character)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that XML 1.0 (2.2) excludes
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ' ')
  );
}
