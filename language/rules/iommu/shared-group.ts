import { iommuGroups } from '../../../model/isolation/groups.ts';
import { componentAt, isEndpoint } from '../../../model/machine.ts';
import type { Rule } from '../rule.ts';

/** A virtual machine holds a device, and the IOMMU cannot tell it from a device that the virtual machine does not hold. */
export const iommuSharedGroup: Rule = {
  code: 'iommu/shared-group',
  title: 'A virtual machine with a part of an IOMMU group',
  severity: 'warning',
  layer: 'kernel',
  incidents: ['iommu-groups', 'acs-p2p'],
  checkMachine: ({ machine }, report) => {
    if (machine.virtualMachines.length === 0) return;
    const isHeld = (id: number) => machine.virtualMachines.some(({ devices }) => devices.includes(id));
    const groups = iommuGroups(machine).map((group) => [...new Set(group.map(({ component }) => component))]);
    for (const { name, devices, origin } of machine.virtualMachines) {
      for (const group of groups) {
        const held = group.filter((id) => devices.includes(id));
        // Drivers of ports do no DMA for others: VFIO lets them be.
        const others = group.filter((id) => !devices.includes(id) && isEndpoint(componentAt(machine, id)));
        const unsafe = others.filter((id) => componentAt(machine, id).settings.driver !== 'vfio-pci' || isHeld(id));
        if (held.length === 0 || unsafe.length === 0) continue;
        const names = (ids: readonly number[]) => ids.map((id) => componentAt(machine, id).name).join(' and ');
        report({
          message: `${name} holds ${names(held)}, whose IOMMU group also has ${names(unsafe)}: no port between them isolates by ACS, and VFIO gives away a group as a whole. Give ${name} all of them, bind the others to vfio-pci, or put them below ports with ACS.`,
          place: { origin },
          subjects: [name, ...[...held, ...unsafe].map((id) => componentAt(machine, id).name)],
        });
      }
    }
  },
};
