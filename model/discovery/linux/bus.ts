import { barRequirements, virtualBarRequirements } from '../requirements.ts';
import {
  firstVirtualSlot,
  ioSpace,
  makeResource,
  memorySpace,
  prefetchableSpace,
  type Resource,
  wideSpace,
  windowSlots,
} from '../resource.ts';
import type { PciBus, PciFunction } from '../topology.ts';

/** A function and its resources while the kernel places them. */
export interface LinuxFunction {
  readonly fn: PciFunction;
  readonly on: LinuxBus;
  /** In the order of their slots: BARs, ROM, BARs of virtual functions, windows. */
  readonly resources: readonly Resource[];
  readonly windows: BridgeWindows | null;
  readonly below: LinuxBus | null;
}

export interface BridgeWindows {
  readonly io: Resource;
  readonly memory: Resource;
  readonly prefetchable: Resource;
}

export interface LinuxBus {
  readonly bus: PciBus;
  /** The bridge above; null on a root bus. */
  readonly bridge: LinuxFunction | null;
  readonly functions: readonly LinuxFunction[];
  /** What addresses on this bus are cut from: the windows of the bridge above, or those of the host bridge in order. */
  readonly spaces: readonly Resource[];
}

export interface LinuxState {
  readonly root: LinuxBus;
  /** By index in the topology. */
  readonly functions: ReadonlyMap<number, LinuxFunction>;
}

/** A PCI-to-PCI bridge, subtractive decode (PCI Code and ID Assignment Specification). */
const subtractiveClass = 0x060401;

/** A tree of buses with everything that asks for addresses, nothing placed yet. */
export function linuxState(root: PciBus, spaces: readonly Resource[], resizableBar: boolean): LinuxState {
  const functions = new Map<number, LinuxFunction>();
  const build = (bus: PciBus, bridge: LinuxFunction | null, within: readonly Resource[]): LinuxBus => {
    const made: LinuxFunction[] = [];
    const linuxBus: LinuxBus = { bus, bridge, functions: made, spaces: within };
    for (const fn of bus.functions) {
      const one = withResources(fn, linuxBus, resizableBar);
      made.push(one);
      functions.set(fn.index, one);
    }
    for (const one of made) {
      if (one.fn.below === null || one.windows === null) continue;
      const { io, memory, prefetchable } = one.windows;
      // A bridge that decodes subtractively passes on what its windows do not claim: what the bus above has is below it too.
      const beyond = one.fn.classCode === subtractiveClass ? within : [];
      const spaces = [io, memory, prefetchable, ...beyond];
      (one as { below: LinuxBus | null }).below = build(one.fn.below, one, spaces);
    }
    return linuxBus;
  };
  return { root: build(root, null, spaces), functions };
}

const kindBits = {
  io: ioSpace,
  memory32: memorySpace,
  memory64: memorySpace | wideSpace,
  rom: memorySpace,
} as const;

function withResources(fn: PciFunction, on: LinuxBus, resizableBar: boolean): LinuxFunction {
  const resources: Resource[] = [];
  for (const bar of barRequirements(fn, resizableBar)) {
    const kind = kindBits[bar.kind] | (bar.prefetchable && bar.kind !== 'io' ? prefetchableSpace : 0);
    resources.push(makeResource(fn.index, bar.index, kind, bar.bytes));
  }
  for (const bar of virtualBarRequirements(fn.sriov)) {
    const kind = kindBits[bar.kind] | (bar.prefetchable ? prefetchableSpace : 0);
    resources.push(makeResource(fn.index, firstVirtualSlot + bar.index, kind, bar.bytes * bar.count, bar.bytes));
  }
  let windows: BridgeWindows | null = null;
  if (fn.isBridge) {
    windows = {
      io: makeResource(fn.index, windowSlots.io, 0, 0),
      memory: makeResource(fn.index, windowSlots.memory, 0, 0),
      prefetchable: makeResource(fn.index, windowSlots.prefetchable, 0, 0),
    };
    resources.push(windows.io, windows.memory, windows.prefetchable);
  }
  return { fn, on, resources, windows, below: null };
}
