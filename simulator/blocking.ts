import type { Sourced } from '../model/origin.ts';
import type { Demand } from '../model/route/demand.ts';
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

/** A copy with the time from which it runs. */
export interface ConcurrentCopy {
  readonly planned: PlannedCopy;
  readonly startSeconds: number;
}

interface Crossing {
  readonly input: string;
  readonly output: string;
}

/**
 * Copies that start together, with what head-of-line blocking takes from the ports that they come in by. A port that
 * sends one way only, or to ports that nobody else sends to, loses nothing.
 */
export function withBlocking(copies: readonly ConcurrentCopy[]): PlannedCopy[] {
  const crossings = copies.map(({ planned }) => crossingsOf(planned));
  return copies.map(({ planned, startSeconds }, index) => {
    const own = crossings[index] ?? [];
    if (own.length === 0) return planned;
    const together = crossings.flatMap((all, other) => (copies[other]?.startSeconds === startSeconds ? all : []));
    const shares = new Map<string, number>();
    for (const { input } of own) shares.set(input, shareOf(input, together));
    if ([...shares.values()].every((share) => share === 1)) return planned;
    // A limit of its own beside the link: what goes over the wire stays the same.
    const limits = planned.demands.flatMap((demand): Demand[] => {
      const share = demand.carriesPayload ? (shares.get(demand.key) ?? 1) : 1;
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
function shareOf(input: string, crossings: readonly Crossing[]): number {
  const outputs = new Set(crossings.filter((one) => one.input === input).map((one) => one.output));
  const contended = [...outputs].filter((output) =>
    crossings.some((one) => one.output === output && one.input !== input),
  );
  return headOfLine.value[contended.length] ?? withoutEnd;
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
