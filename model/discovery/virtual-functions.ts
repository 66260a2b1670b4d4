import { formatAddress, type PciFunction } from './topology.ts';
import { virtualPlaces } from './virtual-places.ts';

/**
 * Addresses of the virtual functions that are enabled, in the order of their numbers: First VF Offset and VF Stride count
 * from the physical function on, over the ends of devices and buses (SR-IOV 1.1, 2.1.2).
 */
export function virtualAddresses(fn: PciFunction): string[] {
  const { sriov, bus } = fn;
  if (sriov === null || sriov.enabledVfs === 0) return [];
  const { offset, stride } = virtualPlaces(sriov);
  const first = bus.number * 256 + fn.device * 8 + fn.fn + offset;
  return Array.from({ length: Math.min(sriov.enabledVfs, sriov.totalVfs) }, (_, index) => {
    const routing = first + stride * index;
    return formatAddress(bus.segment, routing >> 8, (routing >> 3) & 31, routing & 7);
  });
}
