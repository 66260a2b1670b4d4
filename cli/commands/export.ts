import { writeDot } from '../../formats/dot/write.ts';
import type { Exported } from '../../formats/exported.ts';
import { writeHwloc } from '../../formats/hwloc/write.ts';
import { writeJson } from '../../formats/json/write.ts';
import { dumpOf } from '../../formats/lspci/write-dump.ts';
import { writeMermaid } from '../../formats/mermaid/write.ts';
import { writeNccl } from '../../formats/nccl/write.ts';
import { writeQemuArguments } from '../../formats/qemu/write.ts';
import { writeSvg } from '../../formats/svg/write.ts';
import type { Machine } from '../../model/machine.ts';
import { configurationSpaces } from '../../model/space/spaces.ts';
import { exitCodes, Misuse } from '../exit.ts';
import { load, machineOf } from '../load.ts';
import { print, printJson } from '../output.ts';

export interface ExportOptions {
  readonly machine?: string;
  readonly json?: boolean;
}

/** Every format that a machine can be written in, by its name on the command line. */
const writers: Readonly<Record<string, (machine: Machine) => Exported>> = {
  lspci: (machine) => {
    const spaces = configurationSpaces(machine);
    return { text: dumpOf(spaces, machine), assumptions: spaces.assumptions };
  },
  qemu: (machine) => {
    const { text, notes } = writeQemuArguments(machine);
    return { text, assumptions: notes.map((message) => ({ at: null, field: 'qemu', message })) };
  },
  nccl: writeNccl,
  hwloc: writeHwloc,
  dot: writeDot,
  mermaid: writeMermaid,
  svg: writeSvg,
  json: writeJson,
};

export const exportFormats: readonly string[] = Object.keys(writers);

/** `pcie export FORMAT FILE`: the machine on standard output; what had to be assumed for it on standard error. */
export async function exportMachine(format: string, path: string, options: ExportOptions): Promise<number> {
  const write = Object.hasOwn(writers, format) ? writers[format] : undefined;
  if (write === undefined) {
    throw new Misuse(`There is no format '${format}' to export: ${exportFormats.join(', ')}.`);
  }
  const { machine } = machineOf(await load([path]), options.machine);
  const { text, assumptions } = write(machine);
  const notes = [...new Set(assumptions.map(({ message }) => message))];
  if (options.json === true) printJson({ format, machine: machine.name, text, notes });
  else {
    for (const message of notes) process.stderr.write(`${path}: note: ${message}\n`);
    print(text);
  }
  return exitCodes.done;
}
