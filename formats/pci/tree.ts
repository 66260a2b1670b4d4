import type { ObservedFunction, ObservedNote } from '../observed.ts';
import { addressParts, compareAddresses } from './address.ts';

/**
 * Says of every function which bridge it hangs below, by the bridges' bus numbers, where the source did not say itself.
 * Bus numbers that contradict each other are noted and leave their functions on a root bus.
 */
export function withParents(functions: readonly ObservedFunction[]): {
  readonly functions: ObservedFunction[];
  readonly notes: ObservedNote[];
} {
  const notes: ObservedNote[] = [];
  const sorted = [...functions].sort((a, b) => compareAddresses(addressParts(a.address), addressParts(b.address)));
  const bridgeOfBus = new Map<string, ObservedFunction>();
  for (const bridge of sorted) {
    if (bridge.buses === undefined) continue;
    const { secondary, subordinate, primary } = bridge.buses;
    const { segment, bus } = addressParts(bridge.address);
    if (secondary === 0 && subordinate === 0) continue; // not numbered yet
    if (secondary <= bus || subordinate < secondary) {
      notes.push({
        line: null,
        subject: bridge.address,
        message: `its bus numbers go in a circle: it stands on bus ${hex(bus)} and says that buses ${hex(secondary)} to ${hex(subordinate)} lie below it`,
      });
      continue;
    }
    if (primary !== bus) {
      notes.push({
        line: null,
        subject: bridge.address,
        message: `it stands on bus ${hex(bus)}, but its primary bus number is ${hex(primary)}`,
      });
    }
    const key = busKey(segment, secondary);
    const other = bridgeOfBus.get(key);
    if (other === undefined) bridgeOfBus.set(key, bridge);
    else {
      notes.push({
        line: null,
        subject: bridge.address,
        message: `bus ${hex(secondary)} lies below ${other.address} already`,
      });
    }
  }
  const known = new Set(sorted.map((one) => one.address));
  const placed = sorted.map((one) => {
    if (one.parent !== undefined && (one.parent === null || known.has(one.parent))) return one;
    const { segment, bus } = addressParts(one.address);
    return { ...one, parent: bridgeOfBus.get(busKey(segment, bus))?.address ?? null };
  });
  return { functions: breakCycles(placed, notes), notes };
}

/**
 * Leaves out that a function stands on a root bus where that only follows from no bridge leading to its bus: it may as well
 * hang below a port that the source does not show.
 *
 * @param isSaid whether the source itself puts the function with this address on a root bus
 */
export function withoutAssumedRoots(
  functions: readonly ObservedFunction[],
  isSaid: (address: string) => boolean,
): ObservedFunction[] {
  return functions.map((one) => {
    const { parent, role, ...rest } = one;
    const canHang = role === undefined || role === 'endpoint' || role === 'upstream-port';
    return parent === null && canHang && !isSaid(one.address)
      ? { ...rest, ...(role === undefined ? {} : { role }) }
      : one;
  });
}

/** A function that hangs below itself, by whatever the source says of parents, is put on a root bus. */
function breakCycles(functions: readonly ObservedFunction[], notes: ObservedNote[]): ObservedFunction[] {
  const byAddress = new Map(functions.map((one) => [one.address, one]));
  const sound = new Set<string>();
  const cut = new Set<string>();
  for (const one of functions) {
    const path: string[] = [];
    const onPath = new Set<string>();
    for (let at: string | null | undefined = one.address; at !== null && at !== undefined && !sound.has(at); ) {
      if (onPath.has(at)) {
        cut.add(at);
        notes.push({ line: null, subject: at, message: 'it hangs below itself: put on a root bus' });
        break;
      }
      path.push(at);
      onPath.add(at);
      at = cut.has(at) ? null : byAddress.get(at)?.parent;
    }
    for (const address of path) sound.add(address);
  }
  return functions.map((one) => (cut.has(one.address) ? { ...one, parent: null } : one));
}

const busKey = (segment: number, bus: number) => `${segment}:${bus}`;
const hex = (value: number) => value.toString(16).padStart(2, '0');
