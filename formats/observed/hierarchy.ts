import type { ComponentKind } from '../../model/machine.ts';
import type { ObservedFunction, ObservedNote } from '../observed.ts';
import { addressParts, compareAddresses, rootBusName } from '../pci/address.ts';
import { type KindAndName, kindOf } from './kinds.ts';
import type { PartIndex } from './parts.ts';
import { isIntegrated } from './settings.ts';

/** A component in the making: what it is, the functions it is made of, and what hangs below it. */
export interface Shape {
  readonly kind: ComponentKind;
  readonly base: string;
  /** The function that it stands for; null for a port that the source leaves out. */
  readonly fn: ObservedFunction | null;
  /** Further functions of the same device that need no component of their own. */
  readonly others: readonly ObservedFunction[];
  readonly children: readonly Shape[];
  /** Buses below a port that the source leaves out. */
  readonly buses?: { readonly secondary: number; readonly subordinate: number };
}

/** What hangs off one root bus. */
export interface RootBus {
  readonly name: string;
  readonly segment: number;
  /** Where the root bus itself is not shown: the first bus below it. */
  readonly bus: number;
  /** Nothing that stands on the bus itself is shown. */
  readonly isHidden: boolean;
  readonly children: readonly Shape[];
  readonly functions: readonly ObservedFunction[];
}

/** What hangs where. */
export interface Hierarchy {
  readonly roots: readonly RootBus[];
  /** Some devices are listed without what is above them. */
  readonly isPartial: boolean;
  readonly notes: readonly ObservedNote[];
}

const intel = 0x8086;

type Place = 'root' | 'port' | 'switch' | 'bridge';

/** Kinds that get a component for every function: each has facts and names of its own. */
const ownComponent: ReadonlySet<ComponentKind> = new Set(['gpu', 'nvme', 'nic', 'fpga', 'sata', 'nvswitch']);

/**
 * Functions as components: bridges by what they are and where they stand, the functions of one device together, virtual
 * functions left to their physical one. Every function needs a `parent` (see `withParents`).
 *
 * @param unsaid addresses whose parent null was not said, but follows from no bridge leading there
 */
export function buildHierarchy(
  functions: readonly ObservedFunction[],
  parts: PartIndex,
  leavesOutPorts: boolean,
  unsaid: ReadonlySet<string> = new Set(),
): Hierarchy {
  const builder = new Builder(functions, parts, leavesOutPorts);
  const roots = new Map<string, ObservedFunction[]>();
  for (const one of builder.below(null)) {
    const { segment, bus } = addressParts(one.address);
    // A source that leaves out root ports has no root buses either: all hangs off one host bridge of its node.
    const key = leavesOutPorts ? `node ${one.numaNode ?? 0}` : rootBusName(segment, bus);
    const list = roots.get(key);
    if (list === undefined) roots.set(key, [one]);
    else list.push(one);
  }
  const hidden = leavesOutPorts ? [] : takeHidden(roots, builder, unsaid, parts);
  const made = [...roots].map(([name, tops]): RootBus => {
    const [first] = tops;
    const { segment, bus } = first === undefined ? { segment: 0, bus: 0 } : addressParts(first.address);
    return {
      name,
      segment: leavesOutPorts ? 0 : segment,
      bus: leavesOutPorts ? 0 : bus,
      isHidden: false,
      children: builder.build(tops, 'root'),
      functions: builder.all(tops),
    };
  });
  const { roots: all, rest } = withNeighbours(made, hidden);
  return { roots: [...all, ...rest], isPartial: hidden.length > 0, notes: builder.notes };
}

/** Buses that are no root buses hang off the host bridge before them, where no number is left for another between. */
function withNeighbours(
  made: readonly RootBus[],
  hidden: readonly RootBus[],
): { readonly roots: readonly RootBus[]; readonly rest: readonly RootBus[] } {
  const roots = [...made];
  const rest = hidden.filter((one) => {
    const before = roots.filter(({ segment, bus }) => segment === one.segment && bus < one.bus);
    const host = before.sort((a, b) => b.bus - a.bus)[0];
    if (host === undefined || lastBusOf(host) < one.bus - 1) return true;
    const children = [...host.children, ...one.children];
    roots[roots.indexOf(host)] = { ...host, children, functions: [...host.functions, ...one.functions] };
    return false;
  });
  return { roots, rest };
}

const lastBusOf = ({ bus, functions }: RootBus): number =>
  Math.max(bus, ...functions.flatMap((one) => [addressParts(one.address).bus, one.buses?.subordinate ?? 0]));

/**
 * Takes out the buses that are no root buses, though no bridge of the source leads to them: those of a listing of some devices
 * only (`lspci -d`, `lspci -s`). Each hangs below a root port of its own; neighbours of one NUMA node share a socket.
 */
