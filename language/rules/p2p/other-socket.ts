import { componentAt, socketOf } from '../../../model/machine.ts';
import { nvlinkBetween } from '../../../model/peer/nvlink.ts';
import { deviceCopies } from '../peer-findings.ts';
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
    for (const copy of deviceCopies(elaborated)) {
      const sockets = [socketOf(machine, copy.from.component), socketOf(machine, copy.to.component)];
      if (sockets[0]?.id === sockets[1]?.id || nvlinkBetween(machine, copy.from.component, copy.to.component) !== null)
        continue;
      // Host bridges of one NUMA node are sockets of the text, not of the board.
      const nodes = sockets.map((socket) => socket?.settings.numaNode);
      if (nodes[0] !== undefined && nodes[0] === nodes[1]) continue;
      const names = [componentAt(machine, copy.from.component).name, componentAt(machine, copy.to.component).name];
      report({
        message: `${names[0]} and ${names[1]} hang off different sockets: the data crosses from ${sockets[0]?.name ?? '?'} to ${sockets[1]?.name ?? '?'}.`,
        place: { origin: copy.origin },
        subjects: names,
      });
    }
  },
};
