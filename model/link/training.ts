import type { Assumption, Reason } from '../origin.ts';
import type { Generation, LaneCount } from './generation.ts';
import { laneCounts, linkLabel, rawBytesPerSecond } from './generation.ts';

/**
 * What a link trains to. Both ends start at 2.5 GT/s and agree on the fastest data rate that both advertise and on the
 * widest link that both support (PCIe Base 5.0 sections 4.2.6.2 to 4.2.6.4); a slot with fewer lanes wired, a riser or
 * cable not good for the rate, or a Target Link Speed below the maximum (Link Control 2, section 7.5.3.19) hold it down.
 */
export type LinkLimit = 'upstream' | 'downstream' | 'slot' | 'channel' | 'forced' | 'stated';

export interface LinkRate {
  readonly generation: Generation;
  readonly lanes: LaneCount;
}

/** One end. An absent field is unknown: a default is assumed and said. */
export interface LinkEnd {
  /** Qualified name for reasons, or absent. */
  readonly name?: string | null;
  readonly generation?: Generation | undefined;
  /** Maximum link width of the port as it is configured, bifurcation included. */
  readonly lanes?: LaneCount | undefined;
  /** Widths that the port supports, where that is known to differ from `supportedWidths(lanes)`. */
  readonly widths?: readonly LaneCount[] | undefined;
}

export interface TrainingInput {
  /** The port above. */
  readonly upstream: LinkEnd;
  /** The device or switch below, or null for an empty slot: then the result is what the slot could carry. */
  readonly downstream: LinkEnd | null;
  /** Lanes that the slot has wired. */
  readonly slot?: { readonly name?: string | null; readonly lanes?: LaneCount | undefined } | undefined;
  /** What the traces, riser, cable or retimer are rated for. */
  readonly channel?: { readonly name?: string | null; readonly generation?: Generation | undefined } | undefined;
  /** Target Link Speed, or a width forced in firmware. */
  readonly forced?:
    | { readonly generation?: Generation | undefined; readonly lanes?: LaneCount | undefined }
    | undefined;
  /**
   * The state that was read or written down. It wins. `idle`: read while the device slept, when GPUs lower their rate;
   * then the width counts and the generation does not.
   */
  readonly stated?:
    | {
        readonly generation?: Generation | undefined;
        readonly lanes?: LaneCount | undefined;
        readonly idle?: boolean | undefined;
      }
    | undefined;
}

export interface TrainedLink extends LinkRate {
  /** What holds the link below the better of its ends, or null; where two do, the one that costs more bandwidth. */
  readonly limitedBy: LinkLimit | null;
  /** Name of the end or slot that limits, or null. */
  readonly limitedAt: string | null;
  readonly generationLimitedBy: LinkLimit | null;
  readonly lanesLimitedBy: LinkLimit | null;
  /** What both ends could do on a perfect slot. */
  readonly capable: LinkRate;
  readonly reasons: readonly Reason[];
  readonly assumptions: readonly Assumption[];
}

/**
 * Assumed where nothing in sight tells: NCCL takes an unknown speed for Gen3 and a width of 0 for x16
 * (NVIDIA/nccl, src/graph/topo.cc: kvDictPciGen, ncclTopoAddPci).
 */
export const assumedLink: LinkRate = { generation: 3, lanes: 16 };

/**
 * Widths that a port with this maximum supports: the maximum, x1, and the powers of two between. A port must support x1
 * and its maximum (PCIe Base 5.0 section 4.2.6.2.1); x12 is no step of a wider port.
 */
export function supportedWidths(lanes: LaneCount): readonly LaneCount[] {
  return laneCounts.filter((width) => width === lanes || (width < lanes && width !== 12));
}

interface Cap<T> {
  readonly value: T | undefined;
  readonly by: LinkLimit;
}

/**
 * The lowest cap and who sets it, first of equals. The two ends come first and only the lower of them limits: ends that
 * are alike leave nobody to blame.
 */
