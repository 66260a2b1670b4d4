/**
 * A place in a pairing heap (Fredman, Sedgewick, Sleator and Tarjan, Algorithmica 1, 1986): least key first; a place can
 * be removed and given another key wherever it stands. The head of a heap is a place as well: its only child is the
 * first. `before` is the parent of a first child, the sibling to the left of any other, and null outside of heaps.
 */
@unmanaged
export class Place {
  key: f64;
  child: Place | null;
  next: Place | null;
  before: Place | null;
}

/** Puts a place in, or moves it to where its new key belongs. */
export function put(heap: Place, place: Place, key: f64): void {
  const before = place.before;
  if (before !== null) {
    if (place.key === key) return;
    if (heap.child === place && (key < place.key || place.child === null)) {
      place.key = key;
      return;
    }
    if (key < place.key) cut(place, before, place.next);
    else remove(place);
  }
  place.key = key;
  const first = heap.child;
  hang(heap, first === null ? place : meld(first, place));
}

/** Does nothing where the place is in no heap. */
export function remove(place: Place): void {
  const before = place.before;
  if (before === null) return;
  const next = place.next;
  // What was below it stands where it stood: none of that is less than what is above.
  const instead = gather(place.child);
  if (instead === null) cut(place, before, next);
  else {
    instead.next = next;
    if (next !== null) next.before = instead;
    replace(place, before, instead);
    instead.before = before;
  }
  place.child = null;
  place.next = null;
  place.before = null;
}

/** Takes a place and what is below it from where it stands. */
function cut(place: Place, before: Place, next: Place | null): void {
  replace(place, before, next);
  if (next !== null) next.before = before;
}

function replace(place: Place, before: Place, by: Place | null): void {
  if (before.child === place) before.child = by;
  else before.next = by;
}

function hang(heap: Place, first: Place): void {
  heap.child = first;
  first.before = heap;
  first.next = null;
}

/** The lesser of two, with the other as its first child. What stands around the lesser is for the caller to set. */
function meld(a: Place, b: Place): Place {
  let less = a;
  let more = b;
  if (b.key < a.key) {
    less = b;
    more = a;
  }
  const child = less.child;
  more.next = child;
  if (child !== null) child.before = more;
  more.before = less;
  less.child = more;
  return less;
}

/** One of siblings, by pairs from the left and then all from the right. */
function gather(first: Place | null): Place | null {
  if (first === null) return null;
  let rest: Place | null = first;
  let paired: Place | null = null;
  while (rest !== null) {
    let one: Place = rest;
    const second = one.next;
    if (second === null) rest = null;
    else {
      rest = second.next;
      one = meld(one, second);
    }
    one.next = paired;
    paired = one;
  }
  let all: Place = paired!;
  let next = all.next;
  while (next !== null) {
    const one: Place = next;
    next = one.next;
    all = meld(all, one);
  }
  return all;
}
