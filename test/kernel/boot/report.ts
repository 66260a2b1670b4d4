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
  /** Null for what has no bus below it. */
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
  /** The file that the collector wrote; null where it did not run. */
  readonly collected: Uint8Array | null;
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

type DeviceDraft = { -readonly [K in keyof ReportedDevice]: ReportedDevice[K] } & { resources: ReportedResource[] };

/** Reads what the guest printed. */
export function readReport(text: string): BootReport {
  const lines = text.replaceAll('\r', '').split('\n');
  const devices = new Map<string, DeviceDraft>();
  const slots = new Map<string, number>();
  const groups = new Map<string, string[]>();
  let kernel = '';
  let collected = '';
  let section = '';
  for (const line of lines) {
    if (line.startsWith('#')) {
      const [word = '', first = ''] = line.slice(1).split(' ');
      section = word;
      if (word === 'kernel') kernel = first;
    } else if (section === 'links') {
      const link = /([\da-f:.]{12}) -> (\S+)$/.exec(line);
      if (link !== null) devices.set(link[1] ?? '', makeDevice(link[1] ?? '', link[2] ?? ''));
    } else if (section === 'files') {
      const file = /^([\da-f:.]{12})\/(\w+):(.*)$/.exec(line);
      const device = devices.get(file?.[1] ?? '');
      if (file === null || device === undefined) continue;
      const [, address = '', name = '', value = ''] = file;
      if (name === 'resource') {
        const slot = slots.get(address) ?? 0;
        slots.set(address, slot + 1);
        const resource = readResource(slot, value.split(' '));
        if (resource !== null) device.resources.push(resource);
      } else setFact(device, name, Number(value));
    } else if (section === 'collected') {
      collected += line;
    } else if (section === 'groups') {
      const member = /^(\d+)\/devices\/(\S+)$/.exec(line);
      if (member !== null) groups.set(member[1] ?? '', [...(groups.get(member[1] ?? '') ?? []), member[2] ?? '']);
    }
  }
  const complaints = lines.filter((line) => /failed to assign|no space for|no compatible/.test(line));
  const all = { devices: [...devices.values()], windows: readRootWindows(lines), groups: [...groups.values()] };
  return { kernel, ...all, complaints, collected: collected === '' ? null : Buffer.from(collected, 'base64') };
}

/** A device by its link under /sys/bus/pci/devices: `../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0`. */
function makeDevice(address: string, path: string): DeviceDraft {
  const above = path.split('/').at(-2) ?? '';
  const parent = /^[\da-f]{4}:/.test(above) ? above : null;
  return { address, parent, vendorId: 0, deviceId: 0, classCode: 0, buses: null, resources: [] };
}

function setFact(device: DeviceDraft, name: string, value: number): void {
  const primary = Number.parseInt(device.address.slice(5, 7), 16);
  const { secondary, subordinate } = device.buses ?? { secondary: 0, subordinate: 0 };
  if (name === 'vendor') device.vendorId = value;
  else if (name === 'device') device.deviceId = value;
  else if (name === 'class') device.classCode = value;
  else if (name === 'secondary_bus_number') device.buses = { primary, secondary: value, subordinate };
  else if (name === 'subordinate_bus_number') device.buses = { primary, secondary, subordinate: value };
}
