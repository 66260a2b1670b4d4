import {
  attach,
  becomeFull,
  becomeOpen,
  detach,
  dropFeed,
  feedBetween,
  leastLevel,
  promise,
  raise,
  slack,
  sumLoad,
  widen,
} from './feeds.ts';
import { Heap } from './heap.ts';
import { type FlowClass, SharedResource } from './shared-resource.ts';

/** What `offered`, a running sum, may be off, relative. */
const offeredSlack = 1e-6;
/** With more changes at once than these, following one after the other is no shorter way. */
const mostFollowed = 8;
/** A resource that is solved more often than this after one change is part of a circle. */
const mostRounds = 16;

/**
 * Max-min fair rates that follow arrivals and departures.
 *
 * Progressive filling (Bertsekas and Gallager, Data Networks, 2nd edition, section 6.5.2) raises all flows together;
 * the resource that is full first holds its flows back for good, the others rise on. That is how many changes at once
 * are settled, and the others where nothing simpler works.
 *
 * A change alone is followed: the level of each resource that it reaches is solved from the levels of those that feed
 * it, in rising order, and a flow that another resource makes slower than the one that held it back goes over to it. The
 * rates are fair once no resource is beyond its capacity and no flow is faster than the level of a full resource on its
 * way; a resource is looked at again whenever that could have ceased to hold.
 */
export class MaxMinSharing {
  readonly resources: readonly SharedResource[];
  readonly #turns = new Heap<SharedResource>();
  #changed: FlowClass[] = [];
  /** Level from which on departures change something. */
  #from = Number.POSITIVE_INFINITY;
  #stamp = 0;
  #filling = false;

  constructor(capacities: ArrayLike<number>) {
    this.resources = Array.from(capacities, (capacity, index) => new SharedResource(capacity, index));
  }

  /** Flows arrive. Rates hold again after `settle`. */
  protected add(one: FlowClass, flows: number): void {
    if (one.count === 0) attach(one);
    this.#count(one, flows);
    for (const resource of one.resources) {
      if (!resource.tracked && resource.offered >= resource.capacity * (1 - offeredSlack)) this.#track(resource);
    }
    this.#changed.push(one);
  }

  /** Flows leave. Rates hold again after `settle`. */
  protected remove(one: FlowClass, flows: number): void {
    this.#from = Math.min(this.#from, one.bottleneck?.level ?? 0);
    this.#changed.push(one);
    if (flows >= one.count) this.#release(one);
    this.#count(one, -flows);
    if (one.count > 0) return;
    detach(one);
    for (const resource of one.resources) {
      if (resource.tracked && resource.heldClasses === 0 && resource.offered < resource.capacity / 2) untrack(resource);
    }
  }

  /** Makes the rates max-min fair after arrivals and departures. */
  protected settle(): void {
    if (this.#changed.length === 0) return;
    if (this.#changed.length > mostFollowed) this.#fill(this.#reach());
    else if (!this.#follow()) this.#fill(0);
    this.#changed.length = 0;
    this.#from = Number.POSITIVE_INFINITY;
  }

  /** Before the level of a resource changes. */
  protected onLevel(_resource: SharedResource): void {}
  /** After a class came to its bottleneck. */
  protected onHeld(_one: FlowClass, _by: SharedResource): void {}
  /** Before a class leaves its bottleneck. */
  protected onReleased(_one: FlowClass, _by: SharedResource): void {}

  #count(one: FlowClass, flows: number): void {
    one.count += flows;
    const { bottleneck } = one;
    for (let slot = 0; slot < one.resources.length; slot++) {
      const resource = one.resources[slot];
      if (resource === undefined) continue;
      const weight = flows * (one.costs[slot] ?? 0);
      resource.weight += weight;
      resource.offered += weight * one.alone;
      if (bottleneck === null) continue;
      if (resource === bottleneck) resource.heldWeight += weight;
      else this.#feed(one, slot, resource, weight, bottleneck);
    }
  }

  /** What a class brings to a resource that does not hold it back grows or, with a negative weight, shrinks. */
  #feed(one: FlowClass, slot: number, into: SharedResource, weight: number, by: SharedResource): void {
    const feed = one.feeds[slot];
    if (feed === null || feed === undefined) return;
    if (into.heldClasses > 0 || this.#filling) feed.weight += weight;
    else if (!widen(feed, weight, by.level)) this.#look(into);
  }

  /** A resource that is not full is looked at again: with its room divided anew, or in its turn where it has none. */
  #look(resource: SharedResource): void {
    if (this.#filling || promise(resource)) return;
    this.#turns.set(resource.turn, leastLevel(resource));
  }

  #track(resource: SharedResource): void {
    resource.tracked = true;
    for (let place = 0; place < resource.classes.length; place++) {
      const one = resource.classes[place];
      const slot = resource.slots[place] ?? 0;
      const by = one?.bottleneck;
      if (one === undefined || by === null || by === undefined) continue;
      const feed = feedBetween(by, resource);
      feed.weight += one.count * (one.costs[slot] ?? 0);
      feed.classes++;
      one.feeds[slot] = feed;
    }
    this.#look(resource);
  }

  #hold(one: FlowClass, by: SharedResource): void {
    one.bottleneck = by;
    if (by.heldClasses === 0) becomeFull(by);
    by.heldClasses++;
    for (let slot = 0; slot < one.resources.length; slot++) {
      const resource = one.resources[slot];
      if (resource === undefined) continue;
      const weight = one.count * (one.costs[slot] ?? 0);
      if (resource === by) by.heldWeight += weight;
      else if (resource.tracked) {
        const feed = feedBetween(by, resource);
        feed.classes++;
        one.feeds[slot] = feed;
        this.#feed(one, slot, resource, weight, by);
      }
    }
    this.onHeld(one, by);
  }

