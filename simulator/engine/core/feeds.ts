import { put, remove } from './heap';
import { line, take } from './memory';
import { Feed, FlowClass, Resource, Slot, slotBytes } from './records';

/** Rounding that a comparison of rates or loads lets pass, relative. */
export const slack: f64 = 1e-11;
/** After so many changes a load is summed anew, so that rounding does not gather in it. */
export const mostShifts: i32 = 64;

let buckets: usize = 0;
let bucketMask: u32 = 0;
let feedCount: u32 = 0;

export function makeBuckets(count: u32): void {
  buckets = take((<usize>count) << 2);
  bucketMask = count - 1;
}

function bucketOf(from: Resource, into: Resource): usize {
  const mixed = (<u32>from.index * 0x9e3779b1) ^ (<u32>into.index * 0x85ebca6b);
  return buckets + ((<usize>((mixed ^ (mixed >> 15)) & bucketMask)) << 2);
}

function findFeed(from: Resource, into: Resource): Feed {
  const bucket = bucketOf(from, into);
  const first = changetype<Feed | null>(load<usize>(bucket));
  for (let feed = first; feed !== null; feed = feed!.nextHashed) {
    if (feed.from === from && feed.into === into) return feed;
  }
  const feed = changetype<Feed>(take(offsetof<Feed>(), line));
  feed.from = from;
  feed.into = into;
  feed.nextHashed = first;
  store<usize>(bucket, changetype<usize>(feed));
  if (++feedCount > bucketMask) moreBuckets();
  return feed;
}

function moreBuckets(): void {
  const old = buckets;
  const count = bucketMask + 1;
  makeBuckets(count << 1);
  for (let at: u32 = 0; at < count; at++) {
    let next = changetype<Feed | null>(load<usize>(old + ((<usize>at) << 2)));
    while (next !== null) {
      const feed: Feed = next;
      next = feed.nextHashed;
      const bucket = bucketOf(feed.from, feed.into);
      feed.nextHashed = changetype<Feed | null>(load<usize>(bucket));
      store<usize>(bucket, changetype<usize>(feed));
    }
  }
}

/** Puts a class that `from` holds back into the feed to another resource. */
export function joinFeed(slot: Slot, from: Resource): Feed {
  const into = slot.resource;
  const feed = findFeed(from, into);
  const first = feed.slots;
  slot.feed = feed;
  slot.beforeInFeed = null;
  slot.nextInFeed = first;
  feed.slots = slot;
  if (first !== null) {
    first.beforeInFeed = slot;
    return feed;
  }
  const feeder = into.feeders;
  feed.beforeFeeder = null;
  feed.nextFeeder = feeder;
  if (feeder !== null) feeder.beforeFeeder = feed;
  into.feeders = feed;
  if (into.heldClasses > 0) enterFull(feed);
  return feed;
}

/** Takes a class out of its feed. */
export function leaveFeed(slot: Slot, feed: Feed): void {
  const next = slot.nextInFeed;
  const before = slot.beforeInFeed;
  slot.feed = null;
  if (next !== null) next.beforeInFeed = before;
  if (before !== null) before.nextInFeed = next;
  else {
    feed.slots = next;
    if (next === null) dropFeed(feed);
  }
}

function dropFeed(feed: Feed): void {
  const next = feed.nextFeeder;
  const before = feed.beforeFeeder;
  if (next !== null) next.beforeFeeder = before;
  if (before !== null) before.nextFeeder = next;
  else feed.into.feeders = next;
  if (feed.into.heldClasses > 0) leaveFull(feed);
  else remove(feed);
  // What rounding has left of the sum must not come back with the feed.
  feed.weight = 0;
}

function enterFull(feed: Feed): void {
  const from = feed.from;
  const first = from.toFull;
  feed.beforeFull = null;
  feed.nextFull = first;
  if (first !== null) first.beforeFull = feed;
  from.toFull = feed;
}

function leaveFull(feed: Feed): void {
  const next = feed.nextFull;
  const before = feed.beforeFull;
  if (next !== null) next.beforeFull = before;
  if (before !== null) before.nextFull = next;
  else feed.from.toFull = next;
}

/** A resource begins to hold something back. */
export function becomeFull(resource: Resource): void {
  resource.shifts = mostShifts;
  for (let feed = resource.feeders; feed !== null; feed = feed!.nextFeeder) {
    remove(feed);
    enterFull(feed);
  }
}

/** A resource holds nothing back any more; `promise` comes next. */
export function becomeOpen(resource: Resource): void {
  for (let feed = resource.feeders; feed !== null; feed = feed!.nextFeeder) leaveFull(feed);
}

