import { componentAt, type Machine } from '../../model/machine.ts';
import { type Demand, hopDemands, legSizes } from '../../model/route/demand.ts';
import { dmaEngine } from '../../model/route/engine.ts';
import { hopSeconds, legSeconds } from '../../model/route/latency.ts';
import type { Leg } from '../../model/route/types.ts';
import { type Check, noCheck } from '../cancel.ts';
import type { PlannedCopy } from '../demands.ts';
import type { Resource, Task } from '../engine/flow.ts';
import type { LimitPhase } from '../simulate.types.ts';
import { bufferCredits, updateSeconds } from './buffers.ts';
import {
  completion,
  type Movement,
  type Network,
  nonPosted,
  posted,
  type Stage,
  type Station,
  servicePicoseconds,
} from './network.ts';

/** What a run of tasks knows: tasks with what they share, and which of them are copies and how they go. */
export interface PacketPlan {
  readonly resources: readonly Resource[];
  readonly tasks: readonly Task[];
  readonly copies: ReadonlyMap<number, PlannedCopy>;
  /** The index of the resource with this key. */
  resource(key: string, resource: Resource): number;
}

/** A station as results name it. `resource`: its number in the plan, -1 for a limit of one copy alone. */
export interface StationLabel {
  readonly name: string;
  readonly kind: LimitPhase['kind'];
  readonly resource: number;
  /** The key of the demand, as `link:3:up`. */
  readonly key: string;
}

/** A copy as movements of the network, one for each leg. */
export interface BuiltCopy {
  readonly task: number;
  readonly movements: readonly number[];
  /** The part of the task's latency that the way takes by itself, in seconds. */
  readonly waySeconds: number;
  /** Name of the requester's limit of reads in flight, by movement; null where there is none. */
  readonly tagNames: readonly (string | null)[];
}

export interface BuiltNetwork {
  readonly network: Network;
  readonly labels: readonly StationLabel[];
  readonly copies: ReadonlyMap<number, BuiltCopy>;
}

const picoseconds = 1e12;
/**
 * Pieces in which data crosses what has no payload size: connections beside PCIe, memory to memory. No larger than
 * requests of devices, whose windows would not keep up with turns of several of them.
 */
const looseBytes = 512;
/** Requests are 64 B where a latency is stated for none other. */
const probeBytes = 64;

/** Turns the copies of a plan into stations and lanes. Copies without bytes or without a way are left out. */
export function buildNetwork(
  machine: Machine,
  plan: PacketPlan,
  tax: 'none' | 'measured' | 'worst-case',
  check: Check = noCheck,
): BuiltNetwork {
  const builder = new Builder(machine, plan, tax);
  const copies = new Map<number, BuiltCopy>();
  for (const [task, planned] of plan.copies) {
    check();
    const built = builder.copy(task, planned);
    if (built !== null) copies.set(task, built);
  }
  check();
  return { network: builder.network(), labels: builder.labels, copies };
}

/** A stage that is being laid: what the data takes of a station, and how long it is to the next one. */
interface DraftStage {
  station: number;
  factor: number;
  overhead: number;
  seconds: number;
}

class Builder {
  readonly labels: StationLabel[] = [];
  readonly #machine: Machine;
  readonly #plan: PacketPlan;
  readonly #tax: 'none' | 'measured' | 'worst-case';
  readonly #stations: { secondsPerByte: number; link: number; reach: number; key: string }[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #movements: Movement[] = [];
  readonly #tags: number[] = [];
  readonly #tagsOf = new Map<number, number>();

  constructor(machine: Machine, plan: PacketPlan, tax: 'none' | 'measured' | 'worst-case') {
    this.#machine = machine;
    this.#plan = plan;
    this.#tax = tax;
  }

