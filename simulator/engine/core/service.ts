import { put, remove } from './heap';
import { FlowClass, makePlace, Resource } from './records';

/*
 * What flows have had is counted once for a resource and all that it holds back, and a class knows only when the first
 * of its flows is done: so time itself costs nothing, only changes do.
 */

/** A level may rise so far, relative, before the time of a resource that often changes is to be found anew. */
const margin: f64 = 0.125;

export let now: f64 = 0;
/** Resources by a time that is no later than their next flow is done. */
const due = makePlace();
let firstTouched: Resource | null = null;

export function setNow(seconds: f64): void {
  now = seconds;
}

/** The resource whose flow is done next, its key the time; null where none ever is. */
export function nextDue(): Resource | null {
  for (let first = due.child; first !== null; first = due.child) {
    const resource = changetype<Resource>(first);
    const done = doneAt(resource, resource.level);
    resource.moves = 0;
    if (done <= resource.key) return resource;
    resource.boundLevel = resource.level;
    put(due, resource, done);
  }
  return null;
}

function doneAt(resource: Resource, level: f64): f64 {
  const left = resource.queue.child!.key - resource.work;
  return left > 0 ? resource.since + left / level : resource.since;
}

/** Brings the work of a resource up to now. */
export function bringUp(resource: Resource): void {
  if (resource.since < now && resource.heldClasses > 0) resource.work += resource.level * (now - resource.since);
  resource.since = now;
}

/** The first flow of a class is another one. */
export function enqueue(one: FlowClass, by: Resource): void {
  const first = one.flows.child;
  if (first === null) remove(one);
  else put(by.queue, one, one.workAtHold + (first.key - one.served));
  touch(by);
}

/** A class came to its bottleneck. */
export function beginService(one: FlowClass, by: Resource): void {
  bringUp(by);
  one.workAtHold = by.work;
  enqueue(one, by);
}

/** A class leaves its bottleneck. */
export function endService(one: FlowClass, by: Resource): void {
  bringUp(by);
  one.served += by.work - one.workAtHold;
  remove(one);
  touch(by);
}

/** When the next flow of a resource is done has changed. */
export function touch(resource: Resource): void {
  if (resource.touched) return;
  resource.touched = true;
  resource.nextTouched = firstTouched;
  firstTouched = resource;
}

/** Finds anew when flows are done, where that has changed. */
export function settleDue(): void {
  for (let resource = firstTouched; resource !== null; resource = resource!.nextTouched) {
    resource.touched = false;
    putDue(resource);
  }
  firstTouched = null;
}

/** The same for one resource, whose work is as of now. */
export function putDue(resource: Resource): void {
  if (resource.queue.child === null) {
    remove(resource);
    resource.work = 0;
    resource.boundLevel = 0;
    return;
  }
  // One that changes again and again gets an earlier time, which then holds for a while.
  const level = ++resource.moves > 2 ? resource.level * (1 + margin) : resource.level;
  resource.boundLevel = level;
  put(due, resource, doneAt(resource, level));
}
