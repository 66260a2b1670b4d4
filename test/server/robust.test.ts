import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Range } from 'vscode-languageserver';
import { selectionRanges } from '../../server/features/selection-ranges.ts';
import { Harness, type Opened, present } from './harness.ts';

const sample = `import "parts.pcie"
part gpu mine : card { source "https://example.org/a.pdf" { vram 80 GiB } }
template quad($gpu = mine) { port p[0..3] gen4 x16 { gpu gpu[0..3] : $gpu } }
machine m {
  linux { iommu translate }
  socket cpu0 { memory 384 GiB at 460 GB/s
    root-port rp0 gen5 x16 { switch sw0 { link gen5 x16
      use quad($gpu = mine)
    } }
    root-port rp1 gen4 x4 { nvme ssd0 { bar 0 16 KiB 64-bit } }
  }
  override gpu1 gen3 x8
}
transfer load from ssd0 to sw0.gpu2 {
  size 4 GiB
  via p2p
  expect bandwidth of load >= 6 GB/s within 5 %
}
scenario s on m {
  at 5 us transfer from gpu0 to cpu0.memory { size 1 MiB }
  process p on gpu1 { stream a { copy h2d 1 MiB
    record e }
    stream b { wait e } }
}
`;

/** Every feature once, at one place. Collects all ranges that came back. */
async function everything(harness: Harness, opened: Opened, offset: number): Promise<Range[]> {
  const { lsp } = harness.pcie;
  const { document } = opened;
  const position = document.textDocument.positionAt(offset);
  const textDocument = { uri: opened.uri };
  const at = { textDocument, position };
  const whole = { start: { line: 0, character: 0 }, end: document.textDocument.positionAt(opened.text.length) };
  const options = { tabSize: 2, insertSpaces: true };
  const ranges: Range[] = [];
  const take = (range: Range | undefined) => {
    if (range !== undefined) ranges.push(range);
  };
  for (const each of document.diagnostics ?? []) take(each.range);
  take((await present(lsp.HoverProvider).getHoverContent(document, at))?.range);
  for (const item of (await present(lsp.CompletionProvider).getCompletion(document, at))?.items ?? []) {
    take(item.textEdit !== undefined && 'range' in item.textEdit ? item.textEdit.range : undefined);
  }
  for (const link of (await present(lsp.DefinitionProvider).getDefinition(document, at)) ?? [])
    take(link.originSelectionRange);
  for (const each of await present(lsp.ReferencesProvider).findReferences(document, {
    ...at,
    context: { includeDeclaration: true },
  })) {
    if (each.uri === opened.uri) take(each.range);
  }
  for (const each of (await present(lsp.DocumentHighlightProvider).getDocumentHighlight(document, at)) ?? [])
    take(each.range);
  try {
    await present(lsp.RenameProvider).prepareRename(document, at);
    await present(lsp.RenameProvider).rename(document, { ...at, newName: 'other' });
  } catch (error) {
    expect((error as Error).constructor.name).toBe('ResponseError');
  }
  for (const lens of (await present(lsp.CodeLensProvider).provideCodeLens(document, { textDocument })) ?? [])
    take(lens.range);
  for (const hint of (await present(lsp.InlayHintProvider).getInlayHints(document, { textDocument, range: whole })) ??
    []) {
    take({ start: hint.position, end: hint.position });
  }
  await present(lsp.SemanticTokenProvider).semanticHighlight(document, { textDocument });
  await present(lsp.FoldingRangeProvider).getFoldingRanges(document, { textDocument });
  for (const link of await present(lsp.DocumentLinkProvider).getDocumentLinks(document, { textDocument }))
    take(link.range);
  for (const symbol of await present(lsp.DocumentSymbolProvider).getSymbols(document, { textDocument }))
    take(symbol.range);
  for (const item of (await present(lsp.CallHierarchyProvider).prepareCallHierarchy(document, at)) ?? []) {
    if (item.uri === opened.uri) take(item.range);
    await present(lsp.CallHierarchyProvider).incomingCalls({ item });
    await present(lsp.CallHierarchyProvider).outgoingCalls({ item });
  }
  for (const edit of await present(lsp.Formatter).formatDocument(document, { textDocument, options })) take(edit.range);
  await present(lsp.Formatter).formatDocumentOnType(document, { ...at, ch: '\n', options });
  await present(lsp.Formatter).formatDocumentOnType(document, { ...at, ch: '}', options });
  await present(lsp.CodeActionProvider).getCodeActions(document, {
    textDocument,
    range: whole,
    context: { diagnostics: document.diagnostics ?? [] },
  });
  for (const each of selectionRanges(document, [position])) take(each.range);
  harness.shared.Operations.workItems(opened.uri);
  harness.shared.Operations.locate(opened.uri, 'gpu0');
  return ranges;
}

describe('every feature', () => {
  test('answers on broken text, with ranges that lie in it', async () => {
    const harness = new Harness();
    const pieces = fc.constantFrom(
      '',
      ' ',
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      '..',
      ':',
      '"',
      '//',
      '/*',
      '\n',
      '$',
      'x',
      '9',
      'gen9',
      'use ',
      'from ',
      '\u00e9',
      '\ud83d\ude00',
      '.',
    );
    const edits = fc.array(fc.tuple(fc.nat(9999), fc.nat(12), pieces), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(edits, fc.nat(9999), async (changes, place) => {
        let text = sample;
        for (const [at, remove, insert] of changes) {
          const offset = Math.floor((at / 10_000) * text.length);
          text = text.slice(0, offset) + insert + text.slice(offset + remove);
        }
        const opened = await harness.open(text.replaceAll('<|', '< |'), 'file:///work/broken.pcie');
        const offset = Math.floor((place / 10_000) * opened.text.length);
        const { lineCount } = opened.document.textDocument;
        for (const range of await everything(harness, opened, offset)) {
          expect(range.start.line).toBeGreaterThanOrEqual(0);
          expect(range.end.line).toBeLessThanOrEqual(lineCount);
          expect(opened.document.textDocument.offsetAt(range.start)).toBeLessThanOrEqual(
            opened.document.textDocument.offsetAt(range.end),
          );
        }
      }),
      { seed: 20251121, numRuns: 300 },
    );
  }, 600_000);
});
