import { TextDocument } from 'langium';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TextEdit } from 'vscode-languageserver';
import { Harness, type Opened, present } from './harness.ts';

let harness: Harness;
beforeAll(() => {
  harness = new Harness();
});
const options = { tabSize: 8, insertSpaces: false };
const formatter = () => present(harness.pcie.lsp.Formatter);
const apply = (opened: Opened, edits: TextEdit[]) => TextDocument.applyEdits(opened.document.textDocument, edits);

async function onType(marked: string, ch: string): Promise<string> {
  const opened = await harness.open(marked);
  const edits = await formatter().formatDocumentOnType(opened.document, { ...opened.at(), ch, options });
  return apply(opened, edits);
}

describe('formatting', () => {
  test('formats the whole file, whatever the editor says of tabs', async () => {
    const opened = await harness.open('machine  m{\n\tsocket   c\n}');
    const edits = await formatter().formatDocument(opened.document, { textDocument: { uri: opened.uri }, options });
    expect(apply(opened, edits)).toBe('machine m {\n  socket c\n}\n');
  });

  test('formats the lines of a range and no others', async () => {
    const opened = await harness.open('machine  m {\n<|\tsocket   c {\n cores   4\n|>\t}\n}\n');
    const edits = await formatter().formatDocumentRange(opened.document, {
      textDocument: { uri: opened.uri },
      range: opened.range(),
      options,
    });
    expect(apply(opened, edits)).toBe('machine  m {\n  socket c {\n    cores 4\n\t}\n}\n');
  });

  test('formats a block when it is closed', async () => {
    expect(await onType('machine  m {\n    socket   c {\n cores   4\n  }<|>\n}\n', '}')).toBe(
      'machine  m {\n  socket c {\n    cores 4\n  }\n}\n',
    );
  });

  test('formats the line that was finished, and keeps the new empty one', async () => {
    expect(await onType('machine  m {\n    socket   c\n<|>\n}\n', '\n')).toBe(
      'machine  m {\n  socket c\n\n}\n'.replace('  socket', '    socket'),
    );
  });

  test('formats a file with errors as far as it is sound', async () => {
    const opened = await harness.open('machine  a { ~~ }\nmachine   b   {\n');
    const edits = await formatter().formatDocument(opened.document, { textDocument: { uri: opened.uri }, options });
    expect(apply(opened, edits)).toBe('machine a { ~~ }\nmachine   b   {\n');
  });
});
