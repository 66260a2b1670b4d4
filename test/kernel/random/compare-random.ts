import { parseQemuArguments, type QemuFirmware } from '../../../formats/qemu/arguments.ts';
import { qemuMachine } from '../../../formats/qemu/machine.ts';
import { writeQemuArguments } from '../../../formats/qemu/write.ts';
import { enumerate } from '../../../model/discovery/enumerate.ts';
import { boot } from '../boot/boot.ts';
import { compare, type Difference } from '../compare.ts';
import { randomTopology } from './topology.ts';

export interface RandomResult {
  /** What was booted. */
  readonly text: string;
  readonly functions: number;
  /** BARs that got no address. */
  readonly unassigned: number;
  readonly differences: readonly Difference[];
  /** Why it was not booted, or null. */
  readonly refused: string | null;
  /** Why firmware would stop, by our own account: then it is not booted, since the guest never gets to the kernel. */
  readonly stops: string | null;
}

/** The QEMU options of an arguments file. */
export const optionsOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('-'))
    .flatMap((line) => line.split(/\s+/));

/**
 * Makes a random topology, reads it, writes it again, boots what was written, and compares.
 *
 * @param addresses false: bus numbers and groups only
 */
export async function compareRandom(seed: number, firmware: QemuFirmware, addresses = true): Promise<RandomResult> {
  const machine = qemuMachine(randomTopology(seed, firmware));
  const { text, notes } = writeQemuArguments(machine, firmware);
  if (notes.length > 0) throw new Error(`seed ${seed}: the writer lacks what the reader knows: ${notes.join('; ')}`);
  const { append, memoryBytes, iommu, enabledVfs } = parseQemuArguments(text);
  const nothing = { text, functions: 0, unassigned: 0, differences: [], refused: null, stops: null };
  if (firmware === 'seabios') {
    const { firmwareStops } = enumerate(machine, { firmware });
    if (firmwareStops !== null) return { ...nothing, stops: firmwareStops };
  }
  try {
    const report = await boot(optionsOf(text), { firmware, memoryBytes, append, iommu, enabledVfs });
    const { differences, enumeration } = compare(text, report, firmware, addresses);
    const unassigned = enumeration.unassigned.length;
    return { ...nothing, functions: report.devices.length, unassigned, differences };
  } catch (error) {
    const refused = error instanceof Error ? error.message : String(error);
    return { ...nothing, refused };
  }
}
