import type { Bar, SriovCapability } from '../address.ts';
import { type Component, componentAt, type Machine } from '../machine.ts';
import { virtualPlaces } from './virtual-places.ts';

/** Who numbers the buses and places the BARs first. `linux`: the kernel does everything (`pci=assign-busses`). */
export const firmwareProfiles = ['linux', 'seabios', 'edk2'] as const;
export type FirmwareProfile = (typeof firmwareProfiles)[number];

/** A function that answers configuration reads, and where. */
export interface PciFunction {
  /** Index in `Topology.functions`; functions of one bus follow each other's subtrees, depth first. */
  readonly index: number;
  readonly component: number;
  /** Number within the component: 0 for what stands on the component itself. */
  readonly part: number;
  readonly name: string;
  readonly bus: PciBus;
  readonly device: number;
  readonly fn: number;
  /** `0000:01:00.0`, as lspci -D prints it. */
  readonly address: string;
  readonly vendorId: number | null;
  readonly deviceId: number | null;
  readonly classCode: number | null;
  readonly bars: readonly Bar[];
  readonly sriov: SriovCapability | null;
  /** A root port or a downstream port: there is a link, and so one device at most, below it. */
  readonly isPort: boolean;
  readonly hotplug: boolean;
  /** The bus below a bridge; null for an endpoint, and for a bridge that got no bus number. */
  readonly below: PciBus | null;
  readonly isBridge: boolean;
}

export interface PciBus {
  readonly segment: number;
  readonly number: number;
  /** Last bus number at or below this bus. */
  readonly last: number;
  /** The bridge above; null for a root bus. */
  readonly bridge: PciFunction | null;
  /** In the order of the scan: by device, then function. */
  readonly functions: readonly PciFunction[];
}

export interface HostBridge {
  /** Component id of the socket. */
  readonly socket: number;
  readonly name: string;
  readonly segment: number;
  /** Bus numbers that the host bridge decodes. */
  readonly busRange: readonly [number, number];
  readonly root: PciBus;
}

/** A host bridge or bridge whose bus numbers do not suffice. */
export interface BusShortage {
  readonly socket: number;
  readonly busRange: readonly [number, number];
  readonly neededBuses: number;
  readonly availableBuses: number;
  /** Bridges that got no bus number: component ids. Nothing below them is found. */
  readonly bridges: readonly number[];
}

