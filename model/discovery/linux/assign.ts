import { romIndex } from '../requirements.ts';
import {
  claim,
  findHole,
  type Hole,
  ioSpace,
  memorySpace,
  prefetchableSpace,
  type Resource,
  release,
  resourceAlignment,
  resourceBytes,
  roundUp,
  wideSpace,
} from '../resource.ts';
import type { LinuxBus, LinuxFunction } from './bus.ts';
import type { OptionalSizes } from './optional.ts';

/**
 * Where everything goes, from the root down: Linux 6.1, drivers/pci/setup-bus.c (__pci_bus_assign_resources,
 * __assign_resources_sorted) and drivers/pci/setup-res.c (__pci_assign_resource).
 */

/** A request that found no place, as it was when it failed. */
export interface Failure {
  readonly resource: Resource;
  readonly on: LinuxBus;
  readonly kind: number;
  readonly start: number;
  readonly end: number;
  readonly alignmentBytes: number;
}

/** Called for every request that finds no place: the last word on it may still be another. */
export type OnFailure = (failure: Failure) => void;

const fourGibibytes = 2 ** 32;
const beyondAll = Number.MAX_SAFE_INTEGER;

/** x86 hands out no I/O below 4 KiB unless the window itself begins lower, and no memory below 1 MiB. */
const lowestIo = 0x1000;
const lowestMemory = 2 ** 20;
/** The firmware's own flash below 4 GiB is not handed out (arch/x86/kernel/resource.c). */
const firmwareFlash = [0xffe00000, 0xffffffff] as const;

/** What a resource looks for in a window: the bounds of its own width, and what the architecture says. */
export function holeFor(kind: number, bytes: number, alignment: number, window: Resource, high: boolean): Hole {
  const io = (kind & ioSpace) !== 0;
  const least = high ? Math.max(window.start, fourGibibytes) : window.start;
  return {
    bytes,
    alignment,
    minimum: least > 0 ? least : io ? lowestIo : lowestMemory,
    maximum: (kind & wideSpace) !== 0 ? beyondAll : fourGibibytes - 1,
    // I/O stays clear of what old cards decode with ten address bits (arch/x86/pci/i386.c, pcibios_align_resource).
    adjust: io
      ? (start) => ((start & 0x300) === 0 ? start : roundUp(start, 0x400))
      : (start) => Math.max(start, lowestMemory),
    reserved: io ? [] : [firmwareFlash],
  };
}

/** The ways in which the kernel matches a resource with a window: exactly, prefetchable ones of any width, any memory. */
function* matches(kind: number): Generator<number> {
  yield prefetchableSpace | wideSpace;
  if ((kind & prefetchableSpace) !== 0 && (kind & wideSpace) !== 0) yield prefetchableSpace;
  if ((kind & (prefetchableSpace | wideSpace)) !== 0) yield 0;
}

/** True where a window may hold a resource at all: the same space, and no side effects in a prefetchable window. */
export function mayHold(window: Resource, kind: number): boolean {
  if (((window.kind ^ kind) & (ioSpace | memorySpace)) !== 0 || window.kind === 0) return false;
  return (window.kind & prefetchableSpace) === 0 || (kind & prefetchableSpace) !== 0;
}

/** Finds a place on the bus and takes it. A 64-bit resource looks above 4 GiB first. */
function place(bus: LinuxBus, resource: Resource, bytes: number, alignment: number): boolean {
  const { kind } = resource;
  for (const mask of matches(kind)) {
    for (const high of (kind & wideSpace) === 0 ? [false] : [true, false]) {
      for (const window of bus.spaces) {
        if (!mayHold(window, kind) || ((window.kind ^ kind) & mask) !== 0) continue;
        const hole = holeFor(kind, bytes, alignment, window, high);
        const start = findHole(window, hole, resource.parent === null ? null : resource);
        if (start === null) continue;
        release(resource);
        resource.start = start;
        resource.end = start + bytes - 1;
        return claim(window, resource);
      }
    }
  }
  return false;
}

function assign(bus: LinuxBus, resource: Resource): boolean {
  const alignment = resourceAlignment(resource);
  if (alignment === 0 || !place(bus, resource, resourceBytes(resource), alignment)) return false;
  if (resource.alignment === 'start') resource.alignment = 'none';
  return true;
}

const giveUp = (resource: Resource): void => {
  resource.start = 0;
  resource.end = 0;
  resource.kind = 0;
  resource.alignment = 'none';
};

/** Tries each request; those that find no place are given up. A ROM that is not enabled may fail without consequence. */
function assignAll(bus: LinuxBus, requests: readonly Resource[], onFailure: OnFailure, all: OnFailure): void {
  for (const resource of requests) {
    if (resourceBytes(resource) <= 0 || assign(bus, resource)) continue;
    const { kind, start, end } = resource;
    const failure = { resource, on: bus, kind, start, end, alignmentBytes: resourceAlignment(resource) };
    all(failure);
    if (resource.slot !== romIndex) onFailure(failure);
    giveUp(resource);
  }
}

