import type { HostWindow } from './apertures.ts';
import { type FirmwareHost, highWindow, lowWindow, program } from './firmware.ts';
import type { LinuxFunction } from './linux/bus.ts';
import { romIndex } from './requirements.ts';
import {
  firstVirtualSlot,
  ioSpace,
  prefetchableSpace,
  type Resource,
  resourceBytes,
  roundDown,
  roundUp,
  wideSpace,
} from './resource.ts';

/**
 * SeaBIOS 1.16 places BARs and windows so (src/fw/pciinit.c): each bus has a list a kind, sorted by alignment, then size,
 * the largest first; a window is the sum of what lies below, rounded up to the largest alignment; lists are laid out
 * without gaps. Memory is packed down from the end of the low window; where that does not hold it, what is 64-bit moves
 * above 4 GiB. Virtual functions get nothing.
 */

type Kind = 'io' | 'memory' | 'prefetchable';
const kinds: readonly Kind[] = ['io', 'memory', 'prefetchable'];

const leastMemoryBytes = 4096;
const windowGrain: Readonly<Record<Kind, number>> = { io: 4096, memory: 2 ** 21, prefetchable: 2 ** 21 };
/** Where I/O goes if it is little, and where if it is not. */
const usualIo = { start: 0xc000, bytes: 0x4000 } as const;
const largeIo = { start: 0x1000, bytes: 0xf000 } as const;
const gibibyte = 2 ** 30;
/** The SMBus controller of ICH9 is given this I/O base whatever was planned for it (src/fw/dev-q35.h, PORT_SMB_BASE). */
const smbus = { vendorId: 0x8086, deviceId: 0x2930, bar: 4, start: 0x700 } as const;
/** USB controllers stay below 4 GiB: SeaBIOS drives them itself. */
const usbClass = 0x0c03;

interface Entry {
  readonly owner: LinuxFunction;
  readonly resource: Resource;
  readonly bytes: number;
  readonly alignment: number;
  readonly wide: boolean;
  /** The lists of the bus below, for a window. */
  readonly below: Lists | null;
  readonly kind: Kind;
}

type Lists = Record<Kind, Entry[]>;

/**
 * Programs every BAR and window of all host bridges; they are planned as one.
 *
 * @returns null, or why SeaBIOS stops: then nothing is programmed
 */
export function programSeabios(hosts: readonly FirmwareHost[]): string | null {
  const root: Lists = { io: [], memory: [], prefetchable: [] };
  const byBus = new Map<number, Lists>();
  const functions = hosts
    .flatMap((host) => [...host.state.functions.values()])
    .sort((a, b) => key(a.on.bus) - key(b.on.bus) || a.fn.device - b.fn.device || a.fn.fn - b.fn.fn);
  const listsOf = (one: LinuxFunction['on']): Lists => {
    if (one.bridge === null) return root;
    const known = byBus.get(key(one.bus));
    if (known !== undefined) return known;
    const lists: Lists = { io: [], memory: [], prefetchable: [] };
    byBus.set(key(one.bus), lists);
    return lists;
  };
  for (const one of functions) for (const entry of barEntries(one)) insert(listsOf(one.on)[entry.kind], entry);
  const bridges = functions.filter((one) => one.below !== null);
  bridges.sort((a, b) => key(b.below?.bus ?? a.on.bus) - key(a.below?.bus ?? b.on.bus));
  for (const one of bridges) {
    if (one.below === null) continue;
    for (const entry of windowEntries(one, listsOf(one.below))) insert(listsOf(one.on)[entry.kind], entry);
  }
  return layOut(
    root,
    hosts.flatMap((host) => host.windows),
  );
}

/** Order of the buses of all segments. */
const key = ({ segment, number }: { readonly segment: number; readonly number: number }): number =>
  segment * 256 + number;

function barEntries(owner: LinuxFunction): Entry[] {
  const entries: Entry[] = [];
  for (const resource of owner.resources) {
    if (resource.slot >= firstVirtualSlot || resource.kind === 0) continue;
    const kind = kindOf(resource);
    const bytes = kind === 'io' ? resourceBytes(resource) : Math.max(resourceBytes(resource), leastMemoryBytes);
    const wide = (resource.kind & wideSpace) !== 0;
    entries.push({ owner, resource, bytes, alignment: bytes, wide, below: null, kind });
  }
  return entries;
}

/** To SeaBIOS a ROM is plain memory. */
function kindOf({ kind, slot }: Resource): Kind {
  if ((kind & ioSpace) !== 0) return 'io';
  return (kind & prefetchableSpace) !== 0 && slot !== romIndex ? 'prefetchable' : 'memory';
}