export interface Topology {
  readonly hosts: readonly HostBridge[];
  readonly functions: readonly PciFunction[];
  readonly shortages: readonly BusShortage[];
  /** Components that no configuration read reaches: below a port only device 0 is looked for. */
  readonly unreached: readonly number[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type FunctionDraft = Mutable<PciFunction>;
type BusDraft = Omit<Mutable<PciBus>, 'functions'> & { functions: PciFunction[] };

const known = new WeakMap<Machine, Map<FirmwareProfile, Topology>>();

/**
 * Host bridges, buses and functions as firmware and kernel find them: depth first, siblings by device and function, one bus
 * for every bridge, empty ports included, none extra for hot-plug (Linux 6.1, drivers/pci/probe.c,
 * pci_scan_child_bus_extend). Numbers that the text states hold, and their bridges are scanned before the others of the
 * bus, as those that firmware has configured are. Linux and edk2 also keep the buses that virtual functions lie on.
 */
export function discoverTopology(machine: Machine, firmware: FirmwareProfile = 'linux'): Topology {
  let byFirmware = known.get(machine);
  if (byFirmware === undefined) {
    byFirmware = new Map();
    known.set(machine, byFirmware);
  }
  let topology = byFirmware.get(firmware);
  if (topology === undefined) {
    topology = discover(machine, firmware);
    byFirmware.set(firmware, topology);
  }
  return topology;
}

function discover(machine: Machine, firmware: FirmwareProfile): Topology {
  const functions: PciFunction[] = [];
  const unreached: number[] = [];
  const hosts: HostBridge[] = [];
  const shortages: BusShortage[] = [];
  const nextBus = new Map<number, number>();
  const sockets = machine.components.filter(({ kind }) => kind === 'socket');
  for (const socket of sockets) {
    const { settings } = socket;
    const segment = settings.segment ?? 0;
    const first = settings.bus ?? settings.busRange?.[0] ?? nextBus.get(segment) ?? 0;
    const limit = settings.busRange?.[1] ?? lastBusBefore(sockets, segment, first);
    const walk: Walk = { machine, firmware, segment, functions, unreached, exhausted: [] };
    const root: BusDraft = { segment, number: first, last: first, bridge: null, functions: [] };
    scanBus(walk, root, rootChildren(machine, socket), limit, 1);
    hosts.push({ socket: socket.id, name: socket.name, segment, busRange: [first, limit], root });
    nextBus.set(segment, root.last + 1);
    if (walk.exhausted.length === 0) continue;
    const unlimited: Walk = { ...walk, functions: [], unreached: [], exhausted: [] };
    const whole: BusDraft = { ...root, last: first, functions: [] };
    scanBus(unlimited, whole, rootChildren(machine, socket), Number.POSITIVE_INFINITY, 1);
    shortages.push({
      socket: socket.id,
      busRange: [first, limit],
      neededBuses: whole.last - first + 1,
      availableBuses: Math.max(0, limit - first + 1),
      bridges: walk.exhausted,
    });
  }
  return { hosts, functions, shortages, unreached };
}

/** The last bus that a host bridge may have: the one before the next host bridge of its segment whose number is stated. */
function lastBusBefore(sockets: readonly Component[], segment: number, first: number): number {
  let last = lastBusOfSegment;
  for (const { settings } of sockets) {
    const bus = settings.bus ?? settings.busRange?.[0];
    if ((settings.segment ?? 0) !== segment || bus === undefined || bus <= first) continue;
    last = Math.min(last, bus - 1);
  }
  return last;
}

/** A segment has 256 buses (PCI Express Base Specification, Routing ID: 8 bits of bus number). */
const lastBusOfSegment = 255;

interface Walk {
  readonly machine: Machine;
  readonly firmware: FirmwareProfile;
  readonly segment: number;
  readonly functions: PciFunction[];
  readonly unreached: number[];
  readonly exhausted: number[];
}

/** Finds the functions of a bus and numbers the buses below it; `bus.last` ends as the last number used. */
function scanBus(walk: Walk, bus: BusDraft, children: readonly Component[], limit: number, from: number): void {
  const bridges: { readonly fn: FunctionDraft; readonly component: Component }[] = [];
  const placed = placeOnBus(children, from);
  const linked = bus.bridge?.isPort === true;
  for (const { component, device, fn } of placed) {
    // Below a link there is one device: pci_scan_child_bus looks for device 0 only (only_one_child).
    if (linked && device !== 0) {
      walk.unreached.push(component.id);
      continue;
    }
    const made = addFunctions(walk, bus, component, device, fn);
    if (isBridge(component)) bridges.push({ fn: made, component });
  }
  if (walk.firmware !== 'seabios') bus.last += virtualFunctionBuses(bus.functions);
  bus.functions.sort((a, b) => a.device - b.device || a.fn - b.fn);
  for (const { component } of bridges) {
    const range = statedRange(component, bus.number, limit);
    if (range !== null) bus.last = Math.max(bus.last, range[1]);
  }
  for (const { fn, component } of bridges) {
    const range = statedRange(component, bus.number, limit);
    const secondary = range === null ? bus.last + 1 : range[0];
    if (secondary > limit) {
      walk.exhausted.push(component.id);
      continue;
    }
    const below: BusDraft = { ...bus, number: secondary, last: secondary, bridge: fn, functions: [] };
    fn.below = below;
    const inside = component.children.map((id) => componentAt(walk.machine, id));
    scanBus(walk, below, inside, range === null ? limit : range[1], 0);
    if (range !== null) below.last = range[1];
    else {
      below.last = withReserve(walk, fn, below, limit);
      bus.last = below.last;
    }
  }
}

/** Last bus number below a bridge; a hot-plug port keeps those that `pci=hpbussize=` says, where the kernel numbers. */
function withReserve({ machine, firmware }: Walk, fn: PciFunction, below: PciBus, limit: number): number {
  if (firmware !== 'linux' || !fn.hotplug || !fn.isPort) return below.last;
  return Math.max(below.last, Math.min(limit, below.number + (machine.linux.hotplugBuses ?? 1) - 1));
}

/** Bus numbers of a bridge that the text states, where they lie inside the bus above. */
function statedRange(component: Component, bus: number, limit: number): readonly [number, number] | null {
  const range = component.settings.busRange;
  return range !== undefined && range[0] > bus && range[1] >= range[0] && range[1] <= limit ? range : null;
}

function addFunctions(walk: Walk, bus: BusDraft, component: Component, device: number, fn: number): FunctionDraft {
  const { settings } = component;
  const made: FunctionDraft = {
    index: walk.functions.length,
    component: component.id,
    part: 0,
    name: component.name,
    bus,
    device,
    fn,
    address: formatAddress(walk.segment, bus.number, device, fn),
    vendorId: settings.vendorId ?? null,
    deviceId: settings.deviceId ?? null,
    classCode: settings.classCode ?? classByKind(component),
    bars: component.bars,
    sriov: component.sriov,
    isPort: isLinkPort(component),
    hotplug: settings.hotplug === true,
    below: null,
    isBridge: isBridge(component),
  };
  walk.functions.push(made);
  bus.functions.push(made);
  for (const further of component.functions) {
    if (further.number <= fn || further.number > 255) continue;
    const at = { device: device + (further.number >> 3), fn: further.number & 7 };
    const part: PciFunction = {
      ...made,
      index: walk.functions.length,
      part: further.number,
      name: `${component.name}.${further.label}`,
      ...at,
      address: formatAddress(walk.segment, bus.number, at.device, at.fn),
      vendorId: further.vendorId ?? made.vendorId,
      deviceId: further.deviceId,
      classCode: further.classCode,
      bars: further.bars,
      sriov: null,
      isPort: false,
      hotplug: false,
      isBridge: false,
    };
    walk.functions.push(part);
    bus.functions.push(part);
  }
  return made;
}

/**
 * The class code where the kind leaves no doubt: a PCI-to-PCI bridge, an NVM Express I/O controller, an AHCI controller
 * (PCI Code and ID Assignment Specification); null for all else.
 */
function classByKind(component: Component): number | null {
  if (isBridge(component)) return 0x060400;
  if (component.kind === 'nvme') return 0x010802;
  if (component.kind === 'sata') return 0x010601;
  return null;
}

/** Buses beyond its own that the last virtual function of a bus needs (drivers/pci/iov.c, pci_iov_bus_range). */
function virtualFunctionBuses(functions: readonly PciFunction[]): number {
  let extra = 0;
  for (const { sriov, device, fn } of functions) {
    if (sriov === null || sriov.totalVfs === 0 || sriov.vfOffset === 0) continue;
    // Virtual functions that are not said to be on, nor where they would stand, take no bus.
    if (sriov.enabledVfs === 0 && (sriov.vfOffset === null || sriov.vfStride === null) && sriov.totalVfs > 1) continue;
    const { offset, stride } = virtualPlaces(sriov);
    if (sriov.totalVfs > 1 && stride === 0) continue;
    const last = device * 8 + fn + offset + stride * (sriov.totalVfs - 1);
    extra = Math.max(extra, last >> 8);
  }
  return extra;
}

/** What stands on a root bus: the socket's own, and what a chipset adds to it. */
function rootChildren(machine: Machine, socket: Component): Component[] {
  return socket.children
    .map((id) => componentAt(machine, id))
    .flatMap((child) => (child.kind === 'chipset' ? child.children.map((id) => componentAt(machine, id)) : [child]));
}

/** True for a function with a bus below it. */
export function isBridge({ kind }: Component): boolean {
  return kind === 'root-port' || kind === 'port' || kind === 'switch' || kind === 'bridge';
}

/** True for a port with a link below it, and so with one device at most. */
function isLinkPort({ kind }: Component): boolean {
  return kind === 'root-port' || kind === 'port';
}

interface Placed {
  readonly component: Component;
  readonly device: number;
  readonly fn: number;
}

/** Device and function numbers on one bus, in the order of the scan. More than 32 devices go on as further functions. */
function placeOnBus(children: readonly Component[], from: number): Placed[] {
  const taken = new Set<number>();
  const placed: Placed[] = [];
  const waiting: Component[] = [];
  for (const component of children) {
    const { deviceNumber, functionNumber } = component.settings;
    if (deviceNumber === undefined) {
      waiting.push(component);
      continue;
    }
    taken.add(deviceNumber * 8 + (functionNumber ?? 0));
    placed.push({ component, device: deviceNumber, fn: functionNumber ?? 0 });
  }
  for (const component of waiting) {
    const fn = component.settings.functionNumber ?? 0;
    let slot = component.settings.functionNumber === undefined ? freeSlot(taken, from) : fn;
    if (slot < 0) slot = 255;
    taken.add(slot);
    placed.push({ component, device: slot >> 3, fn: slot & 7 });
  }
  return placed.sort((a, b) => a.device - b.device || a.fn - b.fn);
}

/** The first free device number with function 0; when all are taken, the first free function. */
function freeSlot(taken: ReadonlySet<number>, from: number): number {
  for (let fn = 0; fn < 8; fn++) {
    for (let device = from; device < 32; device++) if (!taken.has(device * 8 + fn)) return device * 8 + fn;
  }
  return -1;
}

/** `0000:01:00.0`, as lspci -D prints it. */
export function formatAddress(segment: number, bus: number, device: number, fn: number): string {
  return `${hex(segment, 4)}:${hex(bus, 2)}:${hex(device, 2)}.${fn}`;
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
