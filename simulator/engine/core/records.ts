import { Place } from './heap';
import { line, take } from './memory';

/**
 * A resource, and what max-min sharing keeps in mind of it. Under max-min fairness every flow is held back by one full resource on its way,
 * on which none is faster; all that a resource holds back run at one rate, its level. So a change of the level is one
 * number, whatever the number of flows, and what it does to other resources follows from the sums in `Feed`. The place is
 * that in the heap of the times at which flows are done (`service.ts`).
 */
@unmanaged
export class Resource extends Place {
  /** What it holds back, to other full resources: they change with its level. */
  toFull: Feed | null;
  /** Rate of what it holds back; infinite while it holds nothing back. */
  level: f64;
  /**
   * What the feeds bring, and a rate that none in them exceeds. While it is full both follow every change; otherwise they
   * are as `sumLoad` found them last.
   */
  load: f64;
  fastest: f64;
  capacity: f64;
  /** Changes of `load` since `sumLoad`. */
  shifts: i32;
  /** Whether it has a turn to come: see `turns.ts`. */
  called: bool;
  /** Whether it could be full, so that what others hold back on it is kept in `feeders`. */
  tracked: bool;
  /** Whether the place in the heap of times is to be found anew. */
  touched: bool;

  /** Flows times costs of the classes that it holds back. */
  heldWeight: f64;
  /** Service that a flow held back all the time has had by `since`. */
  work: f64;
  since: f64;
  /** The key of the place is no later than its next flow is done while the level is not above this one. */
  boundLevel: f64;
  /** How often the place was found anew since it was the first. */
  moves: i32;
  /** Classes that it holds back. A resource that holds something back is full. */
  heldClasses: i32;
  /** From the resources that hold back what passes here. */
  feeders: Feed | null;
  nextTouched: Resource | null;

  /** Flows times costs of every class on it. */
  weight: f64;
  /** What would come if each flow were alone. While it is below the capacity, the resource can never be full. */
  offered: f64;
  /**
   * While it is not full: what comes if each feed grows to its limit. Beyond the capacity only until its turn comes;
   * infinite then, where the feeds bring too much already.
   */
  promised: f64;
  /** What it holds back, to resources that are not full, by the level up to which these have room in any case. */
  toOpen: Place;
  /** Classes that it holds back, by the work at which their next flow is done. */
  queue: Place;
  /** Every class on it. */
  slots: Slot | null;
  index: i32;

  /** For whoever is told of changes: see `news.ts`. */
  saidLevel: f64;
  hasNews: bool;
  isTight: bool;
  nextNews: Resource | null;
  nextTight: Resource | null;

  /** For one settlement only: see `max-min.ts` and `filling.ts`. */
  mark: i32;
  rounds: i32;
  openClasses: i32;
  nextReached: Resource | null;
  left: f64;
  open: f64;
  nextFull: Resource | null;
}

/** Flows that pass the same resources: at any time they have one rate. The place is that in the queue of its bottleneck. */
@unmanaged
export class FlowClass extends Place {
  /** Service of each of its flows since the class began, by the time it came to its bottleneck; the work there then. */
  served: f64;
  workAtHold: f64;
  count: i32;
  /** What holds it back; null before the first settlement. */
  bottleneck: Resource | null;
  /** Its flows by the service at which they are done. */
  flows: Place;
  /** Its slots, one behind the other in memory. */
  slots: usize;
  slotsEnd: usize;
  /** What tells it from others, as given: see `classes.ts`. */
  route: usize;
  routeBytes: usize;
  hash: u32;
  /** The number of classes made before it. */
  id: i32;

  /** A limit of each flow by itself, and the resource that stands for it, whose capacity grows with the flows; null without. */
  cap: Resource | null;
  capEach: f64;

  /** For whoever is told of changes. */
  saidBy: Resource | null;
  saidRate: f64;
  hasMoved: bool;
  isLate: bool;
  nextMoved: FlowClass | null;
  /** In a list of `lifts.ts` or of `tasks.ts`. */
  nextLifted: FlowClass | null;

  changed: bool;
  nextChanged: FlowClass | null;
  mark: i32;
  target: Resource | null;
  nextPending: FlowClass | null;
}

/** A class on a resource. */
@unmanaged
export class Slot {
  one: FlowClass;
  resource: Resource;
  /** Units of the resource for one unit of the flow. */
  cost: f64;
  /** What a flow of the class brings here at most, in units of the flow: see `offered`. */
  most: f64;
  /** While another resource holds the class back and this one is tracked. */
  feed: Feed | null;
  nextInFeed: Slot | null;
  beforeInFeed: Slot | null;
  next: Slot | null;
  before: Slot | null;
}

/** A flow in flight. */
@unmanaged
export class Flow extends Place {
  index: i32;
  amount: f64;
}

/** Flows that `from` holds back and that pass `into` as well. The key is the level up to which `into` has promised room. */
@unmanaged
export class Feed extends Place {
  into: Resource;
  weight: f64;
  from: Resource;
  /** The classes in it; without any it is in no list. */
  slots: Slot | null;
  /** In the list `toFull` of `from`, while `into` is full. */
  nextFull: Feed | null;
  beforeFull: Feed | null;
  nextFeeder: Feed | null;
  beforeFeeder: Feed | null;
  nextHashed: Feed | null;
}

export function makeResource(at: usize, capacity: f64, index: i32): void {
  const resource = changetype<Resource>(at);
  resource.capacity = capacity;
  resource.level = Infinity;
  resource.index = index;
  resource.toOpen = makePlace();
  resource.queue = makePlace();
}

export function makePlace(): Place {
  return changetype<Place>(take(offsetof<Place>()));
}

/** What a record takes in a row of its kind. */
export const slotBytes: usize = (offsetof<Slot>() + 7) & ~7;
export const resourceBytes: usize = (offsetof<Resource>() + line - 1) & ~(line - 1);
