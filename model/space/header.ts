import type { AddressRange, EnumeratedBar } from '../discovery/enumeration.ts';
import { romIndex } from '../discovery/requirements.ts';
import type { FunctionFacts } from './facts.ts';
import { assumedClassCode, assumedIdentity, type PciIdentity, virtualFunctionIdentity } from './identity.ts';
import { bitWhere, type RegisterSpace, setByte, setDword, setWord } from './registers.ts';
import { isBridgeRole } from './role.ts';

/**
 * The first 64 bytes. Offsets and bits: PCI Local Bus Specification 3.0, 6.1 and 6.2.5; PCI-to-PCI Bridge Architecture
 * Specification 1.2, 3.2; what PCI Express makes read-only: PCI Express Base Specification 5.0, 7.5.1.
 */
export const headerOffsets = {
  vendor: 0x00,
  device: 0x02,
  command: 0x04,
  status: 0x06,
  revision: 0x08,
  class: 0x09,
  cacheLine: 0x0c,
  headerType: 0x0e,
  bar: 0x10,
  busNumbers: 0x18,
  io: 0x1c,
  secondaryStatus: 0x1e,
  memory: 0x20,
  prefetchable: 0x24,
  prefetchableUpperBase: 0x28,
  prefetchableUpperLimit: 0x2c,
  subsystem: 0x2c,
  rom: 0x30,
  ioUpper: 0x30,
  capabilities: 0x34,
  bridgeRom: 0x38,
  interruptLine: 0x3c,
  bridgeControl: 0x3e,
} as const;

export const commandBits = {
  io: 0x1,
  memory: 0x2,
  busMaster: 0x4,
  parity: 0x40,
  serr: 0x100,
  noLegacy: 0x400,
} as const;
const everyCommandBit = 0x547;
const capabilityList = 0x10;
/** Master data parity error, target and master aborts, system error, parity error: all RW1C. */
const statusErrors = 0xf900;
const multiFunction = 0x80;

/** Vendor and device ID as the registers hold them, and whether a part of them was assumed. */
export function identityOf({ device, role, component }: FunctionFacts): PciIdentity & { readonly assumed: boolean } {
  if (role === 'virtual-function') return { ...virtualFunctionIdentity, assumed: false };
  const [vendor, id] = [numberOf(device.vendor), numberOf(device.device)];
  // Half of an identity holds; no device of that vendor is made up for the other half.
  if (vendor !== null) return { vendorId: vendor, deviceId: id ?? 0, assumed: id === null };
  const assumed = assumedIdentity(role, component.kind);
  return { vendorId: assumed.vendorId, deviceId: assumed.deviceId, assumed: true };
}

/** The 24 bits of the class, and whether they were assumed. */
export function classOf({ device, component }: FunctionFacts): { readonly code: number; readonly assumed: boolean } {
  const said = numberOf(device.class);
  return { code: said ?? assumedClassCode(component.kind), assumed: said === null };
}

const numberOf = (text: string | null): number | null => (text === null ? null : Number.parseInt(text, 16));

/** Writes a header of type 0 or 1. `several`: there are further functions at the same device number. */
export function writeHeader(
  space: RegisterSpace,
  facts: FunctionFacts,
  several: boolean,
  hasCapabilities: boolean,
): void {
  const { role, settings, device } = facts;
  const bridge = isBridgeRole(role);
  const isVirtual = role === 'virtual-function';
  const { vendorId, deviceId } = identityOf(facts);
  setWord(space, headerOffsets.vendor, vendorId);
  setWord(space, headerOffsets.device, deviceId);
  const master = { writable: commandBits.busMaster };
  setWord(space, headerOffsets.command, command(facts), isVirtual ? master : { writable: everyCommandBit });
  setWord(space, headerOffsets.status, bitWhere(hasCapabilities, capabilityList), { clearable: statusErrors });
  const { code } = classOf(facts);
  setWord(space, headerOffsets.class, code & 0xffff);
  setByte(space, headerOffsets.class + 2, code >>> 16);
  if (!isVirtual) setByte(space, headerOffsets.cacheLine, 0, { writable: 0xff });
  setByte(space, headerOffsets.headerType, bitWhere(bridge, 1) | bitWhere(several && facts.part === 0, multiFunction));
  if (!isVirtual) setByte(space, headerOffsets.interruptLine, 0, { writable: 0xff });
  for (const bar of device.bars) if (!isVirtual) writeBar(space, bar, bridge);
  if (bridge) writeBridge(space, facts);
  else if (facts.part === 0) {
    setWord(space, headerOffsets.subsystem, settings.subsystemVendorId ?? 0);
    setWord(space, headerOffsets.subsystem + 2, settings.subsystemDeviceId ?? 0);
  }
}

/**
 * Command as the kernel leaves it for a function whose driver has enabled it: decoding of a kind of address space only where
 * every BAR of that kind has an address (drivers/pci/setup-res.c, pci_enable_resources).
 */
function command({ device, role }: FunctionFacts): number {
  if (role === 'virtual-function') return commandBits.busMaster;
  const bars = device.bars.filter(({ index }) => index !== romIndex);
  const { windows } = device;
  const decodes = (io: boolean): boolean => {
    const own = bars.filter(({ kind }) => (kind === 'io') === io);
    const below =
      windows === null ? false : io ? windows.io !== null : windows.memory !== null || windows.prefetchable !== null;
    return own.every(({ address }) => address !== null) && (own.length > 0 || below);
  };
  return (
    bitWhere(decodes(true), commandBits.io) |
    bitWhere(decodes(false), commandBits.memory) |
    bitWhere(role !== 'host-bridge', commandBits.busMaster)
  );
}

