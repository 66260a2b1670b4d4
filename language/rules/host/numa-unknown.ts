import { isEndpoint } from '../../../model/machine.ts';
import { nameAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** The platform does not say to which NUMA node a device belongs: sysfs shows -1, as in many virtual machines. */
export const hostNumaUnknown: Rule = {
  code: 'host/numa-unknown',
  title: 'A device whose NUMA node nobody knows',
  severity: 'warning',
  layer: 'kernel',
  incidents: ['numa-unknown'],
  checkMachine: ({ machine }, report) => {
    for (const device of machine.components) {
      if (!isEndpoint(device) || device.settings.numaNode !== undefined || !device.unknown.includes('numaNode'))
        continue;
      report({
        message: `The NUMA node of ${device.name} is unknown (numa_node reads -1): what is near it cannot be told. Libraries that plan by distance, NCCL among them, need a topology file that says it.`,
        place: nameAt(device),
        subjects: [device.name],
        remedies: [{ kind: 'command', text: 'export NCCL_TOPO_FILE=<topology with the node of this device>' }],
      });
    }
  },
};
