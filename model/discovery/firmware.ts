import type { HostWindow } from './apertures.ts';
import type { LinuxState } from './linux/bus.ts';
import type { Resource } from './resource.ts';

/** A host bridge as firmware sees it: the windows it may use, and what asks for addresses. */
export interface FirmwareHost {
  readonly windows: readonly HostWindow[];
  readonly state: LinuxState;
}

/** The highest memory window below 4 GiB: firmware places everything there, and leaves lower ones to the kernel. */
export function lowWindow(windows: readonly HostWindow[]): HostWindow | null {
  return joined(windows.filter((one) => one.kind === 'memory' && one.end < 2 ** 32)).at(-1) ?? null;
}

/** The first memory window above 4 GiB. */
export function highWindow(windows: readonly HostWindow[]): HostWindow | null {
  return joined(windows.filter((one) => one.kind === 'memory' && one.start >= 2 ** 32))[0] ?? null;
}

/** Windows by address, those that touch made one: several host bridges share what firmware sees as one. */
export function joined(windows: readonly HostWindow[]): HostWindow[] {
  const made: HostWindow[] = [];
  for (const window of [...windows].sort((a, b) => a.start - b.start)) {
    const last = made.at(-1);
    if (last === undefined || last.end + 1 < window.start) made.push(window);
    else made[made.length - 1] = { ...last, end: Math.max(last.end, window.end) };
  }
  return made;
}

/** Writes an address: what the kernel will find in the registers. */
export function program(resource: Resource, start: number, bytes: number): void {
  resource.start = start;
  resource.end = start + bytes - 1;
}
