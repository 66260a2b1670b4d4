import type { Generation, LaneCount } from '../../model/link/generation.ts';
import { isGeneration, isLaneCount } from '../../model/link/generation.ts';
import { type AcsBit, acsBits } from '../../model/machine.ts';
import type { FunctionRole, ObservedBar, ObservedFunction, ObservedLinkState, ObservedRange } from '../observed.ts';

/** What registers say of a function: everything but its address. */
export type ConfigSpaceFacts = Omit<ObservedFunction, 'address' | 'parent'>;

type Draft = { -readonly [K in keyof ConfigSpaceFacts]: ConfigSpaceFacts[K] };

/**
 * Decodes configuration space: the header, the PCI Express capability and the extended capabilities that matter here.
 * Register layouts: PCI Express Base Specification 5.0 chapter 7 and the PCI Local Bus Specification 3.0 chapter 6; offsets
 * and bits as Linux names them in include/uapi/linux/pci_regs.h.
 *
 * @param bytes configuration space from offset 0
 * @param isKnown whether the byte at an offset was read; bytes that were not are never looked at
 */
export function decodeConfigSpace(
  bytes: Uint8Array,
  isKnown: (offset: number) => boolean = () => true,
): ConfigSpaceFacts {
  const registers = new Registers(bytes, isKnown);
  const facts: Draft = {};
  const vendor = registers.word(0x00);
  if (vendor !== undefined && vendor !== 0xffff) facts.vendorId = vendor;
  const device = registers.word(0x02);
  if (device !== undefined && vendor !== 0xffff) facts.deviceId = device;
  if (vendor === 0xffff) return facts;
  const revision = registers.byte(0x08);
  if (revision !== undefined) facts.revision = revision;
  const classRegister = registers.long(0x08);
  if (classRegister !== undefined) {
    facts.classCode = classRegister >>> 8;
    facts.isInterfaceKnown = true;
  }
  const headerType = registers.byte(0x0e);
  const isBridge = headerType !== undefined && (headerType & 0x7f) === 1;
  if (isBridge) readBridge(registers, facts);
  else if (headerType !== undefined && (headerType & 0x7f) === 0) readEndpoint(registers, facts);
  const hasCapabilities = registers.word(0x06);
  const capabilities =
    hasCapabilities !== undefined && (hasCapabilities & 0x10) !== 0 ? listCapabilities(registers) : [];
  let express = false;
  for (const { id, at } of capabilities) {
    if (id === 0x10) {
      express = true;
      readExpress(registers, at, facts);
    } else if (id === 0x11) {
      const control = registers.word(at + 2);
      if (control !== undefined) facts.msixVectors = (control & 0x7ff) + 1;
    } else if (id === 0x0d && isBridge) {
      const subsystemVendor = registers.word(at + 4);
      const subsystem = registers.word(at + 6);
      if (subsystemVendor !== undefined) facts.subsystemVendorId = subsystemVendor;
      if (subsystem !== undefined) facts.subsystemDeviceId = subsystem;
    }
  }
  // Old I/O hubs show the link to the chipset as a root port without a bus below it.
  if (facts.role === 'root-port' && !isBridge) facts.role = 'host-bridge';
  if (!express && registers.byte(0xff) !== undefined) facts.role ??= isBridge ? 'pci-bridge' : conventionalRole(facts);
  readExtended(registers, express, facts);
  return facts;
}

function conventionalRole(facts: Draft): FunctionRole {
  return facts.classCode !== undefined && facts.classCode >>> 8 === 0x0600 ? 'host-bridge' : 'conventional';
}

/** Little-endian reads; undefined where a byte was not read. */
class Registers {
  readonly #bytes: Uint8Array;
  readonly #isKnown: (offset: number) => boolean;

  constructor(bytes: Uint8Array, isKnown: (offset: number) => boolean) {
    this.#bytes = bytes;
    this.#isKnown = isKnown;
  }

  byte(offset: number): number | undefined {
    return offset >= 0 && offset < this.#bytes.length && this.#isKnown(offset) ? this.#bytes[offset] : undefined;
  }

  word(offset: number): number | undefined {
    const low = this.byte(offset);
    const high = this.byte(offset + 1);
    return low === undefined || high === undefined ? undefined : low | (high << 8);
  }

