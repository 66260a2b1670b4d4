import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmptyFileSystem, URI } from 'langium';
import { createPcieServices } from '../../language/module.ts';
import { checkDocument } from '../../language/rules/check.ts';
import { loadCatalogue } from '../../language/services/catalogue.ts';
import { lookupAmong } from '../../simulator/expectations.ts';
import { simulate } from '../../simulator/simulate.ts';
import type { ExpectationResult } from '../../simulator/simulate.types.ts';

/** What became of one incident's file. */
export interface JudgedIncident {
  readonly name: string;
  readonly text: string;
  /** Errors of the text itself. */
  readonly wrong: readonly string[];
  readonly expectations: readonly ExpectationResult[];
}

/** Reads, checks and simulates incidents of this folder, one after the other, with one catalogue. */
export async function judgeIncidents(): Promise<(name: string) => Promise<JudgedIncident>> {
  const { shared, pcie } = createPcieServices(EmptyFileSystem);
  await shared.workspace.DocumentBuilder.build(loadCatalogue(shared), {});
  return async (name) => {
    const uri = URI.parse(`file:///incidents/${name}`);
    const text = readFileSync(join(import.meta.dirname, name), 'utf8');
    const document = shared.workspace.LangiumDocumentFactory.fromString(text, uri);
    shared.workspace.LangiumDocuments.addDocument(document);
    await shared.workspace.DocumentBuilder.build([document], { validation: true });
    const wrong = (document.diagnostics ?? []).filter(
      ({ code }) => /^(language|part|work)\//.test(String(code)) && !text.includes(`expect finding ${code}`),
    );
    const findings = checkDocument(document, { elaborations: pcie.Elaborations, roots: shared.ImportRoots });
    const expectations = pcie.Elaborations.get(document).machines.flatMap(({ machine, work }) =>
      simulate(machine, work, { findings: lookupAmong(findings, machine.name) }).runs.flatMap(
        (run) => run.expectations,
      ),
    );
    return {
      name,
      text,
      wrong: wrong.map(({ message }) => (typeof message === 'string' ? message : message.value)),
      expectations,
    };
  };
}
