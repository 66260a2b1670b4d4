import { becomeFull, becomeOpen, joinFeed, leaveFeed, promise, raise, shift, slack, widen } from './feeds';
import { remove } from './heap';
import { levelled, moved, tightened } from './news';
import { Feed, FlowClass, Resource, Slot, slotBytes } from './records';
import { beginService, bringUp, endService, touch } from './service';
import { call } from './turns';
import { tire } from './work';

/** While all levels are made anew: nobody is to be told of what changes. */
let isFilling: bool = false;

export function beginFilling(): void {
  isFilling = true;
}

export function endFilling(): void {
  isFilling = false;
}

/** What a class brings to a resource that does not hold it back grows or, with a negative weight, shrinks. */
export function grow(feed: Feed, weight: f64, by: Resource): void {
  const into = feed.into;
  if (into.heldClasses > 0) {
    feed.weight += weight;
    shift(into, weight * by.level, by.level);
  } else if (isFilling) feed.weight += weight;
  else if (!widen(feed, weight, by.level)) look(into);
  else tightened(into);
}

/** A resource that is not full is looked at again: with its room divided anew, or in its turn where it has none. */
function look(resource: Resource): void {
  if (isFilling) return;
  if (promise(resource)) tightened(resource);
  else callOpen(resource);
}

/** The turn of a resource that is not full comes after those of its feeders: they may bring less then. */
export function callOpen(resource: Resource): void {
  call(resource, resource.fastest * (1 + slack));
}

/** A resource could be full from now on. */
export function track(resource: Resource): void {
  resource.tracked = true;
  for (let slot = resource.slots; slot !== null; slot = slot!.next) {
    const one = slot.one;
    const by = one.bottleneck;
    if (by === null) continue;
    const feed = joinFeed(slot, by);
    feed.weight += <f64>one.count * slot.cost;
  }
  look(resource);
}

/** A class comes to its bottleneck. */
export function hold(one: FlowClass, by: Resource): void {
  one.bottleneck = by;
  tire();
  moved(one);
  if (by.heldClasses === 0) becomeFull(by);
  by.heldClasses++;
  for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
    const slot = changetype<Slot>(at);
    const resource = slot.resource;
    const weight = <f64>one.count * slot.cost;
    if (resource === by) by.heldWeight += weight;
    else if (resource.tracked) grow(joinFeed(slot, by), weight, by);
  }
  beginService(one, by);
}

/** A class leaves its bottleneck. */
export function release(one: FlowClass): void {
  const by = one.bottleneck;
  if (by === null) return;
  endService(one, by);
  for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
    const slot = changetype<Slot>(at);
    const resource = slot.resource;
    const weight = <f64>one.count * slot.cost;
    if (resource === by) by.heldWeight -= weight;
    const feed = slot.feed;
    if (feed === null) continue;
    feed.weight -= weight;
    if (resource.heldClasses > 0) shift(resource, -weight * by.level, 0);
    else if (feed.before !== null) resource.promised -= weight * feed.key;
    leaveFeed(slot, feed);
  }
  one.bottleneck = null;
  by.heldClasses--;
  if (by.heldClasses > 0) return;
  by.heldWeight = 0;
  setLevel(by, Infinity);
  becomeOpen(by);
  look(by);
}

/**
 * What a resource holds back runs at another rate: the full resources that it feeds have a turn, and of the others those
 * for which that is too much.
 */
export function setLevel(resource: Resource, level: f64): void {
  bringUp(resource);
  if (level > resource.boundLevel) touch(resource);
  const change = level - resource.level;
  resource.level = level;
  levelled(resource);
  for (let feed = resource.toFull; feed !== null; feed = feed!.nextFull) {
    const into = feed.into;
    shift(into, feed.weight * change, level);
    if (!isFilling) call(into, into.level);
  }
  if (isFilling) return;
  const toOpen = resource.toOpen;
  for (let first = toOpen.child; first !== null; first = toOpen.child) {
    if (first.key >= level) break;
    const feed = changetype<Feed>(first);
    const into = feed.into;
    if (raise(feed, level) || promise(into)) {
      tightened(into);
      continue;
    }
    // It is full now: its turn comes, and its feeds go over to `toFull`.
    remove(feed);
    callOpen(into);
  }
}

/** What each of the flows that a resource holds back has, when the others bring `load`. */
export function levelOf(resource: Resource): f64 {
  return Math.max(0, resource.capacity - resource.load) / resource.heldWeight;
}
