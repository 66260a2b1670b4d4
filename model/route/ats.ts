import { iommuPageBytes } from '../host/profile.ts';
import { missShare, type Translation, translationAt } from '../host/translation.ts';
import { translatedRequests } from '../isolation/translated-requests.ts';
import { componentAt, type Machine, socketOf } from '../machine.ts';
import { dmaEngine } from './engine.ts';
import { legSeconds } from './latency.ts';
import { findRoute } from './route.ts';
import type { Leg } from './types.ts';

/**
 * A device that translates for itself: it asks the root complex (a Translation Request, non-posted, answered by 8 B for each
 * page: PCI Express Base Specification 5.0, 10.2), keeps the answer in its Address Translation Cache, and what it then
 * sends passes the IO-TLB.
 */
export interface AddressTranslationCache {
  /** Translations that it holds; infinite where nothing says. */
  readonly entries: number;
  /** Bytes that one translation covers. */
  readonly pageBytes: number;
  /** From the request to the answer where the IO-TLB of the host knows the page, in seconds. */
  readonly requestSeconds: number;
  /** Requests in flight: each takes a tag, as any non-posted one. Infinite where nothing says. */
  readonly inFlight: number;
  /** The IO-TLB and the walker of the host behind it. */
  readonly host: Translation;
  /** The way of a request and its answer, as of a read that ends at the root complex. */
  readonly way: Leg;
}

/** Bytes of a translation (10.2.3.2). */
export const translationBytes = 8;

/** How the initiator of a leg translates for itself; null where it does not, or where nothing translates. */
export function translationCache(machine: Machine, leg: Leg): AddressTranslationCache | null {
  const { initiator } = leg;
  if (!isTranslated(machine, leg) || !translatedRequests(machine, initiator).used) return null;
  const socket = socketOf(machine, initiator);
  if (socket === null) return null;
  const [memory, device] = [
    { component: socket.id, memory: true },
    { component: initiator, memory: false },
  ];
  const [read] = findRoute(machine, memory, device, { initiator, operation: 'read' }).legs;
  if (read === undefined) return null;
  // The answer comes from the root complex: what a walk reads of memory is counted with the walk.
  const way: Leg = { ...read, hops: read.hops.filter(({ kind }) => kind !== 'memory') };
  const engine = componentAt(machine, initiator);
  return {
    entries: engine.settings.atsCacheEntries ?? Number.POSITIVE_INFINITY,
    host: translationAt(socket),
    pageBytes: iommuPageBytes(socket, machine.linux.iommuPageBytes ?? 4096),
    requestSeconds: legSeconds(machine, way, { bytes: translationBytes }),
    inFlight: dmaEngine(engine).outstandingReads?.value ?? Number.POSITIVE_INFINITY,
    way,
  };
}

/** Whether an IOMMU translates what a leg asks for: DMA over PCIe, to host memory or to a peer that is mapped through it. */
export function isTranslated(machine: Machine, leg: Leg): boolean {
  if (componentAt(machine, leg.initiator).kind === 'socket') return false;
  if (!leg.hops.some(({ kind }) => kind === 'link')) return false;
  if (leg.from.memory || leg.to.memory) {
    // VFIO maps the memory of a guest by the IOMMU, also where the kernel's own devices pass through it.
    const assigned = machine.virtualMachines.some(({ devices }) => devices.includes(leg.initiator));
    return machine.linux.iommu === 'translate' || (assigned && machine.linux.iommu === 'passthrough');
  }
  // Peers without a mapping in the IOMMU are reached by addresses that it never sees.
  const guest = machine.virtualMachines.some(({ devices }) =>
    [leg.from, leg.to].every(({ component }) => devices.includes(component)),
  );
  return guest || machine.linux.iommu === 'translate';
}

/** Some operations in a row, and what share of them asks for a translation and waits for a walk, each 0 to 1. */
export interface TranslatedSpan {
  /** Infinite: from here on. */
  readonly operations: number;
  readonly asked: number;
  readonly walked: number;
}

/** Ends of the spans in which a cache fills, in operations for each page of the window. */
const spanEnds = [0.25, 0.5, 1, 2, 4, 8];

/**
 * What a cache leaves to ask for of operations at random addresses: every page the first time, later those that it could
 * not hold. The first touch of a page walks; of what the cache has lost the IO-TLB may still know some.
 *
 * @param operations how many there are; null: so many that the first touches do not show
 */
export function translatedSpans(
  cache: AddressTranslationCache,
  { windowBytes, waiting, operations }: { windowBytes: number; waiting: number; operations: number | null },
): TranslatedSpan[] {
  const { entries, pageBytes, host } = cache;
  const pages = Math.max(1, Math.ceil(windowBytes / pageBytes));
  const shared: Translation = { ...host, entries: { ...host.entries, value: Math.max(entries, host.entries.value) } };
  const lasting = {
    asked: Math.max(0, 1 - entries / pages),
    walked: missShare(shared, { windowBytes, pageBytes, operation: 'read', waiting }),
  };
  if (operations === null) return [{ operations: Number.POSITIVE_INFINITY, ...lasting }];
  const spans: TranslatedSpan[] = [];
  const touched = (count: number) => pages * -Math.expm1(-count / pages);
  // The cache is full once so many pages have been touched; until then each miss is a first touch.
  const full = entries < pages ? -pages * Math.log1p(-entries / pages) : Number.POSITIVE_INFINITY;
  let from = 0;
  for (const end of spanEnds) {
    const to = Math.min(end * pages, full, operations);
    if (to <= from) break;
    const asked = Math.min(1, (touched(to) - touched(from)) / (to - from));
    spans.push({ operations: to - from, asked, walked: asked });
    from = to;
  }
  if (operations > from) spans.push({ operations: operations - from, ...lasting });
  return spans;
}

/**
 * What translations leave a device that goes through memory page by page, bytes per second: so many pages are asked for at
 * a time, each for a round trip and a walk.
 */
export function sequentialBytesPerSecond({
  pageBytes,
  inFlight,
  requestSeconds,
  host,
}: AddressTranslationCache): number {
  return (inFlight * pageBytes) / (requestSeconds + host.walkSeconds.value);
}
