import type { HostWindow } from './apertures.ts';
import { type FirmwareHost, highWindow, joined, lowWindow, program } from './firmware.ts';
import type { LinuxBus, LinuxFunction } from './linux/bus.ts';
import { romIndex } from './requirements.ts';
import {
  firstVirtualSlot,
  firstWindowSlot,
  ioSpace,
  memorySpace,
  prefetchableSpace,
  type Resource,
  resourceBytes,
  roundUp,
  wideSpace,
} from './resource.ts';

/**
 * edk2 places BARs and windows so (edk2-stable202211: MdeModulePkg/Bus/Pci/PciBusDxe, PciHostBridgeDxe, and OvmfPkg for
 * what a platform decides): a tree a kind, children sorted by alignment, of equals the later first; a window is as large as
 * what it holds, rounded up to 1 MiB (I/O 4 KiB), and aligned like its first child. Hot-plug ports have a reserve beside
 * what they hold, and the larger counts. ROMs get no address: one space for the largest is kept at the host bridge.
 */

type Kind = 'io' | 'memory32' | 'prefetchable32' | 'memory64' | 'prefetchable64';
const kinds: readonly Kind[] = ['io', 'memory32', 'prefetchable32', 'memory64', 'prefetchable64'];

interface Node {
  /** Whose BAR or window it is; null for the space of the ROMs. */
  readonly owner: LinuxFunction | null;
  /** Null for the space of the ROMs and for a reserve. */
  readonly resource: Resource | null;
  readonly isReserve: boolean;
  readonly children: Node[];
  bytes: number;
  alignment: number;
  offset: number;
}

type Trees = Record<Kind, Node>;

const mebibyte = 2 ** 20;
const pageBytes = 4096;
const ioGrain = 4096;
/** A q35 under OVMF keeps I/O below this for itself, and memory from this on (OvmfPkg/PlatformPei). */
const firstIo = 0x6000;
const memoryEnd = 0xfc000000;
/** Reserves of a hot-plug port (OvmfPkg/PciHotPlugInitDxe): I/O, memory; of a large high window one 256th. */
const reserveBytes = { io: 512, memory: 2 * mebibyte } as const;
const smallHighWindow = 32 * 2 ** 30;
const highReserveShare = 256;
const vgaClass = 0x0300;

/**
 * Programs every BAR and window below all host bridges. Each is planned apart; the windows are shared, and the host bridges
 * take from them one after the other. Where a kind finds no place, the device that asks for the most of it there is left
 * out, and all is planned anew.
 *
 * @returns null, or why edk2 gives up: then nothing is programmed
 */
export function programEdk2(hosts: readonly FirmwareHost[]): string | null {
  const rejected = new Set<LinuxFunction>();
  const windows = sharedWindows(hosts.flatMap((host) => host.windows));
  for (;;) {
    const planned = hosts.map((host) => plan(host, windows.high, rejected));
    const taken: Taken = { io: [], memory: [] };
    const failed = planned.flatMap((trees) => allocate(trees, windows, taken).map((kind) => trees[kind]));
    if (failed.length === 0) {
      for (const trees of planned) for (const kind of kinds) programTree(trees[kind], trees[kind].offset);
      return null;
    }
    let adjusted = false;
    for (const tree of failed) {
      const largest = largestConsumer(tree);
      if (largest === null || largest.owner === null || rejected.has(largest.owner)) continue;
      rejected.add(largest.owner);
      adjusted = true;
    }
    if (!adjusted) return 'edk2 gives up: what stands on the root bus alone does not fit into the windows';
  }
}

const node = (
  owner: LinuxFunction | null,
  resource: Resource | null,
  bytes: number,
  alignment: number,
  isReserve = false,
): Node => ({ owner, resource, isReserve, children: [], bytes, alignment, offset: 0 });

function plan(host: FirmwareHost, high: Range | null, rejected: ReadonlySet<LinuxFunction>): Trees {
  const trees = emptyTrees(null);
  const rom = Math.max(0, ...[...host.state.functions.values()].map(romBytes));
  if (rom > 0) insert(trees.memory32, node(null, null, rom, rom));
  fill(host.state.root, trees, high === null ? 0 : high[1] - high[0] + 1, rejected);
  return trees;
}

function emptyTrees(owner: LinuxFunction | null): Trees {
  const windows = owner?.windows ?? null;
  return {
    io: node(owner, windows?.io ?? null, 0, ioGrain),
    memory32: node(owner, windows?.memory ?? null, 0, mebibyte),
    prefetchable32: node(owner, windows?.prefetchable ?? null, 0, mebibyte),
    memory64: node(owner, null, 0, mebibyte),
    prefetchable64: node(owner, windows?.prefetchable ?? null, 0, mebibyte),
  };
}

const romBytes = ({ resources }: LinuxFunction): number => {
  const rom = resources.find((resource) => resource.slot === romIndex);
  return rom === undefined ? 0 : resourceBytes(rom);
};

