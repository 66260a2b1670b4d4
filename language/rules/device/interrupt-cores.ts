import { type Component, componentAt, type Machine, socketOf } from '../../../model/machine.ts';
import { hostCores, socketOfCore } from '../../../simulator/jobs/host-cores.ts';
import { replaceAt, saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** Interrupts are handled fastest on the cores that wait for them, in the socket of the device, and on more than one. */
export const deviceInterruptCores: Rule = {
  code: 'device/interrupt-cores',
  title: 'Interrupts on far, missing or too few cores',
  severity: 'warning',
  layer: 'performance',
  incidents: ['interrupts', 'numa-cross-socket'],
  checkMachine: ({ machine }, report) => {
    const sockets = machine.components.filter(({ kind }) => kind === 'socket');
    // Without the number of cores of each socket nobody knows which core is where.
    if (sockets.length === 0 || sockets.some(({ settings }) => settings.cores === undefined)) return;
    for (const device of machine.components) {
      const { interruptCores } = device.settings;
      if (interruptCores === undefined || interruptCores.length === 0) continue;
      const place = saidAt(device, 'interruptCores');
      const isDrive = device.kind === 'nvme' || device.kind === 'sata';
      const price = isDrive ? { price: { kind: 'cores', drive: device.id, threads: null } as const } : {};
      const about = { place, subjects: [device.name], ...price };
      const missing = interruptCores.filter((core) => socketAt(machine, core) === null);
      if (missing.length > 0) {
        const all = sockets.reduce((sum, { settings }) => sum + (settings.cores ?? 0), 0);
        report({
          ...about,
          message: `${device.name}: there is no ${listed(missing)}: the machine has cores 0 to ${all - 1}.`,
        });
        continue;
      }
      const home = socketOf(machine, device.id);
      const far = interruptCores.filter((core) => socketAt(machine, core) !== home?.id);
      if (home !== null && far.length > 0) {
        const where = [...new Set(far.map((core) => componentAt(machine, socketAt(machine, core) ?? home.id).name))];
        report({
          ...about,
          message: `${device.name}: interrupts go to ${listed(far)} of ${where.join(', ')}, and the device is at ${home.name}: each completion crosses sockets, and wakes who waits by an interrupt more.`,
          fixes: replaceAt(
            device,
            'interruptCores',
            `Cores of ${home.name}`,
            `interrupt-cores ${ownCores(machine, home)}`,
          ),
        });
      } else if (interruptCores.length === 1 && queuesOf(device) > 1) {
        report({
          ...about,
          message: `${device.name}: all its vectors go to ${listed(interruptCores)}: that core handles what ${queuesOf(device)} queues complete, and wakes the others.`,
          fixes: replaceAt(
            device,
            'interruptCores',
            `Cores of ${home?.name}`,
            `interrupt-cores ${home === null ? '0' : ownCores(machine, home)}`,
          ),
        });
      }
    }
  },
};

const socketAt = (machine: Machine, core: number) => socketOfCore(hostCores(machine, 1), core);
const listed = (cores: readonly number[]) =>
  cores.length === 1 ? `core ${cores[0]}` : `cores ${cores[0]} to ${cores[cores.length - 1]}`;

/** Queues that can complete by interrupts of their own. */
function queuesOf({ settings }: Component): number {
  const { queuePairs, msixVectors } = settings;
  return Math.min(queuePairs ?? 1, msixVectors === undefined ? (queuePairs ?? 1) : Math.max(1, msixVectors - 1));
}

/** All cores of a socket as a range. */
function ownCores(machine: Machine, socket: Component): string {
  const { first, count } = hostCores(machine, 1).firstOf.get(socket.id) ?? { first: 0, count: 1 };
  return count === 1 ? String(first) : `${first}..${first + count - 1}`;
}
