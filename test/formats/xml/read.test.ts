import { describe, expect, it } from 'vitest';
import { UnreadableInput } from '../../../formats/observed.ts';
import { readXml, type XmlElement, xmlLimits } from '../../../formats/xml/read.ts';
import { escapeXml, writeXml } from '../../../formats/xml/write.ts';

function problemOf(text: string): UnreadableInput {
  try {
    readXml(text);
  } catch (error) {
    if (error instanceof UnreadableInput) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('reading XML', () => {
  it('keeps elements, attributes, text and lines', () => {
    const root = readXml(
      '\uFEFF<?xml version="1.0"?>\n<!-- x -->\n<a one="1&amp;2">\n  <b two=\'&#x41;\'/>\n  <c>1 2 </c>\n</a>\n',
    );
    expect([root.name, root.line, root.attributes.get('one')]).toEqual(['a', 3, '1&2']);
    expect(root.children.map((child) => [child.name, child.line, child.text])).toEqual([
      ['b', 4, ''],
      ['c', 5, '1 2 '],
    ]);
    expect(root.children[0]?.attributes.get('two')).toBe('A');
  });
  it('takes a document type as it is, and reads nothing that it names', () => {
    expect(readXml('<!DOCTYPE topology SYSTEM "hwloc2.dtd"><topology/>').name).toBe('topology');
  });
  it('reads the same across the pieces that the text is handed over in', () => {
    const long = 'x'.repeat(200_000);
    expect(readXml(`<a b="${long}"><c>${long}</c></a>`).children[0]?.text).toHaveLength(200_000);
  });
  it.each([
    ['an entity of a document type', '<!DOCTYPE a [<!ENTITY e "boom">]>\n<a>&e;</a>', 2, /entity/],
    [
      'entities that multiply',
      `<!DOCTYPE a [<!ENTITY l0 "x">${Array.from({ length: 40 }, (_, at) => `<!ENTITY l${at + 1} "&l${at};&l${at};">`).join('')}]>\n<a>&l40;</a>`,
      2,
      /entity/,
    ],
    ['an entity from a file', '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a b="&e;"/>', 1, /entity/],
    ['a text that ends early', '<a>\n <b>\n  <c d="1"/>\n', 4, /inside <b> of line 2/],
    ['a tag that ends early', '<a>\n <b c="1', 2, /unclosed|ends|end/],
    ['tags that cross', '<a>\n<b>\n</a></b>', 3, /unexpected close tag|unclosed/],
    ['two roots', '<a/>\n<b/>', 2, /root/],
    ['no element', '\n just words\n', 2, /opens with 'just words'/],
    ['nothing', '', null, /./],
    ['an attribute twice', '<a b="1" b="2"/>', 1, /duplicate/],
  ] as const)('%s: an error with its line', (_name, text, line, message) => {
    const problem = problemOf(text);
    if (line !== null) expect(problem.line).toBe(line);
    expect(problem.message).toMatch(message);
  });
  it('gives up on what is larger than any topology', () => {
    expect(problemOf('<a>'.repeat(xmlLimits.depth + 1)).message).toMatch(/nested more than/);
    expect(problemOf(`<a>${'<b/>'.repeat(xmlLimits.elements)}</a>`).message).toMatch(/more than \d+ elements/);
    expect(problemOf(' '.repeat(xmlLimits.characters + 1)).message).toMatch(/million characters/);
  });
});

describe('writing XML', () => {
  it('is read back as it was', () => {
    const odd = `<&>"' \u00e4\u2028\t`;
    const root: XmlElement = readXml(writeXml({ name: 'a', attributes: { x: odd, y: undefined, z: 3 } }));
    expect([...root.attributes]).toEqual([
      ['x', odd.replace('\t', ' ')],
      ['z', '3'],
    ]);
  });
  it('holds no control characters', () => {
    expect(escapeXml('a\u0000b\u001bc')).toBe('a b c');
  });
});
