import { componentAt } from '../../../model/machine.ts';
import { formatBytes } from '../../../model/quantity.ts';
import { machinePayload } from '../../../model/train.ts';
import { saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** A function that receives a payload larger than its Max_Payload_Size drops it as malformed. */
export const payloadMismatch: Rule = {
  code: 'payload/mismatch',
  title: 'Payload sizes that disagree below one root port',
  severity: 'warning',
  layer: 'kernel',
  incidents: ['mps'],
  checkMachine: ({ machine }, report) => {
    for (const mismatch of machinePayload(machine).mismatches) {
      const component = componentAt(machine, mismatch.component);
      const parent = componentAt(machine, mismatch.parent);
      if (
        component.said.maxPayloadBytes === undefined &&
        component.said.maxPayloadSupportedBytes === undefined &&
        parent.said.maxPayloadBytes === undefined &&
        parent.said.maxPayloadSupportedBytes === undefined
      )
        continue;
      // A port of which nobody says anything may as well agree.
      if (Object.keys(parent.settings).every((field) => field === 'busRange')) continue;
      report({
        message: `${component.name} uses payloads of ${formatBytes(mismatch.bytes)}, ${parent.name} above it ${formatBytes(mismatch.parentBytes)}: a larger payload than a function takes is dropped as malformed, and the link reports an uncorrectable error. Boot with pci=pcie_bus_safe, or write \`mps safe\` in the linux block.`,
        place: saidAt(component, 'maxPayloadBytes', 'maxPayloadSupportedBytes'),
        subjects: [component.name, parent.name],
        remedies: [{ kind: 'kernel-parameter', text: 'pci=pcie_bus_safe' }],
      });
    }
    for (const component of machine.components) {
      const { maxPayloadBytes: set, maxPayloadSupportedBytes: supported } = component.settings;
      if (set === undefined || supported === undefined || set <= supported) continue;
      report({
        message: `${component.name} is set to payloads of ${formatBytes(set)} and supports ${formatBytes(supported)}: what comes of that no specification says. Firmware that sets it does so by mistake.`,
        place: saidAt(component, 'maxPayloadBytes'),
        subjects: [component.name],
        remedies: [{ kind: 'kernel-parameter', text: 'pci=pcie_bus_safe' }],
      });
    }
  },
};
