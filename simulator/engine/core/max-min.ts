import { attach, detach, leastLevel, mostShifts, promise, slack, sumLoad, untrack } from './feeds';
import { fill, reach } from './filling';
import { grow, hold, levelOf, release, setLevel, track } from './holding';
import { tightened } from './news';
import { Feed, FlowClass, Resource, Slot, slotBytes } from './records';
import { call, takeNext } from './turns';
import { tire } from './work';

/*
 * Max-min fair rates that follow arrivals and departures.
 *
 * Progressive filling (Bertsekas and Gallager, Data Networks, 2nd edition, section 6.5.2) raises all flows together;
 * the resource that is full first holds its flows back for good, the others rise on. That is how many changes at once
 * are settled, and the others where nothing simpler works (`filling.ts`).
 *
 * A change alone is followed: the level of each resource that it reaches is solved from the levels of those that feed
 * it, in rising order, and a flow that another resource makes slower than the one that held it back goes over to it. The
 * rates are fair once no resource is beyond its capacity and no flow is faster than the level of a full resource on its
 * way; a resource is looked at again whenever that could have ceased to hold.
 */

/** What `offered`, a running sum, may be off, relative. */
const offeredSlack: f64 = 1e-6;
/** With more changes at once than these, following one after the other is no shorter way. */
const mostFollowed = 8;
/** A level that differs by less, relative, is the one it was: it is made anew each time, so this does not add up. */
const unchanged: f64 = 1e-14;
/** A resource that is solved more often than this after one change is part of a circle. */
const mostRounds = 16;

let firstChanged: FlowClass | null = null;
let changes: i32 = 0;
/** Level from which on departures change something. */
let fromLevel: f64 = Infinity;
let stamp: i32 = 0;

/** Flows arrive. Rates hold again after `settle`. */
export function add(one: FlowClass, flows: i32): void {
  if (one.count === 0) attach(one);
  count(one, flows);
  for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
    const resource = changetype<Slot>(at).resource;
    if (!resource.tracked && resource.offered >= resource.capacity * (1 - offeredSlack)) track(resource);
  }
  note(one);
}

/** Flows leave. Rates hold again after `settle`. */
export function leave(one: FlowClass, flows: i32): void {
  const by = one.bottleneck;
  fromLevel = Math.min(fromLevel, by === null ? 0 : by.level);
  note(one);
  if (flows >= one.count) release(one);
  count(one, -flows);
  if (one.count > 0) return;
  detach(one);
  for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
    const resource = changetype<Slot>(at).resource;
    if (resource.tracked && resource.heldClasses === 0 && resource.offered < resource.capacity / 2) untrack(resource);
  }
}

/** What is to be looked at in the next settlement. */
export function note(one: FlowClass): void {
  changes++;
  if (one.changed) return;
  one.changed = true;
  one.nextChanged = firstChanged;
  firstChanged = one;
}

/** Limits of flows at a level, and above, have changed. */
export function noteLevel(level: f64): void {
  fromLevel = Math.min(fromLevel, level);
}

/** Makes the rates max-min fair after arrivals and departures. */
export function settle(): void {
  if (changes === 0) return;
  if (changes > mostFollowed) fill(firstChanged, reach(firstChanged, fromLevel));
  else if (!follow()) fill(firstChanged, 0);
  forget();
}

/** Settles what has been called already, of classes that have been noted. */
export function settleCalled(): void {
  stamp++;
  if (!takeTurns()) fill(firstChanged, 0);
  forget();
}

function forget(): void {
  for (let one = firstChanged; one !== null; one = one!.nextChanged) one.changed = false;
  firstChanged = null;
  changes = 0;
  fromLevel = Infinity;
}

function count(one: FlowClass, flows: i32): void {
  one.count += flows;
  const cap = one.cap;
  if (cap !== null) cap.capacity = <f64>one.count * one.capEach;
  const by = one.bottleneck;
  for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
    const slot = changetype<Slot>(at);
    const resource = slot.resource;
    const weight = <f64>flows * slot.cost;
    resource.weight += weight;
    resource.offered += weight * slot.most;
    if (by === null) continue;
    if (resource === by) resource.heldWeight += weight;
    else {
      const feed = slot.feed;
      if (feed !== null) grow(feed, weight, by);
    }
  }
}

/** Follows the changes from resource to resource, in the order of their levels. False where it goes in circles. */
function follow(): bool {
  stamp++;
  for (let one = firstChanged; one !== null; one = one!.nextChanged) {
    if (one.bottleneck === null && one.count > 0) holdFirst(one);
    for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
      const resource = changetype<Slot>(at).resource;
      if (resource.heldClasses > 0) call(resource, resource.level);
    }
  }
  return takeTurns();
}

function takeTurns(): bool {
  for (let resource = takeNext(); resource !== null; resource = takeNext()) {
    if (resource.mark !== stamp) {
      resource.mark = stamp;
      resource.rounds = 0;
    }
    if (++resource.rounds > mostRounds) return false;
    tire();
    solve(resource);
  }
  return true;
}

/** A new class comes to the resource that will hold it back, as far as one can tell without a look at the others. */
function holdFirst(one: FlowClass): void {
  let by: Resource | null = null;
  let level: f64 = Infinity;
  for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
    const slot = changetype<Slot>(at);
    const resource = slot.resource;
    if (resource.heldClasses === 0) continue;
    const next = (resource.level * resource.heldWeight) / (resource.heldWeight + <f64>one.count * slot.cost);
    if (next >= level) continue;
    by = resource;
    level = next;
  }
  for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
    const slot = changetype<Slot>(at);
    const resource = slot.resource;
    if (resource.heldClasses > 0 || !resource.tracked) continue;
    if (resource.promised + level * <f64>one.count * slot.cost <= resource.capacity) continue;
    const next = leastLevel(resource);
    // One that is full already is the better choice of two that come out alike: nothing else moves.
    if (next >= level * (1 - slack)) continue;
    by = resource;
    level = next;
  }
  if (by === null) return;
  if (by.heldClasses === 0) setLevel(by, level);
  hold(one, by);
}

/** The level of one resource, by those of the others. What it makes slower than its bottleneck did, it holds back. */
function solve(resource: Resource): void {
  if (resource.heldClasses === 0) {
    if (promise(resource)) {
      tightened(resource);
      return;
    }
  } else {
    if (resource.shifts >= mostShifts) sumLoad(resource);
    let level = levelOf(resource);
    if (resource.fastest > level * (1 + slack)) {
      sumLoad(resource);
      level = levelOf(resource);
    }
    if (resource.fastest <= level * (1 + slack)) {
      if (Math.abs(level - resource.level) > resource.level * unchanged) setLevel(resource, level);
      return;
    }
  }
  setLevel(resource, leastLevel(resource));
  takeOver(resource);
  sumLoad(resource);
  setLevel(resource, levelOf(resource));
}

/** What is faster than the level of a resource is held back by it from now on. */
function takeOver(resource: Resource): void {
  const most = resource.level * (1 + slack);
  let next = resource.feeders;
  while (next !== null) {
    const feed: Feed = next;
    next = feed.nextFeeder;
    const by = feed.from;
    if (by.level <= most) continue;
    for (let slot = feed.slots; slot !== null; slot = feed.slots) {
      const one = slot.one;
      release(one);
      hold(one, resource);
    }
    if (by.heldClasses > 0) call(by, by.level);
  }
}
