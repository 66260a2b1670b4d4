import { EmptyFileSystem, type LangiumDocument, URI } from 'langium';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { KnownPart } from '../../formats/observed/parts.ts';
import { PartReader } from '../../language/elaborate/parts.ts';
import type { Part, PcieFile, Statement } from '../../language/generated/ast.ts';
import { createPcieServices } from '../../language/module.ts';
import { catalogueFiles } from '../../language/parts/catalogue.generated.ts';
import { partIndexOf } from '../../language/print/part-index.ts';
import { loadCatalogue } from '../../language/services/catalogue.ts';

const { shared, pcie } = createPcieServices(EmptyFileSystem);
let documents: readonly LangiumDocument[] = [];
let known: readonly KnownPart[] = [];
const declared = (): readonly Part[] =>
  documents.flatMap((document) =>
    (document.parseResult.value as PcieFile).statements.filter((one): one is Part => one.$type === 'Part'),
  );

beforeAll(async () => {
  documents = loadCatalogue(shared);
  await shared.workspace.DocumentBuilder.build([...documents], { validation: false });
  const [first] = documents;
  known = first === undefined ? [] : partIndexOf(pcie.Elaborations.environment(first));
});

test('a file of it is parsed when one of its parts is named, and no other', async () => {
  const fresh = createPcieServices(EmptyFileSystem);
  const parse = vi.spyOn(fresh.shared.workspace.LangiumDocumentFactory, 'fromString');
  const uri = URI.parse('file:///one.pcie');
  const text = 'machine m {\n  socket c : epyc-9654 {\n    root-port r gen5 x16 { gpu g : no-such-gpu }\n  }\n}\n';
  const catalogue = loadCatalogue(fresh.shared);
  const document = fresh.shared.workspace.LangiumDocumentFactory.fromString(text, uri);
  fresh.shared.workspace.LangiumDocuments.addDocument(document);
  await fresh.shared.workspace.DocumentBuilder.build([...catalogue, document], { validation: true });
  const [machine] = fresh.pcie.Elaborations.get(document).machines;
  expect(machine?.machine.components[0]?.settings.cores).toBe(96);
  expect(parse.mock.calls.map(([, of]) => of.path)).toEqual(['/one.pcie', '/cpu-amd-epyc-4.pcie']);
});

describe('the catalogue', () => {
  test('is listed as it is declared, every part once', () => {
    const listed = catalogueFiles.flatMap(({ parts }) =>
      Object.entries(parts).flatMap(([kind, names]) => names.map((name) => `${kind} ${name}`)),
    );
    expect([...listed].sort()).toEqual(
      declared()
        .map((part) => `${part.kind} ${part.name}`)
        .sort(),
    );
    expect(new Set(declared().map((part) => part.name)).size).toBe(listed.length);
  });

  test('is listed with its IDs: those of a part stand in its own file, inherited ones as well', () => {
    const idsOf = ({ text }: { readonly text: string }) => [...text.matchAll(/\bid ([0-9a-f]{4}:[0-9a-f]{4})/g)];
    for (const file of catalogueFiles) {
      expect([...file.ids]).toEqual([...new Set(idsOf(file).map(([, id]) => id))].sort());
      const own = Object.values(file.parts).flat();
      const bases = [...file.text.matchAll(/^part \S+ \S+ : (\S+)/gm)].map(([, base]) => base);
      expect(bases.filter((base) => !own.some((name) => name === base))).toEqual([]);
    }
    for (const part of known) {
      const { vendorId, deviceId } = part.settings;
      if (vendorId === undefined || deviceId === undefined) continue;
      const id = [vendorId, deviceId].map((one) => one.toString(16).padStart(4, '0')).join(':');
      expect(part.canHaveId?.(id), part.name).toBe(true);
      expect(part.canHaveId?.('ffff:ffff'), part.name).toBe(false);
    }
  });

  test('has no mistake in its text', () => {
    const [first] = documents;
    const reader = first === undefined ? undefined : new PartReader(pcie.Elaborations.environment(first));
    const wrong = declared().flatMap((part) => {
      const base = part.base?.$refText;
      const problems = (reader?.problemsOf(part) ?? []).map((problem) => `${part.name}: ${problem.message}`);
      const isLost = base !== undefined && !known.some((one) => one.name === base);
      return isLost ? [...problems, `${part.name}: no base ${base}`] : problems;
    });
    const errors = documents.flatMap(({ parseResult }) => [...parseResult.lexerErrors, ...parseResult.parserErrors]);
    expect([...wrong, ...errors.map((error) => error.message)]).toEqual([]);
  });

  test('has every figure under the public source that states it', () => {
    const isSource = (member: Statement) => {
      if (member.$type !== 'Property' || member.key !== 'source') return false;
      const [url, title] = member.values.map((value) => (value.low?.$type === 'Text' ? value.low.text : ''));
      return (url ?? '').startsWith('https://') && (title ?? '') !== '' && member.members.length > 0;
    };
    expect(declared().flatMap((part) => (part.members.every(isSource) ? [] : [part.name]))).toEqual([]);
    expect(known.filter((part) => part.kind !== 'interconnect' && Object.keys(part.settings).length === 0)).toEqual([]);
  });

  test('has IDs of one part of a kind, or of a series from which all that have them inherit', () => {
    const byId = new Map<string, KnownPart[]>();
    for (const part of known) {
      const { vendorId, deviceId } = part.settings;
      if (vendorId === undefined || deviceId === undefined) continue;
      const key = `${part.kind} ${vendorId.toString(16)}:${deviceId.toString(16)}`;
      byId.set(key, [...(byId.get(key) ?? []), part]);
    }
    const shared = [...byId].filter(
      ([, parts]) => !parts.some((one) => parts.every((other) => other.chain.includes(one.name))),
    );
    expect(shared.map(([id, parts]) => `${id}: ${parts.map((part) => part.name).join(', ')}`)).toEqual([]);
  });

  test('has BARs of a power of two', () => {
    const wrong = known.flatMap((part) =>
      part.bars
        .filter(({ bytes }) => bytes < 4 || !Number.isInteger(Math.log2(bytes)))
        .map((bar) => `${part.name}: BAR ${bar.index}`),
    );
    expect(wrong).toEqual([]);
  });

  test('has links that train in a slot as wide and fast as they are', async () => {
    const inSlot = known.filter(
      ({ kind, settings }) =>
        settings.generation !== undefined && !['socket', 'chipset', 'interconnect', 'root-port', 'port'].includes(kind),
    );
    const lines = inSlot.map(
      ({ kind, name }, index) => `    root-port r${index} gen6 x16 { ${kind} d${index} : ${name} }`,
    );
    const uri = URI.parse('file:///slots.pcie');
    const text = `machine m {\n  socket c {\n${lines.join('\n')}\n  }\n}\n`;
    const document = shared.workspace.LangiumDocumentFactory.fromString(text, uri);
    shared.workspace.LangiumDocuments.addDocument(document);
    await shared.workspace.DocumentBuilder.build([document], { validation: false });
    const machine = pcie.Elaborations.get(document).machines[0]?.machine;
    const trained = inSlot.map(({ name }, index) => {
      const component = machine?.components.find(({ label }) => label === `d${index}`);
      const link = machine?.links[machine.linkAbove[component?.id ?? -1] ?? -1];
      return `${name} gen${link?.trained?.generation} x${link?.trained?.lanes}`;
    });
    expect(inSlot.length).toBeGreaterThan(100);
    expect(trained).toEqual(inSlot.map(({ name, settings }) => `${name} gen${settings.generation} x${settings.lanes}`));
  });
});
