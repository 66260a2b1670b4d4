import { cacheBytes, iommuPageBytes, wakeSeconds } from '../host/profile.ts';
import { allInSeries } from '../host/series.ts';
import {
  missShare,
  type TranslationInput,
  translatedRequestsPerSecond,
  translationAt,
  walkedRequestsPerSecond,
} from '../host/translation.ts';
import type { TaxSetting } from '../link/tax.ts';
import { componentAt, type Machine, socketOf } from '../machine.ts';
import {
  type AddressTranslationCache,
  isTranslated,
  translatedSpans,
  translationBytes,
  translationCache,
} from './ats.ts';
import { type Demand, hopDemands, legSizes } from './demand.ts';
import { dmaEngine, engineRoom } from './engine.ts';
import { legSeconds } from './latency.ts';
import type { Leg } from './types.ts';

/**
 * DMA in requests of one size without pause: what the link takes, how many reads the engine keeps in flight over their
 * round trip, how many operations it starts, and what the IOMMU translates. Stages in a row with little room between.
 */
export interface DmaInput {
  /** Bytes of one operation. */
  readonly blockBytes: number;
  /** Start of each operation modulo 4096; 0 where absent. */
  readonly offsetBytes?: number | null;
  /** Memory over which the addresses are random; absent: one after the other, which costs one walk a page. */
  readonly windowBytes?: number | null;
  /** The CPU has just touched the memory; false where absent. */
  readonly cached?: boolean;
  /** Operations that software keeps in flight; absent: as many as the engine can. */
  readonly depth?: number | null;
  /** How many there are, so that what a cache of the device asks for first shows; absent: too many for that. */
  readonly operations?: number | null;
  readonly tax: TaxSetting;
}

export interface DmaRate {
  readonly operationsPerSecond: number;
  /** What is the slowest stage: the link, the reads in flight, the engine, or translation. */
  readonly limitedBy: 'link' | 'tags' | 'device' | 'translation';
  /** One operation by itself, translation included: the round trip of a read, one way of a write. */
  readonly seconds: number;
}

interface Stage {
  readonly kind: DmaRate['limitedBy'];
  readonly perSecond: number;
}

/** What one initiator does along one leg. Null for storage, whose engine is not what limits it, and without a link. */
export function dmaRate(machine: Machine, leg: Leg, input: DmaInput): DmaRate | null {
  const cache = cacheOf(machine, leg, input);
  const lasting = sidesRate(machine, [{ leg, ats: lastingAts(machine, leg, input, cache) }], input);
  if (lasting === null || cache === null || input.operations == null) return lasting;
  // First the cache of the device fills: each part of that at its own pace.
  const perOperation = pagesOf(cache, input);
  const spans = spansOf(machine, leg, input, cache, input.operations * perOperation);
  let [all, longest] = [0, 0];
  let { limitedBy } = lasting;
  for (const { operations, asked, walked } of spans) {
    const rate = sidesRate(machine, [{ leg, ats: { cache, asked, walked } }], input);
    if (rate === null) return null;
    const seconds = operations / perOperation / rate.operationsPerSecond;
    all += seconds;
    if (seconds <= longest) continue;
    longest = seconds;
    limitedBy = rate.limitedBy;
  }
  return all > 0 ? { ...lasting, operationsPerSecond: input.operations / all, limitedBy } : lasting;
}

/** Reads and writes at once, as many of the one as of the other: each way. `read` and `write` lead the same way. */
export function dmaReadWriteRate(machine: Machine, read: Leg, write: Leg, input: DmaInput): DmaRate | null {
  const sides = [read, write].map((leg) => ({
    leg,
    ats: lastingAts(machine, leg, input, cacheOf(machine, leg, input)),
  }));
  return sidesRate(machine, sides, input);
}

/** Translations that a device asks for by itself: shares of the pages of its operations that ask, and that walk. */
interface OwnTranslations {
  readonly cache: AddressTranslationCache;
  readonly asked: number;
  readonly walked: number;
}

interface Side {
  readonly leg: Leg;
  /** Null where the device leaves translation to the host. */
  readonly ats: OwnTranslations | null;
}

/** The cache of a device that translates for itself, where its addresses are random. */
function cacheOf(machine: Machine, leg: Leg, { windowBytes }: DmaInput): AddressTranslationCache | null {
  return windowBytes == null ? null : translationCache(machine, leg);
}

function spansOf(
  machine: Machine,
  leg: Leg,
  input: DmaInput,
  cache: AddressTranslationCache,
  operations: number | null,
) {
  const waiting = waitingAtWalker(machine, leg, input);
  return translatedSpans(cache, { windowBytes: input.windowBytes ?? 0, waiting, operations });
}

