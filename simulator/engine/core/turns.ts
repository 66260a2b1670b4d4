import { take } from './memory';
import { Resource } from './records';

/*
 * Resources that are to be looked at, the least key first, each at most once: a binary heap of entries that stand
 * together in memory (key, resource), since most settlements call many.
 */

const entryBytes: usize = 16;
let entries: usize = 0;
let count: usize = 0;

/** Before the first call: room for so many resources. */
export function makeTurns(most: usize): void {
  entries = take(most * entryBytes);
}

/** Does nothing for a resource that has been called already. */
export function call(resource: Resource, key: f64): void {
  if (resource.called) return;
  resource.called = true;
  let at = count++;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (keyAt(above) <= key) break;
    move(above, at);
    at = above;
  }
  set(at, key, resource);
}

/** The key of the next resource; infinite where there is none. */
export function nextKey(): f64 {
  return count === 0 ? Infinity : keyAt(0);
}

export function takeNext(): Resource | null {
  if (count === 0) return null;
  const next = resourceAt(0);
  next.called = false;
  count--;
  if (count === 0) return next;
  const key = keyAt(count);
  const last = resourceAt(count);
  let at: usize = 0;
  for (let below: usize = 1; below < count; below = 2 * at + 1) {
    if (below + 1 < count && keyAt(below + 1) < keyAt(below)) below++;
    if (keyAt(below) >= key) break;
    move(below, at);
    at = below;
  }
  set(at, key, last);
  return next;
}

export function clearTurns(): void {
  for (let at: usize = 0; at < count; at++) resourceAt(at).called = false;
  count = 0;
}

function keyAt(at: usize): f64 {
  return load<f64>(entries + at * entryBytes);
}

function resourceAt(at: usize): Resource {
  return changetype<Resource>(load<usize>(entries + at * entryBytes, 8));
}

function set(at: usize, key: f64, resource: Resource): void {
  store<f64>(entries + at * entryBytes, key);
  store<usize>(entries + at * entryBytes, changetype<usize>(resource), 8);
}

function move(from: usize, to: usize): void {
  set(to, keyAt(from), resourceAt(from));
}
