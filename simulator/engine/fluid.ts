import { Heap, HeapNode } from './heap.ts';
import { MaxMinSharing } from './max-min.ts';
import { FlowClass, type SharedResource } from './shared-resource.ts';

/**
 * Flows that share resources max-min fairly as time goes on: `start` flows, `settle`, `advance` to a time that is not
 * beyond `nextFinish`, and so on. Rates hold after `settle` only.
 *
 * What flows have had is counted once for a resource and all that it holds back, and a class knows only when the first
 * of its flows is done: so time itself costs nothing, only changes do.
 */
export class Fluid extends MaxMinSharing {
  now = 0;
  readonly #due = new Heap<SharedResource>();
  #changedDue: SharedResource[] = [];
  #classes = 0;
  #flows = 0;

  /** Flows over these resources; costs are units of the resource for one unit of the flow, and above zero. */
  makeClass(resources: readonly number[], costs: readonly number[]): FlowClass {
    const on = resources.map((index) => {
      const resource = this.resources[index];
      if (resource === undefined) throw new RangeError(`no resource ${index}`);
      return resource;
    });
    return new FlowClass(on, costs, this.#classes++);
  }

  /** A flow begins now. `flow` is what `advance` calls it. */
  start(one: FlowClass, amount: number, flow: number): void {
    const by = one.bottleneck;
    if (by !== null) this.#work(by);
    const served = by === null ? one.served : one.served + by.work - one.workAtHold;
    one.flows.set(new HeapNode(flow, this.#flows++), served + amount);
    this.add(one, 1);
    if (by !== null) this.#enqueue(one, by);
  }

  /** Rates that are fair again after arrivals and departures. */
  override settle(): void {
    super.settle();
    for (const resource of this.#changedDue) {
      resource.dueChanged = false;
      const next = resource.queue.first();
      if (next === undefined) {
        this.#due.remove(resource.due);
        resource.work = 0;
        continue;
      }
      const left = next.key - resource.work;
      this.#due.set(resource.due, resource.since + (left > 0 ? left / resource.level : 0));
    }
    this.#changedDue = [];
  }

  /** When the next flow is done, in seconds; infinite where none ever is. */
  nextFinish(): number {
    return this.#due.first()?.key ?? Number.POSITIVE_INFINITY;
  }

  /** Goes on to a time and ends what is done by then: `done` is called with the number of each such flow. */
  advance(to: number, done: (flow: number) => void): void {
    this.now = to;
    for (let due = this.#due.first(); due !== undefined && due.key <= to; due = this.#due.first()) {
      const resource = due.value;
      this.#work(resource);
      const one = resource.queue.first()?.value;
      const first = one?.flows.first();
      if (one === undefined || first === undefined) throw new Error('a resource is due and holds nothing back');
      const amount = first.key;
      let ended = 0;
      for (let flow = one.flows.first(); flow !== undefined && flow.key <= amount; flow = one.flows.first()) {
        one.flows.pop();
        done(flow.value);
        ended++;
      }
      this.remove(one, ended);
      const by = one.bottleneck;
      if (by !== null) this.#enqueue(one, by);
      const next = resource.queue.first();
      if (next === undefined) this.#due.remove(resource.due);
      else this.#due.set(resource.due, to + Math.max(0, next.key - resource.work) / resource.level);
    }
  }

  /** Units per second of each flow of a class. */
  rateOf(one: FlowClass): number {
    return one.bottleneck?.level ?? 0;
  }

  protected override onLevel(resource: SharedResource): void {
    this.#work(resource);
    this.#touch(resource);
  }

  protected override onHeld(one: FlowClass, by: SharedResource): void {
    this.#work(by);
    one.workAtHold = by.work;
    this.#enqueue(one, by);
  }

  protected override onReleased(one: FlowClass, by: SharedResource): void {
    this.#work(by);
    one.served += by.work - one.workAtHold;
    by.queue.remove(one.queued);
    this.#touch(by);
  }

  /** Brings the work of a resource up to now. */
  #work(resource: SharedResource): void {
    if (resource.since < this.now && resource.heldClasses > 0) {
      resource.work += resource.level * (this.now - resource.since);
    }
    resource.since = this.now;
  }

  #enqueue(one: FlowClass, by: SharedResource): void {
    const first = one.flows.first();
    if (first === undefined) by.queue.remove(one.queued);
    else by.queue.set(one.queued, one.workAtHold + (first.key - one.served));
    this.#touch(by);
  }

  #touch(resource: SharedResource): void {
    if (resource.dueChanged) return;
    resource.dueChanged = true;
    this.#changedDue.push(resource);
  }
}
