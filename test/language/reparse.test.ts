import fc from 'fast-check';
import {
  type AstNode,
  type CstNode,
  EmptyFileSystem,
  isCompositeCstNode,
  isReference,
  type ParseResult,
} from 'langium';
import { describe, expect, test } from 'vitest';
import type { PcieFile } from '../../language/generated/ast.ts';
import { createPcieServices } from '../../language/module.ts';
import { reparse } from '../../language/services/reparse.ts';

const { pcie } = createPcieServices(EmptyFileSystem);
const { LangiumParser: parser } = pcie.parser;
const linker = pcie.references.Linker;
const parse = (text: string) => parser.parse<PcieFile>(text);

const sample = `// A server.
machine m : base {
  linux { iommu passthrough } // policy
  socket cpu0 : epyc {
    memory 384 GiB at 460 GB/s
    /* ports */
    root-port rp0 gen5 x16 {
      switch sw0 : pex { port p[0..1] gen4 x16 { gpu gpu[2..3] : a100 } }
    }
    root-port rp1 gen4 x4 { nvme ssd0 : pm9a3 } // a drive
  }
  connect cpu0 to cpu1 : upi { links 3 }
}

part gpu mine : card {
  source "https://example.org" { vram 80 GiB }
  bar 1 128 GiB 64-bit prefetchable resizable 256 MiB..128 GiB
}
transfer load from ssd0 to sw0.gpu2 {
  size 4 GiB
  expect bandwidth >= 6 GB/s within 5 %
}
scenario s { at 5 us transfer from a to b { size 1 MiB } }
`;

/** Everything that a tree says, by plain values: nodes, containers, positions, grammar elements by identity. */
function describeTree(file: PcieFile): unknown {
  const elements = new Map<unknown, number>();
  const id = (element: unknown) => {
    if (!elements.has(element)) elements.set(element, elements.size);
    return elements.get(element);
  };
  const path = (node: AstNode | undefined): string =>
    node === undefined
      ? ''
      : `${path(node.$container)}/${node.$containerProperty ?? ''}${node.$containerIndex ?? ''}:${node.$type}`;
  const ast = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(ast);
    if (isReference(value)) return { ref: value.$refText, at: [value.$refNode?.offset, value.$refNode?.end] };
    if (typeof value !== 'object' || value === null) return value;
    const node = value as AstNode;
    const entries = Object.entries(node).filter(([key]) => !key.startsWith('$'));
    return {
      path: path(node),
      at: [node.$cstNode?.offset, node.$cstNode?.end, node.$cstNode?.range],
      own: node.$cstNode?.astNode === node,
      ...Object.fromEntries(entries.map(([key, each]) => [key, ast(each)])),
    };
  };
  const cst = (node: CstNode): unknown => ({
    at: [node.offset, node.end, node.range],
    hidden: node.hidden,
    source: id(node.grammarSource),
    of: path(node.astNode),
    ...(isCompositeCstNode(node)
      ? { content: node.content.map((child) => (child.container === node ? cst(child) : 'lost')) }
      : { token: (node as unknown as { tokenType: { name: string } }).tokenType.name, text: node.text }),
  });
  const root = file.$cstNode;
  return { ast: ast(file), text: root?.root.fullText, cst: root === undefined ? null : cst(root) };
}

/** One edit after another on one tree. Returns how many were answered by parsing a part. */
function editAll(edits: readonly (readonly [number, number, string])[], start = sample): number {
  let text = start;
  let tree: ParseResult<PcieFile> = parse(text);
  let partial = 0;
  for (const [at, remove, insert] of edits) {
    const offset = Math.floor(at * text.length);
    text = text.slice(0, offset) + insert + text.slice(offset + remove);
    const next = reparse(tree, text, parser, linker);
    if (next !== undefined) partial++;
    tree = next ?? parse(text);
    expect(describeTree(tree.value), JSON.stringify({ offset, remove, insert, text })).toEqual(
      describeTree(parse(text).value),
    );
  }
  return partial;
}

const edit = (text: string, from: string, to: string) => {
  const tree = parse(text);
  const changed = text.replace(from, to);
  const next = reparse(tree, changed, parser, linker);
  return { next, changed };
};

