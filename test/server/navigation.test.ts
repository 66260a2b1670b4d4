import { TextDocument } from 'langium';
import { beforeEach, describe, expect, test } from 'vitest';
import type { TextEdit } from 'vscode-languageserver';
import { Harness, type Opened, present } from './harness.ts';

let harness: Harness;
beforeEach(() => {
  harness = new Harness();
});

const where = (opened: Opened, range: { start: { line: number; character: number } }) =>
  opened.document.textDocument.offsetAt(range.start);

async function definition(opened: Opened, cursor = 0): Promise<string[]> {
  const provider = present(harness.pcie.lsp.DefinitionProvider);
  const links = (await provider.getDefinition(opened.document, opened.at(cursor))) ?? [];
  return links.map(
    (link) =>
      `${link.targetUri.split('/').at(-1)}@${link.targetSelectionRange.start.line}:${link.targetSelectionRange.start.character}`,
  );
}

async function references(opened: Opened, cursor = 0): Promise<string[]> {
  const provider = present(harness.pcie.lsp.ReferencesProvider);
  const found = await provider.findReferences(opened.document, {
    ...opened.at(cursor),
    context: { includeDeclaration: true },
  });
  return found.map(
    (location) => `${location.uri.split('/').at(-1)}@${location.range.start.line}:${location.range.start.character}`,
  );
}

/** The text of every file after a rename, by file name. */
async function rename(opened: Opened, newName: string, cursor = 0): Promise<Record<string, string>> {
  const provider = present(harness.pcie.lsp.RenameProvider);
  const edit = await provider.rename(opened.document, { ...opened.at(cursor), newName });
  const texts: Record<string, string> = {};
  for (const [uri, edits] of Object.entries(edit?.changes ?? {})) {
    const document = present(harness.shared.workspace.LangiumDocuments.all.find((each) => each.uri.toString() === uri));
    texts[uri.split('/').at(-1) ?? uri] = TextDocument.applyEdits(document.textDocument, edits as TextEdit[]);
  }
  return texts;
}

const machine = `machine m {
  socket cpu0 {
    root-port rp0 gen5 x16 {
      switch sw0 {
        port p[0..1] gen4 x16 { gpu gpu[2..3] }
        port p2 gen4 x4 { nvme ssd0 }
      }
    }
  }
}
`;

describe('definition', () => {
  test('every segment of a name leads to what it names', async () => {
    const opened = await harness.open(
      `${machine}transfer t from cpu<|>0.rp<|>0.sw0.p2.ss<|>d0 to gpu<|>3 { size 1 GiB }`,
      'file:///work/a.pcie',
    );
    expect(await definition(opened, 0)).toEqual(['a.pcie@1:9']);
    expect(await definition(opened, 1)).toEqual(['a.pcie@2:14']);
    expect(await definition(opened, 2)).toEqual(['a.pcie@5:31']);
    expect(await definition(opened, 3)).toEqual(['a.pcie@4:36']);
  });

  test('segments may be left out; memory is no place of its own', async () => {
    const opened = await harness.open(
      `${machine}transfer t from sw<|>0.gpu2 to cpu<|>0.mem<|>ory { size 1 GiB }`,
      'file:///work/b.pcie',
    );
    expect(await definition(opened, 0)).toEqual(['b.pcie@3:13']);
    expect(await definition(opened, 1)).toEqual(['b.pcie@1:9']);
    expect(await definition(opened, 2)).toEqual([]);
  });

  test('ranges lead to their array', async () => {
    const opened = await harness.open(
      `${machine}scenario s { collective c over gpu<|>[2..3] { size 1 GiB } }`,
      'file:///work/c.pcie',
    );
    expect(await definition(opened)).toEqual(['c.pcie@4:36']);
  });

  test('parts, templates, parameters, events, work, machines, imports', async () => {
    const opened = await harness.open(
      [
        'part gpu base {}',
        'part gpu mine : ba<|>se {}',
        'template t($g) { gpu x : $<|>g }',
        'machine m { socket c { root-port r { use <|>t($<|>g = mine) } } }',
        'transfer load from c.memory to x { size 1 GiB }',
        'scenario s on <|>m { process p on x { stream a { record done }',
        ' stream b { wait do<|>ne } }',
        ' transfer u from x to c.memory { size 1 B }',
        ' expect bandwidth of lo<|>ad >= 1 GB/s }',
      ].join('\n'),
      'file:///work/d.pcie',
    );
    expect(await definition(opened, 0)).toEqual(['d.pcie@0:9']);
    expect(await definition(opened, 1)).toEqual(['d.pcie@2:11']);
    expect(await definition(opened, 2)).toEqual(['d.pcie@2:9']);
    expect(await definition(opened, 3)).toEqual(['d.pcie@2:11']);
    expect(await definition(opened, 4)).toEqual(['d.pcie@3:8']);
    expect(await definition(opened, 5)).toEqual(['d.pcie@5:53']);
    expect(await definition(opened, 6)).toEqual(['d.pcie@4:9']);
  });

  test('leads into imported files, and to the files themselves', async () => {
    await harness.open('part gpu far {}', 'file:///work/parts.pcie');
    const opened = await harness.open(
      'import "par<|>ts.pcie"\nmachine m { socket c { root-port r { gpu g : fa<|>r } } }',
      'file:///work/e.pcie',
    );
    expect(await definition(opened, 0)).toEqual(['parts.pcie@0:0']);
    expect(await definition(opened, 1)).toEqual(['parts.pcie@0:9']);
  });

  test('the type of a component is its part', async () => {
    const opened = await harness.open(
      'part gpu mine {}\nmachine m { socket c { root-port r { gpu g : mine } } }\ntransfer t from <|>g to c.memory { size 1 B }',
    );
    const [link] = (await present(harness.pcie.lsp.TypeProvider).getTypeDefinition(opened.document, opened.at())) ?? [];
    expect(link?.targetSelectionRange.start).toEqual({ line: 0, character: 9 });
  });

  test('words that name nothing lead nowhere', async () => {
    const opened = await harness.open('mach<|>ine m { socket c { memory <|>1 GiB } }');
    expect(await definition(opened, 0)).toEqual([]);
    expect(await definition(opened, 1)).toEqual([]);
  });
});

