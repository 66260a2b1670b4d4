import type { ObservedFunction } from '../observed.ts';
import { addressParts, type FunctionAddress } from './address.ts';

/**
 * Says of virtual functions whose they are, by the physical function's First VF Offset, VF Stride and NumVFs (PCIe Base 5.0
 * section 9.2.1.2: routing ID of VF n is that of the PF plus offset plus (n - 1) times stride). Functions that the source
 * marks already stay as they are.
 */
export function markVirtualFunctions(functions: readonly ObservedFunction[]): ObservedFunction[] {
  const physicals = functions.filter(({ sriov }) => (sriov?.enabledVfs ?? 0) > 0 && (sriov?.vfOffset ?? 0) > 0);
  const marked = functions.map((one) => {
    if (one.physicalFunction !== undefined) return one;
    const owner = physicals.find((physical) => isVirtualOf(one, physical));
    return owner === undefined ? one : { ...one, physicalFunction: owner.address };
  });
  return marked.map((one) => withSizes(one, marked));
}

function isVirtualOf(one: ObservedFunction, physical: ObservedFunction): boolean {
  const { sriov } = physical;
  if (sriov === undefined || one === physical) return false;
  const [mine, theirs] = [addressParts(one.address), addressParts(physical.address)];
  if (mine.segment !== theirs.segment) return false;
  const distance = routingId(mine) - routingId(theirs) - (sriov.vfOffset ?? 0);
  const stride = sriov.vfStride ?? 0;
  if (distance === 0) return true;
  return distance > 0 && stride > 0 && distance % stride === 0 && distance / stride < sriov.enabledVfs;
}

const routingId = ({ bus, device, function: fn }: FunctionAddress) => (bus << 8) | (device << 3) | fn;

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
