import { describe, expect, test } from 'vitest';
import { Harness, present } from './harness.ts';

async function links(text: string, docs: string | null = 'https://example.org/docs/rules/'): Promise<string[]> {
  const harness = new Harness();
  harness.shared.RulePages.set(docs);
  const opened = await harness.open(text, 'file:///work/machines/a.pcie');
  const found = await present(harness.pcie.lsp.DocumentLinkProvider).getDocumentLinks(opened.document, {
    textDocument: { uri: opened.uri },
  });
  return found.map((link) => `${opened.textOf(link.range)} -> ${link.target}`);
}

describe('document links', () => {
  test('imports lead to files', async () => {
    expect(await links('import "parts.pcie"\nimport "sub/more.pcie"')).toEqual([
      'parts.pcie -> file:///work/machines/parts.pcie',
      'sub/more.pcie -> file:///work/machines/sub/more.pcie',
    ]);
  });

  test('imports that may not be read lead nowhere', async () => {
    expect(
      await links(
        'import "../../etc/passwd.pcie"\nimport "https://x.org/a.pcie"\nimport "a.txt"\nimport "/etc/a.pcie"',
      ),
    ).toEqual([]);
  });

  test('sources lead to the web, and nothing else does', async () => {
    expect(
      await links(
        'part gpu g {\n  source "https://vendor.com/a.pdf, page 4" { vram 8 GiB }\n  source "file:///etc/passwd" {}\n}',
      ),
    ).toEqual(['https://vendor.com/a.pdf -> https://vendor.com/a.pdf']);
  });

  test('rules lead to their pages, where there are pages', async () => {
    const text = 'machine m {\n  allow p2p/acs-redirect "known"\n  expect no finding link/trained-below\n}';
    expect(await links(text)).toEqual([
      'p2p/acs-redirect -> https://example.org/docs/rules/p2p/acs-redirect.md',
      'link/trained-below -> https://example.org/docs/rules/link/trained-below.md',
    ]);
    expect(await links(text, null)).toEqual([]);
  });
});