/** Tries to enlarge what is placed, or to place what had no size, by what is good to have; failing that is no failure. */
function addOptional(bus: LinuxBus, requests: readonly Resource[], optional: OptionalSizes, all: OnFailure): void {
  for (const { resource, extraBytes, alignment } of optional.take(new Set(requests))) {
    if (resource.kind === 0) continue;
    const { kind } = resource;
    if (resourceBytes(resource) === 0) {
      resource.start = alignment;
      resource.end = alignment + extraBytes - 1;
      const { start, end } = resource;
      const alignmentBytes = resourceAlignment(resource);
      if (assign(bus, resource)) continue;
      all({ resource, on: bus, kind, start, end, alignmentBytes });
      giveUp(resource);
    } else if (resource.parent !== null) {
      const grown = place(bus, resource, resourceBytes(resource) + extraBytes, alignment);
      if (grown && resource.alignment === 'start') resource.alignment = 'none';
    }
  }
}

/** Host bridges and functions without a class keep what they have (__dev_sort_resources). */
function isMovable({ fn }: LinuxFunction): boolean {
  const classCode = fn.classCode === null ? null : fn.classCode >> 8;
  return classCode !== 0x0000 && classCode !== 0x0600;
}

/** What the functions of a bus still ask for: by alignment, the largest first; ties in the order of the functions. */
function requestsOf(bus: LinuxBus): Resource[] {
  const requests: { readonly resource: Resource; readonly alignment: number }[] = [];
  for (const one of bus.functions) {
    if (!isMovable(one)) continue;
    for (const resource of one.resources) {
      if (resource.kind === 0 || resource.parent !== null) continue;
      const alignment = resourceAlignment(resource);
      if (alignment > 0) requests.push({ resource, alignment });
    }
  }
  return requests.sort((a, b) => b.alignment - a.alignment).map(({ resource }) => resource);
}

interface Saved {
  readonly resource: Resource;
  readonly start: number;
  readonly end: number;
  readonly kind: number;
  readonly alignment: Resource['alignment'];
}

/**
 * Places what the functions of one bus ask for. First everything together with what is good to have; where that fails, the
 * kinds that failed are taken back, and what must be goes first.
 */
function assignBus(bus: LinuxBus, optional: OptionalSizes | null, onFailure: OnFailure, all: OnFailure): void {
  let requests = requestsOf(bus);
  if (optional !== null && !optional.empty) {
    const saved: Saved[] = requests.map((resource) => {
      const { start, end, kind, alignment } = resource;
      return { resource, start, end, kind, alignment };
    });
    enlarge(requests, optional);
    let failed = 0;
    const tried: Failure[] = [];
    const note = ({ kind }: Failure) => {
      failed |= kind;
    };
    assignAll(bus, requests, note, (failure) => tried.push(failure));
    if (failed === 0) {
      for (const resource of requests) optional.remove(resource);
      tried.forEach(all);
      return;
    }
    const again = new Set<Resource>();
    for (const resource of requests) {
      if (resource.parent !== null && !mustRelease(failed, resource)) optional.remove(resource);
      else again.add(resource);
    }
    requests = requests.filter((resource) => again.has(resource));
    for (const resource of requests) release(resource);
    for (const { resource, start, end, kind, alignment } of saved) {
      if (again.has(resource)) Object.assign(resource, { start, end, kind, alignment });
    }
  }
  assignAll(bus, requests, onFailure, all);
  if (optional !== null) addOptional(bus, requests, optional, all);
}

/** Adds what is good to have to the requests; a window whose alignment grows moves forward in the order. */
function enlarge(requests: Resource[], optional: OptionalSizes): void {
  for (const resource of [...requests]) {
    resource.end += optional.extraBytes(resource);
    const alignment = optional.alignment(resource);
    if (resource.alignment !== 'start' || alignment <= resource.start) continue;
    const bytes = resourceBytes(resource);
    resource.start = alignment;
    resource.end = alignment + bytes - 1;
    const before = requests.findIndex((other) => alignment > resourceAlignment(other));
    if (before < 0) continue;
    const target = requests[before];
    requests.splice(requests.indexOf(resource), 1);
    requests.splice(target === undefined ? before : requests.indexOf(target), 0, resource);
  }
}

/** Whether a placed resource must make room after failures of these kinds (pci_need_to_release). */
function mustRelease(failed: number, resource: Resource): boolean {
  if ((resource.kind & ioSpace) !== 0) return (failed & ioSpace) !== 0;
  if ((resource.kind & prefetchableSpace) !== 0) {
    if ((failed & prefetchableSpace) !== 0) return true;
    return (failed & memorySpace) !== 0 && ((resource.parent?.kind ?? 0) & prefetchableSpace) === 0;
  }
  return (resource.kind & memorySpace) !== 0 && (failed & memorySpace) !== 0;
}

/**
 * Places everything on a bus and below it.
 *
 * @param optional what is good to have, or null
 * @param onFailure told of each request that must be had and finds no place
 * @param all told of every request that finds no place
 */
export function assignResources(
  bus: LinuxBus,
  optional: OptionalSizes | null,
  onFailure: OnFailure,
  all: OnFailure,
): void {
  assignBus(bus, optional, onFailure, all);
  for (const { below } of bus.functions) if (below !== null) assignResources(below, optional, onFailure, all);
}