function lastingAts(
  machine: Machine,
  leg: Leg,
  input: DmaInput,
  cache: AddressTranslationCache | null,
): OwnTranslations | null {
  const [span] = cache === null ? [] : spansOf(machine, leg, input, cache, null);
  return cache === null || span === undefined ? null : { cache, asked: span.asked, walked: span.walked };
}

/** Pages that one operation touches. */
const pagesOf = ({ pageBytes }: AddressTranslationCache, { blockBytes }: DmaInput) =>
  Math.max(1, Math.ceil(blockBytes / pageBytes));

function sidesRate(machine: Machine, sides: readonly Side[], input: DmaInput): DmaRate | null {
  const plain: Stage[] = [];
  const demands: Demand[] = [];
  for (const side of sides) {
    const stages = sideStages(machine, side, input);
    if (stages === null) return null;
    plain.push(...stages);
    demands.push(...linkDemands(machine, side.leg, input), ...requestDemands(machine, side, input));
  }
  const rate = combined(machine, [...plain, ...linkStages(demands, input.blockBytes)], sides, input);
  if (!sides.some(({ ats }) => ats !== null && ats.asked > 0)) return rate;
  // Its requests take tags and links as well: what is lost to all of that is lost to translation.
  const held = sides.map(({ leg, ats }) => ({ leg, ats: ats === null ? null : { ...ats, asked: 0, walked: 0 } }));
  const free = sidesRate(machine, held, input)?.operationsPerSecond ?? 0;
  return rate.operationsPerSecond < free * 0.9 ? { ...rate, limitedBy: 'translation' } : rate;
}

function combined(machine: Machine, stages: readonly Stage[], sides: readonly Side[], input: DmaInput): DmaRate {
  let slowest: Stage = { kind: 'link', perSecond: Number.POSITIVE_INFINITY };
  for (const stage of stages) if (stage.perSecond < slowest.perSecond) slowest = stage;
  let rate = allInSeries(
    stages.map(({ perSecond }) => perSecond),
    engineRoom.value,
  );
  let limitedBy = slowest.kind;
  let seconds = 0;
  for (const { leg, ats } of sides) {
    seconds = Math.max(seconds, sideSeconds(machine, { leg, ats }, input, false));
    const translated = ats === null ? translatedByHost(machine, leg, input, rate) : walked(ats, input, rate);
    if (translated < rate * 0.9) limitedBy = 'translation';
    rate = translated;
  }
  return { operationsPerSecond: rate, limitedBy, seconds };
}

function translatedByHost(machine: Machine, leg: Leg, input: DmaInput, rate: number): number {
  const translation = translationOf(machine, leg, input);
  return translation === null ? rate : translatedRequestsPerSecond(hostTranslation(machine, leg), translation, rate);
}

/** A request for a translation is answered, so that it waits at the walker as a read does. */
const walked = (ats: OwnTranslations, input: DmaInput, rate: number) =>
  walkedRequestsPerSecond(ats.cache.host, 'read', ats.walked * pagesOf(ats.cache, input), rate);

/** What holds one side back beside links; null where it has none of them. */
function sideStages(machine: Machine, side: Side, input: DmaInput): Stage[] | null {
  const { leg, ats } = side;
  const { kind, settings } = componentAt(machine, leg.initiator);
  if (kind === 'nvme' || kind === 'sata') return null;
  if (linkDemands(machine, leg, input).length === 0) return null;
  const stages: Stage[] = [];
  const starts = leg.operation === 'read' ? settings.readIops : settings.writeIops;
  if (starts !== undefined) stages.push({ kind: 'device', perSecond: starts });
  const inFlight = operationsInFlight(machine, leg, input);
  if (inFlight !== null) {
    // An operation of more requests than there are tags goes on as each of them comes back, not when all have.
    const { mrrs } = legSizes(machine, leg);
    const window = Math.min(input.blockBytes, mrrs * mostRequestsTogether);
    const seconds = sideSeconds(machine, side, { ...input, blockBytes: window }, true);
    stages.push({ kind: 'tags', perSecond: inFlight / seconds });
  } else if (ats !== null && ats.asked > 0) {
    // Nobody waits for a write, but it waits for its translation.
    const seconds = pagesOf(ats.cache, input) * askingSeconds(ats);
    stages.push({ kind: 'translation', perSecond: ats.cache.inFlight / seconds });
  }
  return stages;
}

/** Requests of one operation that wait for each other's completions on the link: more of them are a stream. */
const mostRequestsTogether = 4;

