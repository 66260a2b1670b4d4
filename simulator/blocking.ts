import type { Machine } from '../model/machine.ts';
import type { Sourced } from '../model/origin.ts';
import type { Demand } from '../model/route/demand.ts';
import { type Check, noCheck } from './cancel.ts';
import type { PlannedCopy } from './demands.ts';
import { blockedShares, type Crossing, type CrossingCopy } from './head-of-line.ts';

/**
 * What is left of an uplink, in bytes per second, once a switch with this defect sends posted writes to several root
 * ports through it. The text says so of the switch (`posted-write-collapse on`); reads are not touched.
 */
export const collapsedUplink: Sourced<number> = {
  value: 2.7e9,
  source:
    'two flows from one uplink to two root ports, PEX890xx: 2.7 GB/s written, 51.1 read (voipmonitor/rtx6kpro@29f3863)',
};

/** A copy with the time from which it runs. */
export interface ConcurrentCopy {
  readonly planned: PlannedCopy;
  readonly startSeconds: number;
  readonly bytes: number;
}

/** Copies that start at one time. */
interface Together {
  readonly copies: CrossingCopy[];
  /** By uplink with the defect, the links that are left by behind it. */
  readonly targets: Map<string, Set<string>>;
  /** What is left of the ports that they come in by; undefined until it is asked for. */
  shares?: ReadonlyMap<string, number>;
}

/**
 * Copies that start together, with what head-of-line blocking takes from the ports that they come in by. A port that
 * sends one way only, or to ports that nobody else sends to, loses nothing.
 */
export function withBlocking(
  machine: Machine,
  copies: readonly ConcurrentCopy[],
  check: Check = noCheck,
): PlannedCopy[] {
  const uplinks = copies.map(({ planned }) => defectiveUplinks(machine, planned));
  const crossings = copies.map(({ planned }) => crossingsOf(machine, planned));
  const groups = new Map<number, Together>();
  copies.forEach(({ planned, startSeconds, bytes }, index) => {
    check();
    const group: Together = groups.get(startSeconds) ?? { copies: [], targets: new Map() };
    groups.set(startSeconds, group);
    group.copies.push({ planned, bytes, crossings: crossings[index] ?? [] });
    for (const { key, target } of uplinks[index] ?? []) addTo(group.targets, key, target);
  });
  return copies.map(({ planned, startSeconds }, index) => {
    check();
    const own = crossings[index] ?? [];
    const group = groups.get(startSeconds);
    const collapsed = (uplinks[index] ?? []).filter(({ key }) => (group?.targets.get(key)?.size ?? 0) > 1);
    if (group === undefined || (own.length === 0 && collapsed.length === 0)) return planned;
    group.shares ??= blockedShares(group.copies, check);
    const { shares } = group;
    // A limit of its own beside the link: what goes over the wire stays the same.
    const limits = planned.demands.flatMap((demand): Demand[] => {
      if (!demand.carriesPayload) return [];
      if (collapsed.some(({ key }) => key === demand.key)) {
        const name = `${demand.name} (posted writes collapse)`;
        const capacity = collapsedUplink.value;
        return [{ ...demand, key: `collapsed:${demand.key}`, name, kind: 'device', link: null, capacity, cost: 1 }];
      }
      const share = own.some(({ input }) => input === demand.key) ? (shares.get(demand.key) ?? 1) : 1;
      if (share === 1) return [];
      const name = `${demand.name} (packets behind others)`;
      return [
        {
          ...demand,
          key: `blocked:${demand.key}`,
          name,
          kind: 'device',
          link: null,
          capacity: demand.capacity * share,
        },
      ];
    });
    return { ...planned, demands: [...planned.demands, ...limits] };
  });
}

function addTo(all: Map<string, Set<string>>, key: string, value: string): void {
  const known = all.get(key);
  if (known === undefined) all.set(key, new Set([value]));
  else known.add(value);
}

/** Uplinks of switches with the defect that posted writes of a copy leave by, with the link that they go down again. */
function defectiveUplinks(machine: Machine, { route }: PlannedCopy): { key: string; target: string }[] {
  return route.legs.flatMap(({ hops, operation }) => {
    const down = hops.find((hop) => hop.kind === 'link' && hop.direction === 'down');
    if (operation !== 'write' || down === undefined) return [];
    return hops.flatMap((hop, at) => {
      const [before, after] = [hops[at - 1], hops[at + 1]];
      if (hop.kind !== 'switch' || before?.kind !== 'link' || after?.kind !== 'link' || after.direction !== 'up')
        return [];
      if (machine.components[hop.component]?.settings.postedWriteCollapse !== true) return [];
      return [{ key: `link:${after.link}:up`, target: down.name }];
    });
  });
}

/**
 * Where the data of a copy passes from link to link: the link that it comes in by and the one that it leaves by. In
 * switches, and for copies of GPUs in root complexes as well: four GPUs below root ports of their own lose as much, all to
 * all, as four below a switch, 130 of 221 GB/s and 128 of 221 (p2pmark, EPYC 9005: voipmonitor/rtx6kpro@29f3863); what
 * drives write to GPUs gets through a root complex whole (gds-bench.farmgpu.net).
 */
function crossingsOf(machine: Machine, { route }: PlannedCopy): Crossing[] {
  return route.legs.flatMap(({ hops, initiator }) => {
    const byGpu = machine.components[initiator]?.kind === 'gpu';
    const found: Crossing[] = [];
    let input: string | null = null;
    let passed = false;
    for (const hop of hops) {
      if (hop.kind !== 'link') {
        if (hop.kind === 'switch' || byGpu) passed = true;
        continue;
      }
      const output = `link:${hop.link}:${hop.direction}`;
      if (input !== null && passed) found.push({ input, output });
      input = output;
      passed = false;
    }
    return found;
  });
}
