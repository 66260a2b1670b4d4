import { readLspci } from '../lspci/read.ts';
import { readNvidiaSmi } from '../nvidia-smi/read.ts';
import { mergeObserved } from '../observed/merge.ts';
import { type ObservedMachine, UnreadableInput } from '../observed.ts';
import { readSysfs } from './read.ts';
import { textOfBytes } from './text.ts';

/** What the collector puts beside the files, by what it is called there. */
const programs: readonly (readonly [path: string, read: (text: string) => ObservedMachine])[] = [
  ['programs/lspci-vvv.txt', readLspci],
  ['programs/nvidia-smi-topo.txt', readNvidiaSmi],
];

/**
 * A machine from files of sysfs by path, together with what the collector has from programs beside them: names of devices,
 * NVLink. Output of a program that cannot be read is left out with a note.
 *
 * @throws UnreadableInput where there are no PCI functions in the files
 */
export function readCollected(files: ReadonlyMap<string, Uint8Array>): ObservedMachine {
  const observed = [readSysfs(files)];
  for (const [path, read] of programs) {
    const found = [...files].find(([name]) => name === path || name.endsWith(`/${path}`));
    if (found === undefined || found[1].length === 0) continue;
    try {
      const one = read(textOfBytes(found[1]));
      observed.push({ ...one, notes: one.notes.map(({ message }) => noteOf(`${path}: ${message}`)) });
    } catch (error) {
      if (!(error instanceof UnreadableInput)) throw error;
      const at = error.line === null ? path : `${path}:${error.line}`;
      observed.push({ ...nothing, notes: [noteOf(`${at}: left out: ${error.message}`)] });
    }
  }
  return observed.length === 1 && observed[0] !== undefined ? observed[0] : mergeObserved(observed);
}

const noteOf = (message: string) => ({ line: null, subject: null, message });
const nothing: ObservedMachine = {
  formats: [],
  functions: [],
  nodes: [],
  connections: [],
  distances: [],
  linux: {},
  notes: [],
};
