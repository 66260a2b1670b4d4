import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EmptyFileSystem, URI } from 'langium';
import { beforeAll, describe, expect, it } from 'vitest';
import { createPcieServices, type PcieServices, type PcieSharedServices } from '../../language/module.ts';
import { checkDocument } from '../../language/rules/check.ts';
import { loadCatalogue } from '../../language/services/catalogue.ts';
import { lookupAmong } from '../../simulator/expectations.ts';
import { simulate } from '../../simulator/simulate.ts';
import { figuresOf, simulatedFigures, tolerance } from './figures.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = resolve(root, 'examples/lecture');
const files = readdirSync(folder).filter((name) => name.endsWith('.pcie'));
const page = readFileSync(resolve(root, 'docs/lecture.md'), 'utf8');

let shared: PcieSharedServices;
let pcie: PcieServices;
beforeAll(async () => {
  ({ shared, pcie } = createPcieServices(EmptyFileSystem));
  await shared.workspace.DocumentBuilder.build(loadCatalogue(shared), {});
});

describe('the examples of the lecture', () => {
  it.each(files)('%s', async (name) => {
    const text = readFileSync(resolve(folder, name), 'utf8');
    const uri = URI.parse(`file:///lecture/${name}`);
    const document = shared.workspace.LangiumDocumentFactory.fromString(text, uri);
    shared.workspace.LangiumDocuments.addDocument(document);
    await shared.workspace.DocumentBuilder.build([document], { validation: true });
    // Errors that the file shows on purpose stand in its expectations.
    const awaited = new Set([...text.matchAll(/^\s*expect finding (\S+)/gm)].map(([, code]) => code));
    const wrong = (document.diagnostics ?? []).filter(
      ({ code, severity }) =>
        !awaited.has(String(code)) && (severity === 1 || /^(language|part|work)\//.test(String(code))),
    );
    expect(wrong.map(({ message }) => message)).toEqual([]);

    const findings = checkDocument(document, { elaborations: pcie.Elaborations, roots: shared.ImportRoots });
    const errors = findings.filter(({ severity, code }) => severity === 'error' && !awaited.has(code));
    expect(errors.map(({ code, message }) => `${code}: ${message}`)).toEqual([]);

    let judged = 0;
    const known: number[] = [];
    for (const { machine, work } of pcie.Elaborations.get(document).machines) {
      const { runs } = simulate(machine, work, { findings: lookupAmong(findings, machine.name) });
      for (const run of runs) {
        known.push(...figuresOf(run));
        expect(run.notSimulated).toEqual([]);
        judged += run.expectations.length;
        const failed = run.expectations.filter(({ passed }) => !passed);
        expect(failed.map((one) => `${run.name}: ${one.text}: ${one.message}`)).toEqual([]);
      }
    }
    // What stands in the column of simulated figures is what the runs say.
    const stale = simulatedFigures(text).filter(
      ({ value }) => !known.some((one) => Math.abs(one - value) <= tolerance * value),
    );
    expect(stale.map((one) => one.text)).toEqual([]);
    const stated = text.match(/^\s*expect /gm)?.length ?? 0;
    expect(stated).toBeGreaterThan(0);
    expect(judged).toBe(stated);
  });
});

describe('docs/lecture.md', () => {
  it('links every example of the lecture', () => {
    const linked = [...page.matchAll(/\]\(\.\.\/examples\/lecture\/([^)]+)\)/g)].map(([, name]) => name);
    expect([...new Set(linked)].sort()).toEqual([...files].sort());
  });

  it('links only what exists', () => {
    const links = [...page.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, path]) => path ?? '');
    expect(links.filter((path) => !existsSync(resolve(root, 'docs', path)))).toEqual([]);
  });
});
