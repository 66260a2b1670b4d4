import type { Machine } from '../model/machine.ts';
import type { Sourced } from '../model/origin.ts';
import type { Demand } from '../model/route/demand.ts';
import { type Check, noCheck } from './cancel.ts';
import type { PlannedCopy } from './demands.ts';

/**
 * What the ports of a switch carry while each of them sends to several others that are busy: a packet that waits for a
 * busy port holds up those behind it, though theirs may be free. By the number of ports that one sends to.
 */
export const headOfLine: Sourced<readonly number[]> = {
  value: [1, 1, 0.75, 0.6825, 0.6553, 0.6399, 0.6302, 0.6234, 0.6184],
  source:
    'Karol, Hluchyj, Morgan: Input versus output queueing on a space-division packet switch, IEEE Transactions on ' +
    'Communications 35 (1987), table I: saturation throughput by the number of ports; 0.5858 without end. Measured: four ' +
    'GPUs below one switch, all to all, 153 of 208 GB/s (voipmonitor/rtx6kpro@29f3863)',
};
const withoutEnd = 0.5858;

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
}

interface Crossing {
  readonly input: string;
  readonly output: string;
}

/** Copies that start at one time. */
interface Together {
  /** The ways out of a switch by each way in, and the other way round. */
  readonly outputs: Map<string, Set<string>>;
  readonly inputs: Map<string, Set<string>>;
  /** By uplink with the defect, the links that are left by behind it. */
  readonly targets: Map<string, Set<string>>;
  /** What is left of the ports that they come in by, as far as it was asked for. */
  readonly shares: Map<string, number>;
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
  const crossings = copies.map(({ planned }) => crossingsOf(planned));
  const groups = new Map<number, Together>();
  copies.forEach(({ startSeconds }, index) => {
    check();
    const group: Together = groups.get(startSeconds) ?? {
      outputs: new Map(),
      inputs: new Map(),
      targets: new Map(),
      shares: new Map(),
    };
    groups.set(startSeconds, group);
    for (const { input, output } of crossings[index] ?? []) {
      addTo(group.outputs, input, output);
      addTo(group.inputs, output, input);
    }
    for (const { key, target } of uplinks[index] ?? []) addTo(group.targets, key, target);
  });
  return copies.map(({ planned, startSeconds }, index) => {
    check();
    const own = crossings[index] ?? [];
    const group = groups.get(startSeconds);
    const collapsed = (uplinks[index] ?? []).filter(({ key }) => (group?.targets.get(key)?.size ?? 0) > 1);
    if (group === undefined || (own.length === 0 && collapsed.length === 0)) return planned;
    const { shares } = group;
    for (const { input } of own) if (!shares.has(input)) shares.set(input, shareOf(input, group));
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

/** The part of a port that is left: by how many contended ports it sends to. */
function shareOf(input: string, { outputs, inputs }: Together): number {
  const contended = [...(outputs.get(input) ?? [])].filter((output) => (inputs.get(output)?.size ?? 0) > 1);
  return headOfLine.value[contended.length] ?? withoutEnd;
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

/** Where the data of a copy passes switches: the link that it comes in by and the one that it leaves by. */
function crossingsOf({ route }: PlannedCopy): Crossing[] {
  return route.legs.flatMap(({ hops }) =>
    hops.flatMap((hop, at): Crossing[] => {
      const [before, after] = [hops[at - 1], hops[at + 1]];
      if (hop.kind !== 'switch' || before?.kind !== 'link' || after?.kind !== 'link') return [];
      return [{ input: `link:${before.link}:${before.direction}`, output: `link:${after.link}:${after.direction}` }];
    }),
  );
}
