import { orderedWriteBytesPerSecond } from '../../../model/host/profile.ts';
import { rawBytesPerSecond } from '../../../model/link/generation.ts';
import { socketOf } from '../../../model/machine.ts';
import { saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** 100 Gb/s, as bytes per second. */
const fastNic = 12.5e9;
/** A fast NIC writes to the memory of an EPYC host in strict order. */
export const deviceRelaxedOrdering: Rule = {
  code: 'device/relaxed-ordering',
  title: 'A fast NIC without Relaxed Ordering on an EPYC host',
  severity: 'warning',
  layer: 'performance',
  incidents: ['relaxed-ordering'],
  checkMachine: ({ machine }, report) => {
    for (const nic of machine.components) {
      if (nic.kind !== 'nic' || nic.settings.relaxedOrdering === true) continue;
      const { lineRateBytesPerSecond, networkPorts } = nic.settings;
      if (lineRateBytesPerSecond === undefined || lineRateBytesPerSecond * (networkPorts ?? 1) < fastNic) continue;
      const socket = socketOf(machine, nic.id);
      if (socket === null) continue;
      const ordered = orderedWriteBytesPerSecond(socket);
      if (ordered === null) continue;
      // A link that carries less is what limits the adapter.
      const link = machine.links[machine.linkAbove[nic.id] ?? -1];
      if (link !== undefined && rawBytesPerSecond(link.trained.generation, link.trained.lanes) <= ordered.value)
        continue;
      const said = nic.settings.relaxedOrdering === false ? 'is off' : 'is not said to be on';
      report({
        message: `Relaxed Ordering of ${nic.name} ${said}: writes to the memory of ${socket.name} wait for one another, which was measured to cost a quarter of 200 Gb/s on EPYC. Turn it on in the adapter and where memory is registered (IBV_ACCESS_RELAXED_ORDERING).`,
        place: saidAt(nic, 'relaxedOrdering'),
        subjects: [nic.name],
        price: { kind: 'ordering', device: nic.id },
        remedies: [{ kind: 'command', text: 'mlxconfig -d <device> set PCI_WR_ORDERING=1' }],
      });
    }
  },
};
