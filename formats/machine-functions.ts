import { enumerate } from '../model/discovery/enumerate.ts';
import { discoverTopology } from '../model/discovery/topology.ts';
import { type Component, componentAt, type Machine, socketOf } from '../model/machine.ts';
import type { Assumption } from '../model/origin.ts';
import { numaNode } from '../model/peer/distance-class.ts';
import type { FunctionSpace } from '../model/space/function-space.ts';
import { configurationSpaces } from '../model/space/spaces.ts';
import type { ObservedFunction } from './observed.ts';
import { rootBusName } from './pci/address.ts';
import { type ConfigSpaceFacts, decodeConfigSpace } from './pci/config-space.ts';

/** A function of a machine with what its registers say, as a tool on the machine would read them. */
export interface MachineFunction extends ObservedFunction {
  readonly component: Component;
  /** Qualified name; further functions have their label behind it. */
  readonly name: string;
  /** True for function 0 of a component. */
  readonly isFirst: boolean;
  readonly children: readonly MachineFunction[];
}

/** A root bus with what stands on it. */
export interface MachineRoot {
  /** `0000:00` */
  readonly name: string;
  readonly segment: number;
  readonly bus: number;
  /** Last bus number in use. */
  readonly lastBus: number;
  readonly socket: Component;
  readonly node: number;
  readonly functions: readonly MachineFunction[];
}

/** What a tool on the machine would find: root buses and functions, as discovery numbers them. */
export interface MachineFunctions {
  readonly roots: readonly MachineRoot[];
  /** By address. */
  readonly all: readonly MachineFunction[];
  /** Function 0 of a component. */
  readonly ofComponent: ReadonlyMap<number, MachineFunction>;
  /** Classes that no text states, and functions that no address is left for. */
  readonly assumptions: readonly Assumption[];
}

/** Every function after boot under Linux, with its registers read back; IDs that no text states are left out. */
export function machineFunctions(machine: Machine): MachineFunctions {
  const spaces = configurationSpaces(machine);
  const enumerated = new Map(enumerate(machine).devices.map((device) => [`${device.bdf} ${device.name}`, device]));
  type Draft = MachineFunction & { readonly children: MachineFunction[] };
  const byAddress = new Map<string, Draft>();
  const ofComponent = new Map<number, MachineFunction>();
  for (const space of spaces.functions) {
    const device = enumerated.get(`${space.address} ${space.name}`);
    const component = componentAt(machine, space.component);
    const isFirst = space.name === component.name;
    const { buses: _registers, ...facts } = decodeConfigSpace(space.registers.bytes);
    const fn: Draft = {
      ...withoutIdentity(facts),
      ...identityOf(space, component, isFirst, facts),
      address: space.address,
      parent: device?.parent ?? null,
      ...(device?.physicalFunction === null || device === undefined
        ? {}
        : { physicalFunction: device.physicalFunction }),
      ...(device?.bus === null || device?.bus === undefined ? {} : { buses: device.bus }),
      component,
      name: space.name,
      isFirst,
      children: [],
    };
    byAddress.set(space.address, fn);
  }
  for (const fn of byAddress.values()) {
    if (fn.parent !== null && fn.parent !== undefined) byAddress.get(fn.parent)?.children.push(fn);
  }
  // What hangs below a bridge that no address could be given to is not found by anybody.
  const all = [...byAddress.values()].filter((fn) => isReached(fn, byAddress));
  for (const fn of all) if (fn.isFirst && fn.role !== 'host-bridge') ofComponent.set(fn.component.id, fn);
  const roots = discoverTopology(machine).hosts.map(({ socket, segment, root }): MachineRoot => {
    const tops = all.filter((fn) => fn.parent === null && socketOf(machine, fn.component.id)?.id === socket);
    return {
      name: rootBusName(segment, root.number),
      segment,
      bus: root.number,
      lastBus: root.last,
      socket: componentAt(machine, socket),
      node: numaNode(machine, socket) ?? 0,
      functions: tops,
    };
  });
  const assumptions = spaces.assumptions.filter(({ field }) => field === 'classCode' || field === 'address');
  return { roots, all, ofComponent, assumptions };
}

function isReached(fn: MachineFunction, byAddress: ReadonlyMap<string, MachineFunction>): boolean {
  const seen = new Set<MachineFunction>();
  for (let at: MachineFunction | undefined = fn; at !== undefined; ) {
    if (at.parent === null) return true;
    if (seen.has(at)) return false;
    seen.add(at);
    at = byAddress.get(at.parent ?? '');
  }
  return false;
}

function withoutIdentity({ vendorId: _vendor, deviceId: _device, ...facts }: ConfigSpaceFacts): ConfigSpaceFacts {
  return facts;
}

/** Vendor and device as Linux shows them: of virtual functions those that the physical one knows, their own read ffff. */
function identityOf(
  { role, registers }: FunctionSpace,
  component: Component,
  isFirst: boolean,
  { vendorId, deviceId }: ConfigSpaceFacts,
): ConfigSpaceFacts {
  const stated = component.settings.vendorId;
  if (role === 'virtual-function') {
    const device = component.sriov?.vfDeviceId ?? component.settings.deviceId;
    const [, low = 0, middle = 0, high = 0] = registers.bytes.subarray(0x08, 0x0c);
    return {
      classCode: (high << 16) | (middle << 8) | low,
      isInterfaceKnown: true,
      ...(stated === undefined || device === undefined ? {} : { vendorId: stated, deviceId: device }),
    };
  }
  const isAssumed = isFirst && role !== 'host-bridge' && stated === undefined;
  return isAssumed || vendorId === undefined || deviceId === undefined ? {} : { vendorId, deviceId };
}
