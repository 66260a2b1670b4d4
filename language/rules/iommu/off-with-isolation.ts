import type { Rule } from '../rule.ts';

/** Devices that are handed to virtual machines, or that are to be kept from one another, need an IOMMU: without one every device can reach all memory. */
export const iommuOffWithIsolation: Rule = {
  code: 'iommu/off-with-isolation',
  title: 'Isolation without an IOMMU',
  severity: 'error',
  layer: 'kernel',
  incidents: ['iommu-p2p'],
  checkMachine: ({ machine, node }, report) => {
    if (machine.linux.iommu !== 'off') return;
    if (machine.linux.isolation === true)
      report({
        message: 'The IOMMU is off, and isolation is asked for: without an IOMMU every device reaches all memory.',
        place: { node, property: 'name' },
      });
    for (const guest of machine.virtualMachines) {
      if (guest.devices.length > 0)
        report({
          message: `${guest.name} is given devices, and the IOMMU is off: the devices would reach all memory of the host.`,
          place: { origin: guest.origin },
          subjects: [guest.name],
        });
    }
  },
};