/** Collects what a bus and all below it ask for, and sizes the trees. */
function fill(bus: LinuxBus, trees: Trees, highBytes: number, rejected: ReadonlySet<LinuxFunction>): void {
  for (const one of bus.functions) {
    // Of a bridge only the reserve is left out.
    if (one.fn.isBridge || !rejected.has(one)) addBars(one, trees);
    if (one.below === null) continue;
    const inside = emptyTrees(one);
    fill(one.below, inside, highBytes, rejected);
    for (const kind of kinds) {
      if (inside[kind].children.length > 0 || inside[kind].bytes > 0) insert(trees[kind], inside[kind]);
    }
  }
  if (bus.bridge?.fn.hotplug && !rejected.has(bus.bridge)) addReserve(bus.bridge, trees, highBytes);
  degrade(bus, trees, highBytes > 0);
  for (const kind of kinds) size(trees[kind], kind);
}

function addBars(one: LinuxFunction, trees: Trees): void {
  for (const resource of one.resources) {
    if (resource.slot === romIndex || resource.slot >= firstWindowSlot || resource.kind === 0) continue;
    const bytes = resourceBytes(resource);
    const kind = kindOf(resource);
    const own = resource.slot >= firstVirtualSlot ? resource.unitBytes : bytes;
    insert(trees[kind], node(one, resource, bytes, kind === 'io' ? own : Math.max(own, pageBytes)));
  }
}

function kindOf({ kind }: Resource): Kind {
  if ((kind & ioSpace) !== 0 || (kind & memorySpace) === 0) return 'io';
  const prefetchable = (kind & prefetchableSpace) !== 0;
  if ((kind & wideSpace) !== 0) return prefetchable ? 'prefetchable64' : 'memory64';
  return prefetchable ? 'prefetchable32' : 'memory32';
}

function addReserve(bridge: LinuxFunction, trees: Trees, highBytes: number): void {
  const reserve = (kind: Kind, bytes: number) => insert(trees[kind], node(bridge, null, bytes, bytes, true));
  // The descriptors are walked from the last that was built to the first.
  if (highBytes > smallHighWindow) {
    reserve('prefetchable64', 2 ** Math.ceil(Math.log2(highBytes / highReserveShare)));
  }
  reserve('memory32', reserveBytes.memory);
  reserve('io', reserveBytes.io);
}

/** Puts a node where its alignment belongs: before its equals, unless its odd end is smaller than theirs. */
function insert(tree: Node, one: Node): void {
  const at = tree.children.findIndex((other) => {
    if (one.alignment !== other.alignment) return one.alignment > other.alignment;
    const rest = one.bytes % one.alignment;
    return rest === 0 || rest >= other.bytes % other.alignment;
  });
  tree.children.splice(at < 0 ? tree.children.length : at, 0, one);
}

/** What a bridge cannot forward as it is asked for is asked for as something lesser. */
function degrade(bus: LinuxBus, trees: Trees, hasHigh: boolean): void {
  const isRoot = bus.bridge === null;
  // Without a window above 4 GiB a device with a ROM gets all its memory below, where old ROMs can reach it.
  if (!hasHigh) {
    for (const one of bus.functions) {
      if (romBytes(one) === 0) continue;
      moveOwn(trees.memory64, trees.memory32, one);
      moveOwn(trees.prefetchable64, trees.prefetchable32, one);
    }
  }
  if (!isRoot || !hasHigh) merge(trees.memory64, trees.memory32);
  if (isRoot && !hasHigh) merge(trees.prefetchable64, trees.prefetchable32);
  // A bridge has one prefetchable window.
  if (!isRoot && trees.prefetchable64.children.length > 0) merge(trees.prefetchable32, trees.memory32);
  if (isRoot) {
    merge(trees.prefetchable32, trees.memory32);
    merge(trees.prefetchable64, trees.memory64);
  }
}

function merge(from: Node, into: Node): void {
  for (const one of from.children.splice(0)) insert(into, one);
}

function moveOwn(from: Node, into: Node, owner: LinuxFunction): void {
  for (const one of [...from.children]) {
    if (one.owner !== owner) continue;
    from.children.splice(from.children.indexOf(one), 1);
    insert(into, one);
  }
}

/** Lays the children out, and sizes and aligns the whole. Reserves are laid out apart: the larger of the two counts. */
function size(tree: Node, kind: Kind): void {
  let held = 0;
  let reserved = 0;
  for (const child of tree.children) {
    if (child.isReserve && kind === 'io') {
      reserved = child.bytes;
    } else if (child.isReserve) {
      child.offset = roundUp(reserved, child.alignment);
      reserved = child.offset + child.bytes;
    } else {
      child.offset = roundUp(held, child.alignment);
      held = child.offset + child.bytes;
    }
  }
  held = roundUp(held, tree.alignment);
  // The reserve of I/O is not rounded: the register rounds it.
  if (kind !== 'io') reserved = roundUp(reserved, tree.alignment);
  tree.bytes = Math.max(held, reserved);
  const first = tree.children[0];
  if (first !== undefined) tree.alignment = Math.max(tree.alignment, first.alignment);
}