describe('references', () => {
  test('of an array: its elements, its ranges, in any spelling', async () => {
    const opened = await harness.open(
      `${machine}transfer a from gpu2 to sw0.p1.gpu<|>3 { size 1 GiB }\nscenario s { collective c over gpu[2..3] { size 1 GiB } }\ntransfer b from ssd0 to gpu2 {\n size 1 B\n expect bottleneck gpu2\n}`,
      'file:///work/f.pcie',
    );
    expect(await references(opened)).toEqual([
      'f.pcie@4:36',
      'f.pcie@10:16',
      'f.pcie@10:31',
      'f.pcie@11:31',
      'f.pcie@12:24',
      'f.pcie@14:19',
    ]);
  });

  test('of what stands in the middle of names', async () => {
    const opened = await harness.open(
      `${machine}transfer a from sw<|>0.gpu2 to rp0.sw0.ssd0 { size 1 GiB }`,
      'file:///work/g.pcie',
    );
    expect(await references(opened)).toEqual(['g.pcie@3:13', 'g.pcie@10:16', 'g.pcie@10:32']);
  });

  test('of a part in every file that uses it', async () => {
    const parts = await harness.open('part gpu fa<|>r {}\npart gpu more : far {}', 'file:///work/parts.pcie');
    await harness.open(
      'import "parts.pcie"\nmachine m { socket c { root-port r { gpu g : far } } }',
      'file:///work/h.pcie',
    );
    expect(await references(parts)).toEqual(['h.pcie@1:45', 'parts.pcie@0:9', 'parts.pcie@1:16']);
  });

  test('highlights stay in the file and tell the declaration apart', async () => {
    const opened = await harness.open(`${machine}transfer a from gpu<|>2 to ssd0 { size 1 GiB }`);
    const provider = present(harness.pcie.lsp.DocumentHighlightProvider);
    const found = (await provider.getDocumentHighlight(opened.document, opened.at())) ?? [];
    expect(found.map((each) => `${opened.textOf(each.range)} ${each.kind}`)).toEqual(['gpu 3', 'gpu2 2']);
    expect(where(opened, present(found[0]).range)).toBe(opened.text.indexOf('gpu[2..3]'));
  });
});

describe('rename', () => {
  test('renames an array with all its elements', async () => {
    const text = `${machine}transfer a from gpu<|>2 to sw0.gpu3 { size 1 GiB }\nscenario s { collective c over gpu[2..3] { size 1 GiB } }\n`;
    const opened = await harness.open(text, 'file:///work/i.pcie');
    const renamed = await rename(opened, 'card');
    expect(renamed['i.pcie']).toBe(
      opened.text.replaceAll('gpu[', 'card[').replace('gpu2', 'card2').replace('gpu3', 'card3'),
    );
    expect((await rename(opened, 'card2'))['i.pcie']).toBe(renamed['i.pcie']);
  });

  test('offers the name of the array', async () => {
    const opened = await harness.open(`${machine}transfer a from gpu<|>2 to ssd0 { size 1 GiB }`);
    const prepared = await present(harness.pcie.lsp.RenameProvider).prepareRename(opened.document, opened.at());
    expect(prepared).toMatchObject({ placeholder: 'gpu' });
  });

  test('renames a component from its declaration, in the middle of names as well', async () => {
    const opened = await harness.open(
      `${machine.replace('switch sw0', 'switch sw<|>0')}transfer a from sw0.gpu2 to rp0.sw0.ssd0 { size 1 GiB }`,
      'file:///work/j.pcie',
    );
    expect((await rename(opened, 'fabric'))['j.pcie']).toBe(opened.text.replaceAll('sw0', 'fabric'));
  });

  test('renames parts across files', async () => {
    const parts = await harness.open('part gpu fa<|>r {}', 'file:///work/parts.pcie');
    const user = await harness.open('import "parts.pcie"\npart gpu b : far {}', 'file:///work/k.pcie');
    expect(await rename(parts, 'near')).toEqual({
      'parts.pcie': 'part gpu near {}',
      'k.pcie': user.text.replace('far', 'near'),
    });
  });

  test('renames parameters, and named arguments with them', async () => {
    const opened = await harness.open(
      'template t($<|>g) { gpu x : $g }\nmachine m { socket c { root-port r { use t($g = a) } } }',
      'file:///work/l.pcie',
    );
    expect((await rename(opened, '$gpu'))['l.pcie']).toBe(opened.text.replaceAll('$g', '$gpu'));
  });

  test('refuses what is no name, is taken, or belongs to the catalogue', async () => {
    const opened = await harness.open(
      machine.replace('port p2', 'port p<|>2').replace('switch sw0 {', 'switch sw0 {\n port taken gen3 x1'),
    );
    for (const name of ['from', '1', 'a b', 'taken', ''])
      await expect(async () => rename(opened, name), name).rejects.toThrow();
  });
});