/** A resource can not be full any more: what others hold back on it is of no interest. */
export function untrack(resource: Resource): void {
  resource.tracked = false;
  for (let feed = resource.feeders; feed !== null; feed = resource.feeders) {
    for (let slot = feed.slots; slot !== null; slot = slot!.nextInFeed) slot.feed = null;
    feed.slots = null;
    dropFeed(feed);
  }
  resource.promised = 0;
}

/** Makes `load` and `fastest` afresh. */
export function sumLoad(resource: Resource): void {
  let sum: f64 = 0;
  let fastest: f64 = 0;
  for (let feed = resource.feeders; feed !== null; feed = feed!.nextFeeder) {
    const level = feed.from.level;
    sum += feed.weight * level;
    if (level > fastest) fastest = level;
  }
  resource.load = sum;
  resource.fastest = fastest;
  resource.shifts = 0;
}

/** What a feed brings to a full resource changes, to flows at `level`. */
export function shift(into: Resource, difference: f64, level: f64): void {
  into.load += difference;
  into.shifts++;
  // Rounding stays with a sum: it is relative to the capacity, as long as the sum is.
  if (into.load > 2 * into.capacity) into.shifts = mostShifts;
  if (level > into.fastest) into.fastest = level;
}

/**
 * Divides the room of a resource that is not full among its feeds, so that it need not be looked at again before one of
 * them grows beyond its share. False where the feeds bring more than the resource carries.
 */
export function promise(resource: Resource): bool {
  sumLoad(resource);
  const capacity = resource.capacity;
  const load = resource.load;
  if (load > capacity * (1 + slack)) {
    resource.promised = Infinity;
    return false;
  }
  // Half of the room, on a logarithmic scale: the rest is for flows that come.
  const growth = load > 0 ? Math.max(1, Math.sqrt(capacity / load)) : 1;
  for (let feed = resource.feeders; feed !== null; feed = feed!.nextFeeder) {
    put(feed.from.toOpen, feed, feed.from.level * growth);
  }
  resource.promised = load * growth;
  return true;
}

/** More flows in a feed to a resource that is not full. False where that is more than it has room for as divided. */
export function widen(feed: Feed, weight: f64, level: f64): bool {
  const into = feed.into;
  feed.weight += weight;
  if (feed.before === null) {
    const room = into.capacity - into.promised;
    const most = Math.max(level, (level + room / feed.weight) / 2);
    put(feed.from.toOpen, feed, most);
    into.promised += feed.weight * most;
  } else into.promised += weight * feed.key;
  return into.promised <= into.capacity;
}

/** A feed to a resource that is not full grows beyond its share: false where there is no room left for it. */
export function raise(feed: Feed, level: f64): bool {
  const into = feed.into;
  const weight = feed.weight;
  const room = into.capacity - into.promised + weight * feed.key;
  if (weight * level > room) return false;
  const most = Math.max(level, (level + room / weight) / 2);
  into.promised += weight * (most - feed.key);
  put(feed.from.toOpen, feed, most);
  return true;
}

/** Newton from below: the level that a resource has, or would have, with all that is on it and not held back below. */
export function leastLevel(resource: Resource): f64 {
  let level = resource.capacity / resource.weight;
  for (let round = 0; round < 64; round++) {
    let sum: f64 = 0;
    let weight = resource.weight;
    for (let feed = resource.feeders; feed !== null; feed = feed!.nextFeeder) {
      const from = feed.from.level;
      if (from >= level) continue;
      sum += feed.weight * from;
      weight -= feed.weight;
    }
    const next = weight > 0 ? (resource.capacity - sum) / weight : Infinity;
    if (!(next > level * (1 + slack))) break;
    level = next;
  }
  return level;
}

/** Lists a class with its resources. */
export function attach(one: FlowClass): void {
  for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
    const slot = changetype<Slot>(at);
    const first = slot.resource.slots;
    slot.before = null;
    slot.next = first;
    if (first !== null) first.before = slot;
    slot.resource.slots = slot;
  }
}

export function detach(one: FlowClass): void {
  for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
    const slot = changetype<Slot>(at);
    const resource = slot.resource;
    const next = slot.next;
    const before = slot.before;
    if (next !== null) next.before = before;
    if (before !== null) before.next = next;
    else resource.slots = next;
    if (resource.slots !== null) continue;
    // Nothing is left of the sums but what rounding did to them.
    resource.weight = 0;
    resource.offered = 0;
    resource.promised = 0;
    resource.tracked = false;
  }
}
