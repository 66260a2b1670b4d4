/**
 * Machines from and to what other tools speak: public API of `pcie-topology/formats`.
 *
 * A reader takes the text of one format and returns an `ObservedMachine`: what the source says and nothing else. It throws
 * `UnreadableInput`, with the line, for text that is not of the format. `mergeObserved` puts together what several tools say of
 * one machine, and `machineFrom` makes a machine of it. A writer takes a machine and returns text, and what had to be assumed.
 *
 *     import { machineFrom, mergeObserved, readLspci, readNccl, writeSvg } from 'pcie-topology/formats';
 *     const observed = mergeObserved([readLspci(lspciText), readNccl(ncclText)]);
 *     const { machine, notes } = machineFrom(observed, { name: 'node7' });
 *     const { text } = writeSvg(machine);
 */

export { writeDot } from '../formats/dot/write.ts';
export type { Exported } from '../formats/exported.ts';
export { readHwloc } from '../formats/hwloc/read.ts';
export { writeHwloc } from '../formats/hwloc/write.ts';
export { type MachineJson, machineJson, writeJson } from '../formats/json/write.ts';
export { readLspci } from '../formats/lspci/read.ts';
export { writeLspciDump } from '../formats/lspci/write-dump.ts';
export { writeMermaid } from '../formats/mermaid/write.ts';
export { readNccl } from '../formats/nccl/read.ts';
export { writeNccl } from '../formats/nccl/write.ts';
export { readMatrix, readNvidiaSmi, type TopologyMatrix } from '../formats/nvidia-smi/read.ts';
export { type ImportedMachine, type ImportOptions, machineFrom } from '../formats/observed/machine.ts';
export { mergeObserved } from '../formats/observed/merge.ts';
export {
  type ObservedFunction,
  type ObservedMachine,
  type ObservedNote,
  UnreadableInput,
} from '../formats/observed.ts';
export { readQemu } from '../formats/qemu/read.ts';
export { writeQemuArguments } from '../formats/qemu/write.ts';
export { writeSvg } from '../formats/svg/write.ts';
export { readCollected } from '../formats/sysfs/collected.ts';
export { readSysfs } from '../formats/sysfs/read.ts';
export { readUdevadm } from '../formats/udevadm/read.ts';
