import { rawBytesPerSecond } from '../../../model/link/generation.ts';
import { componentAt, type Machine } from '../../../model/machine.ts';
import { formatRate } from '../../../model/quantity.ts';
import { nameAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** NVSwitches are set up over PCIe, and carry their data beside it. */
const carriesData = (machine: Machine, device: number): boolean => componentAt(machine, device).kind !== 'nvswitch';

/** The links below a switch or a chipset can carry more than the link above it. */
export const linkOversubscribed: Rule = {
  code: 'link/oversubscribed',
  title: 'Devices that together outrun their uplink',
  severity: 'information',
  layer: 'performance',
  incidents: ['oversubscription'],
  checkMachine: ({ machine }, report) => {
    for (const component of machine.components) {
      const above = machine.links[machine.linkAbove[component.id] ?? -1];
      if ((component.kind !== 'switch' && component.kind !== 'chipset') || above === undefined) continue;
      const below = component.children
        .map((id) => machine.links[machine.linkBelow[id] ?? -1])
        .filter((link) => link !== undefined && link.device !== null && carriesData(machine, link.device));
      const sum = below.reduce(
        (total, link) =>
          total + (link === undefined ? 0 : rawBytesPerSecond(link.trained.generation, link.trained.lanes)),
        0,
      );
      const uplink = rawBytesPerSecond(above.trained.generation, above.trained.lanes);
      // One device on a slower way is no crowd; a link that was read at rest says nothing.
      const idle = [component, ...component.children.map((id) => machine.components[id])].some(
        (one) => one?.settings.trainedIdle === true,
      );
      if (below.length < 2 || idle || sum <= uplink * 1.0001) continue;
      report({
        message: `The devices below ${component.name} can move ${formatRate(sum)} each way, its uplink ${formatRate(uplink)}: ${(sum / uplink).toFixed(2)} times more than it carries.`,
        place: nameAt(component),
        subjects: [component.name, above.name],
        price: { kind: 'together', below: component.id },
      });
    }
  },
};
