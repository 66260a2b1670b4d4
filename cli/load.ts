import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type LangiumDocument, URI } from 'langium';
import { NodeFileSystem } from 'langium/node';
import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver-types';
import type { ElaboratedMachine } from '../language/elaborate/elaborated.ts';
import { isImport, isMachine, isPart, isTemplate, type PcieFile } from '../language/generated/ast.ts';
import { createPcieServices, type PcieServices, type PcieSharedServices } from '../language/module.ts';
import { ruleOf } from '../language/rules/registry.ts';
import { loadCatalogue } from '../language/services/catalogue.ts';
import type { EndpointRef } from '../model/work.ts';
import { BadInput, Misuse, unreadable } from './exit.ts';
import { displayPath } from './output.ts';

export interface Loaded {
  readonly shared: PcieSharedServices;
  readonly pcie: PcieServices;
  readonly documents: readonly LangiumDocument[];
}

export interface LoadOptions {
  /** Whether the check works out costs and runs what expects something. */
  readonly simulates?: boolean;
}

/** Reads files, what they import and the catalogue, and checks them. Throws Misuse for a file that cannot be read. */
export async function load(paths: readonly string[], options: LoadOptions = {}): Promise<Loaded> {
  const { shared, pcie } = createPcieServices(NodeFileSystem);
  const files = paths.map((path) => resolve(path));
  const roots = [process.cwd(), ...files.map((file) => dirname(file))];
  shared.ImportRoots.set(roots.map((root) => URI.parse(pathToFileURL(root).toString())));
  shared.RuleSettings.simulates = options.simulates === true;
  shared.RuleSettings.pageOf = (code) => `docs/rules/${code}.md`;
  const catalogue = loadCatalogue(shared);
  const documents = files.map((file, index) => {
    const uri = URI.parse(pathToFileURL(file).toString());
    const known = shared.workspace.LangiumDocuments.getDocument(uri);
    if (known !== undefined) return known;
    const document = shared.workspace.LangiumDocumentFactory.fromString(read(file, paths[index] ?? file), uri);
    shared.workspace.LangiumDocuments.addDocument(document);
    return document;
  });
  await shared.workspace.DocumentBuilder.build([...catalogue, ...documents], { validation: true });
  return { shared, pcie, documents };
}

function read(file: string, said: string): string {
  try {
    return textOf(readFileSync(file), said);
  } catch (error) {
    throw error instanceof Misuse ? error : unreadable(said, error);
  }
}

/** What the bytes of a text file say. Throws BadInput for what is no text: it would be spoilt when it is written back. */
export function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new BadInput(path, 'This is no text: its bytes are no UTF-8.', 'input/unreadable');
  }
}

/** The machine of a file: the one named, or the first. What is wrong in the file is said on standard error. */
export function machineOf(loaded: Loaded, name: string | undefined): ElaboratedMachine {
  const [found] = machinesOf(loaded, name);
  if (found === undefined) throw noMachine(loaded);
  return found;
}

/** What is said of a file in which there is no machine. */
export function noMachine(loaded: Loaded): BadInput {
  const path = displayPath(loaded.documents[0]?.uri.toString() ?? '');
  return new BadInput(path, 'There is no machine in this file.', 'input/no-machine');
}

/** The machine that is named, or all of a file. What is wrong in the file is said on standard error. */
export function machinesOf(loaded: Loaded, name: string | undefined): readonly ElaboratedMachine[] {
  const [document] = loaded.documents;
  const machines = document === undefined ? [] : loaded.pcie.Elaborations.get(document).machines;
  for (const one of loaded.documents) reportErrors(one);
  if (name === undefined) return machines;
  const found = machines.filter((one) => one.machine.name === name);
  if (found.length > 0) return found;
  if (machines.length === 0) throw noMachine(loaded);
  throw new Misuse(`There is no machine '${name}': ${machines.map((one) => one.machine.name).join(', ')}.`);
}

/** Errors of a file on standard error: what they take away is missing in what follows. */
function reportErrors(document: LangiumDocument): void {
  const path = displayPath(document.uri.toString());
  for (const { range, message, code } of errorsOf(document)) {
    const { line, character } = range.start;
    const text = typeof message === 'string' ? message : message.value;
    process.stderr.write(`${path}:${line + 1}:${character + 1}: error: ${text} (${code})\n`);
  }
}

/** What takes something away, in the order of the text. What the rules think of the machine is said by the check. */
function errorsOf(document: LangiumDocument): Diagnostic[] {
  return (document.diagnostics ?? [])
    .filter(({ severity, code }) => severity === DiagnosticSeverity.Error && !isJudgement(String(code)))
    .sort((a, b) => a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character);
}

/**
 * Whether errors took something away from the work of a file, so that an expectation may not have been judged: of the
 * transfers and scenarios of these names, or of all.
 */
export function hasLostWork(document: LangiumDocument, names: readonly string[]): boolean {
  const { statements } = document.parseResult.value as PcieFile;
  return errorsOf(document).some(({ range }) => {
    const at = document.textDocument.offsetAt(range.start);
    const around = statements.find(({ $cstNode: node }) => node !== undefined && node.offset <= at && at < node.end);
    if (around !== undefined && (isMachine(around) || isPart(around) || isTemplate(around) || isImport(around)))
      return false;
    if (names.length === 0) return true;
    return around !== undefined && 'name' in around && names.includes(String(around.name));
  });
}

/** Whether a rule looks at a machine that is sound as text: those judge, the others say what could not be read. */
function isJudgement(code: string): boolean {
  const rule = ruleOf(code);
  return rule?.checkMachine !== undefined || rule?.checkRun !== undefined;
}

/** What a name on the command line means: a device, or the memory of a socket. */
export function endOf(machine: ElaboratedMachine, name: string): EndpointRef {
  const found = machine.names.lookup(name);
  const [first] = found;
  if (first === undefined) throw new Misuse(`There is nothing called '${name}' in ${machine.machine.name}.`);
  if (found.length > 1) {
    throw new Misuse(
      `'${name}' is the name of ${found.length} things: ${found.map((one) => machine.names.shortest(one.id)).join(', ')}.`,
    );
  }
  const { kind } = machine.machine.components[first.id] ?? { kind: undefined };
  return { component: first.id, memory: first.memory || kind === 'socket' };
}
