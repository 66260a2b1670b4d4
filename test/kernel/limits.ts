import type { QemuFirmware } from '../../formats/qemu/arguments.ts';
import type { Machine } from '../../model/machine.ts';
import type { Difference } from './compare.ts';

/** A difference that comes from QEMU or its firmware and not from the kernel's rules. */
interface Limit {
  readonly name: string;
  readonly applies: (difference: Difference, machine: Machine, firmware: QemuFirmware) => boolean;
}

export const limits: readonly Limit[] = [];

/** Differences that no limit explains, and the names of the limits that were met. */
export function withoutLimits(
  machine: Machine,
  firmware: QemuFirmware,
  differences: readonly Difference[],
): { differences: Difference[]; limits: string[] } {
  const met = new Set<string>();
  const rest = differences.filter((difference) => {
    const limit = limits.find((one) => one.applies(difference, machine, firmware));
    if (limit !== undefined) met.add(limit.name);
    return limit === undefined;
  });
  return { differences: rest, limits: [...met] };
}
