import { type ComponentKind, componentAt, type Machine } from '../machine.ts';
import { formatHex } from '../quantity.ts';
import { type HostWindow, hostWindows } from './apertures.ts';
import { programEdk2 } from './edk2.ts';
import {
  type AddressRange,
  type EnumeratedBar,
  type EnumeratedDevice,
  type Enumeration,
  placementRules,
  type UnassignedBar,
} from './enumeration.ts';
import type { FirmwareHost } from './firmware.ts';
import { type LinuxFunction, type LinuxState, linuxState } from './linux/bus.ts';
import { claimFirmwareAddresses } from './linux/claim.ts';
import { assignUnassigned, type Failures } from './linux/kernel.ts';
import { type BarRequirement, barRequirements, virtualBarRequirements } from './requirements.ts';
import {
  firstVirtualSlot,
  firstWindowSlot,
  ioSpace,
  makeResource,
  memorySpace,
  prefetchableSpace,
  type Resource,
} from './resource.ts';
import { programSeabios } from './seabios.ts';
import { configurationCycles } from './steps.ts';
import { discoverTopology, type FirmwareProfile, type PciFunction } from './topology.ts';
import { explainUnassigned, type WantedBar } from './unassigned.ts';
import { virtualAddresses } from './virtual-functions.ts';
import { assumedVirtualPlaces } from './virtual-places.ts';

export interface EnumerateOptions {
  /** `linux` where absent. */
  readonly firmware?: FirmwareProfile;
  /** Also list each configuration cycle. */
  readonly steps?: boolean;
}

/**
 * The boot-time discovery: bus numbers, BARs and windows as firmware and kernel give them. Under `linux` the kernel does
 * everything; under `seabios` and `edk2` firmware goes first, and the kernel keeps what it did and places the rest.
 */
export function enumerate(machine: Machine, options: EnumerateOptions = {}): Enumeration {
  const firmware = options.firmware ?? 'linux';
  const topology = discoverTopology(machine, firmware);
  const { bySocket, assumptions } = hostWindows(machine);
  const resizableBar = machine.firmware.resizableBar === true;
  const hosts = topology.hosts.map((host) => {
    const windows = bySocket.get(host.socket) ?? [];
    const spaces = windows.map(spaceOf);
    return { host, windows, spaces, state: linuxState(host.root, spaces, resizableBar) };
  });

  const firmwareStops = runFirmware(firmware, hosts);
  const unassigned: UnassignedBar[] = [];
  for (const { host, state, spaces } of hosts) {
    if (firmware !== 'linux') claimFirmwareAddresses(state.root);
    const wanted = wantedBars(state, resizableBar);
    const failures: Failures = assignUnassigned(state, machine.linux);
    unassigned.push(...explainUnassigned({ host, state, spaces, failures, wanted }));
  }

  const devices: EnumeratedDevice[] = [];
  for (const { state } of hosts) {
    for (const one of state.functions.values()) {
      const { kind } = componentAt(machine, one.fn.component);
      devices.push(describe(one, kind, resizableBar), ...virtualFunctions(one, kind));
    }
  }
  devices.sort((a, b) => (a.bdf < b.bdf ? -1 : a.bdf > b.bdf ? 1 : 0));
  const enumeration: Enumeration = {
    firmware,
    rules: placementRules,
    hosts: hosts.map(({ host, windows }) => ({
      name: host.name,
      component: host.socket,
      segment: host.segment,
      busRange: host.busRange,
      lastBus: host.root.last,
      windows: windows.map(({ kind, prefetchable, start, end, stated }) => ({
        kind: prefetchable ? 'prefetchable' : kind,
        start: formatHex(start),
        end: formatHex(end),
        stated,
      })),
    })),
    devices,
    unassigned,
    shortages: topology.shortages,
    unreached: topology.unreached,
    firmwareStops,
    assumptions: [...assumptions, ...assumedVirtualPlaces(machine)],
    steps: [],
  };
  return options.steps === true ? { ...enumeration, steps: [...configurationCycles(enumeration)] } : enumeration;
}

function spaceOf({ kind, prefetchable, start, end }: HostWindow): Resource {
  const bits = kind === 'io' ? ioSpace : memorySpace | (prefetchable ? prefetchableSpace : 0);
  return { ...makeResource(-1, -1, bits, 0), start, end };
}

function runFirmware(firmware: FirmwareProfile, hosts: readonly FirmwareHost[]): string | null {
  if (firmware === 'seabios') return programSeabios(hosts);
  return firmware === 'edk2' ? programEdk2(hosts) : null;
}

function wantedBars(state: LinuxState, resizableBar: boolean): WantedBar[] {
  const wanted: WantedBar[] = [];
  for (const one of state.functions.values()) {
    for (const { resource, bytes } of requirementsOf(one, resizableBar)) {
      wanted.push({ one, resource, kind: resource.kind, bytes });
    }
  }
  return wanted;
}

interface Placed {
  readonly index: number;
  readonly resource: Resource;
  readonly bytes: number;
}

