import { type Check, noCheck } from '../cancel.ts';
import {
  type Lane,
  lastTlpBytes,
  type Network,
  nonPosted,
  type Stage,
  servicePicoseconds,
  stageBytes,
  tlpCount,
  windowTlps,
} from './network.ts';

/** Bytes of payload that a data credit stands for: PCIe Base 5.0 section 2.6.1. */
const creditBytes = 16;

/**
 * The constants of every stage of every lane, in arrays by stage number. The stages of a lane follow each other; `last`
 * figures are those of its last TLP, which may be smaller.
 */
export interface StageTable {
  readonly count: number;
  readonly station: Int32Array;
  readonly lane: Int32Array;
  /** Time in the station, in picoseconds. */
  readonly service: Float64Array;
  readonly lastService: Float64Array;
  /** From the start of service here until the next station may begin, or until the last bit is at the end of the way. */
  readonly onward: Float64Array;
  readonly lastOnward: Float64Array;
  readonly creditDelay: Float64Array;
  /** Data credits of a TLP in the pool behind the station. */
  readonly units: Int32Array;
  readonly lastUnits: Int32Array;
  /** Bytes that a TLP takes of the station, and what it stands for: what turns are counted in. */
  readonly wireBytes: Float64Array;
  readonly lastWireBytes: Float64Array;
  readonly unitBytes: Float64Array;
  /** TLPs that may lie in the buffer behind the station. */
  readonly window: Int32Array;
  /** The pool of credits, -1 for none. */
  readonly pool: Int32Array;
  /** The order that it keeps, -1 for none. */
  readonly order: Int32Array;
  readonly first: Uint8Array;
  readonly final: Uint8Array;
}

/** Number of the first stage of each lane. Lanes: two for each movement, its data and its requests. */
export interface LaneTable {
  readonly stages: StageTable;
  readonly firstStage: Int32Array;
  readonly stageCount: Int32Array;
  /** TLPs in all. */
  readonly totals: Float64Array;
  readonly orders: number;
}

export const dataLane = (movement: number): number => 2 * movement;
export const requestLane = (movement: number): number => 2 * movement + 1;

/** Lays the lanes of a network out. @throws RangeError for a lane without stages or an unknown station */
export function layOut(network: Network, check: Check = noCheck): LaneTable {
  const lanes: (Lane | undefined)[] = network.movements.flatMap((one) => [one.data, one.requests]);
  const count = lanes.reduce((sum, lane) => sum + (lane?.stages.length ?? 0), 0);
  const stages = emptyTable(count);
  const firstStage = new Int32Array(lanes.length).fill(-1);
  const stageCount = new Int32Array(lanes.length);
  const totals = new Float64Array(lanes.length);
  const orders = new Map<string, number>();
  let at = 0;
  lanes.forEach((lane, index) => {
    if (lane === undefined) return;
    check();
    if (lane.stages.length === 0) throw new RangeError(`lane ${index} has no stage`);
    firstStage[index] = at;
    stageCount[index] = lane.stages.length;
    totals[index] = tlpCount(lane);
    lane.stages.forEach((_, place) => {
      fill(stages, at + place, network, lane, place, orders);
      stages.lane[at + place] = index;
    });
    at += lane.stages.length;
  });
  return { stages, firstStage, stageCount, totals, orders: orders.size };
}

function fill(
  table: StageTable,
  at: number,
  network: Network,
  lane: Lane,
  place: number,
  orders: Map<string, number>,
): void {
  const stage = lane.stages[place] as Stage;
  const next = lane.stages[place + 1];
  const last = lastTlpBytes(lane);
  const service = (of: Stage, bytes: number) => {
    const station = network.stations[of.station];
    if (station === undefined) throw new RangeError(`no station ${of.station}`);
    return servicePicoseconds(of, station, bytes);
  };
  const own = service(stage, lane.unitBytes);
  const ownLast = service(stage, last);
  // Cut-through: a TLP is sent in one piece, so that a faster station begins late enough never to run dry.
  const skew = (mine: number, bytes: number) => {
    if (stage.paces === true) return 0;
    return next === undefined ? mine : Math.max(0, mine - service(next, bytes));
  };
  table.station[at] = stage.station;
  table.service[at] = own;
  table.lastService[at] = ownLast;
  table.onward[at] = Math.round(stage.delay) + skew(own, lane.unitBytes);
  table.lastOnward[at] = Math.round(stage.delay) + skew(ownLast, last);
  table.creditDelay[at] = Math.round(stage.creditDelay);
  const payload = lane.class === nonPosted ? 0 : 1;
  table.units[at] = Math.ceil((payload * lane.unitBytes) / creditBytes);
  table.lastUnits[at] = Math.ceil((payload * last) / creditBytes);
  table.wireBytes[at] = stageBytes(stage, lane.unitBytes);
  table.lastWireBytes[at] = stageBytes(stage, last);
  table.unitBytes[at] = lane.unitBytes;
  table.window[at] = windowTlps(own, next === undefined ? own : service(next, lane.unitBytes), stage);
  table.pool[at] = network.stations[stage.station]?.credits === undefined ? -1 : 3 * stage.station + lane.class;
  table.order[at] = -1;
  if (stage.order !== undefined && place > 0 && lane.class !== nonPosted) {
    const key = `${stage.station} ${stage.order}`;
    const order = orders.get(key) ?? orders.size;
    orders.set(key, order);
    table.order[at] = order;
  }
  table.first[at] = place === 0 ? 1 : 0;
  table.final[at] = next === undefined ? 1 : 0;
}

function emptyTable(count: number): StageTable {
  const whole = () => new Int32Array(count);
  const real = () => new Float64Array(count);
  return {
    count,
    station: whole(),
    lane: whole(),
    service: real(),
    lastService: real(),
    onward: real(),
    lastOnward: real(),
    creditDelay: real(),
    units: whole(),
    lastUnits: whole(),
    wireBytes: real(),
    lastWireBytes: real(),
    unitBytes: real(),
    window: whole(),
    pool: whole(),
    order: whole(),
    first: new Uint8Array(count),
    final: new Uint8Array(count),
  };
}
