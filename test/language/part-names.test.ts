import { EmptyFileSystem, type LangiumDocument, URI } from 'langium';
import { beforeAll, describe, expect, test } from 'vitest';
import { nearestParts } from '../../language/elaborate/part-names.ts';
import { createPcieServices } from '../../language/module.ts';
import { catalogueFiles } from '../../language/parts/catalogue.generated.ts';
import { loadCatalogue } from '../../language/services/catalogue.ts';

const names = catalogueFiles.flatMap(({ parts }) => Object.values(parts).flat());

describe('the part that a name may mean', () => {
  test.each([
    ['h100', ['h100-nvl', 'h100-sxm', 'h100-pcie']],
    ['nvidia-h200', ['h200-nvl', 'h200-sxm']],
    ['a100-pice-80gb', ['a100-pcie-80gb']],
    ['connectx7', ['connectx-7']],
    ['tesla-v100-sxm2-32gb', ['v100-sxm2-32gb']],
    ['intel-xeon-gold-6248', ['xeon-gold-6248']],
    ['rtx-4090-ti', ['rtx-4090']],
    ['9654', ['epyc-9654']],
    ['amd-mi300x', ['mi300x']],
    ['pex8748', ['pex8748']],
    ['no-such-cpu', []],
    ['my-accelerator', []],
  ])('%s', (word, expected) => {
    expect(nearestParts(word, names).slice(0, Math.max(1, expected.length))).toEqual(expected);
  });

  test('is one of the same family before one that is spelled alike', () => {
    const guesses = nearestParts('epyc-9694', ['optic-9694', ...names]);
    expect(guesses.every((name) => name.startsWith('epyc-96'))).toBe(true);
    expect(guesses).toHaveLength(3);
  });
});

describe('a part that nobody declares', () => {
  const { shared } = createPcieServices(EmptyFileSystem);
  let catalogue: LangiumDocument[] = [];
  beforeAll(() => {
    catalogue = loadCatalogue(shared);
  });
  const messageOf = async (text: string): Promise<string | undefined> => {
    const uri = URI.parse('file:///unknown.pcie');
    const document = shared.workspace.LangiumDocumentFactory.fromString(text, uri);
    shared.workspace.LangiumDocuments.addDocument(document);
    await shared.workspace.DocumentBuilder.build([...catalogue, document], { validation: true });
    shared.workspace.LangiumDocuments.deleteDocument(uri);
    return document.diagnostics?.find((one) => one.code === 'part/unknown')?.message.toString();
  };

  test('is taken for one of its kind', async () => {
    const gpu = await messageOf('machine m {\n  socket c {\n    root-port r gen5 x16 { gpu g : gb10-g }\n  }\n}\n');
    expect(gpu).toMatch(/Did you mean gb10-gpu/);
    const cpu = await messageOf('machine m {\n  socket c : gb10-cpu { root-port r gen5 x16 }\n}\n');
    expect(cpu).toMatch(/Did you mean gb10\?/);
  });
  test('is taken for one of the file as well', async () => {
    const text =
      'part gpu my-gpu { link gen5 x16 }\nmachine m {\n  socket c {\n    root-port r gen5 x16 { gpu g : mygpu }\n  }\n}\n';
    expect(await messageOf(text)).toMatch(/Did you mean my-gpu/);
  });
});