  long(offset: number): number | undefined {
    const low = this.word(offset);
    const high = this.word(offset + 2);
    return low === undefined || high === undefined ? undefined : (low | (high << 16)) >>> 0;
  }
}

/** The list that starts at 0x34. A pointer that was followed before ends it. */
function listCapabilities(registers: Registers): { id: number; at: number }[] {
  const found: { id: number; at: number }[] = [];
  const seen = new Set<number>();
  for (let at = (registers.byte(0x34) ?? 0) & 0xfc; at >= 0x40 && !seen.has(at); ) {
    seen.add(at);
    const id = registers.byte(at);
    if (id === undefined || id === 0xff) break;
    found.push({ id, at });
    at = (registers.byte(at + 1) ?? 0) & 0xfc;
  }
  return found;
}

function readEndpoint(registers: Registers, facts: Draft): void {
  const subsystemVendor = registers.word(0x2c);
  const subsystem = registers.word(0x2e);
  if (subsystemVendor !== undefined && subsystemVendor !== 0 && subsystemVendor !== 0xffff) {
    facts.subsystemVendorId = subsystemVendor;
    if (subsystem !== undefined) facts.subsystemDeviceId = subsystem;
  }
  const bars = readBars(registers, 0x10, 6);
  if (bars.length > 0) facts.bars = bars;
}

function readBridge(registers: Registers, facts: Draft): void {
  const primary = registers.byte(0x18);
  const secondary = registers.byte(0x19);
  const subordinate = registers.byte(0x1a);
  if (primary !== undefined && secondary !== undefined && subordinate !== undefined) {
    facts.buses = { primary, secondary, subordinate };
  }
  const bars = readBars(registers, 0x10, 2);
  if (bars.length > 0) facts.bars = bars;
  facts.windows = readWindows(registers);
}

function readWindows(registers: Registers): NonNullable<Draft['windows']> {
  const windows: { io?: ObservedRange | null; memory?: ObservedRange | null; prefetchable?: ObservedRange | null } = {};
  const ioBase = registers.byte(0x1c);
  const ioLimit = registers.byte(0x1d);
  if (ioBase !== undefined && ioLimit !== undefined) {
    const wide = (ioBase & 0xf) === 1;
    const high = (offset: number) => (wide ? BigInt(registers.word(offset) ?? 0) << 16n : 0n);
    const start = high(0x30) | BigInt((ioBase & 0xf0) << 8);
    const end = high(0x32) | BigInt(((ioLimit & 0xf0) << 8) | 0xfff);
    windows.io = openRange(start, end);
  }
  const memory = registers.long(0x20);
  if (memory !== undefined) {
    const start = BigInt((memory & 0xfff0) * 0x10000);
    windows.memory = openRange(start, BigInt(((memory >>> 16) & 0xfff0) * 0x10000 + 0xfffff));
  }
  const prefetchable = registers.long(0x24);
  if (prefetchable !== undefined) {
    const wide = (prefetchable & 0xf) === 1;
    const high = (offset: number) => (wide ? BigInt(registers.long(offset) ?? 0) << 32n : 0n);
    const start = high(0x28) | BigInt((prefetchable & 0xfff0) * 0x10000);
    windows.prefetchable = openRange(start, high(0x2c) | BigInt(((prefetchable >>> 16) & 0xfff0) * 0x10000 + 0xfffff));
  }
  return windows;
}

/** A window whose limit lies below its base is closed. */
function openRange(start: bigint, end: bigint): ObservedRange | null {
  return end < start ? null : { start, end };
}

/** Kinds and addresses of BARs. Registers do not tell sizes. A BAR that reads 0 is taken not to exist. */
function readBars(registers: Registers, from: number, count: number): ObservedBar[] {
  const bars: ObservedBar[] = [];
  for (let index = 0; index < count; index++) {
    const value = registers.long(from + index * 4);
    if (value === undefined || value === 0 || value === 0xffffffff) continue;
    if ((value & 1) === 1) {
      const address = value & 0xfffffffc;
      bars.push({ index, kind: 'io', prefetchable: false, address: address === 0 ? null : BigInt(address >>> 0) });
      continue;
    }
    const wide = (value & 6) === 4;
    const high = wide ? (registers.long(from + (index + 1) * 4) ?? 0) : 0;
    const address = (BigInt(high) << 32n) | BigInt((value & 0xfffffff0) >>> 0);
    bars.push({
      index,
      kind: wide ? 'memory64' : 'memory32',
      prefetchable: (value & 8) !== 0,
      address: address === 0n ? null : address,
    });
    if (wide) index++;
  }
  return bars;
}

