import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { EmptyFileSystem, TextDocument, URI } from 'langium';
import { expect, it } from 'vitest';
import { createPcieServices } from '../../language/module.ts';
import { loadCatalogue } from '../../language/services/catalogue.ts';

const root = resolve(import.meta.dirname, '../..');

/** Every example of the reference and of the rules' pages, and the shipped machines. */
function samples(): string[] {
  const pages = [join(root, 'docs/language.md')];
  const visit = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) visit(join(folder, entry.name));
      else if (entry.name.endsWith('.md')) pages.push(join(folder, entry.name));
    }
  };
  visit(join(root, 'docs/rules'));
  const blocks = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/```pcie\n([\s\S]*?)```/g)].map((match) => match[1] ?? ''),
  );
  const files = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.pcie'));
  return [...blocks, ...files.map((name) => readFileSync(join(root, 'examples', name), 'utf8'))];
}

const pieces = [
  ...[
    '',
    ' ',
    '\n',
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    '..',
    ':',
    ',',
    '.',
    '"',
    '//',
    '/*',
    '*/',
    '$',
    '$x',
    '=',
    '<',
    '@',
  ],
  ...['gen9', 'gen5', 'x3', 'x16', '0', '-1', '999999999999999999999', '1e9', '4 KiB', '0 B', '100 %', '0x', '00:1f.7'],
  ...['machine m', 'gpu g', 'switch s {', 'use ', 'part p : p', 'from ', 'at 5 us ', 'expect ', 'allow ', 'override '],
  ...['p[0..', 'a[0..99999999]', '[3..1]', '\u00e9', '\ud83d\ude00', '\u0000', '\r\n', '\t', 'import "', 'ö', 'λ'],
];

type Change =
  | { readonly kind: 'splice'; readonly at: number; readonly removed: number; readonly piece: string }
  | { readonly kind: 'repeat' | 'drop'; readonly at: number; readonly lines: number }
  | { readonly kind: 'swap'; readonly at: number; readonly to: number }
  | { readonly kind: 'cut'; readonly at: number };

const place = fc.double({ min: 0, max: 1, noNaN: true });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    kind: fc.constant('splice' as const),
    at: place,
    removed: fc.nat(20),
    piece: fc.constantFrom(...pieces),
  }),
  fc.record({
    kind: fc.constantFrom('repeat' as const, 'drop' as const),
    at: place,
    lines: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({ kind: fc.constant('swap' as const), at: place, to: place }),
  fc.record({ kind: fc.constant('cut' as const), at: place }),
);

function mutate(text: string, changes: readonly Change[]): string {
  let result = text;
  for (const one of changes) {
    if (one.kind === 'splice') {
      const offset = Math.floor(one.at * result.length);
      result = result.slice(0, offset) + one.piece + result.slice(offset + one.removed);
    } else if (one.kind === 'cut') {
      if (one.at > 0.9) result = result.slice(0, Math.floor(one.at * result.length));
    } else {
      const lines = result.split('\n');
      const line = Math.floor(one.at * lines.length);
      if (one.kind === 'swap') lines.splice(Math.floor(one.to * lines.length), 0, ...lines.splice(line, 1));
      else if (one.kind === 'repeat') lines.splice(line, 0, ...lines.slice(line, line + one.lines));
      else lines.splice(line, one.lines);
      result = lines.join('\n');
    }
  }
  return result;
}

it('10,000 mutated files neither crash nor hang, and every diagnostic has its place', async () => {
  const { shared } = createPcieServices(EmptyFileSystem);
  const { LangiumDocuments: documents, LangiumDocumentFactory: factory, DocumentBuilder: builder } = shared.workspace;
  await builder.build(loadCatalogue(shared), {});
  const texts = samples();
  expect(texts.length).toBeGreaterThan(100);
  const uri = URI.parse('file:///work/mutated.pcie');
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...texts),
      fc.array(change, { minLength: 1, maxLength: 5 }),
      async (sample, changes) => {
        const text = mutate(sample, changes);
        const document = factory.fromTextDocument(TextDocument.create(uri.toString(), 'pcie', 1, text), uri);
        documents.addDocument(document);
        try {
          await builder.build([document], { validation: true });
          for (const { range, message } of document.diagnostics ?? []) {
            expect(message).not.toMatch(/defect of PCIe Topology/);
            const start = document.textDocument.offsetAt(range.start);
            const end = document.textDocument.offsetAt(range.end);
            expect(start).toBeLessThanOrEqual(end);
            expect(document.textDocument.positionAt(start)).toEqual(range.start);
            expect(document.textDocument.positionAt(end)).toEqual(range.end);
          }
        } finally {
          documents.deleteDocument(uri);
        }
      },
    ),
    { seed: 20_261_121, numRuns: 10_000 },
  );
}, 900_000);

it('a file of 100,000 lines is answered', async () => {
  const { shared } = createPcieServices(EmptyFileSystem);
  const { LangiumDocuments: documents, LangiumDocumentFactory: factory, DocumentBuilder: builder } = shared.workspace;
  shared.RuleSettings.simulates = false;
  const lines = ['machine m {', '  socket c {'];
  for (let index = 0; lines.length < 99_000; index++) {
    lines.push(
      `    root-port r${index} gen5 x16 {`,
      `      gpu g${index} {`,
      '        link gen5 x16',
      '      }',
      '    }',
    );
  }
  lines.push('  }', '}');
  while (lines.length < 100_000) lines.push('// a comment');
  lines[50_002] = '    root-port wrong gen9 x16 {';
  const uri = URI.parse('file:///work/large.pcie');
  const document = factory.fromTextDocument(TextDocument.create(uri.toString(), 'pcie', 1, lines.join('\n')), uri);
  documents.addDocument(document);
  await builder.build([document], { validation: true });
  const codes = (document.diagnostics ?? []).map(({ code, range }) => [code, range.start.line]);
  expect(codes).toContainEqual(['link/illegal-generation', 50_002]);
}, 300_000);
