import type { CapabilityBlock } from '../block.ts';
import type { FunctionFacts, LinkFacts } from '../facts.ts';
import { bitWhere, field, type RegisterSpace, setDword, setWord } from '../registers.ts';
import { isDownstreamFacing, type PciRole } from '../role.ts';

/** Offsets in the capability (PCI Express Base Specification 5.0, 7.5.3; PCI_EXP_* of linux/pci_regs.h). */
export const expressOffsets = {
  flags: 0x02,
  deviceCapabilities: 0x04,
  deviceControl: 0x08,
  deviceStatus: 0x0a,
  linkCapabilities: 0x0c,
  linkControl: 0x10,
  linkStatus: 0x12,
  slotCapabilities: 0x14,
  slotControl: 0x18,
  slotStatus: 0x1a,
  rootControl: 0x1c,
  rootCapabilities: 0x1e,
  rootStatus: 0x20,
  deviceCapabilities2: 0x24,
  deviceControl2: 0x28,
  linkCapabilities2: 0x2c,
  linkControl2: 0x30,
  linkStatus2: 0x32,
  slotCapabilities2: 0x34,
} as const;

/** Device/Port Type. */
const portTypes: Readonly<Partial<Record<PciRole, number>>> = {
  endpoint: 0x0,
  'virtual-function': 0x0,
  'root-port': 0x4,
  'upstream-port': 0x5,
  'downstream-port': 0x6,
  'pcie-to-pci-bridge': 0x7,
  'integrated-endpoint': 0x9,
};

/** PCI Express, version 2 of the structure: device, link, slot and root registers, as the role has them. */
export const pciExpress = (facts: FunctionFacts): CapabilityBlock => ({
  kind: 'standard',
  id: 0x10,
  name: 'PCI Express',
  bytes: 0x3c,
  write(space, at) {
    const { role, link } = facts;
    const slot = isDownstreamFacing(role) && link !== null;
    setWord(space, at + expressOffsets.flags, 2 | field(portTypes[role] ?? 0, 4, 4) | bitWhere(slot, 0x100));
    writeDevice(space, at, facts);
    writeDevice2(space, at, facts);
    if (link !== null && role !== 'integrated-endpoint') writeLink(space, at, facts, link);
    if (slot) writeSlot(space, at, facts, link);
    if (role === 'root-port') writeRoot(space, at);
  },
});

/** 128 bytes are 0, 4096 bytes are 5. */
const payloadCode = (bytes: number): number => Math.round(Math.log2(bytes)) - 7;

function writeDevice(space: RegisterSpace, at: number, facts: FunctionFacts): void {
  const { role, settings, component } = facts;
  const isVirtual = role === 'virtual-function';
  const tags = settings.extendedTags === true;
  const functionLevelReset = isVirtual || component.sriov !== null;
  const roleBasedErrors = 0x8000;
  setDword(
    space,
    at + expressOffsets.deviceCapabilities,
    payloadCode(facts.maxPayloadSupportedBytes) |
      bitWhere(tags, 0x20) |
      roleBasedErrors |
      bitWhere(functionLevelReset && !isDownstreamFacing(role) && role !== 'upstream-port', 0x10000000),
  );
  // A virtual function has none of these; its physical function's hold (SR-IOV 1.1, 3.5.4).
  const control =
    bitWhere(settings.relaxedOrdering ?? true, 0x10) |
    field(payloadCode(facts.maxPayloadBytes), 5, 3) |
    bitWhere(tags, 0x100) |
    // Enable No Snoop is set at reset.
    0x800 |
    field(payloadCode(facts.maxReadRequestBytes), 12, 3);
  const writable = 0x78ff | bitWhere(tags, 0x100);
  setWord(space, at + expressOffsets.deviceControl, isVirtual ? 0 : control, { writable: isVirtual ? 0 : writable });
  setWord(space, at + expressOffsets.deviceStatus, 0, { clearable: 0xf });
}

function writeDevice2(space: RegisterSpace, at: number, facts: FunctionFacts): void {
  const { role, settings, link } = facts;
  const downstream = isDownstreamFacing(role);
  const routes = downstream || role === 'upstream-port';
  const completes = !routes || role === 'root-port';
  const atomics = settings.atomics === true;
  const wideTags = settings.tenBitTags === true;
  const latencies = reportsLatency(facts);
  const prefixes = settings.pasid === true;
  setDword(
    space,
    at + expressOffsets.deviceCapabilities2,
    bitWhere(downstream && facts.ariForwarding, 0x20) |
      bitWhere(atomics && routes, 0x40) |
      bitWhere(atomics && completes, 0x180) |
      bitWhere(latencies, 0x800) |
      // A completer at 16 GT/s takes 10-bit tags (7.5.3.15); asking with them is the device's choice.
      bitWhere(wideTags || (link !== null && link.generation >= 4), 0x10000) |
      bitWhere(wideTags, 0x20000) |
      // One End-End TLP prefix carries the PASID.
      bitWhere(prefixes, 0x600000),
  );
  const control = bitWhere(downstream && facts.ariForwarding, 0x20) | bitWhere(wideTags, 0x1000);
  const writable =
    bitWhere(downstream && facts.ariForwarding, 0x20) |
    bitWhere(atomics, 0x40) |
    bitWhere(atomics && routes, 0x80) |
    bitWhere(latencies, 0x400) |
    bitWhere(wideTags, 0x1000);
  const isVirtual = role === 'virtual-function';
  setWord(space, at + expressOffsets.deviceControl2, isVirtual ? 0 : control, { writable: isVirtual ? 0 : writable });
}

