import { beforeAll, describe, expect, test } from 'vitest';
import type { SelectionRange } from 'vscode-languageserver';
import { selectionRanges } from '../../server/features/selection-ranges.ts';
import { Harness } from './harness.ts';

let harness: Harness;
beforeAll(() => {
  harness = new Harness();
});

async function steps(text: string): Promise<string[]> {
  const opened = await harness.open(text);
  const [range] = selectionRanges(opened.document, [opened.at().position]);
  const texts: string[] = [];
  for (let at: SelectionRange | undefined = range; at !== undefined; at = at.parent)
    texts.push(opened.textOf(at.range).trim());
  return texts;
}

describe('selection ranges', () => {
  test('go from the word to the file', async () => {
    expect(await steps('machine m {\n  socket c {\n    memory 38<|>4 GiB at 460 GB/s\n    cores 4\n  }\n}\n')).toEqual([
      '384',
      '384 GiB',
      'memory 384 GiB at 460 GB/s',
      'memory 384 GiB at 460 GB/s\n    cores 4',
      '{\n    memory 384 GiB at 460 GB/s\n    cores 4\n  }',
      'socket c {\n    memory 384 GiB at 460 GB/s\n    cores 4\n  }',
      'socket c {\n    memory 384 GiB at 460 GB/s\n    cores 4\n  }',
      '{\n  socket c {\n    memory 384 GiB at 460 GB/s\n    cores 4\n  }\n}',
      'machine m {\n  socket c {\n    memory 384 GiB at 460 GB/s\n    cores 4\n  }\n}',
      'machine m {\n  socket c {\n    memory 384 GiB at 460 GB/s\n    cores 4\n  }\n}',
    ]);
  });

  test('each step holds the one before', async () => {
    const opened = await harness.open('machine m {\n  // a <|>comment\n  socket c\n\n<|>\n}\n');
    for (const range of selectionRanges(opened.document, [opened.at(0).position, opened.at(1).position])) {
      for (let at: SelectionRange = range; at.parent !== undefined; at = at.parent) {
        const [inner, outer] = [at.range, at.parent.range].map((each) => [
          opened.document.textDocument.offsetAt(each.start),
          opened.document.textDocument.offsetAt(each.end),
        ]);
        expect(outer?.[0]).toBeLessThanOrEqual(inner?.[0] ?? -1);
        expect(outer?.[1]).toBeGreaterThanOrEqual(inner?.[1] ?? Number.POSITIVE_INFINITY);
      }
    }
  });

  test('answer in an empty file', async () => {
    expect(await steps('<|>')).toEqual(['']);
  });
});