describe('parsing a part', () => {
  test.each([
    ['a digit', '384 GiB', '3840 GiB'],
    ['a word', 'passthrough', 'translate'],
    ['a name', 'ssd0 : pm9a3', 'drive : pm9a3'],
    ['a line break in a block', 'size 4 GiB', 'size 4 GiB\n  block 1 MiB'],
    ['a comment at the end of a line', '460 GB/s', '460 GB/s // fast'],
    ['a comment in front', 'memory 384', '/* all of it */ memory 384'],
    ['a removed line', '    memory 384 GiB at 460 GB/s\n', ''],
  ])('gives the same tree: %s', (_, from, to) => {
    const { next, changed } = edit(sample, from, to);
    expect(next).toBeDefined();
    expect(describeTree(next?.value as PcieFile)).toEqual(describeTree(parse(changed).value));
  });

  test.each([
    ['a comment that swallows the rest of the line', 'iommu passthrough', 'iommu // passthrough'],
    ['a comment that does not end', 'root-port rp0', '/* root-port rp0'],
    ['a brace', 'linux {', 'linux { {'],
    ['a text that does not end', 'size 4 GiB', 'size "4 GiB'],
  ])('leaves to the whole parser what reaches beyond: %s', (_, from, to) => {
    expect(edit(sample, from, to).next).toBeUndefined();
  });

  test('leaves a text with errors to the whole parser', () => {
    expect(edit(`${sample}}`, '384 GiB', '385 GiB').next).toBeUndefined();
  });

  test.each([
    ['at the end of a line', '// policy', '// the policy'],
    ['at its end', '// a drive', '// a drive or two'],
    ['all of it', '// A server.', '//'],
    ['between marks', '/* ports */', '/* ports and slots */'],
    ['over several lines', '/* ports */', '/* ports\n  and slots\r\n  */'],
    ['inside a line', '/* c */', '/* cc */'],
  ])('gives the same tree where a comment is edited, with new statements only around it: %s', (_, from, to) => {
    const text = sample.replace('size 4 GiB', 'size /* c */ 4 GiB');
    const tree = parse(text);
    const before = tree.value.statements;
    const changed = text.replace(from, to);
    const next = reparse(tree, changed, parser, linker);
    const after = next?.value.statements ?? [];
    expect(describeTree(next?.value as PcieFile)).toEqual(describeTree(parse(changed).value));
    expect(after.map((statement, index) => statement === before[index])).toEqual(
      parse(text).value.statements.map(({ $cstNode: cst }) => {
        const at = text.indexOf(from);
        return !((cst?.offset ?? 0) < at && (cst?.end ?? 0) > at);
      }),
    );
    const back = reparse(next as ParseResult<PcieFile>, text, parser, linker);
    expect(describeTree(back?.value as PcieFile)).toEqual(describeTree(parse(text).value));
  });

  test.each([
    ['ends it earlier', '/* ports */', '/* ports */ */'],
    ['ends its line', '// policy', '// pol\nicy'],
    ['takes its mark', '// policy', '/ policy'],
  ])('does not take for a comment what %s', (_, from, to) => {
    const changed = sample.replace(from, to);
    const next = reparse(parse(sample), changed, parser, linker);
    if (next !== undefined) expect(describeTree(next.value)).toEqual(describeTree(parse(changed).value));
  });

  test('keeps the identity of statements that the edit does not touch, and gives the others a new one', () => {
    const tree = parse(sample);
    const [machine, part] = tree.value.statements;
    const next = reparse(tree, sample.replace('384 GiB', '385 GiB'), parser, linker);
    expect(next?.value).not.toBe(tree.value);
    expect(next?.value.statements[0]).not.toBe(machine);
    expect(next?.value.statements[1]).toBe(part);
  });

  const pieces = fc.constantFrom(
    '',
    ' ',
    'x',
    '4',
    'gen4',
    'GiB',
    '\n',
    '\n\n',
    '{',
    '}',
    '"',
    '/',
    '//',
    '/* c */',
    ' // c\n',
    '..',
    '[',
    '(',
    'acs off\n',
    'gpu g',
    'é',
    '\r\n',
  );

  const place = fc.nat(9999).map((number) => number / 10_000);

  test('gives the same tree as parsing the whole, edit after edit', () => {
    let partial = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(place, fc.nat(4), pieces), { maxLength: 6 }), (edits) => {
        partial += editAll(edits);
      }),
      { seed: 20251121, numRuns: 150 },
    );
    // Without it the test would say nothing.
    expect(partial).toBeGreaterThan(25);
  });

  test('with the line ends of Windows', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(place, fc.nat(2), pieces), { maxLength: 4 }), (edits) => {
        editAll(edits, sample.replaceAll('\n', '\r\n'));
      }),
      { seed: 20251121, numRuns: 60 },
    );
  });

  test('answers what people type: letters and digits in a statement', () => {
    const places = [...sample.matchAll(/(?<=[a-z0-9])(?=[\s])/g)].map((found) => found.index);
    const tree = () => parse(sample);
    const answered = places.filter(
      (at) => reparse(tree(), `${sample.slice(0, at)}x${sample.slice(at)}`, parser, linker) !== undefined,
    );
    expect(answered.length / places.length).toBeGreaterThan(0.65);
  });
});