function lowest<T extends number>(upstream: T, downstream: T | null, later: readonly Cap<T>[]): Held<T> {
  let value = downstream === null ? upstream : upstream < downstream ? upstream : downstream;
  let by: LinkLimit | null = null;
  if (downstream !== null && upstream !== downstream) by = upstream < downstream ? 'upstream' : 'downstream';
  for (const cap of later) {
    if (cap.value !== undefined && cap.value < value) {
      value = cap.value;
      by = cap.by;
    }
  }
  return { value, by };
}

interface Held<T> {
  readonly value: T;
  readonly by: LinkLimit | null;
}

function widest(ends: readonly (readonly LaneCount[])[], atMost: LaneCount): LaneCount {
  let found: LaneCount = 1;
  for (const width of laneCounts) {
    if (width <= atMost && ends.every((widths) => widths.includes(width))) found = width;
  }
  return found;
}

interface KnownEnd {
  readonly name: string | null;
  readonly generation: Generation;
  readonly lanes: LaneCount;
  readonly widths: readonly LaneCount[];
}

/** Fills what an end does not say: from the other end, from the slot or what is stated, else from `assumedLink`. */
function completeEnds(input: TrainingInput, assumptions: Assumption[]): { up: KnownEnd; down: KnownEnd | null } {
  const { upstream, downstream, slot, channel, forced, stated } = input;
  const complete = (end: LinkEnd, other: LinkEnd | null, otherName: string): KnownEnd => {
    const at = end.name ?? null;
    const assume = <T extends number>(
      field: 'generation' | 'lanes',
      own: T | undefined,
      sources: readonly (readonly [T | undefined, string])[],
      last: T,
    ): T => {
      if (own !== undefined) return own;
      const known = sources.find(([value]) => value !== undefined);
      const value = known?.[0] ?? last;
      const shown = field === 'generation' ? `Gen${value}` : `x${value}`;
      const because = known === undefined ? 'nothing says otherwise' : known[1];
      const what = field === 'generation' ? 'generation' : 'width';
      assumptions.push({ at, field, message: `The ${what} is unknown; assumed ${shown}, ${because}.` });
      return value;
    };
    const like = `like ${otherName}`;
    const generation = assume(
      'generation',
      end.generation,
      [
        [other?.generation, like],
        // An idle rate tells nothing about what the end can do.
        [stated?.idle === true ? undefined : stated?.generation, 'the rate that it is stated to run at'],
        [channel?.generation, 'the rating of the channel'],
        [forced?.generation, 'the forced rate'],
      ],
      assumedLink.generation,
    );
    const lanes = assume(
      'lanes',
      end.lanes,
      [
        [other?.lanes, like],
        [slot?.lanes, 'the lanes of the slot'],
        [stated?.lanes, 'the width that it is stated to run at'],
        [forced?.lanes, 'the forced width'],
      ],
      assumedLink.lanes,
    );
    return { name: at, generation, lanes, widths: end.widths ?? supportedWidths(lanes) };
  };
  return {
    up: complete(upstream, downstream, 'the device below'),
    down: downstream === null ? null : complete(downstream, upstream, 'the port above'),
  };
}

const whoLimits: Readonly<Record<LinkLimit, string>> = {
  upstream: 'the port above',
  downstream: 'the device below',
  slot: 'the slot',
  channel: 'the channel (traces, riser or cable)',
  forced: 'the forced setting',
  stated: 'the stated trained state',
};

