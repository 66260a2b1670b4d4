import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EmptyFileSystem, URI } from 'langium';
import { describe, expect, it } from 'vitest';
import { createPcieServices } from '../../language/module.ts';
import { loadCatalogue } from '../../language/services/catalogue.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/language.md'), 'utf8');
const blocks = [...page.matchAll(/```pcie\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');

describe('docs/language.md', () => {
  it('has examples', () => expect(blocks.length).toBeGreaterThan(10));

  for (const [index, text] of blocks.entries()) {
    const expected = text.includes('read-latency-note') ? ['language/unknown-property'] : [];
    it(`example ${index + 1} has the errors that it is said to have`, async () => {
      const { shared } = createPcieServices(EmptyFileSystem);
      const document = shared.workspace.LangiumDocumentFactory.fromString(
        text,
        URI.parse(`file:///example${index}.pcie`),
      );
      shared.workspace.LangiumDocuments.addDocument(document);
      await shared.workspace.DocumentBuilder.build([...loadCatalogue(shared), document], { validation: true });
      const errors = (document.diagnostics ?? []).filter((diagnostic) => diagnostic.severity === 1);
      expect(errors.map((diagnostic) => diagnostic.code)).toEqual(expected);
    });
  }
});
