import { existsSync, readFileSync, statSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { EmptyFileSystem } from 'langium';
import { detectFormat, importFormats } from '../../formats/detect.ts';
import { type ImportedMachine, machineFrom } from '../../formats/observed/machine.ts';
import { mergeObserved } from '../../formats/observed/merge.ts';
import type { PartIndex } from '../../formats/observed/parts.ts';
import { type ObservedMachine, type ObservedNote, UnreadableInput } from '../../formats/observed.ts';
import { utf16Of } from '../../formats/plain-text.ts';
import { readCollected } from '../../formats/sysfs/collected.ts';
import { machineNameOf, textReaders } from '../../formats/text-readers.ts';
import { createPcieServices } from '../../language/module.ts';
import { partIndexOf } from '../../language/print/part-index.ts';
import { printMachine } from '../../language/print.ts';
import { loadCatalogue } from '../../language/services/catalogue.ts';
import { withSystemNames } from '../../server/pci-ids.node.ts';
import { BadInput, exitCodes, Misuse, unreadable } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { readTree } from '../unpack.ts';

export interface ImportCommandOptions {
  readonly name?: string;
  readonly json?: boolean;
}

/**
 * `pcie import FORMAT FILE [FORMAT FILE…]`: one machine, as text on standard output; notes on standard error. A file without
 * a format in front is what its first bytes say.
 */
export async function importMachine(words: readonly string[], options: ImportCommandOptions): Promise<number> {
  const sources = sourcesOf(words).map(({ format, path }) => ({ path, observed: readOne(format, path) }));
  const observed = withSystemNames(mergeObserved(sources.map((source) => source.observed)));
  const parts = await catalogueParts();
  const [first] = sources;
  const name = options.name ?? observed.name ?? machineNameOf(first?.path ?? '');
  const imported = orBadInput(first?.path ?? '', () => machineFrom(observed, { parts, name }));
  if (imported.machine.components.length === 0) {
    throw new BadInput(
      first?.path ?? '',
      'There is no machine in it; a matrix or a list needs another source beside it.',
      'input/no-machine',
    );
  }
  const notes = sources.flatMap(({ path, observed: one }) => one.notes.map((note) => ({ path, ...note })));
  const said = new Set(notes.map((note) => note.message));
  for (const note of imported.notes) if (!said.has(note.message)) notes.push({ path: first?.path ?? '', ...note });
  const text = printImported(imported, parts);
  if (options.json === true) printJson({ machine: imported.machine.name, text, notes });
  else {
    for (const { path, ...note } of notes) writeNote(path, note);
    print(text);
  }
  return exitCodes.done;
}

/** Formats and files as they were given. Throws Misuse for words that are neither. */
function sourcesOf(words: readonly string[]): { readonly format: string; readonly path: string }[] {
  const sources: { readonly format: string; readonly path: string }[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const next = words[at + 1];
    const isFormat = importFormats.some((format) => format === word);
    if (isFormat && next !== undefined) {
      sources.push({ format: word, path: next });
      at++;
    } else if (existsSync(word)) sources.push({ format: formatOf(word), path: word });
    else if (!isFormat && next === undefined)
      throw new BadInput(word, 'The file cannot be read: there is no such file.', 'input/unreadable');
    else if (isFormat || next === undefined || !existsSync(next)) {
      throw new Misuse(
        'import takes pairs of a format and a file: pcie import lspci lspci.txt sysfs sys.tar; a file alone is what it looks like.',
      );
    } else throw new Misuse(`There is no format '${word}' to import: ${importFormats.join(', ')}.`);
  }
  if (sources.length === 0) {
    throw new Misuse('import takes pairs of a format and a file: pcie import lspci lspci.txt sysfs sys.tar');
  }
  return sources;
}

/** The format of a dump: a folder is a copy of sysfs, a file tells by its first bytes. */
export function formatOf(path: string): string {
  if (statSync(path).isDirectory()) return 'sysfs';
  const bytes = readFileSync(path);
  return detectFormat(isPacked(bytes) ? headOf(bytes) : bytes);
}

const isPacked = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** The first bytes of what is packed; of something broken, the bytes themselves. */
function headOf(bytes: Uint8Array): Uint8Array {
  const few = { maxOutputLength: 64 * 2 ** 20, finishFlush: constants.Z_SYNC_FLUSH };
  try {
    return gunzipSync(bytes.subarray(0, 65_536), few);
  } catch {
    return bytes;
  }
}

/** What reads a file, with the file's name in the error where it cannot be read. */
export function orBadInput<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreadableInput) throw new BadInput(path, error.message, 'input/malformed', error.line ?? 1);
    throw error;
  }
}

function printImported(imported: ImportedMachine, parts: PartIndex): string {
  return printMachine(imported.machine, { parts, descriptions: imported.descriptions });
}

/** Reads one file of a format. Throws Misuse for a format or a file that cannot be read. */
export function readOne(format: string, path: string): ObservedMachine {
  const known = importFormats.find((one) => one === format);
  if (known === undefined) {
    throw new Misuse(`There is no format '${format}' to import: ${importFormats.join(', ')}.`);
  }
  return orBadInput(path, () => (known === 'sysfs' ? readCollected(readTree(path)) : textReaders[known](textOf(path))));
}

/** More than any listing of a machine has: what lies above is refused before it is read. */
const mostBytes = 128 * 2 ** 20;

function textOf(path: string): string {
  try {
    const about = statSync(path);
    if (about.isDirectory()) throw new BadInput(path, 'It is a folder; this format is one file.', 'input/unreadable');
    if (about.size > mostBytes) {
      throw new BadInput(
        path,
        `It has ${Math.round(about.size / 1e6)} MB; a listing of one machine has at most ${Math.round(mostBytes / 1e6)} MB.`,
        'input/unreadable',
      );
    }
    const bytes = readFileSync(path);
    if (bytes.length === 0) throw new UnreadableInput('It is empty.');
    const plain = isPacked(bytes) ? unpackedText(bytes) : bytes;
    return utf16Of(plain) ?? plain.toString('utf8');
  } catch (error) {
    if (error instanceof Misuse || error instanceof UnreadableInput) throw error;
    throw unreadable(path, error);
  }
}

function unpackedText(bytes: Uint8Array): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: mostBytes });
  } catch (error) {
    throw new UnreadableInput(`It cannot be unpacked: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function writeNote(path: string, note: ObservedNote): void {
  const at = note.line === null ? path : `${path}:${note.line}`;
  const subject = note.subject === null ? '' : `${note.subject}: `;
  process.stderr.write(`${at}: note: ${subject}${note.message}\n`);
}

let catalogue: Promise<PartIndex> | undefined;

/** The parts of the catalogue, read once however many machines are imported. */
export function catalogueParts(): Promise<PartIndex> {
  catalogue ??= (async () => {
    const { shared, pcie } = createPcieServices(EmptyFileSystem);
    const documents = loadCatalogue(shared);
    await shared.workspace.DocumentBuilder.build(documents, { validation: false });
    const [document] = documents;
    return document === undefined ? [] : partIndexOf(pcie.Elaborations.environment(document));
  })();
  return catalogue;
}
