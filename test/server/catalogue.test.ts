import { beforeAll, describe, expect, test } from 'vitest';
import { Harness, present } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await new Harness().start();
});

const machine = 'machine m {\n  socket c {\n    root-port r gen5 x16 { gpu g : a100-pcie-80gb }\n  }\n}\n';

describe('the catalogue', () => {
  test('its parts are offered by kind, with their text', async () => {
    const opened = await harness.open(machine.replace('a100-pcie-80gb', '<|>'));
    const list = await present(harness.pcie.lsp.CompletionProvider).getCompletion(opened.document, opened.at());
    const item = list?.items.find((each) => each.label === 'a100-pcie-80gb');
    expect(item?.detail).toBe('part gpu · imported');
    expect(JSON.stringify(item?.documentation)).toContain('part gpu a100-pcie-80gb');
    expect(list?.items.some((each) => each.label.startsWith('pex'))).toBe(false);
  });

  test('a part shows its figures with their sources', async () => {
    const opened = await harness.open(machine.replace('a100-pcie', 'a100-<|>pcie'));
    const hover = await present(harness.pcie.lsp.HoverProvider).getHoverContent(opened.document, opened.at());
    const text = JSON.stringify(hover?.contents);
    expect(text).toContain('· catalogue');
    expect(text).toMatch(/\[1\] <https?:/);
  });

  test('definitions lead into it, renaming stops before it', async () => {
    const opened = await harness.open(machine.replace('a100-pcie', 'a100-<|>pcie'));
    const [link] =
      (await present(harness.pcie.lsp.DefinitionProvider).getDefinition(opened.document, opened.at())) ?? [];
    expect(link?.targetUri).toMatch(/^pcie-catalogue:\//);
    const content = await present(harness.shared.lsp.TextDocumentContentProvider).provideTextDocumentContent(
      { uri: link?.targetUri ?? '' },
      { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) },
    );
    expect(content?.text).toContain('a100-pcie-80gb');
    await expect(async () =>
      present(harness.pcie.lsp.RenameProvider).rename(opened.document, { ...opened.at(), newName: 'x' }),
    ).rejects.toThrow(/belongs to the catalogue/);
  });

  test('words from it are marked as such', async () => {
    const opened = await harness.open(machine);
    const provider = present(harness.pcie.lsp.SemanticTokenProvider);
    const { data } = await provider.semanticHighlight(opened.document, { textDocument: { uri: opened.uri } });
    const isLibrary = 2 ** Object.keys(provider.tokenModifiers).indexOf('defaultLibrary');
    const marked = data.filter((_, index) => index % 5 === 4 && ((data[index] ?? 0) & isLibrary) !== 0);
    expect(marked).toHaveLength(1);
  });
});
