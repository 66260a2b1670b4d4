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
  const marked = functions.map((one) => {
    if (one.physicalFunction !== undefined) return one;
    const { segment, bus, device, function: fn } = addressParts(one.address);
    const physicalFunction = byRoute.get(`${segment}:${(bus << 8) | (device << 3) | fn}`);
    return physicalFunction === undefined || physicalFunction === one.address ? one : { ...one, physicalFunction };
  });
  return marked.map((one) => withSizes(one, marked));
}

/** The BARs of virtual functions tell the sizes that the capability of the physical one does not. */
function withSizes(physical: ObservedFunction, functions: readonly ObservedFunction[]): ObservedFunction {
  const { sriov } = physical;
  if (sriov === undefined || sriov.bars.every((bar) => bar.bytes !== undefined)) return physical;
  const virtual = functions.find((one) => one.physicalFunction === physical.address && one.bars !== undefined);
  if (virtual === undefined) return physical;
  const bars = sriov.bars.map((bar) => {
    const bytes = bar.bytes ?? virtual.bars?.find((one) => one.index === bar.index)?.bytes;
    return bytes === undefined ? bar : { ...bar, bytes };
  });
  return { ...physical, sriov: { ...sriov, bars } };
}
