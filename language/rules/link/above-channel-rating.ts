import { componentAt } from '../../../model/machine.ts';
import { saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** Both ends would train above the rating of what lies between them. */
export const linkAboveChannelRating: Rule = {
  code: 'link/above-channel-rating',
  title: 'A link faster than its cable or riser is rated for',
  severity: 'warning',
  layer: 'link',
  incidents: ['signal-integrity'],
  checkMachine: ({ machine }, report) => {
    for (const link of machine.links) {
      if (link.device === null) continue;
      const port = componentAt(machine, link.port);
      const device = componentAt(machine, link.device);
      const rated = [port, device].find((one) => one.settings.channelGeneration !== undefined);
      const rating = rated?.settings.channelGeneration;
      if (rated === undefined || rating === undefined || link.capable.generation <= rating) continue;
      if (Math.min(port.settings.forcedGeneration ?? 7, device.settings.forcedGeneration ?? 7) <= rating) continue;
      report({
        message: `The channel of ${link.name} is rated for Gen${rating}, and both ends can do Gen${link.capable.generation}: they may train above the rating and replay. Write \`forced gen${rating}\`.`,
        place: saidAt(rated, 'channelGeneration'),
        subjects: [link.name],
      });
    }
  },
};
