import { type Component, componentAt, isEndpoint, type Machine } from '../machine.ts';
import { everything, isListed, type Scope } from './scope.ts';

/** Which component of one machine is which of another. Ids of components on both sides. */
export interface Matching {
  /** From the first machine's ids to the second's. */
  readonly pairs: ReadonlyMap<number, number>;
  /** Devices that stand elsewhere in the second machine: also in `pairs`. */
  readonly moved: ReadonlySet<number>;
  /** Ids of the first machine that the second lacks, of the second that the first lacks; only the topmost of a subtree. */
  readonly removed: readonly number[];
  readonly added: readonly number[];
}

/**
 * Matches two machines by their structure: from the sockets down, children of matched parents by what they are, where they
 * stand and what hangs below them; names count where they agree. What is left over but of the same identity has moved.
 *
 * @param scopes what each of the two descriptions speaks of: what it does not, it is not said to lack
 */
export function matchMachines(
  first: Machine,
  second: Machine,
  scopes: readonly [Scope, Scope] = [everything, everything],
): Matching {
  const sides = [new Side(first), new Side(second)] as const;
  const pairs = new Map<number, number>();
  const left: [Set<number>, Set<number>] = [new Set(), new Set()];
  const descend = (one: readonly number[], other: readonly number[]) => {
    const { matched, rest } = pairUp(sides, one, other);
    for (const id of rest[0]) left[0].add(id);
    for (const id of rest[1]) left[1].add(id);
    for (const [a, b] of matched) {
      pairs.set(a, b);
      descend(...withoutUnseen(first, componentAt(first, a), second, componentAt(second, b)));
    }
  };
  const seen = sides.map((side, at) => side.seenRoots(sides[1 - at] ?? side));
  descend(seen[0] ?? [], seen[1] ?? []);
  // A socket of many host bridges is one to some tools and many to others.
  if (seen[0]?.length !== seen[1]?.length) {
    const pools = sides.map((side, at) => side.looseAtRoots(left[at === 0 ? 0 : 1]));
    const { matched } = pairUp(sides, pools[0] ?? [], pools[1] ?? [], sides[0].isSamePlace(sides[1]));
    for (const [a, b] of matched) {
      left[0].delete(a);
      left[1].delete(b);
      pairs.set(a, b);
      descend(...withoutUnseen(first, componentAt(first, a), second, componentAt(second, b)));
    }
  }

  // Devices below what is gone may stand elsewhere now.
  const moved = new Set<number>();
  const loose = left.map((ids, side) => [...ids].flatMap((id) => sides[side === 0 ? 0 : 1].endpointsAt(id)));
  const [gone = [], fresh = []] = loose;
  for (const a of gone) {
    const component = componentAt(first, a);
    const b = fresh.findIndex((id) => isSameDevice(component, componentAt(second, id)));
    const found = fresh[b];
    if (found === undefined) continue;
    fresh.splice(b, 1);
    pairs.set(a, found);
    if (scopes.every(({ places }) => places)) moved.add(a);
  }
  const isAccounted = (machine: Machine, id: number, known: (id: number) => boolean): boolean => {
    const below = componentAt(machine, id).children;
    return known(id) || (below.length > 0 && below.every((child) => isAccounted(machine, child, known)));
  };
  const found = new Set(pairs.values());
  return {
    pairs,
    moved,
    removed: [...left[0]]
      .filter((id) => !isAccounted(first, id, (one) => pairs.has(one)))
      .flatMap((id) => sides[0].listedAt(id, scopes[1], (one) => pairs.has(one))),
    added: [...left[1]]
      .filter((id) => !isAccounted(second, id, (one) => found.has(one)))
      .flatMap((id) => sides[1].listedAt(id, scopes[0], (one) => found.has(one))),
  };
}

/**
 * What hangs below two matched components. Registers do not show a chipset: where one side has none, the other's ports stand
 * as they would on the root bus.
 */
