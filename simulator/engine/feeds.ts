import { Feed, type FlowClass, type SharedResource } from './shared-resource.ts';

/** Rounding that a comparison of rates or loads lets pass, relative. */
export const slack = 1e-11;

/** The feed from one resource to another, made where there is none. */
export function feedBetween(from: SharedResource, into: SharedResource): Feed {
  const known = findFeed(from, into);
  if (known !== undefined) return known;
  const feed = into.spareFeeds.pop() ?? new Feed(from, into);
  feed.from = from;
  feed.feederAt = into.feeders.push(feed) - 1;
  if (into.heldClasses > 0) feed.fullAt = from.toFull.push(feed) - 1;
  return feed;
}

/** Searches the shorter of the lists in which it must stand: most are a few entries long. */
function findFeed(from: SharedResource, into: SharedResource): Feed | undefined {
  if (into.heldClasses > 0 && from.toFull.length < into.feeders.length) {
    for (const feed of from.toFull) if (feed.into === into) return feed;
    return undefined;
  }
  for (const feed of into.feeders) if (feed.from === from) return feed;
  return undefined;
}

export function dropFeed(feed: Feed): void {
  const { from, into } = feed;
  const last = into.feeders.pop();
  if (last !== undefined && last !== feed) {
    into.feeders[feed.feederAt] = last;
    last.feederAt = feed.feederAt;
  }
  if (feed.fullAt >= 0) leaveFull(feed);
  else from.toOpen.remove(feed.limit);
  // What rounding has left of the sum must not come back with the feed.
  feed.weight = 0;
  feed.classes = 0;
  into.spareFeeds.push(feed);
}

function leaveFull(feed: Feed): void {
  const { toFull } = feed.from;
  const last = toFull.pop();
  if (last !== undefined && last !== feed) {
    toFull[feed.fullAt] = last;
    last.fullAt = feed.fullAt;
  }
  feed.fullAt = -1;
}

/** A resource begins to hold something back. */
export function becomeFull(resource: SharedResource): void {
  for (const feed of resource.feeders) {
    feed.from.toOpen.remove(feed.limit);
    feed.fullAt = feed.from.toFull.push(feed) - 1;
  }
}

/** A resource holds nothing back any more; `promise` comes next. */
export function becomeOpen(resource: SharedResource): void {
  for (const feed of resource.feeders) leaveFull(feed);
}

/** Makes `load` afresh; the fastest rate in it. */
export function sumLoad(resource: SharedResource): number {
  let load = 0;
  let fastest = 0;
  for (const feed of resource.feeders) {
    load += feed.weight * feed.from.level;
    if (feed.from.level > fastest) fastest = feed.from.level;
  }
  resource.load = load;
  return fastest;
}

/**
 * Divides the room of a resource that is not full among its feeds, so that it need not be looked at again before one of
 * them grows beyond its share. False where the feeds bring more than the resource carries.
 */
export function promise(resource: SharedResource): boolean {
  sumLoad(resource);
  const { capacity, load } = resource;
  if (load > capacity * (1 + slack)) {
    resource.promised = Number.POSITIVE_INFINITY;
    return false;
  }
  // Half of the room, on a logarithmic scale: the rest is for flows that come.
  const growth = load > 0 ? Math.max(1, Math.sqrt(capacity / load)) : 1;
  for (const feed of resource.feeders) feed.from.toOpen.set(feed.limit, feed.from.level * growth);
  resource.promised = load * growth;
  return true;
}

/** More flows in a feed to a resource that is not full. False where that is more than it has room for as divided. */
export function widen(feed: Feed, weight: number, level: number): boolean {
  const { into, limit, from } = feed;
  feed.weight += weight;
  if (limit.at < 0) {
    const room = into.capacity - into.promised;
    const most = Math.max(level, (level + room / feed.weight) / 2);
    from.toOpen.set(limit, most);
    into.promised += feed.weight * most;
  } else into.promised += weight * limit.key;
  return into.promised <= into.capacity;
}

/** A feed to a resource that is not full grows beyond its share: false where there is no room left for it. */
export function raise(feed: Feed, level: number): boolean {
  const { into, limit, weight } = feed;
  const room = into.capacity - into.promised + weight * limit.key;
  if (weight * level > room) return false;
  const most = Math.max(level, (level + room / weight) / 2);
  into.promised += weight * (most - limit.key);
  feed.from.toOpen.set(limit, most);
  return true;
}

/** Newton from below: the level that a resource has, or would have, with all that is on it and not held back below. */
export function leastLevel(resource: SharedResource): number {
  let level = resource.capacity / resource.weight;
  for (let round = 0; round < 64; round++) {
    let load = 0;
    let { weight } = resource;
    for (const feed of resource.feeders) {
      if (feed.from.level >= level) continue;
      load += feed.weight * feed.from.level;
      weight -= feed.weight;
    }
    const next = weight > 0 ? (resource.capacity - load) / weight : Number.POSITIVE_INFINITY;
    if (!(next > level * (1 + slack))) break;
    level = next;
  }
  return level;
}

/** Lists a class with its resources. */
export function attach(one: FlowClass): void {
  for (let slot = 0; slot < one.resources.length; slot++) {
    const resource = one.resources[slot];
    if (resource === undefined) continue;
    one.places[slot] = resource.classes.push(one) - 1;
    resource.slots.push(slot);
  }
}

export function detach(one: FlowClass): void {
  for (let slot = 0; slot < one.resources.length; slot++) {
    const resource = one.resources[slot];
    const place = one.places[slot];
    if (resource === undefined || place === undefined) continue;
    const last = resource.classes.pop();
    const lastSlot = resource.slots.pop();
    if (last !== undefined && lastSlot !== undefined && last !== one) {
      resource.classes[place] = last;
      resource.slots[place] = lastSlot;
      last.places[lastSlot] = place;
    }
    if (resource.classes.length > 0) continue;
    // Nothing is left of the sums but what rounding did to them.
    resource.weight = 0;
    resource.offered = 0;
    resource.promised = 0;
    resource.tracked = false;
  }
}
