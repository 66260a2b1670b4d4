import { formatBytes, formatHex } from '../quantity.ts';
import type { AddressRange, ConfigurationCycle, EnumeratedBar, EnumeratedDevice, Enumeration } from './enumeration.ts';

/** Offsets in the header (PCI Local Bus Specification 3.0, 6.1; PCI-to-PCI Bridge Architecture Specification 1.2, 3.2). */
const registers = {
  vendor: 0x00,
  command: 0x04,
  class: 0x08,
  headerType: 0x0e,
  bar: 0x10,
  busNumbers: 0x18,
  subordinate: 0x1a,
  io: 0x1c,
  memory: 0x20,
  prefetchable: 0x24,
  prefetchableUpperBase: 0x28,
  prefetchableUpperLimit: 0x2c,
  ioUpper: 0x30,
  rom: 0x30,
  bridgeRom: 0x38,
} as const;
/** VF BAR 0 in the SR-IOV capability. */
const virtualBarOffset = 0x24;
const nothing = '0xffffffff';
const devicesOnBus = 32;
const functionsOfDevice = 8;

interface Bus {
  readonly segment: string;
  readonly number: number;
  /** The bridge above; null for a root bus. */
  readonly bridge: EnumeratedDevice | null;
  readonly devices: readonly EnumeratedDevice[];
}

/**
 * The configuration cycles of the discovery, one at a time: probing and sizing depth first, then programming from the root
 * down. Under `seabios` and `edk2` firmware makes them; the kernel then reads all of it again.
 */
export function* configurationCycles(enumeration: Enumeration): Generator<ConfigurationCycle> {
  const buses = busesOf(enumeration);
  const who = { linux: 'The kernel', seabios: 'SeaBIOS', edk2: 'edk2' }[enumeration.firmware];
  for (const host of enumeration.hosts) {
    const root = buses.get(busKey(segmentText(host.segment), host.busRange[0]));
    if (root === undefined) continue;
    yield* probe(root, buses, who);
    yield* programBus(root, buses);
    if (enumeration.firmware !== 'linux') yield* readAgain(root, buses);
  }
}

const segmentText = (segment: number): string => segment.toString(16).padStart(4, '0');
const busKey = (segment: string, number: number): string => `${segment}:${number.toString(16).padStart(2, '0')}`;

function busesOf({ devices, hosts }: Enumeration): ReadonlyMap<string, Bus> {
  const buses = new Map<string, { -readonly [K in keyof Bus]: Bus[K] } & { devices: EnumeratedDevice[] }>();
  for (const { segment, busRange } of hosts) {
    const text = segmentText(segment);
    buses.set(busKey(text, busRange[0]), { segment: text, number: busRange[0], bridge: null, devices: [] });
  }
  for (const device of devices) {
    if (device.bus === null) continue;
    const segment = device.bdf.slice(0, 4);
    const { secondary } = device.bus;
    buses.set(busKey(segment, secondary), { segment, number: secondary, bridge: device, devices: [] });
  }
  for (const device of devices) {
    if (device.physicalFunction === null) buses.get(device.bdf.slice(0, 7))?.devices.push(device);
  }
  return buses;
}

const read = (bdf: string, register: number, value: string, because: string): ConfigurationCycle => ({
  cycle: 'config-read',
  bdf,
  register: formatHex(register, 2),
  value,
  because,
});
const write = (bdf: string, register: number, value: string, because: string): ConfigurationCycle => ({
  cycle: 'config-write',
  bdf,
  register: formatHex(register, 2),
  value,
  because,
});

const slotOf = (device: EnumeratedDevice): number => Number.parseInt(device.bdf.slice(8, 10), 16);
const numberOf = (device: EnumeratedDevice): number => Number(device.bdf.slice(11));

function* probe(bus: Bus, buses: ReadonlyMap<string, Bus>, who: string): Generator<ConfigurationCycle> {
  const slots = isPort(bus.bridge) ? 1 : devicesOnBus;
  for (let slot = 0; slot < slots; slot++) {
    const here = bus.devices.filter((device) => slotOf(device) === slot);
    const several = here.length > 1;
    for (let fn = 0; fn < functionsOfDevice; fn++) {
      const device = here.find((one) => numberOf(one) === fn);
      const bdf = `${busKey(bus.segment, bus.number)}:${slot.toString(16).padStart(2, '0')}.${fn}`;
      if (device === undefined) {
        yield read(bdf, registers.vendor, nothing, `Nothing answers at ${bdf}: all bits read as one.`);
      } else {
        yield* discoverFunction(device, several && fn === 0);
      }
      if (!several) break;
    }
  }
  for (const device of bus.devices) yield* descend(device, buses, who);
}

