import { parseQemuArguments, type QemuFirmware } from '../../../formats/qemu/arguments.ts';
import { qemuMachine } from '../../../formats/qemu/machine.ts';
import { writeQemuArguments } from '../../../formats/qemu/write.ts';
import { boot } from '../boot/boot.ts';
import { compare, type Difference } from '../compare.ts';
import { withoutLimits } from '../limits.ts';
import { randomTopology } from './topology.ts';

export interface RandomResult {
  /** What was booted. */
  readonly text: string;
  readonly differences: readonly Difference[];
  /** Limits of QEMU that were met, by name. */
  readonly limits: readonly string[];
  /** Why it was not booted, or null. */
  readonly refused: string | null;
}

/**
 * Makes a random topology, reads it, writes it again, boots what was written, and compares: with addresses where the kernel
 * decides them all, and bus numbers and groups where firmware goes first.
 */
export async function compareRandom(
  seed: number,
  firmware: QemuFirmware,
  addresses = firmware === 'linux',
): Promise<RandomResult> {
  const machine = qemuMachine(randomTopology(seed, firmware));
  const { text, notes } = writeQemuArguments(machine, firmware);
  const stoodIn = notes.filter((note) => note.includes('stands in'));
  if (stoodIn.length > 0)
    throw new Error(`seed ${seed}: the writer does not know what the reader knows: ${stoodIn.join('; ')}`);
  const { append, memoryBytes, iommu } = parseQemuArguments(text);
  const options = text
    .split('\n')
    .filter((line) => line.startsWith('-'))
    .flatMap((line) => line.split(/\s+/));
  try {
    const report = await boot(options, { firmware, memoryBytes, append, iommu });
    const { differences } = compare(text, report, firmware, addresses);
    return { text, ...withoutLimits(machine, firmware, differences), refused: null };
  } catch (error) {
    return { text, differences: [], limits: [], refused: error instanceof Error ? error.message : String(error) };
  }
}
