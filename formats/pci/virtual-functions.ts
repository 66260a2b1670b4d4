import type { ObservedFunction } from '../observed.ts';
import { addressParts } from './address.ts';

/**
 * Says of virtual functions whose they are, by the physical function's First VF Offset, VF Stride and NumVFs (PCIe Base 5.0
 * section 9.2.1.2: routing ID of VF n is that of the PF plus offset plus (n - 1) times stride). Functions that the source
 * marks already stay as they are.
 */
export function markVirtualFunctions(functions: readonly ObservedFunction[]): ObservedFunction[] {
  const byRoute = new Map<string, string>();
  for (const physical of functions) {
    const { sriov } = physical;
    if (sriov === undefined || sriov.enabledVfs === 0 || sriov.vfOffset === undefined || sriov.vfOffset === 0) continue;
    const { segment, bus, device, function: fn } = addressParts(physical.address);
    const route = (bus << 8) | (device << 3) | fn;
    for (let index = 0; index < sriov.enabledVfs; index++) {
      byRoute.set(`${segment}:${route + sriov.vfOffset + index * (sriov.vfStride ?? 0)}`, physical.address);
    }
  }
  return functions.map((one) => {
    if (one.physicalFunction !== undefined) return one;
    const { segment, bus, device, function: fn } = addressParts(one.address);
    const physicalFunction = byRoute.get(`${segment}:${(bus << 8) | (device << 3) | fn}`);
    return physicalFunction === undefined || physicalFunction === one.address ? one : { ...one, physicalFunction };
  });
}
