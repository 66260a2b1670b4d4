// Tasks of `runTasks`: the caller starts and ends them, settles, and asks what has changed.
import { classOfWay, makeTable, resourceOf, wayBytes } from './classes';
import { makeBuckets, slack } from './feeds';
import { put, remove } from './heap';
import { hold, release, setLevel } from './holding';
import { lift, lower } from './lifts';
import { add, leave, note, settle, settleCalled } from './max-min';
import { line, take } from './memory';
import { clearNews, firstMoved, firstNews, isFull, limitOf, takeTight, watch } from './news';
import { Flow, FlowClass, makeResource, Resource, resourceBytes } from './records';
import { bringUp, enqueue, nextDue, putDue, setNow, settleDue } from './service';
import { call, makeTurns } from './turns';

let resourceCount: i32 = 0;
let most: i32 = 0;
let capacities: usize = 0;
let groups: usize = 0;
let way: usize = 0;
let wayRoom: usize = 0;
let spare: Flow | null = null;

/** Takes memory for resources and so many classes at most; gives back where the capacities (f64) stand. */
export function open(resources: i32, classes: i32): usize {
  resourceCount = resources;
  most = classes;
  capacities = take((<usize>resources) << 3);
  groups = take((<usize>resources) << 2);
  return capacities;
}

/** Groups of the resources, u32: those of one are lifted together. */
export function groupsAt(): usize {
  return groups;
}

/**
 * After the capacities are written. `report` says of rates that differ by more than `told`, relative; a negative one: it is
 * never asked. `liftable`: limits are lifted for a while.
 */
export function begin(told: f64, liftable: bool): void {
  const resources = take(<usize>resourceCount * resourceBytes, line);
  for (let index = 0; index < resourceCount; index++) {
    makeResource(resources + <usize>index * resourceBytes, load<f64>(capacities + ((<usize>index) << 3)), index);
  }
  makeTable(most, capacities, resources, resourceCount, liftable ? groups : 0);
  makeBuckets(256);
  makeTurns(resourceCount + most);
  sameRate = told;
  if (told >= 0) watch();
}

/** Where the caller writes a way of so many entries: see `classes.ts`. */
export function wayAt(length: i32): usize {
  const bytes = wayBytes(length);
  if (bytes > wayRoom) {
    wayRoom = 2 * bytes;
    way = take(wayRoom);
  }
  return way;
}

/** The class of flows on the way that has been written. */
export function classOn(length: i32): usize {
  return changetype<usize>(classOfWay(way, length));
}

export function idOf(one: FlowClass): i32 {
  return one.id;
}

/** The resource that is the cap of each flow; 0 where there is none. */
export function capOf(one: FlowClass): usize {
  return changetype<usize>(one.cap);
}

export function rateOf(one: FlowClass): f64 {
  const by = one.bottleneck;
  return by === null ? Infinity : by.level;
}

const byCap = -1;
const byNothing = -2;

/** The index of the resource that limits a class; -1 where its cap does, -2 where nothing does. */
export function limitAt(one: FlowClass): i32 {
  return indexOf(limitOf(one));
}

function indexOf(limit: Resource | null): i32 {
  return limit === null ? byNothing : limit.index < resourceCount ? limit.index : byCap;
}

/** More flows in a class, or fewer, of which nobody wants to know when they are done. */
export function change(one: FlowClass, flows: i32): void {
  if (flows > 0) add(one, flows);
  else leave(one, -flows);
}

/** A flow begins, now; gives back its record. */
export function start(one: FlowClass, index: i32, amount: f64): usize {
  const by = one.bottleneck;
  let served = one.served;
  if (by !== null) {
    bringUp(by);
    served += by.work - one.workAtHold;
  }
  let flow = spare;
  if (flow === null) flow = changetype<Flow>(take(offsetof<Flow>()));
  else spare = changetype<Flow | null>(flow.next);
  flow.next = null;
  flow.index = index;
  flow.amount = amount;
  put(one.flows, flow, served + amount);
  add(one, 1);
  if (by !== null) enqueue(one, by);
  return changetype<usize>(flow);
}

/** A flow stops before its end; gives back what is left of it. */
export function stop(one: FlowClass, flow: Flow): f64 {
  const by = one.bottleneck;
  let served = one.served;
  if (by !== null) {
    bringUp(by);
    served += by.work - one.workAtHold;
  }
  const left = Math.max(0, flow.key - served);
  end(flow);
  leave(one, 1);
  const still = one.bottleneck;
  if (still !== null) enqueue(one, still);
  return left;
}

function end(flow: Flow): void {
  remove(flow);
  flow.next = spare;
  spare = flow;
}

/** Rates hold, and times at which flows are done. */
export function settleNow(): void {
  settle();
  settleDue();
}

/** When the next flow is done; infinite where none ever is. */
export function nextEnd(): f64 {
  const due = nextDue();
  return due === null ? Infinity : due.key;
}

let ended: usize = 0;
let endedRoom: i32 = 0;

/** Where the flows stand that `endUntil` has ended: index (u32). */
export function endedAt(): usize {
  return ended;
}

/** What is left of a flow counts as nothing up to this share of it. */
const nothing: f64 = 1e-12;
/** Flows that are done within this share of the time are looked at for that. */
const near: f64 = 1e-11;