/** Device/Port Type of the PCI Express Capabilities register (PCI_EXP_TYPE_*). */
const portTypes: Readonly<Record<number, FunctionRole>> = {
  0: 'endpoint',
  1: 'endpoint',
  4: 'root-port',
  5: 'upstream-port',
  6: 'downstream-port',
  7: 'pcie-to-pci-bridge',
  8: 'pci-bridge',
  9: 'integrated-endpoint',
  10: 'integrated-endpoint',
};

function readExpress(registers: Registers, at: number, facts: Draft): void {
  const capabilities = registers.word(at + 2);
  if (capabilities === undefined) return;
  const version = capabilities & 0xf;
  const role = portTypes[(capabilities >> 4) & 0xf];
  if (role !== undefined) facts.role = role;
  const deviceCapabilities = registers.long(at + 0x04);
  if (deviceCapabilities !== undefined && (deviceCapabilities & 7) <= 5) {
    facts.maxPayloadSupportedBytes = 128 << (deviceCapabilities & 7);
  }
  const deviceControl = registers.word(at + 0x08);
  if (deviceControl !== undefined) {
    facts.relaxedOrdering = (deviceControl & 0x10) !== 0;
    facts.extendedTags = (deviceControl & 0x100) !== 0;
    if (((deviceControl >> 5) & 7) <= 5) facts.maxPayloadBytes = 128 << ((deviceControl >> 5) & 7);
    if (((deviceControl >> 12) & 7) <= 5) facts.maxReadRequestBytes = 128 << ((deviceControl >> 12) & 7);
  }
  const hasLink = facts.role !== 'integrated-endpoint';
  if (hasLink) readLink(registers, at, version, facts);
  if ((capabilities & 0x100) !== 0 && (facts.role === 'root-port' || facts.role === 'downstream-port')) {
    const slot = registers.long(at + 0x14);
    if (slot !== undefined) facts.hotplug = (slot & 0x40) !== 0;
  }
  if (version < 2) return;
  const capabilities2 = registers.long(at + 0x24);
  const control2 = registers.word(at + 0x28);
  if (capabilities2 !== undefined) facts.atomics = (capabilities2 & 0x3c0) !== 0;
  if (control2 !== undefined) facts.tenBitTags = (control2 & 0x1000) !== 0;
}

/** ASPM Control of Link Control, bits 0 and 1. */
const aspmStates = ['off', 'l0s', 'l1', 'l0s-l1'] as const;

function readLink(registers: Registers, at: number, version: number, facts: Draft): void {
  const capabilities = registers.long(at + 0x0c);
  const status = registers.word(at + 0x12);
  const control = registers.word(at + 0x10);
  const control2 = version >= 2 ? registers.word(at + 0x30) : undefined;
  const target = control2 === undefined ? undefined : generationOf(control2 & 0xf);
  const link: { current?: ObservedLinkState; capable?: ObservedLinkState; targetGeneration?: Generation } = {};
  if (capabilities !== undefined) link.capable = linkState(capabilities & 0xf, (capabilities >> 4) & 0x3f);
  if (status !== undefined) link.current = linkState(status & 0xf, (status >> 4) & 0x3f);
  if (target !== undefined) link.targetGeneration = target;
  facts.link = link;
  if (control !== undefined) facts.aspm = aspmStates[control & 3] ?? 'off';
  const status2 = version >= 2 ? registers.word(at + 0x32) : undefined;
  if (status2 !== undefined) facts.retimers = (status2 & 0x80) !== 0 ? 2 : (status2 & 0x40) !== 0 ? 1 : 0;
  const isDownstream = facts.role === 'downstream-port' || facts.role === 'upstream-port';
  if (control !== undefined && !isDownstream) facts.readCompletionBoundaryBytes = (control & 8) === 0 ? 64 : 128;
}

function generationOf(code: number): Generation | undefined {
  return isGeneration(code) ? code : undefined;
}

