import { type ComponentKind, componentAt, type Machine } from '../machine.ts';
import { hasPeerMemory } from '../peer/peer-memory.ts';
import type { EndpointRef } from '../work.ts';

/** Who masters the bus when both could: drives and NICs bring their own DMA engines and write to whoever asked. */
const order: readonly ComponentKind[] = ['nvme', 'sata', 'nic', 'fpga', 'gpu', 'nvswitch', 'device'];

/**
 * The device that usually masters a transfer between two ends; the socket for a copy within host memory. Between devices
 * the one without memory that a peer could reach, since the other end must have some; two of a kind: the source.
 */
export function usualInitiator(machine: Machine, from: EndpointRef, to: EndpointRef): number {
  if (from.memory && to.memory) return from.component;
  if (from.memory) return to.component;
  if (to.memory) return from.component;
  const [source, target] = [componentAt(machine, from.component), componentAt(machine, to.component)];
  if (hasPeerMemory(source) !== hasPeerMemory(target)) return hasPeerMemory(source) ? target.id : source.id;
  const rank = (kind: ComponentKind) => {
    const at = order.indexOf(kind);
    return at < 0 ? order.length : at;
  };
  return rank(source.kind) <= rank(target.kind) ? source.id : target.id;
}
