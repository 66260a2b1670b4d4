import { type Machine, socketOf } from '../machine.ts';
import type { DistanceClass } from '../route/types.ts';
import { pciChain } from './mapping.ts';
import { nvlinkBetween } from './nvlink.ts';

const numbers = new WeakMap<Machine, ReadonlyMap<number, number>>();

/** Sockets by id, counted from 0 in the order of the text; counted once for a machine. */
function socketNumbers(machine: Machine): ReadonlyMap<number, number> {
  const known = numbers.get(machine);
  if (known !== undefined) return known;
  const sockets = machine.components.filter((component) => component.kind === 'socket');
  const made = new Map(sockets.map((socket, index) => [socket.id, index]));
  numbers.set(machine, made);
  return made;
}

/** NUMA node of a device: its own, or its socket's; null where neither is said and there are several sockets. */
export function numaNode(machine: Machine, id: number): number | null {
  for (const component of pciChain(machine, id)) {
    if (component.settings.numaNode !== undefined) return component.settings.numaNode;
  }
  const socket = socketOf(machine, id);
  if (socket === null) return null;
  if (socket.settings.numaNode !== undefined) return socket.settings.numaNode;
  return socketNumbers(machine).get(socket.id) ?? null;
}

/**
 * nvidia-smi's class of a pair: PIX at most one PCIe bridge between them (one switch), PXB several bridges without a
 * host bridge, PHB one host bridge, NODE several host bridges of one NUMA node, SYS several NUMA nodes.
 */
export function distanceClass(machine: Machine, a: number, b: number): DistanceClass {
  if (a === b) return 'X';
  const nvlinks = nvlinkBetween(machine, a, b);
  if (nvlinks !== null) return `NV${nvlinks.links}`;
  return pcieClass(machine, a, b);
}

/** The class by PCIe alone, as if there were no NVLink. */
export function pcieClass(machine: Machine, a: number, b: number): DistanceClass {
  if (a === b) return 'X';
  const up = pciChain(machine, a);
  const other = pciChain(machine, b);
  for (const common of up) {
    const down = other.find((component) => component.id === common.id);
    if (down === undefined) continue;
    if (common.kind !== 'switch' && common.kind !== 'bridge') break;
    // The switches between each device and the common one: none on either side is one switch.
    const between = (chain: typeof up) =>
      chain
        .slice(
          0,
          chain.findIndex((one) => one.id === common.id),
        )
        .filter((one) => one.kind === 'switch');
    return between(up).length + between(other).length === 0 ? 'PIX' : 'PXB';
  }
  const sockets = [socketOf(machine, a), socketOf(machine, b)];
  if (sockets[0] !== null && sockets[0]?.id === sockets[1]?.id) return 'PHB';
  const nodes = [numaNode(machine, a), numaNode(machine, b)];
  return nodes[0] !== null && nodes[0] === nodes[1] ? 'NODE' : 'SYS';
}