/** Goes on to a time and ends the flows that are done by then; gives back how many. Times further on stay as they are. */
export function endUntil(seconds: f64): i32 {
  setNow(seconds);
  let count = 0;
  for (let due = nextDue(); due !== null; due = nextDue()) {
    if (due.key > seconds * (1 + near)) break;
    bringUp(due);
    const one = changetype<FlowClass>(due.queue.child);
    const had = one.served + (due.work - one.workAtHold);
    let left = 0;
    for (let first = one.flows.child; first !== null; first = one.flows.child) {
      const flow = changetype<Flow>(first);
      const rest = flow.key - had;
      if (rest > flow.amount * nothing && seconds + rest / due.level > seconds) break;
      if (count === endedRoom) moreEnded();
      store<u32>(ended + ((<usize>count) << 2), flow.index);
      count++;
      left++;
      end(flow);
    }
    if (left === 0) break;
    leave(one, left);
    const by = one.bottleneck;
    if (by !== null) enqueue(one, by);
    putDue(due);
  }
  return count;
}

function moreEnded(): void {
  const room = endedRoom === 0 ? 1024 : 2 * endedRoom;
  const at = take((<usize>room) << 2);
  memory.copy(at, ended, (<usize>endedRoom) << 2);
  ended = at;
  endedRoom = room;
}

let rows: usize = 0;
let rowRoom: i32 = 0;
let rowCount: i32 = 0;
const rowBytes: usize = 16;

/** Rates that differ by less, relative, are the same. */
let sameRate: f64 = 0;

/** Where the rows of `report` stand: rate (f64), limit (i32, as `limitAt`), number of the class (u32). */
export function rowsAt(): usize {
  return rows;
}

/** Classes whose rate or limit has changed since the last report: how many. */
export function report(): i32 {
  bringToFirst();
  rowCount = 0;
  for (let one = firstMoved; one !== null; one = one!.nextMoved) say(one);
  for (let resource = firstNews; resource !== null; resource = resource!.nextNews) {
    if (resource.heldClasses === 0) {
      resource.saidLevel = 0;
      continue;
    }
    if (isOld(resource)) continue;
    resource.saidLevel = resource.level;
    for (let slot = resource.slots; slot !== null; slot = slot!.next) {
      if (slot.one.bottleneck === resource) say(slot.one);
    }
  }
  clearNews();
  return rowCount;
}

function isOld(resource: Resource): bool {
  return Math.abs(resource.level - resource.saidLevel) <= resource.level * sameRate;
}

function say(one: FlowClass): void {
  const by = one.bottleneck;
  if (by === null || (one.saidBy === by && Math.abs(by.level - one.saidRate) <= by.level * sameRate)) return;
  one.saidBy = by;
  one.saidRate = by.level;
  if (rowCount === rowRoom) {
    const room = rowRoom === 0 ? 1024 : 2 * rowRoom;
    const at = take(<usize>room * rowBytes);
    memory.copy(at, rows, <usize>rowRoom * rowBytes);
    rows = at;
    rowRoom = room;
  }
  const row = rows + <usize>rowCount * rowBytes;
  rowCount++;
  store<f64>(row, by.level);
  store<i32>(row, indexOf(by), 8);
  store<u32>(row, one.id, 12);
}

let firstLate: FlowClass | null = null;

/** Of several resources that are full at the rate of a class, the first on its way is to hold it back. */
function bringToFirst(): void {
  firstLate = null;
  for (let one = firstMoved; one !== null; one = one!.nextMoved) weigh(one);
  for (let resource = firstNews; resource !== null; resource = resource!.nextNews) {
    if (resource.heldClasses === 0 || isOld(resource)) continue;
    const least = resource.level * (1 - slack);
    for (let slot = resource.slots; slot !== null; slot = slot!.next) {
      const by = slot.one.bottleneck;
      // What others hold back at the same rate may come over.
      if (by !== null && by.level >= least) weigh(slot.one);
    }
  }
  for (let resource = takeTight(); resource !== null; resource = takeTight()) {
    if (resource.heldClasses > 0 || !isFull(resource)) continue;
    for (let slot = resource.slots; slot !== null; slot = slot!.next) weigh(slot.one);
  }
  if (firstLate === null) return;
  let late: FlowClass | null = firstLate;
  while (late !== null) {
    const one: FlowClass = late;
    late = one.nextLifted;
    one.isLate = false;
    const by = one.bottleneck;
    const limit = limitOf(one);
    if (by === null || limit === null || limit === by) continue;
    const level = by.level;
    release(one);
    if (limit.heldClasses === 0) setLevel(limit, level);
    hold(one, limit);
    note(one);
    call(limit, limit.level);
  }
  settleCalled();
  settleDue();
}

function weigh(one: FlowClass): void {
  if (one.isLate || one.bottleneck === null || limitOf(one) === one.bottleneck) return;
  one.isLate = true;
  one.nextLifted = firstLate;
  firstLate = one;
}

/** A resource of the workload by its index, as `liftOne` and `lowerOne` take it. */
export function resourceAt(index: i32): usize {
  return changetype<usize>(resourceOf(index));
}

export function liftOne(resource: Resource): void {
  lift(resource);
}

/** Gives a resource the limit back that it has by itself, or as a cap of the class. */
export function lowerOne(resource: Resource): void {
  if (resource.index < resourceCount) lower(resource, load<f64>(capacities + ((<usize>resource.index) << 3)));
  else {
    const slot = resource.slots;
    if (slot !== null) lower(resource, <f64>slot.one.count * slot.one.capEach);
  }
}
