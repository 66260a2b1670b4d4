import type { ObservedFunction, ObservedNote } from '../observed.ts';
import { addressParts, compareAddresses } from './address.ts';

const bridgeClass = 0x0604;
const hostBridgeClass = 0x0600;
const classOf = (one: ObservedFunction) => (one.classCode ?? 0) >>> 8;

/**
 * Bus numbers of bridges for a list that has none, as plain `lspci` prints it: bridges are numbered depth first, one bus each
 * (Linux, drivers/pci/probe.c, pci_scan_child_bus_extend). Root buses are those with a host bridge, and the first. Where
 * that does not explain every bus of the list, only parts that it explains to the end are. A note says which.
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
  const buses: Buses = new Map();
  let explained = true;
  for (const list of segments.values()) {
    const whole = numberSegment(list);
    if (whole === null) explained = false;
    for (const [address, range] of whole ?? numberParts(list)) buses.set(address, range);
  }
  const unsaid = 'the list does not say which bus lies below which bridge';
  const message = explained
    ? `${unsaid}: taken to be numbered depth first (lspci -vv or -t says it)`
    : buses.size > 0
      ? `${unsaid}: taken to be numbered depth first where no bus is left over (lspci -vv or -t says it)`
      : `${unsaid}: every bus stands for itself (lspci -vv or -t says it)`;
  const notes: readonly ObservedNote[] = [{ line: null, subject: null, message }];
  if (buses.size === 0) return { functions, notes };
  return {
    functions: functions.map((one) => {
      const found = buses.get(one.address);
      return found === undefined ? one : { ...one, buses: found };
    }),
    notes,
  };
}

type Buses = Map<string, NonNullable<ObservedFunction['buses']>>;

/** Numbers the bridges of a segment; null where some bus of the list is left over. */
function numberSegment(functions: readonly ObservedFunction[]): Buses | null {
  const byBus = busesOf(functions);
  const listed = [...byBus.keys()].sort((a, b) => a - b);
  const roots = listed.filter((bus, at) => at === 0 || isRootBus(byBus.get(bus)));
  const buses: Buses = new Map();
  const reached = new Set<number>(roots);
  for (const [at, root] of roots.entries()) {
    const below = scan(root, (roots[at + 1] ?? 256) - 1, byBus, buses);
    if (below === null) return null;
    for (const bus of below) reached.add(bus);
  }
  return listed.every((bus) => reached.has(bus)) ? buses : null;
}

/** The same for a list of some functions only: what lies below a bus counts where every bus of it is listed. */
function numberParts(functions: readonly ObservedFunction[]): Buses {
  const byBus = busesOf(functions);
  const listed = [...byBus.keys()].sort((a, b) => a - b);
  const buses: Buses = new Map();
  const reached = new Set<number>();
  for (const root of listed) {
    if (reached.has(root)) continue;
    const own: Buses = new Map();
    const limit = (listed.find((bus) => bus > root && isRootBus(byBus.get(bus))) ?? 256) - 1;
    const below = scan(root, limit, byBus, own);
    if (below === null || !below.every((bus) => byBus.has(bus))) continue;
    for (const bus of below) reached.add(bus);
    for (const [address, range] of own) buses.set(address, range);
  }
  return buses;
}

const busesOf = (functions: readonly ObservedFunction[]) => grouped(functions, (one) => addressParts(one.address).bus);

/** A host bridge is device 0 of its root bus. */
function isRootBus(functions: readonly ObservedFunction[] | undefined): boolean {
  return functions?.some((one) => classOf(one) === hostBridgeClass && addressParts(one.address).device === 0) === true;
}

/** Numbers what lies below a root bus, depth first; the buses below it, or null where they would pass the limit. */
function scan(
  root: number,
  limit: number,
  byBus: ReadonlyMap<number, readonly ObservedFunction[]>,
  into: Buses,
): readonly number[] | null {
  const below: number[] = [];
  const visit = (bus: number): number | null => {
    let last = bus;
    const bridges = (byBus.get(bus) ?? [])
      .filter((one) => classOf(one) === bridgeClass)
      .sort((a, b) => compareAddresses(addressParts(a.address), addressParts(b.address)));
    for (const bridge of bridges) {
      const secondary = last + 1;
      if (secondary > limit) return null;
      below.push(secondary);
      const end = visit(secondary);
      if (end === null) return null;
      last = end;
      into.set(bridge.address, { primary: bus, secondary, subordinate: last });
    }
    return last;
  };
  return visit(root) === null ? null : below;
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
