import { type Check, noCheck } from '../cancel.ts';
import { CreditPools } from './credits.ts';
import { MovementEnds } from './ends.ts';
import { EventQueue } from './event-queue.ts';
import { dataLane, type LaneTable, layOut, requestLane, type StageTable } from './lanes.ts';
import { LinkErrors } from './link-errors.ts';
import type { Movement, Network } from './network.ts';
import { OrderQueues } from './order-queues.ts';
import { TagPools } from './tag-pools.ts';
import { Turns } from './turns.ts';
import { LaneWindows } from './windows.ts';

/** Called for every TLP that a station begins to send. Times in picoseconds. */
export type SendObserver = (stage: number, tlp: number, startPicoseconds: number, service: number) => void;

/** What an event's code says, in its low bits; the rest is the number of a stage, station, pool or movement. */
const kindBits = 3;
const arrive = 0;
const wake = 1;
const room = 2;
const credit = 3;
const accept = 4;
const deliver = 5;
const begin = 6;
const timer = 7;

/** A movement that begins makes the windows of all its stages: as much work as so many looks at a lane. */
const beginTries = 512;

const idle = 0;
const ready = 1;
const waitsForRoom = 2;
const waitsForCredit = 3;

/**
 * Every TLP through every station. TLPs of a lane keep their order, so that none needs a record of its own: a stage counts
 * what has come and what has gone, and what is under way is an event. Times are integer picoseconds; the same network and
 * seed give the same run.
 */
export class PacketEngine {
  now = 0;
  events = 0;
  readonly lanes: LaneTable;
  readonly table: StageTable;
  /** TLPs that each stage has sent, and how often another one stood behind it. */
  readonly sent: Float64Array;
  readonly crowded: Float64Array;
  /** When each station has sent what it was given, and how long it was busy in all. */
  readonly freeAt: Float64Array;
  readonly busyPicoseconds: Float64Array;
  /** TLPs of data that have come to the end, in steps, and when the first one did. */
  readonly delivered: Float64Array;
  readonly firstAt: Float64Array;
  /** TLPs of each lane; less of them are left where a steady stretch was passed over. */
  readonly totals: Float64Array;
  readonly tags: TagPools;
  observer: SendObserver | null = null;

  readonly #network: Network;
  readonly #queue = new EventQueue();
  readonly #pools: CreditPools;
  readonly #windows: LaneWindows;
  readonly #turns: Turns;
  readonly #orders: OrderQueues | null;
  readonly #errors: LinkErrors;
  /** TLPs that wait at a stage, and what for. */
  readonly #waiting: Float64Array;
  readonly #state: Uint8Array;
  readonly #waking: Uint8Array;
  readonly #nextInPool: Int32Array;
  readonly #poolWaits: Int32Array;
  readonly #poolWaking: Uint8Array;
  /** DLLPs that a station owes, in bytes. */
  readonly #owed: Float64Array;
  readonly #owing: boolean;
  readonly #reverse: Int32Array;
  readonly #dllpBytes: Float64Array;
  readonly #picosecondsPerByte: Float64Array;
  readonly #ends: MovementEnds;
  /** Looks at a lane whose turn it is, in one call of `run`. */
  #tries = 0;

