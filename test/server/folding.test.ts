import { beforeAll, describe, expect, test } from 'vitest';
import { Harness, present } from './harness.ts';

let harness: Harness;
beforeAll(() => {
  harness = new Harness();
});

async function folds(text: string): Promise<string[]> {
  const opened = await harness.open(text);
  const ranges = await present(harness.pcie.lsp.FoldingRangeProvider).getFoldingRanges(opened.document, {
    textDocument: { uri: opened.uri },
  });
  return ranges.map(
    (range) => `${range.startLine}-${range.endLine}${range.kind === undefined ? '' : ` ${range.kind}`}`,
  );
}

describe('folding', () => {
  test('folds blocks of several lines and leaves the closing brace in sight', async () => {
    expect(await folds('machine m {\n  socket c {\n    cores 4\n  }\n  linux { iommu off }\n}')).toEqual([
      '0-4',
      '1-2',
    ]);
  });

  test('folds properties with blocks', async () => {
    expect(await folds('machine m {\n  linux {\n    iommu off\n    mps safe\n  }\n}')).toEqual(['0-4', '1-3']);
  });

  test('folds block comments and runs of line comments, not trailing ones', async () => {
    expect(await folds('// a\n// b\n\n/* c\n d */\nmachine m {} // e\n// f\n')).toEqual(['0-1 comment', '3-4 comment']);
  });

  test('folds imports', async () => {
    expect(await folds('import "a.pcie"\nimport "b.pcie"\n\nmachine m {}\n')).toEqual(['0-1 imports']);
  });

  test('folds what is not closed yet', async () => {
    expect(await folds('machine m {\n  socket c {\n    cores 4\n')).toEqual(['0-2', '1-2']);
  });
});
