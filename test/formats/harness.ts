import { EmptyFileSystem, type LangiumDocument, URI } from 'langium';
import type { PartIndex } from '../../formats/observed/parts.ts';
import { formatText } from '../../language/format.ts';
import { createPcieServices } from '../../language/module.ts';
import { partIndexOf } from '../../language/print/part-index.ts';
import { loadCatalogue } from '../../language/services/catalogue.ts';
import { discoverTopology } from '../../model/discovery/topology.ts';
import type { Machine } from '../../model/machine.ts';

const { shared, pcie } = createPcieServices(EmptyFileSystem);
let catalogue: Promise<readonly LangiumDocument[]> | undefined;

async function catalogueDocuments(): Promise<readonly LangiumDocument[]> {
  catalogue ??= (async () => {
    const documents = loadCatalogue(shared);
    await shared.workspace.DocumentBuilder.build(documents, { validation: false });
    return documents;
  })();
  return catalogue;
}

/** The parts of the catalogue. */
export async function catalogueParts(): Promise<PartIndex> {
  const [document] = await catalogueDocuments();
  return document === undefined ? [] : partIndexOf(pcie.Elaborations.environment(document));
}

let count = 0;

/** A text read to the end: its first machine, its findings, and its text as the formatter would have it. */
export async function readText(text: string): Promise<{
  readonly machine: Machine | undefined;
  readonly errors: readonly string[];
  readonly formatted: string;
}> {
  await catalogueDocuments();
  const uri = URI.parse(`file:///import-${count++}.pcie`);
  const document = shared.workspace.LangiumDocumentFactory.fromString(text, uri);
  shared.workspace.LangiumDocuments.addDocument(document);
  await shared.workspace.DocumentBuilder.build([document], { validation: true });
  const errors = (document.diagnostics ?? [])
    .filter((one) => one.severity === 1)
    .map((one) => `${one.range.start.line + 1}: ${String(one.code)}: ${String(one.message)}`);
  const [elaborated] = pcie.Elaborations.get(document).machines;
  shared.workspace.LangiumDocuments.deleteDocument(uri);
  return {
    machine: elaborated?.machine,
    errors,
    formatted: formatText(text, (source) => pcie.parser.Lexer.tokenize(source)),
  };
}

/** What a machine is, without where it was said and which parts the text gathered it from. */
export function plain(machine: Machine): unknown {
  const nameOf = (id: number) => machine.components[id]?.name ?? null;
  const sorted = <T>(list: readonly T[]) => [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return {
    name: machine.name,
    components: machine.components.map((component) => ({
      name: component.name,
      kind: component.kind,
      parent: component.parent === null ? null : nameOf(component.parent),
      settings: Object.fromEntries(Object.entries(component.settings).sort(([a], [b]) => (a < b ? -1 : 1))),
      acs: component.acs,
      acsCapability: component.acsCapability,
      bars: component.bars,
      sriov: component.sriov,
      functions: component.functions,
    })),
    links: machine.links.map(({ name, trained, capable, limitedBy, maxPayloadBytes }) => ({
      name,
      trained,
      capable,
      limitedBy,
      maxPayloadBytes,
    })),
    linkAbove: machine.linkAbove,
    connections: sorted(
      machine.connections.map(({ from, to, technology, links, bytesPerSecond, latencySeconds }) => ({
        ends: sorted([nameOf(from), nameOf(to)]),
        technology,
        links,
        bytesPerSecond,
        latencySeconds,
      })),
    ),
    linux: machine.linux,
    firmware: machine.firmware,
  };
}

/** Addresses of all functions as discovery numbers them. */
export function addressesOf(machine: Machine): string[] {
  return discoverTopology(machine)
    .functions.map((fn) => fn.address)
    .sort();
}
