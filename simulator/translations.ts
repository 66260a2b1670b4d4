import { translatedRequests } from '../model/isolation/translated-requests.ts';
import { componentAt, type Machine, socketOf } from '../model/machine.ts';
import type { Sourced } from '../model/origin.ts';
import { isTranslated, sequentialBytesPerSecond, translationCache } from '../model/route/ats.ts';
import type { Leg, Route } from '../model/route/types.ts';
import { invalidation } from './drivers/block/costs.ts';

/** What a device that asks for its translations (ATS) waits for along one leg. */
export interface AskedTranslations {
  /** The first of them, walk included: nothing moves before. */
  readonly seconds: number;
  readonly source: string;
  /** What requests in flight allow page by page, bytes per second; null where addresses are random. */
  readonly bytesPerSecond: number | null;
  readonly assumptions: readonly string[];
}

/** Null where the device leaves translation to the IOMMU, or where nothing translates. */
export function askedTranslations(
  machine: Machine,
  leg: Leg,
  { windowBytes }: { readonly windowBytes?: number | null },
): AskedTranslations | null {
  const { name } = componentAt(machine, leg.initiator);
  const cache = translationCache(machine, leg);
  if (cache === null) {
    const { blockedBy } = translatedRequests(machine, leg.initiator);
    if (blockedBy === null || !isTranslated(machine, leg)) return null;
    const why = blockedBy.settings.ats === false ? 'has ATS off' : 'blocks translated requests (ACS TB)';
    return {
      seconds: 0,
      source: '',
      bytesPerSecond: null,
      assumptions: [`${name}: ATS is on but not used, as ${blockedBy.name} ${why}.`],
    };
  }
  const random = windowBytes != null;
  const unknown = random && !Number.isFinite(cache.entries);
  return {
    seconds: cache.requestSeconds + cache.host.walkSeconds.value,
    source: `derived: a round trip to the root complex; the walk: ${cache.host.walkSeconds.source}`,
    bytesPerSecond: random ? null : sequentialBytesPerSecond(cache),
    assumptions: unknown
      ? [`${name}: entries of its translation cache (ats-cache) unknown, taken to hold all of the working set.`]
      : [],
  };
}

/** Mappings for DMA that a driver takes back within a transfer, each with an invalidation that it waits for. */
export interface Unmapping {
  /** Socket whose IOMMU it is: its invalidations follow each other. */
  readonly socket: number;
  readonly name: string;
  /** Bytes of one mapping; null: all of the transfer is one, which is taken back at its end. */
  readonly mappedBytes: number | null;
  /** Seconds of one invalidation. */
  readonly seconds: Sourced<number>;
}

/**
 * What a transfer gives back under strict invalidation. The block layer maps each request of a drive and takes it back when
 * that is done; an FPGA's driver and one that is not known map what they are called for. Memory of GPUs and adapters is
 * registered once and stays so, and so does a working set that is gone over at random. Lazily nobody waits.
 */
export function unmappings(
  machine: Machine,
  { legs }: Route,
  { blockBytes, windowBytes }: { readonly blockBytes?: number | null; readonly windowBytes?: number | null },
): Unmapping[] {
  const { iommu, invalidation: when } = machine.linux;
  if (iommu !== 'translate' || when !== 'strict' || windowBytes != null) return [];
  return legs.flatMap((leg) => {
    const { id, kind } = componentAt(machine, leg.initiator);
    const drive = kind === 'nvme' || kind === 'sata';
    const socket = socketOf(machine, id);
    if (!(drive || kind === 'fpga' || kind === 'device') || socket === null) return [];
    if (!(leg.from.memory || leg.to.memory) || !isTranslated(machine, leg)) return [];
    const mappedBytes = drive ? (blockBytes ?? null) : null;
    return [{ socket: socket.id, name: `${socket.name} IOMMU (invalidations)`, mappedBytes, seconds: invalidation }];
  });
}