  constructor(network: Network, seed = 1, check: Check = noCheck) {
    this.#network = network;
    this.lanes = layOut(network, check);
    this.table = this.lanes.stages;
    this.totals = this.lanes.totals;
    const { count } = this.table;
    const stations = network.stations.length;
    const movements = network.movements.length;
    this.sent = new Float64Array(count);
    this.crowded = new Float64Array(count);
    this.#waiting = new Float64Array(count);
    this.#state = new Uint8Array(count);
    this.#nextInPool = new Int32Array(count).fill(-1);
    this.freeAt = new Float64Array(stations);
    this.busyPicoseconds = new Float64Array(stations);
    this.#waking = new Uint8Array(stations);
    this.#owed = new Float64Array(stations);
    this.#reverse = Int32Array.from(network.stations, (one) => one.reverse ?? -1);
    this.#dllpBytes = Float64Array.from(network.stations, (one) => one.dllpBytes ?? 0);
    this.#picosecondsPerByte = Float64Array.from(network.stations, (one) => one.picosecondsPerByte);
    this.#owing = network.stations.some((one) => (one.dllpBytes ?? 0) > 0);
    this.#poolWaits = new Int32Array(3 * stations).fill(-1);
    this.#poolWaking = new Uint8Array(3 * stations);
    this.firstAt = new Float64Array(movements).fill(Number.POSITIVE_INFINITY);
    this.#pools = new CreditPools(network);
    this.#windows = new LaneWindows(this.table);
    this.#turns = new Turns(this.table, stations);
    this.#orders = this.lanes.orders === 0 ? null : new OrderQueues(this.lanes.orders);
    this.#errors = new LinkErrors(network, seed);
    this.tags = new TagPools(network);
    this.#ends = new MovementEnds(network, this.lanes, this.tags, this.#windows, (stage, tlps, now) =>
      this.#enqueue(stage, tlps, now),
    );
    this.delivered = this.#ends.delivered;
  }

  /** A movement begins, at `time` or later than now. */
  start(movement: number, time: number): void {
    this.#queue.push(Math.max(time, this.now), (movement << kindBits) | begin);
  }

  /** `run` returns at this time. */
  setTimer(time: number): void {
    this.#queue.push(Math.max(time, this.now), timer);
  }

  isDone(movement: number): boolean {
    return (this.delivered[movement] as number) >= (this.totals[dataLane(movement)] as number);
  }

  /** TLPs that wait at a stage. */
  waitingAt(stage: number): number {
    return this.#waiting[stage] as number;
  }

  /** Bytes of a movement that have passed its last station. */
  movedBytes(movement: number): number {
    const { data } = this.#network.movements[movement] as Movement;
    const lane = dataLane(movement);
    const last = (this.lanes.firstStage[lane] as number) + (this.lanes.stageCount[lane] as number) - 1;
    return Math.min(this.sent[last] as number, this.totals[lane] as number) * data.unitBytes;
  }

  /** Bytes of a movement that have not set out. */
  unsentBytes(movement: number): number {
    const { data, requests } = this.#network.movements[movement] as Movement;
    if (requests !== undefined) {
      const total = this.totals[requestLane(movement)] as number;
      return (total - (this.#ends.issued[movement] as number)) * requests.unitBytes;
    }
    const lane = dataLane(movement);
    return (
      ((this.totals[lane] as number) - (this.sent[this.lanes.firstStage[lane] as number] as number)) * data.unitBytes
    );
  }

  /**
   * Leaves out so many bytes of a movement that has not sent them yet, a multiple of its TLPs and requests: what the rest
   * does is the same, only earlier.
   */
  leaveOut(movement: number, bytes: number): void {
    const { data, requests } = this.#network.movements[movement] as Movement;
    const tlps = bytes / data.unitBytes;
    const lane = dataLane(movement);
    this.totals[lane] = (this.totals[lane] as number) - tlps;
    if (requests !== undefined) {
      const other = requestLane(movement);
      this.totals[other] = (this.totals[other] as number) - bytes / requests.unitBytes;
      return;
    }
    // What was let go all at once waits at the first stage.
    const { issued } = this.#ends;
    const excess = (issued[movement] as number) - (this.totals[lane] as number);
    if (excess <= 0) return;
    const first = this.lanes.firstStage[lane] as number;
    issued[movement] = (issued[movement] as number) - excess;
    this.#waiting[first] = (this.#waiting[first] as number) - excess;
  }

  /**
   * Goes on for so many events at most. `movement` is the number of one that has come to its end now, -1 for a timer,
   * -2 where nothing is left to do, -3 where the events, or twice as many looks at lanes, are used up.
   */
  run(most: number): number {
    const queue = this.#queue;
    const table = this.table;
    this.#tries = 0;
    // Where many lanes wait at one station an event is a lot of work.
    for (let left = most; left > 0 && this.#tries < 2 * most; left--) {
      if (!queue.next()) return -2;
      this.events++;
      this.now = queue.time;
      const { code } = queue;
      const now = this.now;
      const id = code >> kindBits;
      switch (code & 7) {
        case arrive:
          this.#enqueue(id, 1, now);
          break;
        case wake:
          this.#waking[id] = 0;
          this.#serve(id, now);
          break;
        case room: {
          this.#state[id] = ready;
          const station = table.station[id] as number;
          this.#turns.add(station, id);
          this.#tryServe(station, now);
          break;
        }
        case credit:
          this.#creditsCame(id, now);
          break;
        case accept:
          this.#ends.accept(id, now);
          break;
        case deliver:
          if (this.#ends.deliver(id, now)) return id;
          break;
        case begin:
          this.#tries += beginTries;
          this.#ends.begin(id, now);
          break;
        default:
          return -1;
      }
    }
    return -3;
  }

  /** TLPs come to a stage. */
  #enqueue(stage: number, tlps: number, now: number): void {
    this.#waiting[stage] = (this.#waiting[stage] as number) + tlps;
    const order = this.table.order[stage] as number;
    if (order >= 0) {
      const orders = this.#orders as OrderQueues;
      orders.push(order, stage);
      if (orders.first(order) !== stage) return;
    }
    if (this.#state[stage] !== idle) return;
    this.#state[stage] = ready;
    const station = this.table.station[stage] as number;
    this.#turns.add(station, stage);
    this.#tryServe(station, now);
  }

  /** Serves a station, or sees to it that it is served when it is free. */
  #tryServe(station: number, now: number): void {
    const free = this.freeAt[station] as number;
    if (free <= now) this.#serve(station, now);
    else if (this.#waking[station] === 0) {
      this.#waking[station] = 1;
      this.#queue.push(free, (station << kindBits) | wake);
    }
  }

  /** The station is free: the next TLP that may go goes. */
  #serve(station: number, now: number): void {
    // Another event of this time may have given it work already.
    if ((this.freeAt[station] as number) > now) {
      this.#tryServe(station, now);
      return;
    }
    const turns = this.#turns;
    while (!turns.isEmpty(station)) {
      this.#tries++;
      const stage = turns.current(station);
      const roomAt = this.#windows.roomAt(stage);
      if (roomAt > now) {
        turns.removeCurrent(station, stage);
        this.#state[stage] = waitsForRoom;
        // Without a time, the one that leaves the buffer sets the event.
        if (roomAt < Number.POSITIVE_INFINITY) this.#queue.push(roomAt, (stage << kindBits) | room);
        this.#passOn(this.table.pool[stage] as number, now);
        continue;
      }
      const isLast = (this.sent[stage] as number) + 1 >= (this.totals[this.table.lane[stage] as number] as number);
      const pool = this.table.pool[stage] as number;
      if (pool >= 0) {
        const units = (isLast ? this.table.lastUnits[stage] : this.table.units[stage]) as number;
        if (!this.#pools.take(pool, units, now)) {
          turns.removeCurrent(station, stage);
          this.#waitForCredit(stage, pool);
          continue;
        }
      }
      this.#send(station, stage, isLast, now);
      return;
    }
  }

  #send(station: number, stage: number, isLast: boolean, now: number): void {
    const table = this.table;
    const turns = this.#turns;
    const tlp = this.sent[stage] as number;
    this.sent[stage] = tlp + 1;
    let service = (isLast ? table.lastService[stage] : table.service[stage]) as number;
    let onward = (isLast ? table.lastOnward[stage] : table.onward[stage]) as number;
    const extra = this.#owedTime(station, now) + this.#replayTime(station, stage, isLast, service);
    if (extra > 0) {
      service += extra;
      onward += extra;
    }
    const done = now + service;
    this.freeAt[station] = done;
    this.busyPicoseconds[station] = (this.busyPicoseconds[station] as number) + service;
    if (this.observer !== null) this.observer(stage, tlp, now, service);
    this.#windows.take(stage);
    if (table.first[stage] === 0) this.#leave(stage - 1, done, isLast);
    if (table.final[stage] === 0) this.#queue.push(now + onward, ((stage + 1) << kindBits) | arrive);
    else this.#end(stage, tlp + 1, isLast, now + onward);

    const waiting = (this.#waiting[stage] as number) - 1;
    this.#waiting[stage] = waiting;
    turns.charge(stage);
    const order = table.order[stage] as number;
    if (order >= 0) {
      const orders = this.#orders as OrderQueues;
      orders.shift(order);
      const next = orders.first(order);
      if (next !== stage) {
        turns.removeCurrent(station, stage);
        this.#state[stage] = idle;
        if (next >= 0) {
          this.#state[next] = ready;
          turns.add(station, next);
        }
      }
    } else if (waiting === 0) {
      turns.removeCurrent(station, stage);
      this.#state[stage] = idle;
    }
    if (waiting > 0) this.crowded[stage] = (this.crowded[stage] as number) + 1;
    if (!turns.isEmpty(station) && this.#waking[station] === 0) {
      this.#waking[station] = 1;
      this.#queue.push(done, (station << kindBits) | wake);
    }
  }

  /** A TLP has left the buffer behind a stage at `time`: its room and its credits go back. */
  #leave(stage: number, time: number, isLast: boolean): void {
    const table = this.table;
    const back = time + (table.creditDelay[stage] as number);
    this.#windows.giveBack(stage, back);
    if (this.#state[stage] === waitsForRoom && this.#windows.roomAt(stage) === back) {
      this.#queue.push(back, (stage << kindBits) | room);
    }
    const pool = table.pool[stage] as number;
    if (pool < 0) return;
    this.#pools.giveBack(pool, (isLast ? table.lastUnits[stage] : table.units[stage]) as number, back);
    if ((this.#poolWaits[pool] as number) >= 0) this.#wakePool(pool);
  }

  #waitForCredit(stage: number, pool: number): void {
    this.#state[stage] = waitsForCredit;
    const last = this.#poolWaits[pool] as number;
    this.#nextInPool[stage] = last < 0 ? stage : (this.#nextInPool[last] as number);
    if (last >= 0) this.#nextInPool[last] = stage;
    this.#poolWaits[pool] = stage;
    this.#wakePool(pool);
  }

  /** Whose turn it is cannot use the credits: others that wait for them may. */
  #passOn(pool: number, now: number): void {
    if (pool < 0 || (this.#poolWaits[pool] as number) < 0 || this.#poolWaking[pool] === 1) return;
    this.#poolWaking[pool] = 1;
    this.#queue.push(now, (pool << kindBits) | credit);
  }

  /** Sets the event at which the next credit of a pool comes back, if one is on its way. */
  #wakePool(pool: number): void {
    if (this.#poolWaking[pool] === 1) return;
    const time = this.#pools.nextReturn(pool);
    if (time === Number.POSITIVE_INFINITY) return;
    this.#poolWaking[pool] = 1;
    this.#queue.push(Math.max(time, this.now), (pool << kindBits) | credit);
  }

  /** Credits came back: as many as they suffice for take their turns again, who waited longest first. */
  #creditsCame(pool: number, now: number): void {
    this.#poolWaking[pool] = 0;
    const last = this.#poolWaits[pool] as number;
    if (last < 0) return;
    const station = (pool / 3) | 0;
    this.#pools.settle(pool, now);
    let headers = this.#pools.headers[pool] as number;
    let data = this.#pools.data[pool] as number;
    let stage = this.#nextInPool[last] as number;
    for (;;) {
      data -= this.#unitsOf(stage);
      if (--headers < 0 || data < 0) {
        this.#nextInPool[last] = stage;
        this.#wakePool(pool);
        break;
      }
      const next = this.#nextInPool[stage] as number;
      this.#state[stage] = ready;
      this.#turns.add(station, stage);
      if (stage === last) {
        this.#poolWaits[pool] = -1;
        break;
      }
      stage = next;
    }
    this.#tryServe(station, now);
  }

  /** Data credits of the next TLP of a stage. */
  #unitsOf(stage: number): number {
    const isLast = (this.sent[stage] as number) + 1 >= (this.totals[this.table.lane[stage] as number] as number);
    return (isLast ? this.table.lastUnits[stage] : this.table.units[stage]) as number;
  }

  /** The last station of a lane has sent a TLP, whose last bit is at the end at `time`. `count`: TLPs so far. */
  #end(stage: number, count: number, isLast: boolean, time: number): void {
    const lane = this.table.lane[stage] as number;
    const movement = lane >> 1;
    // Ends take what comes: the buffer is empty again at once.
    this.#leave(stage, time, isLast);
    if ((lane & 1) === 1) {
      this.#queue.push(time, (movement << kindBits) | accept);
      return;
    }
    if (count === 1) this.firstAt[movement] = time;
    if (isLast || count % (this.#ends.step[movement] as number) === 0)
      this.#queue.push(time, (movement << kindBits) | deliver);
  }

  /** Time for the DLLPs that a station owes and has not sent while it was idle; its own TLP makes the other side owe. */
  #owedTime(station: number, now: number): number {
    if (!this.#owing) return 0;
    const reverse = this.#reverse[station] as number;
    if (reverse >= 0) this.#owed[reverse] = (this.#owed[reverse] as number) + (this.#dllpBytes[station] as number);
    const owed = this.#owed[station] as number;
    if (owed === 0) return 0;
    this.#owed[station] = 0;
    const time = owed * (this.#picosecondsPerByte[station] as number) - (now - (this.freeAt[station] as number));
    return time > 0 ? Math.round(time) : 0;
  }

  #replayTime(station: number, stage: number, isLast: boolean, service: number): number {
    if (!this.#errors.any) return 0;
    const bytes = (isLast ? this.table.lastWireBytes[stage] : this.table.wireBytes[stage]) as number;
    return (
      this.#errors.replays(station, bytes * 8) * (service + (this.#network.stations[station]?.replayPicoseconds ?? 0))
    );
  }
}
