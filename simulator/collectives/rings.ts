import { componentAt, type Machine } from '../../model/machine.ts';
import { type NcclPathType, ncclPathType } from '../../model/peer/nccl-path.ts';
import { nvlinkBetween } from '../../model/peer/nvlink.ts';

/** One ring: ranks in their order, the NIC between the last and the first where it leaves the machine, and its share. */
export interface Ring {
  readonly order: readonly number[];
  readonly nic: number | null;
  /** Share of the data that goes round it. */
  readonly share: number;
}

const nearness: Readonly<Record<NcclPathType, number>> = { LOC: 0, NVL: 1, PIX: 2, PXB: 3, PHB: 4, SYS: 5 };

/** From the nearest to the next nearest, so that each link of the tree is passed once each way. */
export function ringOrder(machine: Machine, ranks: readonly number[], start = ranks[0]): number[] {
  const left = new Set(ranks);
  const order: number[] = [];
  for (let at = start; at !== undefined; ) {
    left.delete(at);
    order.push(at);
    const from = at;
    let next: number | undefined;
    let best = Number.POSITIVE_INFINITY;
    for (const candidate of left) {
      const distance = nearness[ncclPathType(machine, from, candidate)];
      if (distance < best) {
        best = distance;
        next = candidate;
      }
    }
    at = next;
  }
  return order;
}

/**
 * The rings that share the work. With NICs one for each, which leaves the machine next to it. Where all ranks are joined
 * by direct NVLinks, as many as it takes to use every link. Else one.
 */
export function findRings(machine: Machine, ranks: readonly number[], nics: readonly number[]): Ring[] {
  if (nics.length > 0) {
    return nics.map((nic) => {
      const nearest = [...ranks].sort(
        (a, b) => nearness[ncclPathType(machine, a, nic)] - nearness[ncclPathType(machine, b, nic)] || a - b,
      )[0];
      const order = ringOrder(machine, ranks, nearest);
      // The nearest is the last, before the NIC; what comes back goes to the one after it.
      return { order: [...order.slice(1), ...order.slice(0, 1)], nic, share: 1 / nics.length };
    });
  }
  const meshed = meshRings(machine, ranks);
  const linked = meshed.length > 0 ? meshed : linkedRings(machine, ranks);
  if (linked.length > 0) return linked.map((order) => ({ order, nic: null, share: 1 / linked.length }));
  return [{ order: ringOrder(machine, ranks), nic: null, share: 1 }];
}

/** Ranks up to which all cycles of a mesh are counted. */
const largestMesh = 6;

/** All cycles of a small full mesh of direct NVLinks: together they load each link alike. Empty where there is none. */
function meshRings(machine: Machine, ranks: readonly number[]): number[][] {
  if (ranks.length < 3 || ranks.length > largestMesh) return [];
  const full = ranks.every((a) =>
    ranks.every((b) => a === b || nvlinkBetween(machine, a, b)?.connections.length === 1),
  );
  if (!full) return [];
  const [first, ...others] = ranks;
  if (first === undefined) return [];
  return permutations(others).map((rest) => [first, ...rest]);
}

/** Rings that are worth looking for, and steps of the search for one. */
const mostRings = 24;
const mostSteps = 20_000;

/**
 * Rings over direct NVLinks that leave no machine of a partial mesh (a hybrid cube, for example) to PCIe: as many as there
 * are, each over a link of its own. Empty where no ring joins all ranks.
 */
function linkedRings(machine: Machine, ranks: readonly number[]): number[][] {
  if (ranks.length < 3) return [];
  const free = new Map<string, number>();
  for (const a of ranks) {
    for (const b of ranks) {
      const path = a === b ? null : nvlinkBetween(machine, a, b);
      if (path !== null && path.connections.length === 1) free.set(`${a}>${b}`, path.links);
    }
  }
  const rings: number[][] = [];
  while (rings.length < mostRings) {
    const ring = findRing(ranks, free);
    if (ring === null) break;
    rings.push(ring);
    ring.forEach((from, at) => {
      const key = `${from}>${ring[(at + 1) % ring.length] ?? from}`;
      free.set(key, (free.get(key) ?? 0) - 1);
    });
  }
  return rings;
}

/** A ring over links that are free, the widest first; null where none is found. */
function findRing(ranks: readonly number[], free: ReadonlyMap<string, number>): number[] | null {
  const [first] = ranks;
  if (first === undefined) return null;
  const links = (from: number, to: number) => free.get(`${from}>${to}`) ?? 0;
  const ring = [first];
  let steps = 0;
  const extend = (from: number): boolean => {
    if (++steps > mostSteps) return false;
    if (ring.length === ranks.length) return links(from, first) > 0;
    const next = ranks.filter((to) => !ring.includes(to) && links(from, to) > 0);
    next.sort((a, b) => links(from, b) - links(from, a) || a - b);
    for (const to of next) {
      ring.push(to);
      if (extend(to)) return true;
      ring.pop();
    }
    return false;
  };
  return extend(first) ? ring : null;
}

/** True where all ranks hang off NVSwitches that can add up and multiply data themselves: from Hopper on (NVLink SHARP). */
export function reducesInSwitch(machine: Machine, ranks: readonly number[]): boolean {
  if (ranks.length < 3) return false;
  return ranks.every((rank, at) => {
    const next = ranks[(at + 1) % ranks.length] ?? rank;
    const capability = Number(componentAt(machine, rank).settings.computeCapability ?? Number.NaN);
    return capability >= 9 && nvlinkBetween(machine, rank, next)?.connections.length === 2;
  });
}

function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, at) =>
    permutations([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]),
  );
}

/** Ranks and NICs among the members of a collective. */
export function membersOf(machine: Machine, members: readonly number[]): { ranks: number[]; nics: number[] } {
  const isNic = (id: number) => componentAt(machine, id).kind === 'nic';
  return { ranks: members.filter((id) => !isNic(id)), nics: members.filter(isNic) };
}
