import { linkLabel, rawBytesPerSecond } from '../../../model/link/generation.ts';
import { componentAt } from '../../../model/machine.ts';
import { saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** The device could use more than the port offers, or the slot, the channel or a forced speed or width allows less than both ends. */
export const linkLimitedByEnd: Rule = {
  code: 'link/limited-by-end',
  title: 'One end of a link holds the other back',
  severity: 'information',
  layer: 'link',
  incidents: ['link-gen', 'link-width'],
  checkMachine: ({ machine }, report) => {
    for (const link of machine.links) {
      if (link.device === null || link.kind === 'dmi' || link.limitedBy === null || link.limitedBy === 'stated')
        continue;
      const device = componentAt(machine, link.device);
      const port = componentAt(machine, link.port);
      const generation = device.settings.generation ?? link.capable.generation;
      const lanes = device.settings.lanes ?? link.capable.lanes;
      const before = rawBytesPerSecond(link.trained.generation, link.trained.lanes);
      const after = rawBytesPerSecond(generation, lanes);
      if (before >= after) continue;
      // The device may hold back the speed while the port holds back the width.
      const isPort = link.limitedBy === 'upstream' || link.limitedBy === 'downstream';
      const isDivided = isPort && port.settings.bifurcation !== undefined && link.trained.lanes < lanes;
      const who = isDivided
        ? `the bifurcation of ${port.name}`
        : isPort
          ? `the port ${port.name}`
          : `the ${link.limitedBy === 'forced' ? 'forced setting' : link.limitedBy} of ${port.name}`;
      report({
        message: `${device.name} can do ${linkLabel({ generation, lanes })}, but ${who} holds it to ${linkLabel(link.trained)}.`,
        place: saidAt(
          port,
          isDivided
            ? 'bifurcation'
            : link.limitedBy === 'slot'
              ? 'wiredLanes'
              : link.limitedBy === 'channel'
                ? 'channelGeneration'
                : link.limitedBy === 'forced'
                  ? port.settings.forcedGeneration === undefined
                    ? 'forcedLanes'
                    : 'forcedGeneration'
                  : 'generation',
        ),
        subjects: [link.name, device.name],
        price: { kind: 'link', device: device.id, link: link.id, state: { generation, lanes } },
      });
    }
  },
};