function takeHidden(
  roots: Map<string, ObservedFunction[]>,
  builder: Builder,
  unsaid: ReadonlySet<string>,
  parts: PartIndex,
): RootBus[] {
  const found: {
    root: RootBus;
    readonly node: number | undefined;
    end: number;
  }[] = [];
  for (const [name, tops] of [...roots]) {
    const [first] = tops;
    if (first === undefined || !builder.isPlugged(first, parts)) continue;
    const { segment, bus } = addressParts(first.address);
    const isOneDevice = tops.every((one) => unsaid.has(one.address) && addressParts(one.address).device === 0);
    if (bus === 0 || !isOneDevice) continue;
    const functions = builder.all(tops);
    const subordinate = Math.max(
      ...functions.flatMap((one) => [addressParts(one.address).bus, one.buses?.subordinate ?? 0]),
    );
    const port: Shape = {
      ...withoutFunction('root-port', 'rp', builder.build(tops, 'port')),
      buses: { secondary: bus, subordinate },
    };
    const node = first.numaNode;
    const last = found.at(-1);
    // A socket of its own needs a bus number before that of its first port.
    if (last?.root.segment === segment && (last.node === node || bus - 1 <= last.end)) {
      const { root } = last;
      last.root = { ...root, children: [...root.children, port], functions: [...root.functions, ...functions] };
      last.end = subordinate;
    } else {
      found.push({ root: { name, segment, bus, isHidden: true, children: [port], functions }, node, end: subordinate });
    }
    roots.delete(name);
  }
  if (found.length > 0) {
    const message = 'the list shows no bridges above some devices: each is drawn below a root port of its own';
    builder.notes.push({ line: null, subject: null, message });
  }
  return found.map(({ root }) => root);
}

class Builder {
  readonly notes: ObservedNote[] = [];
  readonly #parts: PartIndex;
  readonly #leavesOutPorts: boolean;
  readonly #below = new Map<string | null, ObservedFunction[]>();

  constructor(functions: readonly ObservedFunction[], parts: PartIndex, leavesOutPorts: boolean) {
    this.#parts = parts;
    this.#leavesOutPorts = leavesOutPorts;
    const physical = new Set(functions.filter((one) => one.physicalFunction === undefined).map((one) => one.address));
    const sorted = [...functions].sort((a, b) => compareAddresses(addressParts(a.address), addressParts(b.address)));
    for (const one of sorted) {
      if (one.physicalFunction !== undefined && physical.has(one.physicalFunction)) continue;
      const parent = one.parent ?? null;
      const list = this.#below.get(parent);
      if (list === undefined) this.#below.set(parent, [one]);
      else list.push(one);
    }
  }

  below(address: string | null): readonly ObservedFunction[] {
    return this.#below.get(address) ?? [];
  }

  /** The functions and all below them. */
  all(functions: readonly ObservedFunction[]): ObservedFunction[] {
    return functions.flatMap((one) => [one, ...this.all(this.below(one.address))]);
  }