/** Latency Tolerance Reporting belongs to links that enter L1. */
export const reportsLatency = ({ link }: FunctionFacts): boolean =>
  link !== null && (link.aspm === 'l1' || link.aspm === 'l0s-l1');

const aspmBits = { off: 0, l0s: 1, l1: 2, 'l0s-l1': 3 } as const;

function writeLink(space: RegisterSpace, at: number, facts: FunctionFacts, link: LinkFacts): void {
  const { role, settings } = facts;
  const downstream = isDownstreamFacing(role);
  const { generation, lanes, trained } = link;
  const aspm = aspmBits[link.aspm ?? 'off'];
  // Obligatory for ports faster than 5 GT/s and for hot-plug (7.5.3.6).
  const reportsActive = downstream && (generation >= 3 || settings.hotplug === true);
  // Obligatory for ports that can change speed or width.
  const notifiesBandwidth = downstream && (generation > 1 || lanes > 1);
  setDword(
    space,
    at + expressOffsets.linkCapabilities,
    field(generation, 0, 4) |
      field(lanes, 4, 6) |
      field(aspm, 10, 2) |
      // Exit latencies are not said: the longest of the encoding.
      bitWhere((aspm & 1) !== 0, 0x7000) |
      bitWhere((aspm & 2) !== 0, 0x38000) |
      bitWhere(reportsActive, 0x100000) |
      bitWhere(notifiesBandwidth, 0x200000) |
      // ASPM Optionality Compliance: set by all functions of today's specification.
      0x400000 |
      field(link.number + 1, 24, 8),
  );
  const isVirtual = role === 'virtual-function';
  const wideBoundary = settings.readCompletionBoundaryBytes === 128;
  const fixedBoundary = role === 'root-port' || role === 'upstream-port' || role === 'downstream-port';
  // Common clock, as CEM slots have it.
  const control = field(aspm, 0, 2) | bitWhere(wideBoundary, 0x8) | 0x40;
  const writable =
    0x02c3 | bitWhere(!fixedBoundary, 0x8) | bitWhere(downstream, 0x10) | bitWhere(notifiesBandwidth, 0xc00);
  setWord(space, at + expressOffsets.linkControl, isVirtual ? 0 : control, { writable: isVirtual ? 0 : writable });
  const slotClock = 0x1000;
  const active = bitWhere(reportsActive && trained !== null, 0x2000);
  // Without a link the width is not defined; ports in use read 2.5 GT/s and no lanes.
  const status = field(trained?.generation ?? 1, 0, 4) | field(trained?.lanes ?? 0, 4, 6) | slotClock | active;
  const bandwidthEvents = bitWhere(notifiesBandwidth, 0xc000);
  setWord(space, at + expressOffsets.linkStatus, isVirtual ? 0 : status, { clearable: bandwidthEvents });
  setDword(space, at + expressOffsets.linkCapabilities2, speedVector(generation));
  setWord(space, at + expressOffsets.linkControl2, isVirtual ? 0 : link.targetGeneration, {
    writable: isVirtual ? 0 : 0xffbf,
  });
  // Equalization at 8 GT/s complete, all three phases; the request for it is RW1C.
  const equalized = bitWhere(trained !== null && trained.generation >= 3, 0x1e);
  setWord(space, at + expressOffsets.linkStatus2, isVirtual ? 0 : equalized, { clearable: 0x20 });
}

/** Supported Link Speeds Vector: every speed up to the fastest. */
const speedVector = (generation: number): number => 2 ** (generation + 1) - 2;

function writeSlot(space: RegisterSpace, at: number, { settings }: FunctionFacts, link: LinkFacts): void {
  const hotplug = settings.hotplug === true;
  const surprise = 0x20;
  const capable = 0x40;
  const noCommandCompleted = 0x40000;
  // Slots are numbered like links, from 1.
  setDword(
    space,
    at + expressOffsets.slotCapabilities,
    bitWhere(hotplug, surprise | capable | noCommandCompleted) | field(link.number + 1, 19, 13),
  );
  setWord(space, at + expressOffsets.slotControl, 0, { writable: hotplug ? 0x102f : 0x1008 });
  setWord(space, at + expressOffsets.slotStatus, bitWhere(link.trained !== null, 0x40), { clearable: 0x11f });
}

function writeRoot(space: RegisterSpace, at: number): void {
  setWord(space, at + expressOffsets.rootControl, 0, { writable: 0x1f });
  // Configuration Request Retry Status is visible to software.
  setWord(space, at + expressOffsets.rootCapabilities, 1);
  setDword(space, at + expressOffsets.rootStatus, 0, { clearable: 0x10000 });
}
