import { mostShifts, promise } from './feeds';
import { callOpen, release } from './holding';
import { note, noteLevel, settle } from './max-min';
import { FlowClass, Resource } from './records';
import { call } from './turns';

/*
 * What would be without a limit: some resources are lifted, the rates settled and read, and the resources lowered again.
 */

/** More than anything carries, and far from where sums with it lose what they are about. */
const unlimited: f64 = 1e30;

let firstLifted: FlowClass | null = null;

/** Takes the limit of a resource away. Rates hold after `settle`. */
export function lift(resource: Resource): void {
  resource.capacity = unlimited;
  if (resource.heldClasses === 0) return;
  noteLevel(resource.level);
  let held: FlowClass | null = null;
  for (let slot = resource.slots; slot !== null; slot = slot!.next) {
    const one = slot.one;
    if (one.bottleneck !== resource) continue;
    one.nextLifted = held;
    held = one;
  }
  while (held !== null) {
    const one: FlowClass = held;
    held = one.nextLifted;
    one.nextLifted = firstLifted;
    firstLifted = one;
    release(one);
    note(one);
  }
}

/** Gives a resource its limit back. Rates hold after `settleLowered`. */
export function lower(resource: Resource, capacity: f64): void {
  resource.capacity = capacity;
  if (!resource.tracked) return;
  resource.shifts = mostShifts;
  if (resource.heldClasses > 0) call(resource, resource.level);
  else if (!promise(resource)) callOpen(resource);
}

export function settleLowered(): void {
  for (let one = firstLifted; one !== null; one = one!.nextLifted) note(one);
  firstLifted = null;
  settle();
}