  /** Whether a function is one that always hangs below a port: it has a link, is of a kind that is plugged in, or a switch. */
  isPlugged(one: ObservedFunction, parts: PartIndex): boolean {
    if (one.role !== undefined) return one.role === 'endpoint' || one.role === 'upstream-port';
    if (this.#isBridge(one)) return this.below(one.address).some((child) => this.#isBridge(child));
    return ownComponent.has(kindOf(one, parts).kind);
  }

  build(functions: readonly ObservedFunction[], place: Place): Shape[] {
    const shapes: Shape[] = [];
    const devices = new Map<string, ObservedFunction[]>();
    for (const one of functions) {
      if (this.#isBridge(one)) {
        shapes.push(...this.#bridge(one, place));
        continue;
      }
      const { segment, bus, device } = addressParts(one.address);
      const key = `${segment}:${bus}:${device}`;
      const list = devices.get(key);
      if (list === undefined) devices.set(key, [one]);
      else list.push(one);
    }
    for (const list of devices.values()) shapes.push(...this.#device(list, place));
    return shapes.sort((a, b) => order(a) - order(b));
  }

  #isBridge(one: ObservedFunction): boolean {
    switch (one.role) {
      case 'root-port':
      case 'upstream-port':
      case 'downstream-port':
      case 'pcie-to-pci-bridge':
      case 'pci-bridge':
        return true;
      case 'host-bridge':
        return false;
      default:
        return one.buses !== undefined || this.below(one.address).length > 0 || (one.classCode ?? 0) >>> 8 === 0x0604;
    }
  }

  #bridge(one: ObservedFunction, place: Place): Shape[] {
    const below = this.below(one.address);
    const made = (kind: ComponentKind, base: string, inside: Place): Shape => ({
      kind,
      base,
      fn: one,
      others: [],
      children: this.build(below, inside),
    });
    const isConventional = this.#isConventional(one);
    switch (place) {
      case 'root':
        if (isConventional) return [made('bridge', 'br', 'bridge')];
        if (one.role === 'upstream-port' || this.#leavesOutPorts) {
          return [withoutFunction('root-port', 'rp', [made('switch', 'sw', 'switch')])];
        }
        return [made('root-port', 'rp', 'port')];
      case 'port': {
        if (isConventional) return [made('bridge', 'br', 'bridge')];
        // A bridge of unknown kind with nothing but devices below it leads to conventional PCI.
        const isSwitch = one.role !== undefined || this.#leavesOutPorts || below.some((child) => this.#isBridge(child));
        return [isSwitch ? made('switch', 'sw', 'switch') : made('bridge', 'br', 'bridge')];
      }
      case 'switch':
        if (this.#leavesOutPorts) return [withoutFunction('port', 'p', [made('switch', 'sw', 'switch')])];
        return [made('port', 'p', 'port')];
      case 'bridge':
        return [made('bridge', 'br', 'bridge')];
    }
  }

  /**
   * Whether conventional PCI lies below a bridge: by its role; where that is not said, by an interface that decodes
   * subtractively (01h, PCI Code and ID Assignment Specification, which PCI Express ports must not have), or by devices
   * below it of which none has the number 0: a link leads to device 0 alone.
   */
  #isConventional(one: ObservedFunction): boolean {
    if (one.role !== undefined) {
      return one.role === 'pci-bridge' || one.role === 'pcie-to-pci-bridge' || one.role === 'conventional';
    }
    if (one.classCode === 0x060401 && one.isInterfaceKnown === true) return true;
    const below = this.below(one.address);
    return (
      below.length > 0 && below.every((child) => !this.#isBridge(child) && addressParts(child.address).device !== 0)
    );
  }

  /** The functions of one device: those that need it as components, the rest as further functions of the first. */
  #device(functions: readonly ObservedFunction[], place: Place): Shape[] {
    const [first] = functions;
    if (first === undefined) return [];
    const kinds = functions.map((one) => kindOf(one, this.#parts));
    const firstKind = kinds[0];
    if (firstKind === undefined) return [];
    const alone = functions.map(
      (one, at) => at > 0 && (needsComponent(one, kinds[at]) || isIntegrated(one) !== isIntegrated(first)),
    );
    // The GPU inside an Intel processor does not count among those that are plugged in.
    const isBuiltIn = place === 'root' && firstKind.kind === 'gpu' && first.vendorId === intel;
    const main: Shape = {
      ...firstKind,
      base: isBuiltIn ? 'igpu' : firstKind.base,
      fn: first,
      others: functions.filter((_, at) => at > 0 && alone[at] === false),
      children: [],
    };
    const shapes = [main];
    functions.forEach((one, at) => {
      const kind = kinds[at];
      if (alone[at] === true && kind !== undefined) shapes.push({ ...kind, fn: one, others: [], children: [] });
    });
    if (place === 'switch') {
      if (!this.#leavesOutPorts) {
        this.notes.push({
          line: null,
          subject: first.address,
          message: 'it stands on the bus inside a switch: drawn below a port of its own',
        });
      }
      return [withoutFunction('port', 'p', shapes)];
    }
    if (place === 'root' && !this.#leavesOutPorts && hasHiddenPort(first, firstKind)) {
      this.notes.push({
        line: null,
        subject: first.address,
        message: 'its link ends at no port that is shown, as in a virtual machine: drawn below a port of its own',
      });
      return [withoutFunction('root-port', 'rp', shapes)];
    }
    if (place === 'root' && this.#leavesOutPorts) return [withoutFunction('root-port', 'rp', shapes)];
    return shapes;
  }
}

/** A PCI Express endpoint with a link, on a root bus: somebody hides the port above it. */
function hasHiddenPort(one: ObservedFunction, kind: KindAndName): boolean {
  const current = one.link?.current;
  return (
    one.role === 'endpoint' &&
    ownComponent.has(kind.kind) &&
    current?.generation !== undefined &&
    current.lanes !== undefined
  );
}

function needsComponent(one: ObservedFunction, kind: KindAndName | undefined): boolean {
  return (kind !== undefined && ownComponent.has(kind.kind)) || (one.sriov?.totalVfs ?? 0) > 0;
}

function withoutFunction(kind: ComponentKind, base: string, children: readonly Shape[]): Shape {
  return { kind, base, fn: null, others: [], children };
}

/** Order on a bus: by device and function of what stands there. */
function order(shape: Shape): number {
  const fn = shape.fn ?? shape.children[0]?.fn ?? null;
  if (fn === null) return Number.POSITIVE_INFINITY;
  const { device, function: number } = addressParts(fn.address);
  return device * 8 + number;
}
