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
  const down = pciChain(machine, b);
  const common = up.find((one) => (one.kind === 'switch' || one.kind === 'bridge') && down.includes(one));
  if (common !== undefined) {
    // The switches between each device and the common one: none on either side is one switch.
    const between = (chain: typeof up) => chain.slice(0, chain.indexOf(common)).filter((one) => one.kind === 'switch');
    return between(up).length + between(down).length === 0 ? 'PIX' : 'PXB';
  }
  const [mine, theirs] = [numaNode(machine, a), numaNode(machine, b)];
  // A socket with several NUMA nodes (NPS, SNC) has host bridges in each of them.
  if (mine !== null && theirs !== null && mine !== theirs) return 'SYS';
  const [socket, other] = [socketOf(machine, a), socketOf(machine, b)];
  if (socket !== null && socket.id === other?.id) return 'PHB';
  return mine !== null && mine === theirs ? 'NODE' : 'SYS';
}
