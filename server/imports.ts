import { LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { detectFormat } from '../formats/detect.ts';
import { type ImportedMachine, machineFrom } from '../formats/observed/machine.ts';
import { mergeObserved } from '../formats/observed/merge.ts';
import type { PartIndex } from '../formats/observed/parts.ts';
import { type ObservedMachine, UnreadableInput } from '../formats/observed.ts';
import { utf16Of } from '../formats/plain-text.ts';
import { readCollected } from '../formats/sysfs/collected.ts';
import { readTar } from '../formats/sysfs/tar.ts';
import { machineNameOf, textReaders } from '../formats/text-readers.ts';
import { printMachine } from '../language/print.ts';
import type { DumpSource, ImportedText } from './protocol.ts';

/** What a host adds to a machine: the names of devices that it knows and the machine does not say. */
export type AddNames = (observed: ObservedMachine) => ObservedMachine;

/** Files of one machine, read and merged. Throws a ResponseError that says which file cannot be read and why. */
export async function importDumps(
  sources: readonly DumpSource[],
  parts: PartIndex,
  addNames: AddNames = (observed) => observed,
): Promise<ImportedMachine> {
  const [first] = sources;
  if (first === undefined) throw refusal('There is nothing to import.');
  const observed: ObservedMachine[] = [];
  for (const source of sources) observed.push(await readDump(source));
  const merged = addNames(mergeObserved(observed));
  const imported = made(merged, first.name, parts);
  if (imported.machine.components.length === 0) {
    throw refusal(`${first.name}: there is no machine in it; a matrix or a list needs another source beside it.`);
  }
  return imported;
}

function made(observed: ObservedMachine, file: string, parts: PartIndex): ImportedMachine {
  try {
    return machineFrom(observed, { parts, name: observed.name ?? machineNameOf(file) });
  } catch (error) {
    throw error instanceof UnreadableInput ? refusal(`${file}: ${error.message}`) : error;
  }
}

/** The same as the text that a person would have written. */
export async function importText(
  sources: readonly DumpSource[],
  parts: PartIndex,
  addNames?: AddNames,
): Promise<ImportedText> {
  const imported = await importDumps(sources, parts, addNames);
  const { machine, notes, descriptions } = imported;
  return {
    machine: machine.name,
    text: printMachine(machine, { parts, descriptions }),
    notes: notes.map(({ subject, message }) => (subject === null ? message : `${subject}: ${message}`)),
  };
}

async function readDump({ name, base64 }: DumpSource): Promise<ObservedMachine> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const format = detectFormat(bytes);
  try {
    if (format === 'sysfs') return readCollected(readTar(await unpacked(bytes)));
    return textReaders[format](utf16Of(bytes) ?? new TextDecoder().decode(bytes));
  } catch (error) {
    if (!(error instanceof UnreadableInput)) throw error;
    throw refusal(`${name}${error.line === null ? '' : `:${error.line}`}: ${error.message}`);
  }
}

/** More than an archive of one machine's sysfs has when unpacked. */
const mostBytes = 512 * 1024 * 1024;

async function unpacked(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] === 0x42 && bytes[1] === 0x5a) {
    throw new UnreadableInput('Archives packed by bzip2 are read by the command line only: unpack it first.');
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const packed = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream('gzip'));
  const pieces: Uint8Array[] = [];
  let size = 0;
  const reader = packed.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > mostBytes) throw new UnreadableInput('The archive holds more than a machine says of itself.');
    pieces.push(part.value);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const refusal = (message: string) => new ResponseError(LSPErrorCodes.RequestFailed, message);