/** What a link runs at, and why. Pure; never throws on typed input. */
export function trainLink(input: TrainingInput): TrainedLink {
  const assumptions: Assumption[] = [];
  const reasons: Reason[] = [];
  const { up, down } = completeEnds(input, assumptions);
  const { slot, channel, forced, stated } = input;

  const nameOf = (limit: LinkLimit): string | null => {
    if (limit === 'upstream') return up.name;
    if (limit === 'downstream') return down?.name ?? null;
    if (limit === 'slot') return slot?.name ?? up.name;
    if (limit === 'channel') return channel?.name ?? up.name;
    return up.name;
  };
  const because = (code: string, message: string, at: string | null): void => {
    reasons.push({ code, message, at });
  };

  const generation = lowest<Generation>(up.generation, down?.generation ?? null, [
    { value: channel?.generation, by: 'channel' },
    { value: forced?.generation, by: 'forced' },
  ]);
  const lanesCap = lowest<LaneCount>(up.lanes, down?.lanes ?? null, [
    { value: slot?.lanes, by: 'slot' },
    { value: forced?.lanes, by: 'forced' },
  ]);
  const widths = down === null ? [up.widths] : [up.widths, down.widths];
  const lanes: Held<LaneCount> = { value: widest(widths, lanesCap.value), by: lanesCap.by };
  const capable: LinkRate = {
    generation: lowest<Generation>(up.generation, down?.generation ?? null, []).value,
    lanes: widest(widths, 32),
  };

  if (lanes.value < lanesCap.value) {
    because(
      'link/width-fallback',
      `x${lanesCap.value} is no width that both ends support; the next below is x${lanes.value}.`,
      nameOf('upstream'),
    );
  }

  const best: LinkRate = {
    generation: down !== null && down.generation > up.generation ? down.generation : up.generation,
    lanes: down !== null && down.lanes > up.lanes ? down.lanes : up.lanes,
  };
  const idle = stated?.idle === true;
  const finalGeneration = settle(generation, idle ? undefined : stated?.generation);
  const finalLanes = settle(lanes, stated?.lanes);
  if (idle && stated?.generation !== undefined && stated.generation < generation.value) {
    because(
      'link/idle',
      `Read as Gen${stated.generation} while idle; under load it runs at Gen${generation.value}.`,
      nameOf('stated'),
    );
  }
  if (finalGeneration.value > generation.value || finalLanes.value > lanes.value) {
    because(
      'link/stated-above-capable',
      `Stated as ${linkLabel({ generation: finalGeneration.value, lanes: finalLanes.value })}, which is more than the ` +
        `${linkLabel({ generation: generation.value, lanes: lanes.value })} that ends, slot and settings allow.`,
      nameOf('stated'),
    );
  }
  if (finalGeneration.by !== null) {
    because(
      'link/generation-limited',
      `Gen${finalGeneration.value} of Gen${best.generation}: ${whoLimits[finalGeneration.by]} limits the rate.`,
      nameOf(finalGeneration.by),
    );
  }
  if (finalLanes.by !== null) {
    because(
      'link/width-limited',
      `x${finalLanes.value} of x${best.lanes}: ${whoLimits[finalLanes.by]} limits the width.`,
      nameOf(finalLanes.by),
    );
  }
  if (down === null) because('link/empty', 'Nothing is plugged in; this is what the slot could carry.', up.name);

  const trained: LinkRate = { generation: finalGeneration.value, lanes: finalLanes.value };
  const limitedBy = costlier(trained, best, finalGeneration.by, finalLanes.by);
  return {
    ...trained,
    limitedBy,
    limitedAt: limitedBy === null || limitedBy === 'forced' || limitedBy === 'stated' ? null : nameOf(limitedBy),
    generationLimitedBy: finalGeneration.by,
    lanesLimitedBy: finalLanes.by,
    capable,
    reasons,
    assumptions,
  };
}

/** A stated value wins; it limits where it lies below what the rest allows, and clears the blame where it lies above. */
function settle<T extends number>(computed: Held<T>, stated: T | undefined): Held<T> {
  if (stated === undefined || stated === computed.value) return computed;
  return { value: stated, by: stated < computed.value ? 'stated' : null };
}

/** Of the two limits, the one without which the link would gain more; the rate where they are equal. */
function costlier(
  trained: LinkRate,
  best: LinkRate,
  generationBy: LinkLimit | null,
  lanesBy: LinkLimit | null,
): LinkLimit | null {
  if (generationBy === null || lanesBy === null) return generationBy ?? lanesBy;
  const fasterBytesPerSecond = rawBytesPerSecond(best.generation, trained.lanes);
  const widerBytesPerSecond = rawBytesPerSecond(trained.generation, best.lanes);
  return widerBytesPerSecond > fasterBytesPerSecond ? lanesBy : generationBy;
}
