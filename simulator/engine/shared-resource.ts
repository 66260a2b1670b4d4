import { Heap, HeapNode } from './heap.ts';

/**
 * What max-min sharing keeps in mind. Under max-min fairness every flow is held back by one full resource on its way,
 * on which none is faster; all that a resource holds back run at one rate, its level. So a change of the level is one
 * number, whatever the number of flows, and what it does to other resources follows from the sums in `Feed`.
 */
export class SharedResource {
  readonly capacity: number;
  /** Rate of what it holds back; infinite while it holds nothing back. */
  level = Number.POSITIVE_INFINITY;
  /** Classes that it holds back, and their flows times costs. A resource that holds something back is full. */
  heldClasses = 0;
  heldWeight = 0;
  /** Flows times costs of every class on it. */
  weight = 0;
  /** What would come if each flow were alone. While it is below the capacity, the resource can never be full. */
  offered = 0;
  /** Whether it could be full, so that what others hold back on it is kept in `feeders`. */
  tracked = false;
  /** Every class on it, and under which index this resource stands in the class. */
  readonly classes: FlowClass[] = [];
  readonly slots: number[] = [];
  /** From the resources that hold back what passes here. */
  readonly feeders: Feed[] = [];
  /** Feeds into this resource that are out of use. */
  readonly spareFeeds: Feed[] = [];
  /** What it holds back, to other full resources: they change with its level. */
  readonly toFull: Feed[] = [];
  /** And to others, by the level up to which these have room in any case. */
  readonly toOpen = new Heap<Feed>();
  /**
   * While it is not full: what comes if each feed grows to its limit. Beyond the capacity only until its turn comes;
   * infinite then, where the feeds bring too much already.
   */
  promised = 0;
  /** What the feeds bring, as `sumLoad` found it last. */
  load = 0;

  /** Service that a flow held back all the time has had by `since`. */
  work = 0;
  since = 0;
  /** Classes that it holds back, by the work at which their next flow is done. */
  readonly queue = new Heap<FlowClass>();
  /** When the next flow is done. */
  readonly due: HeapNode<SharedResource>;
  dueChanged = false;

  /** For one settlement only: see `max-min.ts`. */
  mark = 0;
  rounds = 0;
  left = 0;
  open = 0;
  openClasses = 0;
  readonly turn: HeapNode<SharedResource>;

  constructor(capacity: number, index: number) {
    this.capacity = capacity;
    this.due = new HeapNode<SharedResource>(this, index);
    this.turn = new HeapNode<SharedResource>(this, index);
  }
}

/** Flows that ask the same of the same resources: at any time they have one rate. */
export class FlowClass {
  readonly resources: readonly SharedResource[];
  /** Units of each resource for one unit of the flow. */
  readonly costs: readonly number[];
  /** Rate of a single flow that has everything to itself. */
  readonly alone: number;
  count = 0;
  /** What holds it back; null before the first settlement. */
  bottleneck: SharedResource | null = null;
  /** Where it stands in the lists of its resources. */
  readonly places: number[];
  readonly feeds: (Feed | null)[];

  /** Service of each of its flows since the class began, by the time it came to its bottleneck; the work there then. */
  served = 0;
  workAtHold = 0;
  /** Its flows by the service at which they are done; the value is the flow's number. */
  readonly flows = new Heap<number>();
  readonly queued: HeapNode<FlowClass>;

  mark = 0;
  next: SharedResource | null = null;

  constructor(resources: readonly SharedResource[], costs: readonly number[], index: number) {
    this.resources = resources;
    this.costs = costs;
    this.places = new Array<number>(resources.length).fill(-1);
    this.feeds = new Array<Feed | null>(resources.length).fill(null);
    this.queued = new HeapNode<FlowClass>(this, index);
    let alone = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot < resources.length; slot++) {
      alone = Math.min(alone, (resources[slot]?.capacity ?? 0) / (costs[slot] ?? 1));
    }
    this.alone = alone;
  }
}

/** Flows that `from` holds back and that pass `into` as well. */
export class Feed {
  from: SharedResource;
  readonly into: SharedResource;
  weight = 0;
  classes = 0;
  /** Its place in `from.toOpen`; the key is the level up to which `into` has promised room. */
  readonly limit: HeapNode<Feed>;
  /** Its places in `from.toFull` (-1 while it is in `toOpen`) and in `into.feeders`. */
  fullAt = -1;
  feederAt = -1;

  constructor(from: SharedResource, into: SharedResource) {
    this.from = from;
    this.into = into;
    this.limit = new HeapNode<Feed>(this, into.due.order);
  }
}
