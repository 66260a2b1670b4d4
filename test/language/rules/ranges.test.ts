import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmptyFileSystem, URI } from 'langium';
import { expect, it } from 'vitest';
import { createPcieServices } from '../../../language/module.ts';

const root = join(import.meta.dirname, '../../..');

/** What is underlined, by the rule's code. */
async function underlined(text: string): Promise<{ code: string; at: string }[]> {
  const { shared } = createPcieServices(EmptyFileSystem);
  await shared.workspace.WorkspaceManager.initializeWorkspace([]);
  const document = shared.workspace.LangiumDocumentFactory.fromString(text, URI.parse('file:///ranges.pcie'));
  shared.workspace.LangiumDocuments.addDocument(document);
  await shared.workspace.DocumentBuilder.build([document], { validation: true });
  return (document.diagnostics ?? []).map(({ code, range }) => ({
    code: String(code),
    at: document.textDocument.getText(range),
  }));
}

it('what a part says is shown at the name of what is made of it, however long its block is', async () => {
  const text = `machine m {
  socket cpu0 {
    root-port rp0 gen4 x4 {
      nvme fast : pm9a3 {
        trained gen3 x4
        mrrs 512 B
      }
    }
  }
}
`;
  const found = await underlined(text);
  expect(found.find(({ code }) => code === 'device/faster-than-link')?.at).toBe('fast');
});

it('work without a name is shown at its first line, without the brace', async () => {
  const text = `machine m {
  socket cpu0 : xeon-gold-5418y { root-port rp0 gen4 x16 { gpu gpu0 : a100-pcie-80gb } }
  socket cpu1 : xeon-gold-5418y { root-port rp0 gen4 x16 { gpu gpu1 : a100-pcie-80gb } }
}
transfer from gpu0 to gpu1 {
  size 1 GiB
}
`;
  const found = await underlined(text);
  expect(found.map(({ at }) => at)).toContain('transfer from gpu0 to gpu1');
});

it('no finding in the examples and the pages of the rules is longer than a line', async () => {
  const texts = [
    ...readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.pcie'))
      .map((file) => readFileSync(join(root, 'examples', file), 'utf8')),
    ...readdirSync(join(root, 'docs/rules'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) => [
        ...readFileSync(join(root, 'docs/rules', file), 'utf8').matchAll(/```pcie[^\n]*\n(.*?)```/gs),
      ])
      .map(([, block = '']) => block),
  ];
  expect(texts.length).toBeGreaterThan(150);
  const long: string[] = [];
  for (const text of texts) {
    for (const { code, at } of await underlined(text)) if (at.includes('\n')) long.push(`${code}: ${at}`);
  }
  expect(long).toEqual([]);
});
