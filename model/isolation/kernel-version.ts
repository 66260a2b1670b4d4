import type { LinuxSettings } from '../machine.ts';

/** The newest kernel whose rules are modelled; it holds where the text names none. */
export const newestKernel = '7.2';

/** The kernel whose rules apply: what the text names, else the newest that we know. */
export function kernelVersion(linux: LinuxSettings): string {
  return linux.version !== undefined && numbersOf(linux.version) !== null ? linux.version : newestKernel;
}

/** Whether the machine's kernel is `version` (`6.11`) or later. Patch levels and suffixes do not count. */
export function kernelAtLeast(linux: LinuxSettings, version: string): boolean {
  const mine = numbersOf(kernelVersion(linux));
  const wanted = numbersOf(version);
  if (mine === null || wanted === null) return false;
  return mine[0] !== wanted[0] ? mine[0] > wanted[0] : mine[1] >= wanted[1];
}

function numbersOf(version: string): readonly [number, number] | null {
  const match = /^v?(\d+)\.(\d+)/.exec(version.trim());
  return match === null ? null : [Number(match[1]), Number(match[2])];
}
