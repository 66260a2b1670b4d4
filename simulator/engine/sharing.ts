import type { Check } from '../cancel.ts';
import type { Resource, Task } from './flow.ts';
import { startCore, type TaskCore } from './sharing-core.ts';

/** What can hold flows back, by name and kind: both directions of a link are one limit, and a task's own cap may be another. */
export class Limits {
  /** Of each resource, in their order. */
  readonly ofResource: Uint32Array;
  readonly all: Pick<Resource, 'name' | 'kind'>[] = [];
  readonly resources: number[][] = [];
  readonly capacities: Float64Array;
  readonly #known = new Map<string, number>();

  constructor(resources: readonly Resource[]) {
    this.capacities = Float64Array.from(resources, ({ capacity }) => capacity);
    this.ofResource = new Uint32Array(resources.length);
    resources.forEach(({ name, kind }, index) => {
      const limit = this.numberOf(name, kind);
      this.ofResource[index] = limit;
      this.resources[limit]?.push(index);
    });
  }

  ofCap({ capName, capKind }: Task): number {
    return this.numberOf(capName, capKind);
  }

  numberOf(name: string, kind: Resource['kind']): number {
    const key = `${kind} ${name}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, this.all.length);
    this.resources.push([]);
    return this.all.push({ name, kind }) - 1;
  }
}

/** Flows that share in one way at any time, since they ask for the same. */
export interface FlowClass {
  readonly id: number;
  /** One of them: what it asks for. */
  readonly task: Task;
  readonly capLimit: number;
  /** How many of its tasks flow. */
  readonly count: number;
}

/** What limits a class by itself is its cap; what limits nothing is none. */
const byCap = -1;

export interface WorldOptions {
  /** Rates that differ by more than this, relative, are told by `changes`; absent: nobody asks. */
  readonly told?: number;
  /** Limits are lifted for a while. */
  readonly liftable?: boolean;
  /** What is without a limit from the beginning, a number of `Limits`. */
  readonly without?: number;
}

/** A sharing core with resources and classes of flows in it. */
export class World {
  readonly core: TaskCore;
  readonly #limits: Limits;
  /** What is without a limit here from the beginning, a number of `Limits`; -1 for nothing. */
  readonly #without: number;
  #memory: DataView;

  constructor(limits: Limits, classes: number, options: WorldOptions, check: Check) {
    this.core = startCore(check);
    this.#limits = limits;
    this.#without = options.without ?? -1;
    const { capacities, ofResource, resources } = limits;
    const at = this.core.open(capacities.length, classes);
    const { buffer } = this.core.memory;
    const given = new Float64Array(buffer, at, capacities.length);
    given.set(capacities);
    for (const index of resources[this.#without] ?? []) given[index] = Number.POSITIVE_INFINITY;
    new Uint32Array(buffer, this.core.groupsAt(), ofResource.length).set(ofResource);
    this.core.begin(options.told ?? -1, options.liftable === true);
    this.#memory = new DataView(this.core.memory.buffer);
  }

  /** The memory of the core, as it is now: it grows. */
  get memory(): DataView {
    if (this.#memory.buffer !== this.core.memory.buffer) this.#memory = new DataView(this.core.memory.buffer);
    return this.#memory;
  }

  /** The class of flows that ask for this. */
  classOn({ resources, costs, cap }: Task, capLimit: number): number {
    const { length } = resources;
    let at = this.core.wayAt(length);
    const { memory } = this;
    memory.setFloat64(at, capLimit === this.#without ? Number.POSITIVE_INFINITY : cap, true);
    at += 8;
    for (let slot = 0; slot < length; slot++, at += 8) memory.setFloat64(at, costs[slot] ?? 0, true);
    memory.setUint32(at, capLimit, true);
    at += 4;
    for (let slot = 0; slot < length; slot++, at += 4) memory.setUint32(at, resources[slot] ?? 0, true);
    return this.core.classOn(length);
  }

  /** Classes whose rate or limit is another one than when this was asked last. `limit` is as `limitOf` takes it. */
  changes(each: (id: number, rate: number, limit: number) => void): void {
    const count = this.core.report();
    const { memory } = this;
    for (let row = 0, at = this.core.rowsAt(); row < count; row++, at += 16) {
      each(memory.getUint32(at + 12, true), memory.getFloat64(at, true), memory.getInt32(at + 8, true));
    }
  }

  /** What a limit of the core is among `Limits`. */
  limitOf(flows: FlowClass, index: number): number {
    return index === byCap ? flows.capLimit : (this.#limits.ofResource[index] ?? -1);
  }
}