function withoutUnseen(
  first: Machine,
  a: Component,
  second: Machine,
  b: Component,
): [readonly number[], readonly number[]] {
  const isChipset = (machine: Machine) => (id: number) => componentAt(machine, id).kind === 'chipset';
  const flat = (machine: Machine, { children }: Component) =>
    children.flatMap((id) => (isChipset(machine)(id) ? componentAt(machine, id).children : [id]));
  const has = [a.children.some(isChipset(first)), b.children.some(isChipset(second))];
  if (has[0] === has[1]) return [a.children, b.children];
  return has[0] ? [flat(first, a), b.children] : [a.children, flat(second, b)];
}

/** One machine, with what hangs below each component. */
class Side {
  readonly roots: readonly number[];
  readonly machine: Machine;
  readonly #below = new Map<number, readonly string[]>();

  constructor(machine: Machine) {
    this.machine = machine;
    this.roots = machine.components.filter((one) => one.parent === null).map((one) => one.id);
  }

  /** The roots that the other side could show: switches of NVLink off PCI only where it tells of NVLink at all. */
  seenRoots(other: Side): readonly number[] {
    const isUnseen = (id: number) => componentAt(this.machine, id).kind === 'nvswitch';
    return other.hasLinksBeside && other.roots.some((id) => componentAt(other.machine, id).kind === 'nvswitch')
      ? this.roots
      : this.roots.filter((id) => !isUnseen(id));
  }

  get hasLinksBeside(): boolean {
    return this.machine.connections.some(({ technology }) => technology === 'nvlink');
  }

  /** Identities of the devices at and below a component. */
  below(id: number): readonly string[] {
    let known = this.#below.get(id);
    if (known === undefined) {
      known = this.endpointsAt(id).map((one) => identityOf(componentAt(this.machine, one)) ?? 'unknown');
      this.#below.set(id, known);
    }
    return known;
  }

  /**
   * Of what the other side lacks, what it would list: the whole where it would list every device in it, else the devices.
   *
   * @param isMatched what the other side has after all, elsewhere
   */
  listedAt(id: number, scope: Scope, isMatched: (id: number) => boolean): number[] {
    const endpoints = this.endpointsAt(id);
    if (endpoints.length === 0) {
      const { kind } = componentAt(this.machine, id);
      return (kind === 'socket' ? scope.emptySockets : scope.emptyPorts) ? [id] : [];
    }
    const listed = endpoints.filter((one) => {
      const component = componentAt(this.machine, one);
      return isListed(scope, component, identityOf(component));
    });
    return listed.length === endpoints.length ? [id] : listed.filter((one) => !isMatched(one));
  }

  /** What hangs off sockets and found no partner: also all that hangs off sockets without one. */
  looseAtRoots(left: ReadonlySet<number>): number[] {
    return this.roots.flatMap((root) => {
      const { children } = componentAt(this.machine, root);
      return left.has(root) ? children : children.filter((id) => left.has(id));
    });
  }

  /** Whether a component may be one of the other side's: devices in common, or none below one, and no other NUMA node. */
  isSamePlace(other: Side): (a: number, b: number) => boolean {
    return (a, b) => {
      const nodes = [nodeOf(this.machine, a), nodeOf(other.machine, b)];
      if (nodes[0] !== undefined && nodes[1] !== undefined && nodes[0] !== nodes[1]) return false;
      const [below, others] = [new Set(this.below(a)), other.below(b)];
      return below.size * others.length === 0 || others.some((one) => one !== 'unknown' && below.has(one));
    };
  }

  /** What stands directly below, by kind: a switch or a device. */
  kindsBelow(id: number): string {
    const { children } = componentAt(this.machine, id);
    return children
      .map((child) => (isEndpoint(componentAt(this.machine, child)) ? 'device' : componentAt(this.machine, child).kind))
      .sort()
      .join(' ');
  }

  endpointsAt(id: number): number[] {
    const component = componentAt(this.machine, id);
    return isEndpoint(component) ? [id] : component.children.flatMap((child) => this.endpointsAt(child));
  }
}

function nodeOf(machine: Machine, id: number): number | undefined {
  const { parent } = componentAt(machine, id);
  return parent === null ? undefined : componentAt(machine, parent).settings.numaNode;
}