/** A port has one device below its link, at number 0; the bus inside a switch and a conventional bus have up to 32. */
const isPort = (bridge: EnumeratedDevice | null): boolean => bridge?.kind === 'root-port' || bridge?.kind === 'port';

function* discoverFunction(device: EnumeratedDevice, several: boolean): Generator<ConfigurationCycle> {
  const { bdf, name } = device;
  const known = device.vendor !== null && device.device !== null;
  const id = known ? `${device.device}${device.vendor?.slice(2)}` : 'unknown';
  yield read(bdf, registers.vendor, id, `${name} answers with its device and vendor ID.`);
  const header = (device.windows === null ? 0 : 1) | (several ? 0x80 : 0);
  const kind = device.windows === null ? 'a device' : 'a bridge';
  const more = several ? ', with further functions to look for' : '';
  yield read(bdf, registers.headerType, formatHex(header, 2), `Header type ${header & 0x7f}: ${kind}${more}.`);
  const classValue = device.class === null ? 'unknown' : `${device.class}00`;
  yield read(bdf, registers.class, classValue, 'The class code says what driver may take it.');
  for (const bar of device.bars) yield* sizeBar(device, bar);
}

const barRegister = (device: EnumeratedDevice, { index, kind }: EnumeratedBar): number => {
  if (kind !== 'rom') return registers.bar + 4 * index;
  return device.windows === null ? registers.rom : registers.bridgeRom;
};

/** Bits below the address of a BAR (PCI Local Bus Specification 3.0, 6.2.5.1). */
function lowBits({ kind, prefetchable }: EnumeratedBar): number {
  if (kind === 'io') return 1;
  return kind === 'rom' ? 0 : (kind === 'memory64' ? 4 : 0) | (prefetchable ? 8 : 0);
}

function* sizeBar(device: EnumeratedDevice, bar: EnumeratedBar): Generator<ConfigurationCycle> {
  const { bdf } = device;
  const register = barRegister(device, bar);
  const what = bar.kind === 'rom' ? 'the expansion ROM' : `BAR ${bar.index}`;
  const mask = 2n ** 64n - BigInt(bar.bytes) + BigInt(lowBits(bar));
  const low = formatHex(mask & 0xffffffffn, 8);
  const ones = bar.kind === 'rom' ? '0xfffff800' : nothing;
  yield write(bdf, register, ones, `All ones into ${what}: the bits that stay zero tell its size.`);
  if (bar.kind !== 'memory64') {
    yield read(bdf, register, low, `${what} asks for ${formatBytes(bar.bytes)}.`);
    return;
  }
  yield read(bdf, register, low, `The lower half of the size of ${what}, a 64-bit BAR.`);
  yield write(bdf, register + 4, nothing, `All ones into the upper half of ${what}.`);
  yield read(bdf, register + 4, formatHex(mask >> 32n, 8), `${what} asks for ${formatBytes(bar.bytes)}.`);
}

function* descend(
  device: EnumeratedDevice,
  buses: ReadonlyMap<string, Bus>,
  who: string,
): Generator<ConfigurationCycle> {
  if (device.bus === null) return;
  const { bdf, name } = device;
  const { primary, secondary, subordinate } = device.bus;
  const open = formatHex(primary | (secondary << 8) | (0xff << 16), 8);
  const number = secondary.toString(16).padStart(2, '0');
  yield write(
    bdf,
    registers.busNumbers,
    open,
    `${who} makes bus ${number} the one below ${name}, open to the last for now.`,
  );
  const below = buses.get(busKey(bdf.slice(0, 4), secondary));
  if (below !== undefined) yield* probe(below, buses, who);
  const last = subordinate.toString(16).padStart(2, '0');
  const because = `Bus ${last} is the last below ${name}.`;
  yield write(bdf, registers.subordinate, formatHex(subordinate, 2), because);
}

function* programBus(bus: Bus, buses: ReadonlyMap<string, Bus>): Generator<ConfigurationCycle> {
  for (const device of bus.devices) {
    for (const bar of device.bars) yield* programBar(device, bar);
    for (const { index, address, count, bytes } of device.virtualBars) {
      if (address === null) continue;
      const because = `BAR ${index} of ${count} virtual functions of ${device.name}, ${formatBytes(bytes)} each, begins here.`;
      const register = `sriov+${formatHex(virtualBarOffset + 4 * index, 2)}`;
      yield { cycle: 'config-write', bdf: device.bdf, register, value: address, because };
    }
    if (device.windows !== null) yield* programWindows(device);
    const below = device.bus === null ? undefined : buses.get(busKey(device.bdf.slice(0, 4), device.bus.secondary));
    if (below !== undefined) yield* programBus(below, buses);
    yield* enable(device);
  }
}