/** Reads in flight, counted in operations; null for writes, which nobody waits for, and where nothing is known. */
function operationsInFlight(machine: Machine, leg: Leg, { blockBytes, offsetBytes, depth }: DmaInput): number | null {
  if (leg.operation === 'write') return null;
  const { mrrs } = legSizes(machine, leg);
  const requests = Math.ceil((((offsetBytes ?? 0) % mrrs) + blockBytes) / mrrs);
  const tags = dmaEngine(componentAt(machine, leg.initiator)).outstandingReads?.value ?? Number.POSITIVE_INFINITY;
  const inFlight = Math.min(tags / requests, depth ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(inFlight) ? inFlight : null;
}

function linkDemands(machine: Machine, leg: Leg, input: DmaInput): Demand[] {
  return hopDemands(machine, leg, input.tax, input)
    .flatMap(({ demands }) => demands)
    .filter(({ kind }) => kind === 'link');
}

/** The busiest direction of each link that is passed; requests and payloads that share one add up. */
function linkStages(demands: readonly Demand[], blockBytes: number): Stage[] {
  const busy = new Map<string, number>();
  for (const { key, capacity, cost } of demands) {
    busy.set(key, (busy.get(key) ?? 0) + (cost * blockBytes) / capacity);
  }
  // Links that follow each other pass packets on as they come: the slowest of each direction counts.
  const longest = { up: 0, down: 0 };
  for (const { key, link } of demands) {
    if (link !== null) longest[link.direction] = Math.max(longest[link.direction], busy.get(key) ?? 0);
  }
  return [longest.up, longest.down].filter((time) => time > 0).map((time) => ({ kind: 'link', perSecond: 1 / time }));
}

/** What translations of its own cost each page of an operation, in seconds. */
const askingSeconds = ({ cache, asked, walked }: OwnTranslations) =>
  asked * cache.requestSeconds + walked * cache.host.walkSeconds.value;

/** What requests for translations and their answers take of the links, as part of what the operations themselves take. */
function requestDemands(machine: Machine, { ats }: Side, input: DmaInput): Demand[] {
  if (ats === null || ats.asked === 0) return [];
  const bytes = ats.asked * pagesOf(ats.cache, input) * translationBytes;
  return linkDemands(machine, ats.cache.way, { tax: input.tax, blockBytes: translationBytes }).map((demand) => ({
    ...demand,
    cost: (demand.cost * bytes) / input.blockBytes,
  }));
}

/**
 * One operation by itself: the way, and the walk that a share of the operations waits for. `busy`: one of many, so that
 * the host is awake.
 */
export function operationSeconds(machine: Machine, leg: Leg, input: DmaInput, busy = false): number {
  const ats = lastingAts(machine, leg, input, cacheOf(machine, leg, input));
  return sideSeconds(machine, { leg, ats }, input, busy);
}

function sideSeconds(machine: Machine, { leg, ats }: Side, input: DmaInput, busy: boolean): number {
  const host = leg.from.memory ? componentAt(machine, leg.from.component) : null;
  const cache = host === null ? null : cacheBytes(host);
  const fits = cache === null || (input.windowBytes ?? 0) <= cache.value;
  const cached = input.cached === true && fits;
  const translation = ats === null ? translationOf(machine, leg, input) : null;
  const iommu = hostTranslation(machine, leg);
  const walk = translation === null ? 0 : missShare(iommu, { ...translation, waiting: 0 }) * iommu.walkSeconds.value;
  // An operation asks for all of its pages at once.
  const asking = ats === null ? 0 : askingSeconds(ats);
  const wake = busy || host === null ? 0 : wakeSeconds(host);
  return legSeconds(machine, leg, { bytes: input.blockBytes, cached }) + walk + asking + wake;
}

const hostTranslation = (machine: Machine, leg: Leg) => translationAt(socketOf(machine, leg.initiator));

/** How the host translates for a leg; null where it does not, or where nothing says that its addresses are random. */
function translationOf(machine: Machine, leg: Leg, input: DmaInput): TranslationInput | null {
  const socket = socketOf(machine, leg.initiator);
  if (input.windowBytes == null || socket === null || !isTranslated(machine, leg)) return null;
  return {
    windowBytes: input.windowBytes,
    pageBytes: iommuPageBytes(socket, machine.linux.iommuPageBytes ?? 4096),
    operation: leg.operation,
    waiting: waitingAtWalker(machine, leg, input),
  };
}

function waitingAtWalker(machine: Machine, leg: Leg, input: DmaInput): number {
  return Math.min(
    operationsInFlight(machine, leg, input) ?? Number.POSITIVE_INFINITY,
    hostTranslation(machine, leg).room.write.value,
  );
}