/** What a device is, by its identifiers or its part; null where neither is known. */
export function identityOf({ settings, parts }: Component): string | null {
  const { vendorId, deviceId } = settings;
  if (vendorId !== undefined && deviceId !== undefined) return `${vendorId}:${deviceId}`;
  return parts[0] ?? null;
}

/** Whether two components can be the same one: nothing that both say differs. */
function isCompatible(a: Component, b: Component): boolean {
  const isPort = ({ kind }: Component) => kind === 'port' || kind === 'root-port';
  const sameKind = a.kind === b.kind || (isPort(a) && isPort(b)) || a.kind === 'device' || b.kind === 'device';
  if (!sameKind || isEndpoint(a) !== isEndpoint(b)) return false;
  if (!isEndpoint(a)) return true;
  if (a.parts.some((part) => b.parts.includes(part))) return true;
  const hasIds = ({ settings }: Component) => settings.vendorId !== undefined && settings.deviceId !== undefined;
  // A part without IDs says nothing against those that somebody read.
  if (hasIds(a) !== hasIds(b)) return true;
  const [one, other] = [identityOf(a), identityOf(b)];
  return one === null || other === null || one === other;
}

/** The same device elsewhere: known, and the same. */
function isSameDevice(a: Component, b: Component): boolean {
  const identity = identityOf(a);
  return identity !== null && a.kind === b.kind && identity === identityOf(b);
}

function pairUp(
  [first, second]: readonly [Side, Side],
  ones: readonly number[],
  others: readonly number[],
  mayBe: (a: number, b: number) => boolean = () => true,
): { readonly matched: readonly (readonly [number, number])[]; readonly rest: readonly [number[], number[]] } {
  const candidates: { readonly a: number; readonly b: number; readonly score: number }[] = [];
  for (const [i, a] of ones.entries()) {
    for (const [j, b] of others.entries()) {
      const [one, other] = [componentAt(first.machine, a), componentAt(second.machine, b)];
      if (!isCompatible(one, other) || !mayBe(a, b)) continue;
      // More than a name: importers name ports by their order.
      const shape = first.kindsBelow(a) === second.kindsBelow(b) ? 5 : 0;
      const score = likeness(one, other, first.below(a), second.below(b)) + shape - Math.abs(i - j) / 1000;
      candidates.push({ a, b, score });
    }
  }
  candidates.sort((x, y) => y.score - x.score || x.a - y.a || x.b - y.b);
  const rest: [Set<number>, Set<number>] = [new Set(ones), new Set(others)];
  const matched: [number, number][] = [];
  for (const { a, b } of candidates) {
    if (!rest[0].has(a) || !rest[1].has(b)) continue;
    rest[0].delete(a);
    rest[1].delete(b);
    matched.push([a, b]);
  }
  return { matched: matched.sort((x, y) => x[0] - y[0]), rest: [[...rest[0]], [...rest[1]]] };
}

/** How alike two components are: what hangs below weighs most, then the name, the place on the bus, the kind. */
function likeness(a: Component, b: Component, belowA: readonly string[], belowB: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const one of belowA) counts.set(one, (counts.get(one) ?? 0) + 1);
  let common = 0;
  for (const one of belowB) {
    const count = counts.get(one) ?? 0;
    if (count > 0) common++;
    counts.set(one, count - 1);
  }
  const all = belowA.length + belowB.length - common;
  const place = (one: Component) => `${one.settings.deviceNumber}.${one.settings.functionNumber ?? 0}`;
  const isPlaced = a.settings.deviceNumber !== undefined && b.settings.deviceNumber !== undefined;
  return (
    (all === 0 ? 0 : (8 * common) / all) +
    (a.label === b.label ? 4 : 0) +
    (isPlaced ? (place(a) === place(b) ? 3 : -1) : 0) +
    (a.kind === b.kind ? 1 : 0) +
    (identityOf(a) !== null && identityOf(a) === identityOf(b) ? 2 : 0)
  );
}
