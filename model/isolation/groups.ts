import { type AcsBit, ancestors, type Component, componentAt, isEndpoint, type Machine } from '../machine.ts';
import { type BdfOf, effectiveAcs } from './acs.ts';

/** One function in a group: the component, and 0 or the number of a further function of the same device. */
export interface GroupMember {
  readonly component: number;
  readonly function: number;
}

/** What pci_device_group asks for: SV, RR, CR and UF (Linux, drivers/iommu/iommu.c). */
const requested: readonly AcsBit[] = ['SV', 'RR', 'CR', 'UF'];

/** Components that are PCI functions: everything but sockets and chipsets. */
function isFunction(component: Component): boolean {
  return component.kind !== 'socket' && component.kind !== 'chipset' && component.parent !== null;
}

/**
 * pci_acs_enabled(device, SV|RR|CR|UF) without its table of vendor quirks: ports are tested, single-function devices
 * and upstream ports are not and count as isolated; a conventional bridge never is.
 */
export function acsEnabled(machine: Machine, id: number, bdfOf?: BdfOf): boolean {
  const component = componentAt(machine, id);
  if (component.kind === 'bridge') return false;
  const isPort = component.kind === 'root-port' || component.kind === 'port';
  if (!isPort && component.functions.length === 0) return true;
  const { capability, control } = effectiveAcs(machine, id, bdfOf, 'boot');
  if (capability === null) return false;
  return requested.every((bit) => !capability.includes(bit) || control.includes(bit));
}

/** The bridge above a function, or null on a root bus. A chipset's root ports stand on the root bus. */
function bridgeAbove(machine: Machine, id: number): Component | null {
  const above = ancestors(machine, id)[1];
  return above === undefined || above.kind === 'socket' || above.kind === 'chipset' ? null : above;
}

/** pci_acs_path_enabled: this function and every bridge up to the root bus. */
function pathEnabled(machine: Machine, id: number, bdfOf?: BdfOf): boolean {
  for (let at: Component | null = componentAt(machine, id); at !== null; at = bridgeAbove(machine, at.id)) {
    if (!acsEnabled(machine, at.id, bdfOf)) return false;
  }
  return true;
}

/**
 * IOMMU groups as pci_device_group makes them (Linux 6.1 and 7.2): a function joins the bridge nearest above from
 * which the path up is not isolated, functions of one device that are not isolated share a group, and what hangs below
 * a conventional bridge shares the bridge's. Empty where the IOMMU is off: then the kernel makes no groups.
 */
export function iommuGroups(machine: Machine, bdfOf?: BdfOf): GroupMember[][] {
  const groups: GroupMember[][] = [];
  if (machine.linux.iommu === 'off') return groups;
  const groupOf = new Map<number, GroupMember[]>();
  for (const component of machine.components) {
    if (!isFunction(component)) continue;
    const group = findGroup(machine, component, groupOf, bdfOf);
    const members = group ?? [];
    if (group === null) groups.push(members);
    members.push({ component: component.id, function: 0 });
    groupOf.set(component.id, members);
    const together = component.functions.length > 0 && !acsEnabled(machine, component.id, bdfOf);
    for (const { number } of component.functions) {
      if (together || group !== null) members.push({ component: component.id, function: number });
      else groups.push([{ component: component.id, function: number }]);
    }
  }
  return groups;
}

function findGroup(
  machine: Machine,
  component: Component,
  groupOf: ReadonlyMap<number, GroupMember[]>,
  bdfOf?: BdfOf,
): GroupMember[] | null {
  let at = component;
  for (let bridge = bridgeAbove(machine, at.id); bridge !== null; bridge = bridgeAbove(machine, at.id)) {
    if (bridge.kind !== 'bridge' && pathEnabled(machine, bridge.id, bdfOf)) break;
    at = bridge;
    const existing = groupOf.get(bridge.id);
    if (existing !== undefined) return existing;
  }
  return sharedSlot(machine, component, groupOf, bdfOf);
}

/** Functions that the text gives the same device number on one bus are one device. */
function sharedSlot(
  machine: Machine,
  component: Component,
  groupOf: ReadonlyMap<number, GroupMember[]>,
  bdfOf?: BdfOf,
): GroupMember[] | null {
  const { deviceNumber } = component.settings;
  if (deviceNumber === undefined || component.parent === null) return null;
  const siblings = componentAt(machine, component.parent).children.filter((id) => {
    const other = componentAt(machine, id);
    return id !== component.id && other.settings.deviceNumber === deviceNumber;
  });
  if (siblings.length === 0 || isolatedFunction(machine, component, bdfOf)) return null;
  for (const id of siblings) {
    const group = groupOf.get(id);
    if (group !== undefined && !isolatedFunction(machine, componentAt(machine, id), bdfOf)) return group;
  }
  return null;
}

/**
 * A function of a multifunction device is tested whatever its kind. Endpoints that Intel integrates into the root complex
 * count as isolated (pci_quirk_rciep_acs in drivers/pci/quirks.c).
 */
function isolatedFunction(machine: Machine, component: Component, bdfOf?: BdfOf): boolean {
  const integrated = component.parent !== null && componentAt(machine, component.parent).kind === 'socket';
  if (integrated && isEndpoint(component) && component.settings.vendorId === 0x8086) return true;
  const { capability, control } = effectiveAcs(machine, component.id, bdfOf, 'boot');
  return capability !== null && requested.every((bit) => !capability.includes(bit) || control.includes(bit));
}
