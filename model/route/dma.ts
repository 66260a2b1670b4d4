import { cacheBytes, iommuPageBytes, wakeSeconds } from '../host/profile.ts';
import { allInSeries } from '../host/series.ts';
import { missShare, type TranslationInput, translatedRequestsPerSecond, vtd } from '../host/translation.ts';
import type { TaxSetting } from '../link/tax.ts';
import { componentAt, type Machine, socketOf } from '../machine.ts';
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
  const stages = legStages(machine, leg, input);
  return stages === null ? null : combined(machine, stages, [leg], input);
}

/** Reads and writes at once, as many of the one as of the other: each way. `read` and `write` lead the same way. */
export function dmaReadWriteRate(machine: Machine, read: Leg, write: Leg, input: DmaInput): DmaRate | null {
  const [reads, writes] = [legStages(machine, read, input), legStages(machine, write, input)];
  if (reads === null || writes === null) return null;
  const demands = [...linkDemands(machine, read, input), ...linkDemands(machine, write, input)];
  const others = [...reads, ...writes].filter(({ kind }) => kind !== 'link');
  return combined(machine, [...others, ...linkStages(demands, input.blockBytes)], [read, write], input);
}

function combined(machine: Machine, stages: readonly Stage[], legs: readonly Leg[], input: DmaInput): DmaRate {
  let slowest: Stage = { kind: 'link', perSecond: Number.POSITIVE_INFINITY };
  for (const stage of stages) if (stage.perSecond < slowest.perSecond) slowest = stage;
  let rate = allInSeries(
    stages.map(({ perSecond }) => perSecond),
    engineRoom.value,
  );
  let limitedBy = slowest.kind;
  let seconds = 0;
  for (const leg of legs) {
    seconds = Math.max(seconds, operationSeconds(machine, leg, input));
    const translation = translationOf(machine, leg, input);
    if (translation === null) continue;
    const translated = translatedRequestsPerSecond(vtd, translation, rate);
    if (translated < rate * 0.9) limitedBy = 'translation';
    rate = translated;
  }
  return { operationsPerSecond: rate, limitedBy, seconds };
}

function legStages(machine: Machine, leg: Leg, input: DmaInput): Stage[] | null {
  const { kind, settings } = componentAt(machine, leg.initiator);
  if (kind === 'nvme' || kind === 'sata') return null;
  const links = linkStages(linkDemands(machine, leg, input), input.blockBytes);
  if (links.length === 0) return null;
  const stages = [...links];
  const starts = leg.operation === 'read' ? settings.readIops : settings.writeIops;
  if (starts !== undefined) stages.push({ kind: 'device', perSecond: starts });
  const inFlight = operationsInFlight(machine, leg, input);
  if (inFlight !== null) {
    // An operation of more requests than there are tags goes on as each of them comes back, not when all have.
    const { mrrs } = legSizes(machine, leg);
    const window = Math.min(input.blockBytes, mrrs * mostRequestsTogether);
    const seconds = operationSeconds(machine, leg, { ...input, blockBytes: window }, true);
    stages.push({ kind: 'tags', perSecond: inFlight / seconds });
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

/**
 * One operation by itself: the way, and the walk that a share of the operations waits for. `busy`: one of many, so that
 * the host is awake.
 */
export function operationSeconds(machine: Machine, leg: Leg, input: DmaInput, busy = false): number {
  const host = leg.from.memory ? componentAt(machine, leg.from.component) : null;
  const cache = host === null ? null : cacheBytes(host);
  const fits = cache === null || (input.windowBytes ?? 0) <= cache.value;
  const cached = input.cached === true && fits;
  const translation = translationOf(machine, leg, input);
  const walk = translation === null ? 0 : missShare(vtd, { ...translation, waiting: 0 }) * vtd.walkSeconds.value;
  const wake = busy || host === null ? 0 : wakeSeconds(host);
  return legSeconds(machine, leg, { bytes: input.blockBytes, cached }) + walk + wake;
}

/** How a leg is translated; null where it is not, or where nothing says that its addresses are random. */
function translationOf(machine: Machine, leg: Leg, input: DmaInput): TranslationInput | null {
  const { iommu } = machine.linux;
  const memory = leg.from.memory ? leg.from : leg.to.memory ? leg.to : null;
  const socket = socketOf(machine, leg.initiator);
  if (iommu !== 'translate' || memory === null || input.windowBytes == null) return null;
  if (componentAt(machine, leg.initiator).kind === 'socket' || socket === null) return null;
  const { operation } = leg;
  const waiting = Math.min(operationsInFlight(machine, leg, input) ?? Number.POSITIVE_INFINITY, vtd.room.write.value);
  return {
    windowBytes: input.windowBytes,
    pageBytes: iommuPageBytes(socket, machine.linux.iommuPageBytes ?? 4096),
    operation,
    waiting,
  };
}
