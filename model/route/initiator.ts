import { type ComponentKind, componentAt, type Machine } from '../machine.ts';
import type { EndpointRef } from '../work.ts';

/** Who masters the bus when both could: drives and NICs bring their own DMA engines and write to whoever asked. */
const order: readonly ComponentKind[] = ['nvme', 'sata', 'nic', 'fpga', 'gpu', 'nvswitch', 'device'];

/** The device that usually masters a transfer between two ends; the socket for a copy within host memory. */
export function usualInitiator(machine: Machine, from: EndpointRef, to: EndpointRef): number {
  if (from.memory && to.memory) return from.component;
  if (from.memory) return to.component;
  if (to.memory) return from.component;
  const rank = (end: EndpointRef) => {
    const at = order.indexOf(componentAt(machine, end.component).kind);
    return at < 0 ? order.length : at;
  };
  return rank(from) <= rank(to) ? from.component : to.component;
}
