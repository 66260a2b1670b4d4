import { linkLabel } from '../../../model/link/generation.ts';
import { componentAt } from '../../../model/machine.ts';
import { saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** A link runs at what both of its ends can do, or less. */
export const linkTrainedBeyondEnds: Rule = {
  code: 'link/trained-beyond-ends',
  title: 'A link that is said to run beyond its ends',
  severity: 'error',
  layer: 'link',
  incidents: [],
  checkMachine: ({ machine }, report) => {
    for (const link of machine.links) {
      if (link.limitedBy !== 'stated' && link.device === null) continue;
      const port = componentAt(machine, link.port);
      const device = link.device === null ? null : componentAt(machine, link.device);
      for (const end of [port, device]) {
        if (end === null) continue;
        const { generation, lanes } = end.settings;
        const isFaster = generation !== undefined && link.trained.generation > generation;
        const isWider = lanes !== undefined && link.trained.lanes > lanes;
        if (!isFaster && !isWider) continue;
        const said = device?.said.trainedGeneration === undefined ? port : device;
        if (said.said.trainedGeneration === undefined && said.said.trainedLanes === undefined) continue;
        report({
          message: `The link of ${link.name} is said to run at ${linkLabel(link.trained)}; ${end.name} cannot do ${isWider ? `x${link.trained.lanes}` : `Gen${link.trained.generation}`}.`,
          place: saidAt(said, 'trainedGeneration', 'trainedLanes'),
          subjects: [link.name, end.name],
        });
        break;
      }
    }
  },
};
