import { dataLane, type LaneTable, requestLane } from './lanes.ts';
import type { Movement, Network } from './network.ts';
import type { TagPools } from './tag-pools.ts';
import type { LaneWindows } from './windows.ts';

/** Puts TLPs of a lane before its first stage. */
type Enqueue = (stage: number, tlps: number, now: number) => void;

/**
 * What happens at the ends of lanes: requests set out while tags and the window allow, are answered where they arrive, and
 * free their tag when the last completion is there; a movement that relays another one goes no further than that.
 */
export class MovementEnds {
  /** TLPs of data that have come to the end, in steps. */
  readonly delivered: Float64Array;
  /** TLPs of data to one event at the end: a request's, one where another movement waits for it, else all. */
  readonly step: Float64Array;
  /** Requests (or, for writes, TLPs) that have been let go. */
  readonly issued: Float64Array;
  readonly #network: Network;
  readonly #lanes: LaneTable;
  readonly #totals: Float64Array;
  readonly #tags: TagPools;
  readonly #windows: LaneWindows;
  readonly #enqueue: Enqueue;
  readonly #perRequest: Float64Array;
  readonly #inFlight: Float64Array;
  readonly #answered: Float64Array;
  readonly #allowedBytes: Float64Array;
  readonly #follower: Int32Array;
  readonly #open: Uint8Array;

  constructor(network: Network, lanes: LaneTable, tags: TagPools, windows: LaneWindows, enqueue: Enqueue) {
    this.#network = network;
    this.#lanes = lanes;
    this.#totals = lanes.totals;
    this.#tags = tags;
    this.#windows = windows;
    this.#enqueue = enqueue;
    const movements = network.movements.length;
    this.delivered = new Float64Array(movements);
    this.issued = new Float64Array(movements);
    this.#inFlight = new Float64Array(movements);
    this.#answered = new Float64Array(movements);
    this.#allowedBytes = new Float64Array(movements).fill(Number.POSITIVE_INFINITY);
    this.#follower = new Int32Array(movements).fill(-1);
    this.#open = new Uint8Array(movements);
    this.#perRequest = Float64Array.from(network.movements, ({ data, requests }) =>
      requests === undefined ? 1 : Math.max(1, Math.round(requests.unitBytes / data.unitBytes)),
    );
    network.movements.forEach(({ follows }, index) => {
      if (follows === undefined) return;
      this.#follower[follows] = index;
      this.#allowedBytes[index] = 0;
      this.#allowedBytes[follows] = network.movements[follows]?.aheadBytes ?? Number.POSITIVE_INFINITY;
    });
    this.step = Float64Array.from(network.movements, ({ requests, follows }, index) => {
      if (requests !== undefined) return this.#perRequest[index] as number;
      return follows !== undefined || (this.#follower[index] as number) >= 0 ? 1 : Number.POSITIVE_INFINITY;
    });
  }

  begin(movement: number, now: number): void {
    this.#forLanes(movement, (from, to, lane) => this.#windows.open(from, to, this.#totals[lane] as number));
    this.#open[movement] = 1;
    this.#feed(movement, now);
  }

  /** A request is at its completer: the completions that answer it stand ready. */
  accept(movement: number, now: number): void {
    const lane = dataLane(movement);
    const answered = this.#answered[movement] as number;
    const tlps = Math.min(this.#perRequest[movement] as number, (this.#totals[lane] as number) - answered);
    this.#answered[movement] = answered + tlps;
    this.#enqueue(this.#lanes.firstStage[lane] as number, tlps, now);
  }

  /** A step of TLPs has come to the end of a movement; true where it was the last. */
  deliver(movement: number, now: number): boolean {
    const { requests, tags, follows, data } = this.#network.movements[movement] as Movement;
    const total = this.#totals[dataLane(movement)] as number;
    const delivered = Math.min((this.delivered[movement] as number) + (this.step[movement] as number), total);
    this.delivered[movement] = delivered;
    const isDone = delivered === total;
    const follower = this.#follower[movement] as number;
    if (follower >= 0) {
      this.#allowedBytes[follower] = isDone ? Number.POSITIVE_INFINITY : delivered * data.unitBytes;
      this.#feed(follower, now);
    }
    if (follows !== undefined) {
      const ahead = this.#network.movements[follows]?.aheadBytes ?? Number.POSITIVE_INFINITY;
      this.#allowedBytes[follows] = delivered * data.unitBytes + ahead;
      this.#feed(follows, now);
    }
    if (requests !== undefined) {
      this.#inFlight[movement] = (this.#inFlight[movement] as number) - 1;
      if (tags !== undefined) {
        const waiting = this.#tags.giveBack(tags);
        if (waiting >= 0) this.#feed(waiting, now);
      }
      this.#feed(movement, now);
    }
    if (isDone) this.#forLanes(movement, (from, to) => this.#windows.close(from, to));
    return isDone;
  }

  /** Lets go what may go: TLPs of a write, or requests while tags and the window allow. */
  #feed(movement: number, now: number): void {
    if (this.#open[movement] === 0) return;
    const one = this.#network.movements[movement] as Movement;
    const source = one.requests ?? one.data;
    const lane = one.requests === undefined ? dataLane(movement) : requestLane(movement);
    const total = this.#totals[lane] as number;
    const bytes = this.#allowedBytes[movement] as number;
    const allowed = bytes >= one.data.bytes ? total : Math.min(total, Math.floor(bytes / source.unitBytes));
    const first = this.#lanes.firstStage[lane] as number;
    let issued = this.issued[movement] as number;
    if (one.requests === undefined) {
      if (allowed > issued) {
        this.issued[movement] = allowed;
        this.#enqueue(first, allowed - issued, now);
      }
      return;
    }
    const window = one.window ?? Number.POSITIVE_INFINITY;
    while (issued < allowed && (this.#inFlight[movement] as number) < window) {
      if (one.tags !== undefined && !this.#tags.take(one.tags, movement)) return;
      issued++;
      this.issued[movement] = issued;
      this.#inFlight[movement] = (this.#inFlight[movement] as number) + 1;
      this.#enqueue(first, 1, now);
    }
  }

  #forLanes(movement: number, visit: (from: number, to: number, lane: number) => void): void {
    for (const lane of [dataLane(movement), requestLane(movement)]) {
      const first = this.#lanes.firstStage[lane] as number;
      if (first >= 0) visit(first, first + (this.#lanes.stageCount[lane] as number), lane);
    }
  }
}
