import type { ObservedFunction, ObservedNote } from '../observed.ts';
import { addressParts, compareAddresses } from './address.ts';

const bridgeClass = 0x0604;
const hostBridgeClass = 0x0600;
const classOf = (one: ObservedFunction) => (one.classCode ?? 0) >>> 8;

/**
 * Bus numbers of bridges for a list that has none, as plain `lspci` prints it: bridges are numbered depth first, one bus each
 * (Linux, drivers/pci/probe.c, pci_scan_child_bus_extend). Root buses are those with a host bridge, and the first. Where
 * that does not explain every bus of the list, nothing is inferred. A note says which.
 */
export function inferBuses(functions: readonly ObservedFunction[]): {
  readonly functions: readonly ObservedFunction[];
  readonly notes: readonly ObservedNote[];
} {
  const isPlain = functions.every(
    (one) => one.buses === undefined && (one.parent === undefined || one.parent === null),
  );
  if (!isPlain || !functions.some((one) => classOf(one) === bridgeClass)) return { functions, notes: [] };
  const segments = grouped(functions, (one) => addressParts(one.address).segment);
  const buses = new Map<string, NonNullable<ObservedFunction['buses']>>();
  let explained = true;
  for (const list of segments.values()) if (!numberSegment(list, buses)) explained = false;
  const message = explained
    ? 'the list does not say which bus lies below which bridge: taken to be numbered depth first (lspci -vv or -t says it)'
    : 'the list does not say which bus lies below which bridge: every bus stands for itself (lspci -vv or -t says it)';
  const notes: readonly ObservedNote[] = [{ line: null, subject: null, message }];
  if (!explained) return { functions, notes };
  return {
    functions: functions.map((one) => {
      const found = buses.get(one.address);
      return found === undefined ? one : { ...one, buses: found };
    }),
    notes,
  };
}

/** Numbers the bridges of a segment; false where some bus of the list is left over. */
function numberSegment(
  functions: readonly ObservedFunction[],
  buses: Map<string, NonNullable<ObservedFunction['buses']>>,
): boolean {
  const byBus = grouped(functions, (one) => addressParts(one.address).bus);
  const listed = [...byBus.keys()].sort((a, b) => a - b);
  const roots = listed.filter(
    (bus, at) =>
      at === 0 ||
      byBus.get(bus)?.some((one) => classOf(one) === hostBridgeClass && addressParts(one.address).device === 0) ===
        true,
  );
  const reached = new Set<number>(roots);
  let isSound = true;
  const scan = (bus: number, limit: number): number => {
    let last = bus;
    const bridges = (byBus.get(bus) ?? [])
      .filter((one) => classOf(one) === bridgeClass)
      .sort((a, b) => compareAddresses(addressParts(a.address), addressParts(b.address)));
    for (const bridge of bridges) {
      const secondary = last + 1;
      if (secondary > limit) {
        isSound = false;
        return last;
      }
      reached.add(secondary);
      last = scan(secondary, limit);
      buses.set(bridge.address, { primary: bus, secondary, subordinate: last });
    }
    return last;
  };
  roots.forEach((root, at) => {
    scan(root, (roots[at + 1] ?? 256) - 1);
  });
  return isSound && listed.every((bus) => reached.has(bus));
}

function grouped(
  functions: readonly ObservedFunction[],
  keyOf: (one: ObservedFunction) => number,
): Map<number, ObservedFunction[]> {
  const groups = new Map<number, ObservedFunction[]>();
  for (const one of functions) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
