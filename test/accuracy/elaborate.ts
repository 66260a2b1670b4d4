import { EmptyFileSystem, URI } from 'langium';
import type { ElaboratedMachine } from '../../language/elaborate/elaborated.ts';
import { createPcieServices } from '../../language/module.ts';
import { loadCatalogue } from '../../language/services/catalogue.ts';
import type { EndpointRef } from '../../model/work.ts';

let services: ReturnType<typeof createPcieServices> | null = null;
let count = 0;
const known = new Map<string, ElaboratedMachine>();

/** The first machine of a text, with the catalogue. Throws where the text has an error: the mapping is wrong then. */
export async function elaborate(text: string): Promise<ElaboratedMachine> {
  const before = known.get(text);
  if (before !== undefined) return before;
  if (services === null) {
    services = createPcieServices(EmptyFileSystem);
    await services.shared.workspace.DocumentBuilder.build(loadCatalogue(services.shared), { validation: false });
  }
  const { shared, pcie } = services;
  const uri = URI.parse(`file:///accuracy/${count++}.pcie`);
  const document = shared.workspace.LangiumDocumentFactory.fromString(text, uri);
  shared.workspace.LangiumDocuments.addDocument(document);
  await shared.workspace.DocumentBuilder.build([document], { validation: true });
  const errors = (document.diagnostics ?? []).filter(({ severity }) => severity === 1);
  const [machine] = pcie.Elaborations.get(document).machines;
  const said = errors.map(({ message }) => (typeof message === 'string' ? message : message.value));
  if (machine === undefined || said.length > 0) throw new Error(`${said.join('; ')}\n${text}`);
  known.set(text, machine);
  return machine;
}

/** A device, or the memory of a socket, by name. */
export function endOf({ machine, names }: ElaboratedMachine, name: string): EndpointRef {
  const [found] = names.lookup(name);
  if (found === undefined) throw new Error(`nothing is called ${name}`);
  return { component: found.id, memory: found.memory || machine.components[found.id]?.kind === 'socket' };
}
