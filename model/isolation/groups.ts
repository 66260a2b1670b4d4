import { enumerate } from '../discovery/enumerate.ts';
import { discoverTopology, type FirmwareProfile, type PciBus, type PciFunction } from '../discovery/topology.ts';
import { virtualAddresses } from '../discovery/virtual-functions.ts';
import { componentAt, type Machine } from '../machine.ts';
import type { BdfOf } from './acs.ts';
import { acsVerdict } from './acs-enabled.ts';

/** One function in a group: the component, and 0 or the number of a further function of the same device. */
export interface GroupMember {
  readonly component: number;
  readonly function: number;
  /** Number of a virtual function, from 0; absent: a physical one. */
  readonly virtual?: number;
}

/**
 * IOMMU groups as pci_device_group makes them (Linux 6.1 and 7.2, drivers/iommu/iommu.c), in the order in which the
 * kernel finds the functions: all of a bus, then the buses below it. Physical functions only. Empty where the IOMMU is
 * off, since then the kernel makes no groups; where the text is silent an IOMMU is taken to be there.
 */
export function iommuGroups(machine: Machine, bdfOf?: BdfOf, firmware: FirmwareProfile = 'linux'): GroupMember[][] {
  if (machine.linux.iommu === 'off') return [];
  const making = new GroupMaking(machine, bdfOf);
  for (const host of discoverTopology(machine, firmware).hosts) making.addBus(host.root);
  return making.groups;
}

/**
 * The same groups with the virtual functions that are enabled. They come after all others, since a driver makes them: each
 * joins the first bridge above it behind which nothing isolates, or is a group of its own, as a function that is alone at its
 * number.
 */
export function iommuGroupsWithVirtual(
  machine: Machine,
  bdfOf?: BdfOf,
  firmware: FirmwareProfile = 'linux',
): GroupMember[][] {
  if (machine.linux.iommu === 'off') return [];
  const making = new GroupMaking(machine, bdfOf);
  const { hosts, functions } = discoverTopology(machine, firmware);
  for (const host of hosts) making.addBus(host.root);
  const withVirtual = functions.filter((fn) => fn.sriov !== null && fn.sriov.enabledVfs > 0);
  if (withVirtual.length === 0) return making.groups;
  // Those for which there was memory.
  const { devices } = enumerate(machine, { firmware });
  const found = new Set(devices.filter((one) => one.physicalFunction !== null).map((one) => one.bdf));
  for (const fn of withVirtual) making.addVirtual(fn, found);
  return making.groups;
}

class GroupMaking {
  readonly groups: GroupMember[][] = [];
  readonly #groupOf = new Map<PciFunction, GroupMember[]>();
  readonly #enabled = new Map<PciFunction, boolean>();
  readonly #pathEnabled = new Map<PciFunction, boolean>();
  readonly #machine: Machine;
  readonly #bdfOf: BdfOf | undefined;

  constructor(machine: Machine, bdfOf: BdfOf | undefined) {
    this.#machine = machine;
    this.#bdfOf = bdfOf;
  }

  addBus(bus: PciBus): void {
    for (const fn of bus.functions) {
      let group = this.#find(fn);
      if (group === null) {
        group = [];
        this.groups.push(group);
      }
      group.push({ component: fn.component, function: fn.part });
      this.#groupOf.set(fn, group);
    }
    for (const { below } of bus.functions) if (below !== null) this.addBus(below);
  }

  addVirtual(fn: PciFunction, found: ReadonlySet<string>): void {
    for (const [virtual, address] of virtualAddresses(fn).entries()) {
      if (!found.has(address)) continue;
      const group = this.#above(fn);
      const member: GroupMember = { component: fn.component, function: fn.part, virtual };
      if (group === null) this.groups.push([member]);
      else group.push(member);
    }
  }

  #find(fn: PciFunction): GroupMember[] | null {
    return this.#above(fn) ?? this.#shared(fn);
  }

  /** The group of a bridge above, where one takes the function in. */
  #above(fn: PciFunction): GroupMember[] | null {
    // A bridge to conventional PCI speaks for all below it: whoever hangs there shares its group.
    for (let bridge = fn.bus.bridge; bridge !== null; bridge = bridge.bus.bridge) {
      if (componentAt(this.#machine, bridge.component).kind !== 'bridge') continue;
      const group = this.#groupOf.get(bridge);
      if (group !== undefined) return group;
    }
    // Up to where ACS isolates all the way to the root bus.
    for (let bridge = fn.bus.bridge; bridge !== null; bridge = bridge.bus.bridge) {
      if (this.#isPathEnabled(bridge)) break;
      const group = this.#groupOf.get(bridge);
      if (group !== undefined) return group;
    }
    return null;
  }

  /** The group of another function of the same device, where neither of the two is isolated. */
  #shared(fn: PciFunction): GroupMember[] | null {
    const others = fn.bus.functions.filter((other) => other !== fn && other.device === fn.device);
    if (others.length === 0 || this.#isEnabled(fn)) return null;
    for (const other of others) {
      const group = this.#isEnabled(other) ? undefined : this.#groupOf.get(other);
      if (group !== undefined) return group;
    }
    return null;
  }

  #isEnabled(fn: PciFunction): boolean {
    const known = this.#enabled.get(fn);
    if (known !== undefined) return known;
    const { enabled } = acsVerdict(this.#machine, fn, this.#bdfOf);
    this.#enabled.set(fn, enabled);
    return enabled;
  }

  /** pci_acs_path_enabled: this function and every bridge up to the root bus. */
  #isPathEnabled(fn: PciFunction): boolean {
    const known = this.#pathEnabled.get(fn);
    if (known !== undefined) return known;
    const { bridge } = fn.bus;
    const enabled = this.#isEnabled(fn) && (bridge === null || this.#isPathEnabled(bridge));
    this.#pathEnabled.set(fn, enabled);
    return enabled;
  }
}
