/** One resource of a function as sysfs shows it. */
export interface ReportedResource {
  /** 0-5 BARs, 6 ROM, 7-12 BARs of virtual functions, 13-15 windows: I/O, memory, prefetchable. */
  readonly slot: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly flags: bigint;
  /** Has an address. */
  readonly assigned: boolean;
}

export interface ReportedDevice {
  readonly address: string;
  /** The bridge above; null on a root bus. */
  readonly parent: string | null;
  readonly vendorId: number;
  readonly deviceId: number;
  readonly classCode: number;
  /** From the bridge's registers. */
  readonly buses: { readonly primary: number; readonly secondary: number; readonly subordinate: number } | null;
  readonly resources: readonly ReportedResource[];
}

export interface ReportedWindow {
  /** `0000:00`. */
  readonly bus: string;
  readonly kind: 'io' | 'memory' | 'prefetchable';
  readonly start: bigint;
  readonly end: bigint;
}

/** What the kernel made of a topology. */
export interface BootReport {
  readonly kernel: string;
  readonly devices: readonly ReportedDevice[];
  /** Windows of the host bridges, in the kernel's order. */
  readonly windows: readonly ReportedWindow[];
  readonly groups: readonly (readonly string[])[];
  /** Lines about resources that found no place. */
  readonly complaints: readonly string[];
}

const unsetFlag = 0x20000000n;
const ioFlag = 0x100n;

/** One row of a `resource` file of sysfs; null for a row without a range. */
export function readResource(slot: number, row: readonly string[]): ReportedResource | null {
  const [start = 0n, end = 0n, flags = 0n] = row.map(BigInt);
  if (start === 0n && end === 0n && flags === 0n) return null;
  const assigned = flags !== 0n && (flags & unsetFlag) === 0n && (start > 0n || (flags & ioFlag) !== 0n);
  return { slot, start, end, flags, assigned };
}

/** Windows of host bridges from the kernel's log: `pci_bus 0000:00: root bus resource [mem 0x… window]`. */
export function readRootWindows(lines: readonly string[]): ReportedWindow[] {
  const windows: ReportedWindow[] = [];
  for (const line of lines) {
    const match =
      /pci_bus ([\da-f]{4}:[\da-f]{2}): root bus resource \[(io|mem)\s+0x([\da-f]+)-0x([\da-f]+)(.*)\]/.exec(line);
    if (match === null) continue;
    const [, bus = '', space, start = '', end = '', rest = ''] = match;
    const kind = space === 'io' ? 'io' : rest.includes('pref') ? 'prefetchable' : 'memory';
    windows.push({ bus, kind, start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) });
  }
  return windows;
}

/** Reads what the guest printed. */
export function readReport(text: string): BootReport {
  const lines = text.replaceAll('\r', '').split('\n');
  const devices: { -readonly [K in keyof ReportedDevice]: ReportedDevice[K] }[] = [];
  const groups = new Map<string, string[]>();
  let kernel = '';
  let section = '';
  let rows: ReportedResource[] = [];
  let slot = 0;
  for (const line of lines) {
    const device = devices.at(-1);
    if (line.startsWith('#')) {
      const [word = '', ...rest] = line.slice(1).split(' ');
      section = word;
      const [first = '', second = '', third = ''] = rest;
      if (word === 'kernel') kernel = first;
      else if (word === 'group') groups.set(first, [...(groups.get(first) ?? []), second]);
      else if (word === 'device') {
        const above = second.split('/').at(-2) ?? '';
        rows = [];
        slot = 0;
        const parent = /^[\da-f]{4}:/.test(above) ? above : null;
        devices.push({ address: first, parent, vendorId: 0, deviceId: 0, classCode: 0, buses: null, resources: rows });
      } else if (word === 'id' && device !== undefined) {
        device.vendorId = Number(first);
        device.deviceId = Number(second);
        device.classCode = Number(third);
      }
    } else if (section === 'resources' && line.startsWith('0x')) {
      const resource = readResource(slot++, line.split(' '));
      if (resource !== null) rows.push(resource);
    } else if (section === 'config' && device !== undefined && line.trim() !== '') {
      const bytes = line
        .trim()
        .split(/\s+/)
        .map((byte) => Number.parseInt(byte, 16));
      if (((bytes[0x0e] ?? 0) & 0x7f) === 1) {
        device.buses = { primary: bytes[0x18] ?? 0, secondary: bytes[0x19] ?? 0, subordinate: bytes[0x1a] ?? 0 };
      }
      section = '';
    }
  }
  const complaints = lines.filter((line) => /failed to assign|no space for|no compatible/.test(line));
  return { kernel, devices, windows: readRootWindows(lines), groups: [...groups.values()], complaints };
}
