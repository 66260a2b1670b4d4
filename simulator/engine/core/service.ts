import { put, remove } from './heap';
import { FlowClass, makePlace, Resource, ResourcePlace } from './records';

/*
 * What flows have had is counted once for a resource and all that it holds back, and a class knows only when the first
 * of its flows is done: so time itself costs nothing, only changes do.
 */

export let now: f64 = 0;
/** Resources by the time at which the next flow that they hold back is done. */
const due = makePlace();
let firstChanged: Resource | null = null;

export function setNow(seconds: f64): void {
  now = seconds;
}

/** The resource whose flow is done next; null where none ever is. */
export function nextDue(): ResourcePlace | null {
  for (let first = due.child; first !== null; first = due.child) {
    const place = changetype<ResourcePlace>(first);
    const at = place.resource.nextDone;
    if (at === place.key) return place;
    put(due, place, at);
  }
  return null;
}

/** A time that is later than before is put in its place only once the earlier one has come to be the first. */
function setDone(resource: Resource, at: f64): void {
  resource.nextDone = at;
  const place = resource.due;
  if (place.before === null || at < place.key) put(due, place, at);
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

/** When its next flow is done is to be found anew. */
export function touch(resource: Resource): void {
  if (resource.dueChanged) return;
  resource.dueChanged = true;
  resource.nextDueChanged = firstChanged;
  firstChanged = resource;
}

/** Finds anew when the next flow is done, where that has changed. */
export function settleDue(): void {
  for (let resource = firstChanged; resource !== null; resource = resource!.nextDueChanged) {
    resource.dueChanged = false;
    const next = resource.queue.child;
    if (next === null) {
      remove(resource.due);
      resource.work = 0;
      continue;
    }
    const left = next.key - resource.work;
    setDone(resource, resource.since + (left > 0 ? left / resource.level : 0));
  }
  firstChanged = null;
}

/** The same for one resource, right after flows of it ended. */
export function putDue(resource: Resource): void {
  const next = resource.queue.child;
  if (next === null) remove(resource.due);
  else setDone(resource, now + Math.max(0, next.key - resource.work) / resource.level);
}
