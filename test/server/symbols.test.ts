import { beforeAll, describe, expect, test } from 'vitest';
import type { DocumentSymbol } from 'vscode-languageserver';
import { Harness, present } from './harness.ts';

let harness: Harness;
beforeAll(() => {
  harness = new Harness();
});

const text = `part gpu mine { vram 8 GiB }
template quad($gpu) { port p[0..3] gen4 x16 { gpu g[0..3] : $gpu } }
machine m {
  socket cpu0 {
    root-port rp0 gen5 x16 { gpu gpu0 : mine }
  }
}
transfer load from cpu0.memory to gpu0 { size 1 GiB }
transfer from cpu0.memory to gpu0 { size 1 GiB }
scenario step {
  at 0 us transfer second from gpu0 to cpu0.memory { size 1 MiB }
  process train on gpu0 { stream s0 { record done } }
}
`;

function outline(symbols: readonly DocumentSymbol[], depth = 0): string[] {
  return symbols.flatMap((symbol) => [
    `${'  '.repeat(depth)}${symbol.name} — ${symbol.detail}`,
    ...outline(symbol.children ?? [], depth + 1),
  ]);
}

describe('symbols', () => {
  test('the outline is nested as the text is', async () => {
    const opened = await harness.open(text);
    const symbols = await present(harness.pcie.lsp.DocumentSymbolProvider).getSymbols(opened.document, {
      textDocument: { uri: opened.uri },
    });
    expect(outline(symbols)).toEqual([
      'mine — part gpu',
      'quad — template $gpu',
      '  p[0..3] — port gen4 x16',
      '    g[0..3] — gpu $gpu',
      'm — machine',
      '  cpu0 — socket',
      '    rp0 — root-port gen5 x16',
      '      gpu0 — gpu mine',
      'load — transfer from cpu0.memory to gpu0',
      'transfer — from cpu0.memory to gpu0',
      'step — scenario',
      '  second — transfer from gpu0 to cpu0.memory',
      '  train — process',
      '    s0 — stream',
      '      done — event',
    ]);
  });

  test('the selection lies in the whole, and is the name', async () => {
    const opened = await harness.open(text);
    const symbols = await present(harness.pcie.lsp.DocumentSymbolProvider).getSymbols(opened.document, {
      textDocument: { uri: opened.uri },
    });
    const check = (list: readonly DocumentSymbol[]): void => {
      for (const symbol of list) {
        const selection = opened.textOf(symbol.selectionRange);
        expect(opened.textOf(symbol.range)).toContain(selection);
        expect(selection.startsWith(symbol.name.replace(/\[.*/, ''))).toBe(true);
        check(symbol.children ?? []);
      }
    };
    check(symbols);
  });

  test('all files are searched, by parts of names', async () => {
    await harness.open('machine elsewhere { socket far }', 'file:///work/far.pcie');
    const provider = present(harness.shared.lsp.WorkspaceSymbolProvider);
    const found = await provider.getSymbols({ query: 'elsew' });
    expect(found.map((symbol) => symbol.name)).toEqual(['elsewhere']);
    const gpus = await provider.getSymbols({ query: 'gpu0' });
    expect(gpus.map((symbol) => `${symbol.containerName}.${symbol.name}`)).toContain('cpu0.rp0.gpu0');
  });
});