/** The BARs of a function with the resources that stand for them; sizes are of all virtual functions together. */
function requirementsOf(one: LinuxFunction, resizableBar: boolean): Placed[] {
  const bySlot = new Map(one.resources.map((resource) => [resource.slot, resource]));
  const placed: Placed[] = [];
  const add = (index: number, bytes: number) => {
    const resource = bySlot.get(index);
    if (resource !== undefined) placed.push({ index, resource, bytes });
  };
  for (const bar of barRequirements(one.fn, resizableBar)) add(bar.index, bar.bytes);
  for (const bar of virtualBarRequirements(one.fn.sriov)) add(firstVirtualSlot + bar.index, bar.bytes * bar.count);
  return placed;
}

/** Channels of an IDE controller in compatibility mode, by the bits of its interface (Linux 6.1, drivers/pci/probe.c, pci_setup_device). */
const ideChannels: readonly {
  readonly nativeBit: number;
  readonly ports: readonly (readonly [index: number, address: number, bytes: number])[];
}[] = [
  {
    nativeBit: 1,
    ports: [
      [0, 0x1f0, 8],
      [1, 0x3f6, 1],
    ],
  },
  {
    nativeBit: 4,
    ports: [
      [2, 0x170, 8],
      [3, 0x376, 1],
    ],
  },
];

function legacyIo({ classCode }: PciFunction): Pick<EnumeratedDevice, 'legacyIo'> {
  if (classCode === null || classCode >> 8 !== 0x0101) return {};
  const channels = ideChannels.filter(({ nativeBit }) => (classCode & nativeBit) === 0);
  const ports = channels.flatMap((channel) => channel.ports);
  if (ports.length === 0) return {};
  return { legacyIo: ports.map(([index, address, bytes]) => ({ index, address: formatHex(address), bytes })) };
}

function describe(one: LinuxFunction, componentKind: ComponentKind, resizableBar: boolean): EnumeratedDevice {
  const { fn, windows, resources } = one;
  const addressOf = (slot: number): string | null => {
    const resource = resources.find((other) => other.slot === slot);
    return resource === undefined || resource.parent === null ? null : formatHex(resource.start);
  };
  const bar = ({ index, kind, prefetchable, bytes }: BarRequirement, slot: number): EnumeratedBar => ({
    index,
    kind,
    // A ROM is no prefetchable BAR, though the kernel places it like one.
    prefetchable: kind !== 'rom' && prefetchable,
    bytes,
    address: addressOf(slot),
  });
  return {
    name: fn.name,
    component: fn.component,
    kind: componentKind,
    bdf: fn.address,
    parent: fn.bus.bridge?.address ?? null,
    ...identity(fn),
    physicalFunction: null,
    bus: fn.below === null ? null : { primary: fn.bus.number, secondary: fn.below.number, subordinate: fn.below.last },
    bars: barRequirements(fn, resizableBar).map((one) => bar(one, one.index)),
    virtualBars: virtualBarRequirements(fn.sriov).map((one) => ({
      ...bar(one, firstVirtualSlot + one.index),
      count: one.count,
    })),
    ...legacyIo(fn),
    windows:
      windows === null
        ? null
        : {
            io: rangeOf(windows.io),
            memory: rangeOf(windows.memory),
            prefetchable: rangeOf(windows.prefetchable),
          },
  };
}

const identity = ({ vendorId, deviceId, classCode }: PciFunction) => ({
  vendor: vendorId === null ? null : formatHex(vendorId, 4),
  device: deviceId === null ? null : formatHex(deviceId, 4),
  class: classCode === null ? null : formatHex(classCode, 6),
});

const rangeOf = ({ kind, parent, start, end }: Resource): AddressRange =>
  kind === 0 || parent === null || end < start ? null : [formatHex(start), formatHex(end)];

/** The virtual functions that are enabled now, where the text says at which distances they stand. */
function virtualFunctions(one: LinuxFunction, kind: ComponentKind): EnumeratedDevice[] {
  const { fn, resources } = one;
  const { sriov } = fn;
  const bars = virtualBarRequirements(sriov);
  // The kernel enables none without memory for all of them (drivers/pci/iov.c, sriov_enable).
  if (resources.some(({ slot, parent }) => slot >= firstVirtualSlot && slot < firstWindowSlot && parent === null))
    return [];
  return virtualAddresses(fn).map((bdf, index) => {
    return {
      name: `${fn.name}.vf${index}`,
      component: fn.component,
      kind,
      bdf,
      parent: fn.bus.bridge?.address ?? null,
      ...identity({ ...fn, deviceId: sriov?.vfDeviceId ?? null }),
      physicalFunction: fn.address,
      bus: null,
      bars: bars.map(({ index: bar, kind: barKind, prefetchable, bytes }) => {
        const resource = resources.find((other) => other.slot === firstVirtualSlot + bar);
        const placed = resource !== undefined && resource.parent !== null;
        return {
          index: bar,
          kind: barKind,
          prefetchable,
          bytes,
          address: placed ? formatHex(resource.start + bytes * index) : null,
        };
      }),
      virtualBars: [],
      windows: null,
    };
  });
}
