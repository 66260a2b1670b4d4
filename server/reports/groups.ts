import { discoverTopology } from '../../model/discovery/topology.ts';
import { virtualAddresses } from '../../model/discovery/virtual-functions.ts';
import { iommuGroupsWithVirtual } from '../../model/isolation/groups.ts';
import { componentAt, type Machine } from '../../model/machine.ts';
import type { GroupsJson } from '../contract.types.ts';

/** Bus address of a function where enumeration knows it. */
export type BdfOfFunction = (component: number, functionNumber: number) => string | undefined;

/** The IOMMU groups of a machine, numbered as they come about. */
export function groupsJson(machine: Machine, bdfOf: BdfOfFunction): GroupsJson {
  return {
    groups: iommuGroupsWithVirtual(machine).map((group, id) => ({
      id,
      devices: group.map(({ component, function: fn, virtual }) => ({
        bdf: (virtual === undefined ? bdfOf(component, fn) : virtualAddress(machine, component, virtual)) ?? null,
        name: `${functionName(machine, component, fn)}${virtual === undefined ? '' : `.vf${virtual}`}`,
      })),
    })),
  };
}

function virtualAddress(machine: Machine, id: number, virtual: number): string | undefined {
  const fn = discoverTopology(machine).functions.find((one) => one.component === id && one.part === 0);
  return fn === undefined ? undefined : virtualAddresses(fn)[virtual];
}

/** The component's name; of a further function with its label. */
function functionName(machine: Machine, id: number, number: number): string {
  const component = componentAt(machine, id);
  if (number === 0) return component.name;
  return `${component.name}.${component.functions.find((each) => each.number === number)?.label ?? number}`;
}

/** The same as text: a group a paragraph. */
export function groupsText(json: GroupsJson, machine: Machine): string {
  if (machine.linux.iommu === 'off') return 'The IOMMU is off: the kernel makes no groups.\n';
  if (json.groups.length === 0) return 'There are no groups: nothing is plugged in.\n';
  const sections = json.groups.map((group) => {
    const lines = group.devices.map(
      (device) => `  ${[device.bdf, device.name].filter((word) => word !== null).join('  ')}`,
    );
    return [`group ${group.id}`, ...lines].join('\n');
  });
  return `${sections.join('\n')}\n`;
}