/** Type bits of a memory BAR: 64 bits wide, prefetchable; of an I/O BAR: I/O. */
function barType({ kind, prefetchable }: EnumeratedBar): number {
  if (kind === 'io') return 1;
  return (kind === 'memory64' ? 4 : 0) | (prefetchable ? 8 : 0);
}

function writeBar(space: RegisterSpace, bar: EnumeratedBar, bridge: boolean): void {
  const address = BigInt(bar.address ?? 0);
  if (bar.index === romIndex) {
    const at = bridge ? headerOffsets.bridgeRom : headerOffsets.rom;
    // Not enabled: the kernel opens a ROM only while it is read.
    setDword(space, at, Number(address & 0xffffffffn), { writable: (addressMask(bar.bytes) & 0xfffff800) | 1 });
    return;
  }
  writeBaseAddress(space, headerOffsets.bar + 4 * bar.index, bar, bar.bytes);
}

/** A base address register of a function, or of its virtual functions, that decodes `bytes`. */
export function writeBaseAddress(space: RegisterSpace, at: number, bar: EnumeratedBar, bytes: number): void {
  const address = BigInt(bar.address ?? 0);
  setDword(space, at, Number(address & 0xffffffffn) | barType(bar));
  if (bar.kind === 'memory64') setDword(space, at + 4, Number(address >> 32n));
  openBaseAddress(space, at, bar.kind === 'io' ? 'io' : bar.kind === 'memory64' ? 'memory64' : 'memory32', bytes);
}

/**
 * Makes a base address register decode `bytes`: the bits below that are read-only and zero, so that all ones written read
 * back as the size (PCI Local Bus Specification 3.0, 6.2.5.1).
 */
export function openBaseAddress(
  space: RegisterSpace,
  at: number,
  kind: 'io' | 'memory32' | 'memory64',
  bytes: number,
): void {
  const typeBits = kind === 'io' ? 3 : 15;
  const masks: [number, number][] = [[at, (addressMask(bytes) & ~typeBits) >>> 0]];
  if (kind === 'memory64') masks.push([at + 4, bytes > 0xffffffff ? addressMask(bytes / 2 ** 32) : 0xffffffff]);
  const view = new DataView(space.bytes.buffer);
  const writable = new DataView(space.writable.buffer);
  for (const [offset, mask] of masks) {
    const fixed = offset === at ? typeBits : 0;
    view.setUint32(offset, view.getUint32(offset, true) & (mask | fixed), true);
    writable.setUint32(offset, mask, true);
  }
}

/** Address bits of 32 that a decoder of `bytes`, a power of two, compares. */
const addressMask = (bytes: number): number => (bytes > 0xffffffff ? 0 : ~(bytes - 1) >>> 0);

function writeBridge(space: RegisterSpace, { device }: FunctionFacts): void {
  const { bus, windows } = device;
  const numbers = [bus?.primary ?? 0, bus?.secondary ?? 0, bus?.subordinate ?? 0];
  for (const [index, number] of numbers.entries()) {
    setByte(space, headerOffsets.busNumbers + index, number, { writable: 0xff });
  }
  const [ioBase, ioLimit] = bounds(windows?.io ?? null, 0xf000n, 0x0fffn);
  const wide = 1;
  setByte(space, headerOffsets.io, (Number((ioBase >> 8n) & 0xf0n) | wide) >>> 0, { writable: 0xf0 });
  setByte(space, headerOffsets.io + 1, (Number((ioLimit >> 8n) & 0xf0n) | wide) >>> 0, { writable: 0xf0 });
  setWord(space, headerOffsets.ioUpper, Number((ioBase >> 16n) & 0xffffn), { writable: 0xffff });
  setWord(space, headerOffsets.ioUpper + 2, Number((ioLimit >> 16n) & 0xffffn), { writable: 0xffff });
  setWord(space, headerOffsets.secondaryStatus, 0, { clearable: statusErrors });
  const [memoryBase, memoryLimit] = bounds(windows?.memory ?? null, 0xfff00000n, 0x000fffffn);
  setWord(space, headerOffsets.memory, Number((memoryBase >> 16n) & 0xfff0n), { writable: 0xfff0 });
  setWord(space, headerOffsets.memory + 2, Number((memoryLimit >> 16n) & 0xfff0n), { writable: 0xfff0 });
  const [base, limit] = bounds(windows?.prefetchable ?? null, 0xfff00000n, 0x000fffffn);
  setWord(space, headerOffsets.prefetchable, Number((base >> 16n) & 0xfff0n) | wide, { writable: 0xfff0 });
  setWord(space, headerOffsets.prefetchable + 2, Number((limit >> 16n) & 0xfff0n) | wide, { writable: 0xfff0 });
  setDword(space, headerOffsets.prefetchableUpperBase, Number(base >> 32n), { writable: 0xffffffff });
  setDword(space, headerOffsets.prefetchableUpperLimit, Number(limit >> 32n), { writable: 0xffffffff });
  // Parity, SERR#, ISA, VGA, 16-bit VGA, secondary bus reset.
  setWord(space, headerOffsets.bridgeControl, 0, { writable: 0x5f });
}

/** First and last address; a closed window has its base above its limit. */
function bounds(range: AddressRange, closedBase: bigint, closedLimit: bigint): [bigint, bigint] {
  return range === null ? [closedBase, closedLimit] : [BigInt(range[0]), BigInt(range[1])];
}
