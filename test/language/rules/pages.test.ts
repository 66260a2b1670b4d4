import { readdirSync, readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { EmptyFileSystem, URI } from 'langium';
import { describe, expect, it } from 'vitest';
import { createPcieServices } from '../../../language/module.ts';
import { rules } from '../../../language/rules/registry.ts';

const pages = resolve(import.meta.dirname, '../../../docs/rules');
let count = 0;

async function codesIn(text: string): Promise<string[]> {
  const { shared } = createPcieServices(EmptyFileSystem);
  const document = shared.workspace.LangiumDocumentFactory.fromString(text, URI.parse(`file:///page${count++}.pcie`));
  shared.workspace.LangiumDocuments.addDocument(document);
  await shared.workspace.DocumentBuilder.build([document], { validation: true });
  return (document.diagnostics ?? []).map((diagnostic) => String(diagnostic.code));
}

const blocks = (page: string, title: string): string[] =>
  [...(page.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '').matchAll(/```pcie\n([\s\S]*?)```/g)].map(
    (match) => match[1] ?? '',
  );

describe('rule pages', () => {
  it('every rule has a page, a file of its own and an entry in the index, and every page a rule', () => {
    const codes = rules.map((rule) => rule.code).sort();
    const files = (folder: string, ending: string) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
        .map((entry) => relative(folder, resolve(entry.parentPath, entry.name)).slice(0, -ending.length));
    expect(files(pages, '.md').sort()).toEqual(codes);
    const source = resolve(import.meta.dirname, '../../../language/rules');
    expect(
      files(source, '.ts')
        .filter((file) => file.includes('/'))
        .sort(),
    ).toEqual(codes);
    const index = JSON.parse(readFileSync(resolve(pages, 'index.json'), 'utf8')) as { code: string }[];
    expect(index.map((entry) => entry.code)).toEqual(codes);
  });

  for (const rule of rules) {
    const page = readFileSync(resolve(pages, `${rule.code}.md`), 'utf8');
    it(`${rule.code}: the page says what the rule says, and its examples hold`, async () => {
      expect(page).toContain(`# ${rule.code}`);
      expect(page).toContain(rule.title);
      expect(page.toLowerCase()).toContain(`${rule.severity}, layer: ${rule.layer}`);
      for (const text of blocks(page, 'Reported')) expect(await codesIn(text)).toContain(rule.code);
      const silent = blocks(page, 'Not reported');
      expect(silent.length).toBeGreaterThan(0);
      for (const text of silent) expect(await codesIn(text)).not.toContain(rule.code);
    });
  }
});
