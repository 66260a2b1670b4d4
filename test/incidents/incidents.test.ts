import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmptyFileSystem, URI } from 'langium';
import { beforeAll, describe, expect, it } from 'vitest';
import { createPcieServices, type PcieServices, type PcieSharedServices } from '../../language/module.ts';
import { checkDocument } from '../../language/rules/check.ts';
import { loadCatalogue } from '../../language/services/catalogue.ts';
import { lookupAmong } from '../../simulator/expectations.ts';
import { simulate } from '../../simulator/simulate.ts';

/**
 * What engineers reported in public, as machines: each file says what must be told and what must be predicted, in its
 * expectations.
 */
const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.pcie'));

let shared: PcieSharedServices;
let pcie: PcieServices;
beforeAll(async () => {
  ({ shared, pcie } = createPcieServices(EmptyFileSystem));
  await shared.workspace.DocumentBuilder.build(loadCatalogue(shared), {});
});

describe('incidents', () => {
  for (const name of files) {
    it(name, async () => {
      const uri = URI.parse(`file:///incidents/${name}`);
      const text = readFileSync(join(import.meta.dirname, name), 'utf8');
      const document = shared.workspace.LangiumDocumentFactory.fromString(text, uri);
      shared.workspace.LangiumDocuments.addDocument(document);
      await shared.workspace.DocumentBuilder.build([document], { validation: true });
      const wrong = (document.diagnostics ?? []).filter(
        ({ code }) => /^(language|part|work)\//.test(String(code)) && !text.includes(`expect finding ${code}`),
      );
      expect(wrong.map(({ message }) => message)).toEqual([]);
      const findings = checkDocument(document, { elaborations: pcie.Elaborations, roots: shared.ImportRoots });
      let judged = 0;
      for (const { machine, work } of pcie.Elaborations.get(document).machines) {
        const result = simulate(machine, work, { findings: lookupAmong(findings, machine.name) });
        for (const run of result.runs) {
          for (const expectation of run.expectations) {
            judged++;
            expect({ text: expectation.text, message: expectation.message, passed: expectation.passed }).toMatchObject({
              passed: true,
            });
          }
        }
      }
      expect(judged).toBe(text.match(/^\s*expect /gm)?.length);
    });
  }
});
