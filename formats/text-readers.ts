import type { ImportFormat } from './detect.ts';
import { readHwloc } from './hwloc/read.ts';
import { readLspci } from './lspci/read.ts';
import { readNccl } from './nccl/read.ts';
import { readNvidiaSmi } from './nvidia-smi/read.ts';
import { mergeObserved } from './observed/merge.ts';
import type { ObservedMachine } from './observed.ts';
import { plainText } from './plain-text.ts';
import { readQemu } from './qemu/read.ts';
import { readUdevadm } from './udevadm/read.ts';

type TextFormat = Exclude<ImportFormat, 'sysfs'>;

const readers: Readonly<Record<TextFormat, (text: string) => ObservedMachine>> = {
  lspci: (text) => (hasMatrix(text) ? mergeObserved([readLspci(text), readNvidiaSmi(text)]) : readLspci(text)),
  hwloc: readHwloc,
  nccl: readNccl,
  udevadm: readUdevadm,
  'nvidia-smi': readNvidiaSmi,
  qemu: readQemu,
};
const reader = (format: TextFormat) => (text: string) => readers[format](plainText(text));

/**
 * The readers of every format that is one text; sysfs is a tree of files, which its host unpacks. What terminals and loggers
 * put around a line is taken off first.
 */
export const textReaders: Readonly<Record<TextFormat, (text: string) => ObservedMachine>> = {
  lspci: reader('lspci'),
  hwloc: reader('hwloc'),
  nccl: reader('nccl'),
  udevadm: reader('udevadm'),
  'nvidia-smi': reader('nvidia-smi'),
  qemu: reader('qemu'),
};

/** Whether the matrix of `nvidia-smi topo -m` stands in the same text. */
function hasMatrix(text: string): boolean {
  return /^\s*GPU0\b.*\bCPU Affinity\b/m.test(text) && /^GPU0\s+X\b/m.test(text);
}

/** The name of a machine whose source does not say one: the file's, without what follows its first dot. */
export function machineNameOf(file: string): string {
  return (
    file
      .replace(/^.*[/\\]/, '')
      .replace(/\..*$/, '')
      .toLowerCase() || 'machine'
  );
}