  #release(one: FlowClass): void {
    const by = one.bottleneck;
    if (by === null) return;
    this.onReleased(one, by);
    for (let slot = 0; slot < one.resources.length; slot++) {
      const resource = one.resources[slot];
      if (resource === undefined) continue;
      const weight = one.count * (one.costs[slot] ?? 0);
      if (resource === by) by.heldWeight -= weight;
      const feed = one.feeds[slot];
      if (feed === null || feed === undefined) continue;
      one.feeds[slot] = null;
      feed.weight -= weight;
      feed.classes--;
      if (feed.limit.at >= 0) resource.promised -= weight * feed.limit.key;
      if (feed.classes === 0) dropFeed(feed);
    }
    one.bottleneck = null;
    by.heldClasses--;
    if (by.heldClasses > 0) return;
    by.heldWeight = 0;
    this.#setLevel(by, Number.POSITIVE_INFINITY);
    becomeOpen(by);
    this.#look(by);
  }

  #setLevel(resource: SharedResource, level: number): void {
    this.onLevel(resource);
    resource.level = level;
    if (this.#filling) return;
    const { toOpen } = resource;
    for (let node = toOpen.first(); node !== undefined && node.key < level; node = toOpen.first()) {
      if (raise(node.value, level)) continue;
      const { into } = node.value;
      if (promise(into)) continue;
      // It is full now: its turn comes, and its feeds go over to `toFull`.
      toOpen.remove(node);
      this.#turns.set(into.turn, leastLevel(into));
    }
  }

  /** Follows the changes from resource to resource, in the order of their levels. False where it goes in circles. */
  #follow(): boolean {
    const stamp = ++this.#stamp;
    const turns = this.#turns;
    for (const one of this.#changed) {
      if (one.bottleneck === null && one.count > 0) this.#holdFirst(one);
      for (const resource of one.resources) if (resource.heldClasses > 0) turns.set(resource.turn, resource.level);
    }
    for (let node = turns.pop(); node !== undefined; node = turns.pop()) {
      const resource = node.value;
      if (resource.mark !== stamp) {
        resource.mark = stamp;
        resource.rounds = 0;
      }
      resource.rounds++;
      if (resource.rounds > mostRounds) return false;
      this.#solve(resource);
    }
    return true;
  }

  /** A new class comes to the resource that will hold it back, as far as one can tell without a look at the others. */
  #holdFirst(one: FlowClass): void {
    let by: SharedResource | undefined;
    let level = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot < one.resources.length; slot++) {
      const resource = one.resources[slot];
      if (resource === undefined || !resource.tracked) continue;
      const weight = one.count * (one.costs[slot] ?? 0);
      const taken =
        resource.heldClasses > 0 ? resource.level * resource.heldWeight : resource.capacity - resource.promised;
      const next = Math.max(0, taken) / (resource.heldWeight + weight);
      if (by !== undefined && next >= level) continue;
      by = resource;
      level = next;
    }
    if (by === undefined) throw new RangeError('a flow needs a resource');
    if (by.heldClasses === 0) this.#setLevel(by, level);
    this.#hold(one, by);
  }

  /** The level of one resource, by those of the others. What it makes slower than its bottleneck did, it holds back. */
  #solve(resource: SharedResource): void {
    if (resource.heldClasses === 0 && promise(resource)) return;
    const fastest = sumLoad(resource);
    let before = resource.level;
    let level = resource.heldClasses > 0 ? Math.max(0, resource.capacity - resource.load) / resource.heldWeight : 0;
    if (fastest > level * (1 + slack)) {
      level = leastLevel(resource);
      this.#setLevel(resource, level);
      this.#takeOver(resource);
      before = Number.NaN;
      sumLoad(resource);
      level = Math.max(0, resource.capacity - resource.load) / resource.heldWeight;
    }
    if (level === before) return;
    this.#setLevel(resource, level);
    for (const { into } of resource.toFull) this.#turns.set(into.turn, into.level);
  }

  /** What is faster than the level of a resource is held back by it from now on. */
  #takeOver(resource: SharedResource): void {
    const { classes } = resource;
    for (let place = 0; place < classes.length; place++) {
      const one = classes[place];
      const by = one?.bottleneck;
      if (one === undefined || by === null || by === undefined || by === resource) continue;
      if (by.level <= resource.level * (1 + slack)) continue;
      this.#release(one);
      this.#hold(one, resource);
      if (by.heldClasses > 0) this.#turns.set(by.turn, by.level);
    }
  }

  /** The level below which the changes move nothing. */
  #reach(): number {
    let least = this.#from;
    for (const one of this.#changed) {
      if (one.count === 0) continue;
      for (const resource of one.resources) if (resource.tracked) least = Math.min(least, leastLevel(resource));
    }
    return least * (1 - slack);
  }

  /** Progressive filling of what the changes reach, from a level on. */
  #fill(from: number): void {
    const { resources, pending } = this.#collect(from);
    const stamp = this.#stamp;
    const turns = this.#turns;
    turns.clear();
    for (const resource of resources) if (resource.openClasses > 0) turns.set(resource.turn, share(resource));
    const full: { readonly resource: SharedResource; readonly level: number }[] = [];
    let level = 0;
    for (let node = turns.pop(); node !== undefined; node = turns.pop()) {
      const resource = node.value;
      if (resource.openClasses === 0) continue;
      // Shares only rise while others are held back: one that has risen waits for its turn.
      const rate = share(resource);
      const next = turns.first();
      if (next !== undefined && rate > next.key) {
        turns.set(node, rate);
        continue;
      }
      level = Math.max(level, rate);
      full.push({ resource, level });
      freeze(resource, level, stamp);
    }
    this.#filling = true;
    const moved = pending.filter((one) => one.next !== one.bottleneck);
    for (const one of moved) this.#release(one);
    for (const one of full) this.#setLevel(one.resource, one.level);
    for (const one of moved) if (one.next !== null) this.#hold(one, one.next);
    // The levels once more, from the sums alone: taking away flow by flow has rounded them.
    for (const { resource } of full) {
      sumLoad(resource);
      this.#setLevel(resource, Math.max(0, resource.capacity - resource.load) / resource.heldWeight);
    }
    this.#filling = false;
    for (const resource of resources) {
      if (resource.heldClasses === 0 && !promise(resource)) this.#turns.set(resource.turn, leastLevel(resource));
    }
  }

  /** What the changes reach: classes at `from` or faster that share something with a changed one, and what they share. */
  #collect(from: number): { resources: SharedResource[]; pending: FlowClass[] } {
    const stamp = ++this.#stamp;
    const resources: SharedResource[] = [];
    const pending: FlowClass[] = [];
    const visit = (one: FlowClass): void => {
      for (const resource of one.resources) {
        if (resource.mark === stamp || !resource.tracked) continue;
        resource.mark = stamp;
        resources.push(resource);
      }
    };
    for (const one of this.#changed) visit(one);
    for (let index = 0; index < resources.length; index++) {
      const resource = resources[index];
      if (resource === undefined) break;
      let frozen = 0;
      let open = 0;
      let openClasses = 0;
      for (let place = 0; place < resource.classes.length; place++) {
        const one = resource.classes[place];
        if (one === undefined) continue;
        const weight = one.count * (one.costs[resource.slots[place] ?? 0] ?? 0);
        if (one.bottleneck !== null && one.bottleneck.level < from) {
          frozen += weight * one.bottleneck.level;
          continue;
        }
        open += weight;
        openClasses++;
        if (one.mark === stamp) continue;
        one.mark = stamp;
        one.next = null;
        pending.push(one);
        visit(one);
      }
      resource.left = resource.capacity - frozen;
      resource.open = open;
      resource.openClasses = openClasses;
    }
    return { resources, pending };
  }
}

const share = (resource: SharedResource): number => Math.max(0, resource.left) / resource.open;

function freeze(resource: SharedResource, level: number, stamp: number): void {
  for (const one of resource.classes) {
    if (one.mark !== stamp || one.next !== null) continue;
    one.next = resource;
    for (let slot = 0; slot < one.resources.length; slot++) {
      const other = one.resources[slot];
      if (other === undefined || other.mark !== stamp) continue;
      const weight = one.count * (one.costs[slot] ?? 0);
      other.left -= weight * level;
      other.open -= weight;
      other.openClasses--;
    }
  }
}

/** A resource can not be full any more: what others hold back on it is of no interest. */
function untrack(resource: SharedResource): void {
  resource.tracked = false;
  for (let place = 0; place < resource.classes.length; place++) {
    const one = resource.classes[place];
    if (one !== undefined) one.feeds[resource.slots[place] ?? 0] = null;
  }
  for (const feed of [...resource.feeders]) dropFeed(feed);
  resource.promised = 0;
}