/** Speed by number of the data rate (1: 2.5 GT/s), width in lanes; 0 means no link. */
function linkState(speed: number, width: number): ObservedLinkState {
  const generation = generationOf(speed);
  const lanes: LaneCount | undefined = isLaneCount(width) ? width : undefined;
  return { ...(generation === undefined ? {} : { generation }), ...(lanes === undefined ? {} : { lanes }) };
}

/** PCI_EXT_CAP_ID_*. */
const extendedIds = { acs: 0x0d, ari: 0x0e, ats: 0x0f, sriov: 0x10, rebar: 0x15 } as const;

function readExtended(registers: Registers, express: boolean, facts: Draft): void {
  const first = registers.long(0x100);
  if (first === undefined || !express) return;
  // Root ports whose extended space is not decoded read all ones; an empty list is a zero.
  if (first === 0xffffffff) return;
  facts.acs = null;
  const seen = new Set<number>();
  for (let at = 0x100; at >= 0x100 && at < 0x1000 && !seen.has(at); ) {
    seen.add(at);
    const header = registers.long(at);
    if (header === undefined) {
      // The list leaves what was dumped: nothing can be said of what it may still hold.
      if (facts.acs === null) delete facts.acs;
      return;
    }
    if (header === 0 || header === 0xffffffff) return;
    const id = header & 0xffff;
    if (id === extendedIds.acs) {
      const capability = registers.word(at + 4);
      const control = registers.word(at + 6);
      if (capability !== undefined && control !== undefined) {
        facts.acs = { capability: acsBitsOf(capability), control: acsBitsOf(control) };
      }
    } else if (id === extendedIds.ari) {
      facts.ari = true;
    } else if (id === extendedIds.ats) {
      const control = registers.word(at + 6);
      if (control !== undefined) facts.ats = (control & 0x8000) !== 0;
    } else if (id === extendedIds.sriov) {
      readSriov(registers, at, facts);
    } else if (id === extendedIds.rebar) {
      readResizable(registers, at, facts);
    }
    at = header >>> 20;
  }
}

/** Bits of the ACS registers in the order of the names: SV 01, TB 02, RR 04, CR 08, UF 10, EC 20, DT 40. */
function acsBitsOf(value: number): AcsBit[] {
  return acsBits.filter((_, bit) => (value & (1 << bit)) !== 0);
}

function readSriov(registers: Registers, at: number, facts: Draft): void {
  const totalVfs = registers.word(at + 0x0e);
  const numVfs = registers.word(at + 0x10);
  const control = registers.word(at + 0x08);
  const vfOffset = registers.word(at + 0x14);
  const vfStride = registers.word(at + 0x16);
  const vfDeviceId = registers.word(at + 0x1a);
  if (totalVfs === undefined || numVfs === undefined || control === undefined) return;
  facts.sriov = {
    totalVfs,
    enabledVfs: (control & 1) === 0 ? 0 : numVfs,
    ...(vfOffset === undefined ? {} : { vfOffset }),
    ...(vfStride === undefined ? {} : { vfStride }),
    ...(vfDeviceId === undefined ? {} : { vfDeviceId }),
    bars: readBars(registers, at + 0x24, 6),
  };
}

/** Resizable BAR: this one register does tell sizes (PCIe Base 5.0 section 7.8.6). */
function readResizable(registers: Registers, at: number, facts: Draft): void {
  const count = ((registers.long(at + 8) ?? 0) >> 5) & 7;
  for (let entry = 0; entry < count && entry < 6; entry++) {
    const capability = registers.long(at + 4 + entry * 8);
    const control = registers.long(at + 8 + entry * 8);
    if (capability === undefined || control === undefined) return;
    const index = control & 7;
    const sizes: number[] = [];
    for (let bit = 4; bit < 32; bit++) if ((capability & (1 << bit)) !== 0) sizes.push(2 ** (bit + 16));
    for (let bit = 16; bit < 32; bit++) if ((control & (1 << bit)) !== 0) sizes.push(2 ** (bit + 32));
    const [minimumBytes] = sizes;
    const maximumBytes = sizes.at(-1);
    if (minimumBytes === undefined || maximumBytes === undefined) continue;
    const bytes = 2 ** (((control >> 8) & 0x3f) + 20);
    facts.bars = (facts.bars ?? []).map((bar) =>
      bar.index === index ? { ...bar, bytes, resizable: { minimumBytes, maximumBytes } } : bar,
    );
  }
}
