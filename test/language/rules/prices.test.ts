import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EmptyFileSystem, URI } from 'langium';
import { expect, it } from 'vitest';
import { createPcieServices } from '../../../language/module.ts';
import { checkDocument } from '../../../language/rules/check.ts';
import { rules } from '../../../language/rules/registry.ts';
import { withCost } from '../../../language/rules/settle.ts';
import { loadCatalogue } from '../../../language/services/catalogue.ts';
import { priceOf } from '../../../simulator/price.ts';

const root = resolve(import.meta.dirname, '../../..');
/** What a run shows has its figures in the message already. */
const byRuns = ['work/expectation-failed'];
/** Where nothing is lost on the machine of the page: the drive, or the way between the sockets, is not what limits. */
const freeOnItsPage = ['p2p/storage-through-root-complex', 'work/far-cores'];

it.each(rules.filter(({ layer, code }) => layer === 'performance' && !byRuns.includes(code)).map(({ code }) => code))(
  '%s says what it costs, in the message and in the titles of its fixes',
  async (code) => {
    const page = readFileSync(join(root, 'docs/rules', `${code}.md`), 'utf8');
    const [, text = ''] = /```pcie[^\n]*\n(.*?)```/s.exec(page) ?? [];
    const { shared, pcie } = createPcieServices(EmptyFileSystem);
    await shared.workspace.DocumentBuilder.build(loadCatalogue(shared), { validation: false });
    const document = shared.workspace.LangiumDocumentFactory.fromString(text, URI.parse('file:///priced.pcie'));
    shared.workspace.LangiumDocuments.addDocument(document);
    await shared.workspace.DocumentBuilder.build([document], { validation: false });
    const services = { elaborations: pcie.Elaborations, roots: shared.ImportRoots };
    const found = checkDocument(document, services).filter((finding) => finding.code === code);
    expect(found.length).toBeGreaterThan(0);
    for (const finding of found) {
      if (finding.cost === undefined) expect(finding.price).not.toBeNull();
      const cost = finding.price === null ? finding.cost : priceOf(finding.price.machine, finding.price.request);
      if (freeOnItsPage.includes(code)) {
        expect(cost).toBeUndefined();
        continue;
      }
      expect(cost).toBeDefined();
      if (cost == null || finding.price === null) continue;
      const settled = withCost(finding, cost);
      expect(settled.message).toContain(cost.what);
      for (const { title } of settled.fixes) expect(title).toContain(cost.what);
    }
  },
);