function windowEntries(owner: LinuxFunction, below: Lists): Entry[] {
  const { windows } = owner;
  if (windows === null) return [];
  return kinds.map((kind) => {
    const list = below[kind];
    const alignment = Math.max(windowGrain[kind], list[0]?.alignment ?? 1);
    const reserve = sum(list) === 0 && reserves(owner, kind) ? alignment : 0;
    const bytes = roundUp(sum(list) + reserve, alignment);
    const wide = kind === 'prefetchable' && list.every((entry) => entry.wide);
    return { owner, resource: windows[kind], bytes, alignment, wide, below, kind };
  });
}

/**
 * Every slot of a PCIe port counts as one into which something may be plugged, hot-plug capable or not, and gets memory but
 * no I/O; a conventional bridge with a hot-plug controller gets both.
 */
function reserves({ fn }: LinuxFunction, kind: Kind): boolean {
  return fn.isPort ? kind !== 'io' : fn.hotplug;
}

const sum = (list: readonly Entry[]): number => list.reduce((total, entry) => total + entry.bytes, 0);
const alignmentOf = (list: readonly Entry[]): number => list[0]?.alignment ?? 1;

/** Keeps a list sorted; of equals the earlier stays first. */
function insert(list: Entry[], entry: Entry): void {
  const { alignment, bytes } = entry;
  const at = list.findIndex((one) => one.alignment < alignment || (one.alignment === alignment && one.bytes < bytes));
  list.splice(at < 0 ? list.length : at, 0, entry);
}

function layOut(root: Lists, windows: readonly HostWindow[]): string | null {
  const ioBytes = sum(root.io);
  if (ioBytes >= largeIo.bytes) return `SeaBIOS stops: out of I/O address space (${ioBytes} bytes asked for)`;
  const low = lowWindow(windows);
  const high = highWindow(windows);
  let bases = lowBases(root, low);
  if (bases === null) {
    const wideMemory = takeWide(root.memory);
    const widePrefetchable = takeWide(root.prefetchable);
    bases = lowBases(root, low);
    if (bases === null) return 'SeaBIOS stops: out of 32-bit address space';
    if (wideMemory.length + widePrefetchable.length > 0) {
      if (high === null) return 'SeaBIOS stops: out of 32-bit address space, and there is no window above 4 GiB';
      const memoryBase = roundUp(roundUp(high.start, alignmentOf(wideMemory)), gibibyte);
      const next = memoryBase + sum(wideMemory);
      map(wideMemory, memoryBase);
      map(widePrefetchable, roundUp(roundUp(next, alignmentOf(widePrefetchable)), gibibyte));
    }
  }
  map(root.io, ioBytes < usualIo.bytes ? usualIo.start : largeIo.start);
  map(root.memory, bases.memory);
  map(root.prefetchable, bases.prefetchable);
  return null;
}

/** Where the two lists of memory begin if they are packed against the end of the low window; null where they do not fit. */
function lowBases(
  root: Lists,
  low: { readonly start: number; readonly end: number } | null,
): { memory: number; prefetchable: number } | null {
  const [upper, lower]: [Kind, Kind] =
    alignmentOf(root.memory) < alignmentOf(root.prefetchable) ? ['memory', 'prefetchable'] : ['prefetchable', 'memory'];
  if (low === null) return sum(root.memory) + sum(root.prefetchable) === 0 ? { memory: 0, prefetchable: 0 } : null;
  const upperBase = roundDown(low.end + 1 - sum(root[upper]), alignmentOf(root[upper]));
  const lowerBase = roundDown(upperBase - sum(root[lower]), alignmentOf(root[lower]));
  if (lowerBase < low.start) return null;
  return upper === 'memory'
    ? { memory: upperBase, prefetchable: lowerBase }
    : { memory: lowerBase, prefetchable: upperBase };
}

/** Takes what may lie above 4 GiB out of a list. */
function takeWide(list: Entry[]): Entry[] {
  const taken: Entry[] = [];
  for (let at = 0; at < list.length; ) {
    const entry = list[at];
    if (entry?.wide && (entry.owner.fn.classCode ?? 0) >> 8 !== usbClass) {
      list.splice(at, 1);
      taken.push(entry);
    } else at++;
  }
  return taken;
}

/** Lays a list out from a base on, and below each window what hangs below it. */
function map(list: readonly Entry[], base: number): void {
  let next = base;
  for (const entry of list) {
    const { owner, resource, bytes } = entry;
    const { vendorId, deviceId } = owner.fn;
    const fixed = vendorId === smbus.vendorId && deviceId === smbus.deviceId && resource.slot === smbus.bar;
    const size = entry.below === null ? resourceBytes(resource) : bytes;
    if (size > 0) program(resource, fixed ? smbus.start : next, size);
    if (entry.below !== null) map(entry.below[entry.kind], next);
    next += bytes;
  }
}
