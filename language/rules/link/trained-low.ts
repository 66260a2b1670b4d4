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
      report({
        message: `${device.name} runs at ${linkLabel(link.trained)}; both ends can do ${linkLabel(link.capable)}.`,
        place: saidAt(device.said.trainedGeneration === undefined ? port : device, 'trainedGeneration', 'trainedLanes'),
        subjects: [link.name, device.name],
        price: { kind: 'link', device: device.id, link: link.id, state: link.capable },
      });
    }
  },
};