function* programBar(device: EnumeratedDevice, bar: EnumeratedBar): Generator<ConfigurationCycle> {
  if (bar.address === null) return;
  const register = barRegister(device, bar);
  const address = BigInt(bar.address);
  const what = bar.kind === 'rom' ? `The expansion ROM of ${device.name}` : `BAR ${bar.index} of ${device.name}`;
  const value = formatHex((address & 0xffffffffn) | BigInt(lowBits(bar)), 8);
  yield write(device.bdf, register, value, `${what}, ${formatBytes(bar.bytes)}, begins at ${bar.address}.`);
  if (bar.kind !== 'memory64') return;
  yield write(device.bdf, register + 4, formatHex(address >> 32n, 8), `The upper half of that address.`);
}

/** Base above limit: closed. */
const closedIo = 0x00f0;
const closedMemory = 0x0000fff0;

function* programWindows({ bdf, name, windows }: EnumeratedDevice): Generator<ConfigurationCycle> {
  if (windows === null) return;
  const said = (what: string, range: AddressRange): string =>
    range === null
      ? `Nothing below ${name} needs ${what}: closed.`
      : `${what} from ${range[0]} to ${range[1]} goes to ${name} and below.`;
  const [ioBase, ioLimit] = ends(windows.io);
  const io = windows.io === null ? closedIo : Number(((ioBase >> 8n) & 0xf0n) | (((ioLimit >> 8n) & 0xf0n) << 8n));
  yield write(bdf, registers.io, formatHex(io, 4), said('I/O', windows.io));
  if (windows.io !== null && ioLimit >= 0x10000n) {
    const upper = formatHex((ioBase >> 16n) | ((ioLimit >> 16n) << 16n), 8);
    yield write(bdf, registers.ioUpper, upper, 'The upper halves of that I/O window.');
  }
  yield write(bdf, registers.memory, memoryValue(windows.memory), said('Memory', windows.memory));
  yield write(
    bdf,
    registers.prefetchable,
    memoryValue(windows.prefetchable),
    said('Prefetchable memory', windows.prefetchable),
  );
  if (windows.prefetchable === null) return;
  const [base, limit] = ends(windows.prefetchable);
  yield write(bdf, registers.prefetchableUpperBase, formatHex(base >> 32n, 8), 'The upper half of its base.');
  yield write(bdf, registers.prefetchableUpperLimit, formatHex(limit >> 32n, 8), 'The upper half of its limit.');
}

const ends = (range: AddressRange): [bigint, bigint] =>
  range === null ? [0n, 0n] : [BigInt(range[0]), BigInt(range[1])];

function memoryValue(range: AddressRange): string {
  if (range === null) return formatHex(closedMemory, 8);
  const [base, limit] = ends(range);
  return formatHex(((base >> 16n) & 0xfff0n) | (limit & 0xfff00000n), 8);
}

function* enable(device: EnumeratedDevice): Generator<ConfigurationCycle> {
  const placed = device.bars.filter((bar) => bar.address !== null && bar.kind !== 'rom');
  const io = placed.some((bar) => bar.kind === 'io') || (device.windows !== null && device.windows.io !== null);
  const memory =
    placed.some((bar) => bar.kind !== 'io') ||
    (device.windows !== null && (device.windows.memory !== null || device.windows.prefetchable !== null));
  const value = (io ? 1 : 0) | (memory ? 2 : 0) | (device.windows === null ? 0 : 4);
  if (value === 0) return;
  const what = [io ? 'I/O' : '', memory ? 'memory' : '', device.windows === null ? '' : 'requests from below']
    .filter((word) => word !== '')
    .join(', ');
  yield write(device.bdf, registers.command, formatHex(value, 4), `${device.name} now decodes: ${what}.`);
}

function* readAgain(bus: Bus, buses: ReadonlyMap<string, Bus>): Generator<ConfigurationCycle> {
  for (const device of bus.devices) {
    if (device.bus !== null) {
      const { primary, secondary, subordinate } = device.bus;
      const value = formatHex(primary | (secondary << 8) | (subordinate << 16), 8);
      yield read(device.bdf, registers.busNumbers, value, `The kernel keeps the bus numbers of ${device.name}.`);
    }
    for (const bar of device.bars) {
      if (bar.address === null) continue;
      const value = formatHex((BigInt(bar.address) & 0xffffffffn) | BigInt(lowBits(bar)), 8);
      const because = `The kernel finds ${bar.kind === 'rom' ? 'the expansion ROM' : `BAR ${bar.index}`} at ${bar.address}.`;
      yield read(device.bdf, barRegister(device, bar), value, because);
    }
    const below = device.bus === null ? undefined : buses.get(busKey(device.bdf.slice(0, 4), device.bus.secondary));
    if (below !== undefined) yield* readAgain(below, buses);
  }
}
