import { functionAddress } from '../../../model/discovery/buses.ts';
import { linkLabel, rawBytesPerSecond } from '../../../model/link/generation.ts';
import { componentAt } from '../../../model/machine.ts';
import { saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** Both ends can do more than the link was read to run at. */
export const linkTrainedLow: Rule = {
  code: 'link/trained-low',
  title: 'A link that runs below what both ends can do',
  severity: 'warning',
  layer: 'link',
  incidents: ['link-gen', 'link-width'],
  checkMachine: ({ machine }, report) => {
    for (const link of machine.links) {
      if (link.limitedBy !== 'stated' || link.device === null) continue;
      const before = rawBytesPerSecond(link.trained.generation, link.trained.lanes);
      const after = rawBytesPerSecond(link.capable.generation, link.capable.lanes);
      if (before >= after) continue;
      const device = componentAt(machine, link.device);
      const port = componentAt(machine, link.port);
      const address = functionAddress(machine, port.id, 0) ?? `<address of ${port.name}>`;
      const lost = link.trained.lanes < link.capable.lanes;
      const isPortKnown = port.settings.generation !== undefined || port.settings.lanes !== undefined;
      const can = linkLabel(link.capable);
      report({
        message: `${device.name} runs at ${linkLabel(link.trained)}${isPortKnown ? `; both ends can do ${can}` : ` and can do ${can}; what ${port.name} can do is not said`}.`,
        place: saidAt(device.said.trainedGeneration === undefined ? port : device, 'trainedGeneration', 'trainedLanes'),
        subjects: [link.name, device.name],
        remedies: [
          {
            kind: 'firmware',
            text: lost
              ? 'Reseat the card; look at its contacts, at the riser and cable, and at what the slot is wired and bifurcated for'
              : 'Look at the speed that firmware allows the slot (Auto), and at the riser, cable and retimers',
          },
          // Link Control 2 allows the speed, Link Control asks for training (PCI Express Base 5.0, 7.5.3.7 and 7.5.3.19).
          {
            kind: 'command',
            text: `setpci -s ${address} CAP_EXP+30.w=${link.capable.generation}:f && setpci -s ${address} CAP_EXP+10.w=20:20`,
          },
        ],
        price: { kind: 'link', device: device.id, link: link.id, state: link.capable },
      });
    }
  },
};
