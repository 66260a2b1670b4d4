// The sharing core, in AssemblyScript: see docs/decisions/0003-sharing-core-in-webassembly.md. For `runFlows` the caller
// calls `prepare`, writes the workload where the addresses say, and calls `check` and `run`.
import { classOf, makeTable } from './classes';
import { makeBuckets } from './feeds';
import { Place, put, remove } from './heap';
import { add, leave, settle } from './max-min';
import { line, take } from './memory';
import { Flow, FlowClass, makeResource, resourceBytes } from './records';
import { bringUp, enqueue, nextDue, now, putDue, setNow, settleDue } from './service';
import { makeTurns } from './turns';

let resourceCount: i32 = 0;
let flowCount: i32 = 0;
let capacities: usize = 0;
let bytes: usize = 0;
let starts: usize = 0;
let finishes: usize = 0;
let routeEnds: usize = 0;
let routes: usize = 0;
let order: usize = 0;
/** Records of flows that have ended, by `next`. */
let spareFlows: Place | null = null;

/** Takes memory for a workload, that the caller fills; gives back where the capacities (f64) stand. */
export function prepare(resourcesGiven: i32, flowsGiven: i32, entries: i32): usize {
  resourceCount = resourcesGiven;
  flowCount = flowsGiven;
  capacities = take((<usize>resourceCount) << 3);
  bytes = take((<usize>flowCount) << 3);
  starts = take((<usize>flowCount) << 3);
  finishes = take((<usize>flowCount) << 3);
  order = take((<usize>flowCount) << 2);
  routeEnds = take((<usize>flowCount) << 2);
  routes = take((<usize>entries) << 3);
  return capacities;
}

/** Sizes of the flows, f64. */
export function bytesAt(): usize {
  return bytes;
}

/** Their starts, f64. */
export function startsAt(): usize {
  return starts;
}

/** The flows in the order of their starts, u32: as given, unless the caller sorts them. */
export function orderAt(): usize {
  return order;
}

/** Where the way of each ends in the list of all entries, u32. */
export function routeEndsAt(): usize {
  return routeEnds;
}

/** The resources on all ways, f64, so that `check` sees what is no index. */
export function routesAt(): usize {
  return routes;
}

/** What `check` finds. */
const sound = 0;
const unsorted = 1;
const badCapacity = 2;
const badBytes = 3;
const badStart = 4;
const badResource = 5;
let faultIndex: i32 = 0;

/** Looks at all that the caller has written, before `run`: sound, not in the order of starts, or wrong at `faultAt`. */
export function check(): i32 {
  for (faultIndex = 0; faultIndex < resourceCount; faultIndex++) {
    if (!(load<f64>(capacities + ((<usize>faultIndex) << 3)) >= 0)) return badCapacity;
  }
  let finding = sound;
  let before = -Infinity;
  let entry: usize = 0;
  for (faultIndex = 0; faultIndex < flowCount; faultIndex++) {
    const at = (<usize>faultIndex) << 3;
    if (!(load<f64>(bytes + at) >= 0)) return badBytes;
    const start = load<f64>(starts + at);
    if (!(start > -Infinity)) return badStart;
    if (start < before) finding = unsorted;
    before = start;
    store<u32>(order + (at >> 1), faultIndex);
    const end = <usize>load<u32>(routeEnds + (at >> 1));
    for (; entry < end; entry++) {
      const given = load<f64>(routes + (entry << 3));
      if (!(given >= 0 && given < <f64>resourceCount)) return badResource;
      const index = <u32>given;
      if (<f64>index !== given) return badResource;
      // From here on they are u32, in the same place.
      store<u32>(routes + (entry << 2), index);
    }
  }
  return finding;
}

/** The resource, or the flow, that is wrong. */
export function faultAt(): i32 {
  return faultIndex;
}

/** Runs all flows to their end; gives back where the finish times are. */
export function run(): usize {
  const resources = take(<usize>resourceCount * resourceBytes, line);
  for (let index = 0; index < resourceCount; index++) {
    const capacity = load<f64>(capacities + ((<usize>index) << 3));
    makeResource(resources + <usize>index * resourceBytes, capacity, index);
  }
  makeTable(flowCount, capacities, resources, resourceCount, 0);
  makeBuckets(256);
  makeTurns(resourceCount);
  for (let at = finishes; at < finishes + ((<usize>flowCount) << 3); at += 8) store<f64>(at, Infinity);
  let arrived = 0;
  for (;;) {
    const arrival = arrived < flowCount ? load<f64>(starts + (flowAt(arrived) << 3)) : Infinity;
    const due = nextDue();
    const next = due === null ? arrival : Math.min(arrival, due.key);
    if (next === Infinity) break;
    setNow(next);
    endDue();
    while (arrived < flowCount) {
      const index = flowAt(arrived);
      if (load<f64>(starts + (index << 3)) > next) break;
      arrived++;
      start(<i32>index);
    }
    settle();
    settleDue();
  }
  return finishes;
}

function flowAt(place: i32): usize {
  return load<u32>(order + ((<usize>place) << 2));
}

function start(index: i32): void {
  const amount = load<f64>(bytes + ((<usize>index) << 3));
  const begin = index === 0 ? 0 : load<u32>(routeEnds + ((<usize>index) << 2) - 4);
  const end = load<u32>(routeEnds + ((<usize>index) << 2));
  const one = classOf(routes + ((<usize>begin) << 2), end - begin);
  if (amount === 0 || one.slots === 0) {
    store<f64>(finishes + ((<usize>index) << 3), now);
    return;
  }
  const by = one.bottleneck;
  let served = one.served;
  if (by !== null) {
    bringUp(by);
    served += by.work - one.workAtHold;
  }
  const spare = spareFlows;
  const flow = spare === null ? changetype<Flow>(take(offsetof<Flow>())) : changetype<Flow>(spare);
  if (spare !== null) spareFlows = spare.next;
  flow.next = null;
  flow.index = index;
  put(one.flows, flow, served + amount);
  add(one, 1);
  if (by !== null) enqueue(one, by);
}

/** Ends what is done by now. */
function endDue(): void {
  for (let due = nextDue(); due !== null; due = nextDue()) {
    if (due.key > now) break;
    bringUp(due);
    const one = changetype<FlowClass>(due.queue.child);
    const amount = one.flows.child!.key;
    let ended = 0;
    for (let flow = one.flows.child; flow !== null; flow = one.flows.child) {
      if (flow.key > amount) break;
      remove(flow);
      flow.next = spareFlows;
      spareFlows = flow;
      store<f64>(finishes + ((<usize>changetype<Flow>(flow).index) << 3), now);
      ended++;
    }
    leave(one, ended);
    const by = one.bottleneck;
    if (by !== null) enqueue(one, by);
    putDue(due);
  }
}

export { settleLowered } from './lifts';
export {
  begin,
  capOf,
  change,
  classOn,
  endedAt,
  endUntil,
  groupsAt,
  idOf,
  liftOne,
  limitAt,
  lowerOne,
  nextEnd,
  open,
  rateOf,
  report,
  resourceAt,
  rowsAt,
  settleNow,
  start as startTask,
  stop as stopTask,
  wayAt,
} from './tasks';
export { steps } from './work';
