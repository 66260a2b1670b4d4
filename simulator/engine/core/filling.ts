import { leastLevel, promise, slack, sumLoad } from './feeds';
import { beginFilling, callOpen, endFilling, hold, levelOf, release, setLevel } from './holding';
import { tightened } from './news';
import { FlowClass, Resource, Slot, slotBytes } from './records';
import { call, clearTurns, nextKey, takeNext } from './turns';
import { tire } from './work';

let stamp: i32 = 0;
/** What the changes reach, as `collect` found it. */
let reached: Resource | null = null;
let lastReached: Resource | null = null;
let pending: FlowClass | null = null;

/** The level below which the changes move nothing. */
export function reach(changed: FlowClass | null, fromLevel: f64): f64 {
  let least = fromLevel;
  for (let one = changed; one !== null; one = one!.nextChanged) {
    if (one.count === 0) continue;
    for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
      const resource = changetype<Slot>(at).resource;
      if (resource.tracked) least = Math.min(least, leastLevel(resource));
    }
  }
  return least * (1 - slack);
}

/** Progressive filling of what the changes reach, from a level on. */
export function fill(changed: FlowClass | null, from: f64): void {
  collect(changed, from);
  clearTurns();
  for (let resource = reached; resource !== null; resource = resource!.nextReached) {
    if (resource.openClasses > 0) call(resource, share(resource));
  }
  let level: f64 = 0;
  let full: Resource | null = null;
  let lastFull: Resource | null = null;
  for (let resource = takeNext(); resource !== null; resource = takeNext()) {
    if (resource.openClasses === 0) continue;
    // Shares only rise while others are held back: one that has risen waits for its turn.
    const rate = share(resource);
    if (rate > nextKey()) {
      call(resource, rate);
      continue;
    }
    level = Math.max(level, rate);
    freeze(resource, level);
    resource.left = level;
    resource.nextFull = null;
    if (lastFull === null) full = resource;
    else lastFull.nextFull = resource;
    lastFull = resource;
  }
  beginFilling();
  for (let one = pending; one !== null; one = one!.nextPending) if (one.target !== one.bottleneck) release(one);
  for (let resource = full; resource !== null; resource = resource!.nextFull) setLevel(resource, resource.left);
  for (let one = pending; one !== null; one = one!.nextPending) {
    const target = one.target;
    if (one.bottleneck === null && target !== null) hold(one, target);
  }
  // The levels once more, from the sums alone: taking away flow by flow has rounded them.
  for (let resource = full; resource !== null; resource = resource!.nextFull) {
    sumLoad(resource);
    setLevel(resource, levelOf(resource));
  }
  endFilling();
  for (let resource = reached; resource !== null; resource = resource!.nextReached) {
    if (resource.heldClasses > 0) sumLoad(resource);
    else if (promise(resource)) tightened(resource);
    else callOpen(resource);
  }
}

/** What the changes reach: classes at `from` or faster that share something with a changed one, and what they share. */
function collect(changed: FlowClass | null, from: f64): void {
  stamp--;
  reached = null;
  lastReached = null;
  pending = null;
  for (let one = changed; one !== null; one = one!.nextChanged) visit(one);
  for (let resource = reached; resource !== null; resource = resource!.nextReached) {
    let frozen: f64 = 0;
    let open: f64 = 0;
    let openClasses = 0;
    for (let slot = resource.slots; slot !== null; slot = slot!.next) {
      tire();
      const one = slot.one;
      const weight = <f64>one.count * slot.cost;
      const by = one.bottleneck;
      if (by !== null && by.level < from) {
        frozen += weight * by.level;
        continue;
      }
      open += weight;
      openClasses++;
      if (one.mark === stamp) continue;
      one.mark = stamp;
      one.target = null;
      one.nextPending = pending;
      pending = one;
      visit(one);
    }
    resource.left = resource.capacity - frozen;
    resource.open = open;
    resource.openClasses = openClasses;
  }
}

function visit(one: FlowClass): void {
  for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
    const resource = changetype<Slot>(at).resource;
    if (resource.mark === stamp || !resource.tracked) continue;
    resource.mark = stamp;
    resource.nextReached = null;
    const last = lastReached;
    if (last === null) reached = resource;
    else last.nextReached = resource;
    lastReached = resource;
  }
}

function share(resource: Resource): f64 {
  return Math.max(0, resource.left) / resource.open;
}

/** A resource is full at a level: all on it that is not held back yet stays there. */
function freeze(resource: Resource, level: f64): void {
  for (let slot = resource.slots; slot !== null; slot = slot!.next) {
    tire();
    const one = slot.one;
    if (one.mark !== stamp || one.target !== null) continue;
    one.target = resource;
    for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
      const passed = changetype<Slot>(at);
      const other = passed.resource;
      if (other.mark !== stamp) continue;
      const weight = <f64>one.count * passed.cost;
      other.left -= weight * level;
      other.open -= weight;
      other.openClasses--;
    }
  }
}