/** What all host bridges take from. */
interface SharedWindows {
  readonly io: Range | null;
  readonly low: Range | null;
  readonly high: Range | null;
}

/** What is taken of them. */
interface Taken {
  readonly io: Range[];
  readonly memory: Range[];
}

function sharedWindows(windows: readonly HostWindow[]): SharedWindows {
  const io = joined(windows.filter((one) => one.kind === 'io')).at(-1) ?? null;
  const low = lowWindow(windows);
  const lowEnd = low === null ? 0 : Math.min(low.end, memoryEnd - 1);
  return {
    io: io === null ? null : [io.end > firstIo ? Math.max(io.start, firstIo) : io.start, io.end],
    low: low === null ? null : [low.start, low.start < memoryEnd ? lowEnd : low.end],
    high: highRange(windows),
  };
}

/** Places the trees of a host bridge, the most aligned first; each `offset` becomes an address. Returns what did not fit. */
function allocate(trees: Trees, { io, low, high }: SharedWindows, taken: Taken): Kind[] {
  const failed: Kind[] = [];
  const open = kinds.filter((kind) => trees[kind].bytes > 0);
  // Of equal alignment the later kind goes first.
  open.sort((a, b) => trees[b].alignment - trees[a].alignment || kinds.indexOf(b) - kinds.indexOf(a));
  for (const kind of open) {
    const tree = trees[kind];
    const ranges = kind === 'io' ? [io] : kind.endsWith('64') ? [high, low] : [low];
    const inUse = kind === 'io' ? taken.io : taken.memory;
    let base: number | null = null;
    for (const range of ranges) if (base === null && range !== null) base = firstFit(range, tree, inUse);
    if (base === null) {
      failed.push(kind);
      continue;
    }
    tree.offset = base;
    inUse.push([base, base + tree.bytes - 1]);
  }
  return kinds.filter((kind) => failed.includes(kind));
}

type Range = readonly [number, number];

/**
 * The window above 4 GiB that edk2 uses. On a machine with more than 36 bits of physical addresses OVMF takes the last
 * eighth of them (OvmfPkg/Library/PlatformInitLib, PlatformDynamicMmioWindow), of which the kernel may be told less, and
 * besides which it may be told of more below.
 */
function highRange(windows: readonly HostWindow[]): Range | null {
  const high = highWindow(windows);
  if (high === null) return null;
  const lastEighth = windows.find(({ kind, start }) => kind === 'memory' && isSevenEighths(start));
  if (lastEighth === undefined) return [high.start, high.end];
  const { start } = lastEighth;
  return [start, Math.max(lastEighth.end, start + start / 7 - 1)];
}

/** An address at seven eighths of a power of two above 36 bits. */
const isSevenEighths = (address: number): boolean => address / 7 > 2 ** 33 && Number.isInteger(Math.log2(address / 7));

function firstFit([from, to]: Range, { bytes, alignment }: Node, taken: readonly Range[]): number | null {
  let base = roundUp(from, alignment);
  while (base + bytes - 1 <= to) {
    const end = base + bytes - 1;
    const inTheWay = taken.find(([start, last]) => start <= end && last >= base);
    if (inTheWay === undefined) return base;
    base = roundUp(inTheWay[1] + 1, alignment);
  }
  return null;
}

/** What asks for the most in a tree, of equals the last; nothing on bus 0 and no display is ever left out. */
function largestConsumer(tree: Node): Node | null {
  let largest: Node | null = null;
  for (const child of tree.children) {
    const isWindow = child.children.length > 0;
    const candidate = isWindow ? largestConsumer(child) : child;
    if (candidate === null || candidate.owner === null) continue;
    const { fn } = candidate.owner;
    if (!isWindow && !child.isReserve) {
      if (fn.isBridge || fn.bus.number === 0 || (fn.classCode ?? 0) >> 8 === vgaClass) continue;
    }
    if (largest === null || largest.bytes <= candidate.bytes) largest = candidate;
  }
  return largest;
}

/** Writes the addresses of a tree that begins at `base`. */
function programTree(tree: Node, base: number): void {
  for (const child of tree.children) {
    if (child.isReserve || child.owner === null) continue;
    const start = base + child.offset;
    const { resource } = child;
    if (child.children.length > 0) programTree(child, start);
    if (resource === null || child.bytes === 0) continue;
    if (resource.slot < firstWindowSlot) program(resource, start, resourceBytes(resource));
    else program(resource, start, roundUp(child.bytes, resource.slot === firstWindowSlot ? ioGrain : mebibyte));
  }
}
