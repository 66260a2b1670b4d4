import { componentAt, socketOf } from '../../../model/machine.ts';
import { nvlinkBetween } from '../../../model/peer/nvlink.ts';
import type { OtherActivity, Transfer } from '../../../model/work.ts';
import type { ElaboratedMachine } from '../../elaborate/elaborated.ts';
import { deviceCopies } from '../peer-findings.ts';
import { routeOf } from '../routes.ts';
import type { Rule } from '../rule.ts';

/** The two devices hang off different sockets. */
export const p2pOtherSocket: Rule = {
  code: 'p2p/other-socket',
  title: 'Peers on different sockets',
  severity: 'warning',
  layer: 'driver',
  incidents: ['numa-cross-socket'],
  checkMachine: (elaborated, report) => {
    const { machine } = elaborated;
    for (const copy of [...deviceCopies(elaborated), ...workBetweenDevices(elaborated)]) {
      const sockets = [socketOf(machine, copy.from.component), socketOf(machine, copy.to.component)];
      if (sockets[0]?.id === sockets[1]?.id || nvlinkBetween(machine, copy.from.component, copy.to.component) !== null)
        continue;
      // Host bridges of one NUMA node are sockets of the text, not of the board.
      const nodes = sockets.map((socket) => socket?.settings.numaNode);
      if (nodes[0] !== undefined && nodes[0] === nodes[1]) continue;
      const names = [componentAt(machine, copy.from.component).name, componentAt(machine, copy.to.component).name];
      report({
        message: `${names[0]} and ${names[1]} hang off different sockets: the data crosses from ${sockets[0]?.name ?? '?'} to ${sockets[1]?.name ?? '?'}${routeOf(machine, copy).route === 'host-memory' ? ', staged in host memory' : ''}.`,
        place: { origin: copy.origin },
        subjects: names,
      });
    }
  },
};

/** Stages of pipelines, and jobs on drives and NICs, whose data goes from one device to another. */
function workBetweenDevices({ work }: ElaboratedMachine): Pick<Transfer, 'from' | 'to' | 'origin'>[] {
  const pairs = (activity: OtherActivity): Pick<Transfer, 'from' | 'to' | 'origin'>[] => {
    const { from, to, on, origin, settings, children } = activity;
    const below = children.flatMap(pairs);
    // Over a fabric the other end is another host.
    if (settings.via === 'host' || activity.over.length > 0) return below;
    const sources = from.length > 0 ? from : on;
    const targets = to.length > 0 ? to : on;
    if (activity.kind !== 'stage' && activity.kind !== 'job') return below;
    const own = sources.flatMap((source) =>
      targets.flatMap((target) =>
        source.memory || target.memory || source.component === target.component
          ? []
          : [{ from: source, to: target, origin }],
      ),
    );
    return [...below, ...own];
  };
  return work.scenarios.flatMap(({ activities }) => activities.flatMap(pairs));
}