  network(): Network {
    const stations = this.#stations.map(({ secondsPerByte, link: id, reach, key }): Station => {
      const link = this.#machine.links[id];
      const station = { picosecondsPerByte: secondsPerByte * picoseconds };
      if (link === undefined) return station;
      const { credits, returnSeconds } = bufferCredits(link.trained, link.maxPayloadBytes, reach);
      const ends = [link.port, link.device ?? link.port].map((end) => componentAt(this.#machine, end).settings);
      const bitErrorRate = Math.max(...ends.map((settings) => settings.bitErrorRate ?? 0));
      const reverse = this.#byKey.get(key.endsWith(':up') ? key.replace(/up$/, 'down') : key.replace(/down$/, 'up'));
      return {
        ...station,
        credits,
        ...(bitErrorRate > 0 ? { bitErrorRate, replayPicoseconds: 2 * returnSeconds * picoseconds } : {}),
        ...(reverse === undefined ? {} : { reverse }),
      };
    });
    return { stations, movements: this.#movements, tags: this.#tags };
  }

  copy(task: number, planned: PlannedCopy): BuiltCopy | null {
    const { amount, cap, capName, capKind, resources, costs } = this.#plan.tasks[task] as Task;
    const { legs } = planned.route;
    if (amount <= 0 || legs.length === 0) return null;
    const drafts = legs.map((leg) => this.#draft(leg, planned));
    const asked = new Set(drafts.flatMap((draft) => [...draft.data, ...draft.requests].map((one) => one.station)));
    const keys = new Map<number, string>();
    for (const { key, name, kind, capacity } of planned.demands) {
      if (Number.isFinite(capacity)) keys.set(this.#plan.resource(key, { name, kind, capacity }), key);
    }
    // What the plan asks for beside the hops: media and ports of the devices, and what software adds.
    resources.forEach((resource, at) => {
      const label = this.#plan.resources[resource];
      if (label === undefined || drafts.some((draft) => draft.tagName === label.name)) return;
      const station = this.#stationOf(resource, label, keys.get(resource) ?? '');
      if (!asked.has(station)) this.#end(drafts, { station, label, cost: costs[at] ?? 1 }, planned);
    });
    // Tags bound reads by themselves, or are a resource of the plan.
    if (Number.isFinite(cap) && capKind !== 'tags') {
      const own = this.#stations.push({ secondsPerByte: 1 / cap, link: -1, reach: 0, key: '' }) - 1;
      this.labels.push({ name: capName, kind: capKind, resource: -1, key: '' });
      (drafts[0] as Draft).head.unshift({ station: own, factor: 1, overhead: 0, seconds: 0 });
    }
    if (drafts.some((draft) => draft.data.length + draft.head.length + draft.tail.length === 0)) return null;
    const first = this.#movements.length;
    const movements = drafts.map((draft, index) =>
      this.#movement(draft, amount, index === 0 ? null : first + index - 1),
    );
    const aheadBytes = movements.reduce((sum, movement) => sum + (movement.aheadBytes ?? 0), 0);
    this.#movements.push(...movements.map((movement) => ({ ...movement, aheadBytes })));
    return {
      task,
      movements: drafts.map((_, index) => first + index),
      waySeconds: drafts.reduce((sum, draft) => sum + draft.seconds, planned.gatherSeconds),
      tagNames: drafts.map((draft) => draft.tagName),
    };
  }

  /** The stations of a leg, hop by hop. */
  #draft(leg: Leg, planned: PlannedCopy): Draft {
    const machine = this.#machine;
    const sizes = legSizes(machine, leg);
    const hasLink = leg.hops.some((hop) => hop.kind === 'link');
    const reads = leg.operation === 'read' && hasLink;
    const unit = !hasLink ? looseBytes : reads ? Math.min(sizes.mps, sizes.mrrs) : sizes.mps;
    const data: DraftStage[] = [];
    const back: DraftStage[] = [];
    let before = 0;
    const delay = (seconds: number) => {
      const last = data.at(-1);
      const last2 = back[0];
      if (last !== undefined) last.seconds += seconds;
      // The request meets the hop on its way to where the data comes from: between this link and the one laid next.
      if (last2 !== undefined) before += seconds;
    };
    for (const { hop, demands } of hopDemands(machine, leg, this.#tax)) {
      for (const demand of demands) {
        const { capacity } = demand;
        if (!Number.isFinite(capacity)) continue;
        // The plan may know how the copy is cut up; a staged one passes a link twice, each time at another cost.
        const same = planned.demands.filter(
          (one) => one.key === demand.key && one.carriesPayload === demand.carriesPayload,
        );
        const cost = same.length === 1 ? (same[0] ?? demand).cost : demand.cost;
        const station = this.#station(demand);
        if (demand.carriesPayload) {
          const header = demand.kind === 'link' ? (cost - 1) * unit : 0;
          data.push({ station, factor: demand.kind === 'link' ? 1 : cost, overhead: header, seconds: 0 });
        } else if (reads) {
          back.unshift({ station, factor: 0, overhead: cost * sizes.mrrs, seconds: before });
          before = 0;
        }
      }
      if (hop.kind !== 'memory') delay(hopSeconds(machine, hop));
    }
    const initiator = componentAt(machine, leg.initiator);
    const tags = reads ? (dmaEngine(initiator).outstandingReads?.value ?? null) : null;
    return {
      leg,
      unit,
      requestUnit: reads ? Math.max(unit, sizes.mrrs) : 0,
      data,
      requests: back,
      head: [],
      tail: [],
      seconds: legSeconds(machine, leg),
      strict: initiator.settings.relaxedOrdering === false,
      tags,
      tagName: tags === null ? null : `${initiator.name} (${tags} outstanding reads)`,
    };
  }

  /** Puts a resource that is no hop at the end of the way that it belongs to. */
  #end(
    drafts: readonly Draft[],
    { station, label, cost }: { readonly station: number; readonly label: Resource; readonly cost: number },
    planned: PlannedCopy,
  ): void {
    const first = drafts[0];
    const last = drafts.at(-1);
    if (first === undefined || last === undefined) return;
    const stage = { station, factor: cost, overhead: 0, seconds: 0 };
    const { to } = planned.route;
    const own = componentAt(this.#machine, to.component).name;
    const isTarget = !to.memory && label.kind === 'device' && label.name === own;
    // Who asks for the data asks for no more than it can take in; who is written to holds it back.
    if (isTarget && last.requests.length > 0) last.head.push(stage);
    else if (isTarget) last.tail.push(stage);
    else first.head.push(stage);
  }

  #movement(draft: Draft, bytes: number, follows: number | null): Movement {
    const { unit, requestUnit } = draft;
    const reads = draft.requests.length > 0;
    const data = [...(reads ? [] : draft.head), ...draft.data, ...draft.tail];
    // A read whose data passes nothing that could hold it back still takes the way of its head.
    if (data.length === 0) data.push(...draft.head);
    const requests = reads ? [...draft.head, ...draft.requests] : [];
    this.#settleEnds(draft, data, requests, bytes);
    const lane = (stages: readonly DraftStage[], kind: 0 | 1 | 2, unitBytes: number) => ({
      class: kind,
      stages: stages.map((stage, place) => ({
        ...this.#stage(stage, draft.strict ? stages[place - 1]?.station : undefined),
        ...(kind === nonPosted && draft.head.includes(stage) ? { paces: true } : {}),
      })),
      bytes,
      unitBytes,
    });
    const one: Movement = {
      data: lane(data, reads ? completion : posted, unit),
      ...(reads ? { requests: lane(requests, nonPosted, requestUnit) } : {}),
    };
    const window = this.#inFlight(draft, [...data, ...requests]);
    return {
      ...one,
      ...(reads ? { window } : {}),
      ...(draft.tags === null ? {} : { tags: this.#tagPool(draft.leg.initiator, draft.tags) }),
      ...(follows === null ? {} : { follows }),
      // Two buffers, as in any relay: while one fills, the other empties.
      aheadBytes: 2 * (window * Math.max(unit, requestUnit) + looseBytes),
    };
  }

  /** What the leg's latency holds beside hops and wires, at its ends: memory, engines. It comes where the data turns round. */
  #settleEnds(draft: Draft, data: readonly DraftStage[], requests: readonly DraftStage[], bytes: number): void {
    const probe = Math.min(probeBytes, draft.unit, bytes);
    const known = this.#unloaded(draft.requests, draft.requestUnit) + this.#unloaded(draft.data, probe);
    const rest = Math.max(0, draft.seconds - known) + this.#movingSeconds(draft, data, bytes);
    const last = requests.at(-1) ?? data.at(-1);
    if (last !== undefined) last.seconds += rest;
  }

  /** What an engine needs longer for a whole request than for the probe, beside the wire. */
  #movingSeconds({ leg, unit, requestUnit }: Draft, data: readonly DraftStage[], whole: number): number {
    const bytes = Math.min(requestUnit, whole);
    if (bytes <= probeBytes) return 0;
    const longer = legSeconds(this.#machine, leg, { bytes }) - legSeconds(this.#machine, leg);
    const wire = data.reduce((most, stage) => Math.max(most, this.#service(stage, unit) / unit), 0);
    return Math.max(0, longer - wire * (bytes - probeBytes));
  }

  /** Seconds of one TLP along stages that nobody else uses, its last bit included. */
  #unloaded(stages: readonly DraftStage[], bytes: number): number {
    let seconds = 0;
    stages.forEach((stage, place) => {
      const next = stages[place + 1];
      const service = this.#service(stage, bytes);
      seconds += stage.seconds + (next === undefined ? service : Math.max(0, service - this.#service(next, bytes)));
    });
    return seconds;
  }

  #service(stage: DraftStage, bytes: number): number {
    const station = { picosecondsPerByte: (this.#stations[stage.station]?.secondsPerByte ?? 0) * picoseconds };
    return servicePicoseconds({ ...stage, delay: 0, creditDelay: 0 }, station, bytes) / picoseconds;
  }

  /** Requests (or units) that fill the way a quarter more than it holds: more would only wait. */
  #inFlight(draft: Draft, stages: readonly DraftStage[]): number {
    const bytes = Math.max(draft.unit, draft.requestUnit);
    const slowest = stages.reduce((most, stage) => Math.max(most, this.#service(stage, bytes)), 0);
    const round = this.#unloaded(stages, bytes);
    return Math.ceil((1.25 * round) / Math.max(slowest, 1e-12)) + 2;
  }

  #stage(stage: DraftStage, ingress: number | undefined): Stage {
    const station = this.#stations[stage.station];
    const link = station === undefined ? undefined : this.#machine.links[station.link];
    const back = link === undefined ? stage.seconds : updateSeconds(link.trained, link.maxPayloadBytes);
    if (station !== undefined) station.reach = Math.max(station.reach, stage.seconds);
    return {
      station: stage.station,
      factor: stage.factor,
      overhead: stage.overhead,
      delay: stage.seconds * picoseconds,
      creditDelay: back * picoseconds,
      ...(ingress === undefined ? {} : { order: ingress }),
    };
  }

  #tagPool(component: number, tags: number): number {
    let pool = this.#tagsOf.get(component);
    if (pool === undefined) {
      pool = this.#tags.push(tags) - 1;
      this.#tagsOf.set(component, pool);
    }
    return pool;
  }

  #station(demand: Demand): number {
    const { key, name, kind, capacity } = demand;
    return this.#stationOf(this.#plan.resource(key, { name, kind, capacity }), { name, kind, capacity }, key);
  }

  #stationOf(resource: number, { name, kind, capacity }: Resource, key: string): number {
    const known = this.#byKey.get(`resource ${resource}`);
    if (known !== undefined) return known;
    const link = /^link:(\d+):/.exec(key)?.[1];
    const station =
      this.#stations.push({
        secondsPerByte: 1 / capacity,
        link: link === undefined ? -1 : Number(link),
        reach: 0,
        key,
      }) - 1;
    this.labels.push({ name, kind, resource, key });
    this.#byKey.set(`resource ${resource}`, station);
    if (key !== '') this.#byKey.set(key, station);
    return station;
  }
}

/** A leg on its way to lanes. */
interface Draft {
  readonly leg: Leg;
  readonly unit: number;
  /** Bytes that a request asks for; 0 for writes. */
  readonly requestUnit: number;
  readonly data: DraftStage[];
  readonly requests: DraftStage[];
  /** Before and after: limits of devices and software. */
  readonly head: DraftStage[];
  readonly tail: DraftStage[];
  readonly seconds: number;
  readonly strict: boolean;
  readonly tags: number | null;
  readonly tagName: string | null;
}
