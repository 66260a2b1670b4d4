import { slack, sumLoad } from './feeds';
import { FlowClass, Resource, Slot, slotBytes } from './records';

/*
 * What has changed since somebody asked last: levels, and classes that another resource holds back. Kept only where it is
 * watched.
 */

/** A resource is looked at for whether it is full where less than this share of it is free. */
const tight: f64 = 1e-9;

let isWatched: bool = false;
export let firstNews: Resource | null = null;
export let firstMoved: FlowClass | null = null;
let firstTight: Resource | null = null;

export function watch(): void {
  isWatched = true;
}

/** The level of a resource is another one. */
export function levelled(resource: Resource): void {
  if (!isWatched || resource.hasNews) return;
  resource.hasNews = true;
  resource.nextNews = firstNews;
  firstNews = resource;
}

/** A class is held back by another resource than before. */
export function moved(one: FlowClass): void {
  if (!isWatched || one.hasMoved) return;
  one.hasMoved = true;
  one.nextMoved = firstMoved;
  firstMoved = one;
}

/** A resource that holds nothing back may be full just the same, by what others let through. */
export function tightened(resource: Resource): void {
  if (!isWatched || resource.isTight || resource.promised < resource.capacity * (1 - tight)) return;
  resource.isTight = true;
  resource.nextTight = firstTight;
  firstTight = resource;
}

/** The next resource that may have become full without holding anything back; null where there is none. */
export function takeTight(): Resource | null {
  const first = firstTight;
  if (first === null) return null;
  first.isTight = false;
  firstTight = first.nextTight;
  return first;
}

export function clearNews(): void {
  for (let one = firstNews; one !== null; one = one!.nextNews) one.hasNews = false;
  for (let one = firstMoved; one !== null; one = one!.nextMoved) one.hasMoved = false;
  firstNews = null;
  firstMoved = null;
}

/** Whether a resource that holds nothing back is full. */
export function isFull(resource: Resource): bool {
  if (!resource.tracked || resource.promised < resource.capacity * (1 - tight)) return false;
  sumLoad(resource);
  return resource.load >= resource.capacity * (1 - slack);
}

/** What limits a class: of several that are full at its rate the first on its way. Null where nothing does. */
export function limitOf(one: FlowClass): Resource | null {
  const by = one.bottleneck;
  if (by === null) return null;
  const most = by.level * (1 + slack);
  for (let at = one.slots; at < one.slotsEnd; at += slotBytes) {
    const resource = changetype<Slot>(at).resource;
    if (resource === by) break;
    if (resource.heldClasses > 0 ? resource.level <= most : isFull(resource) && resource.fastest <= most)
      return resource;
  }
  return by;
}
