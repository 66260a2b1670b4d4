import type { LinuxSettings } from '../../machine.ts';
import {
  firstVirtualSlot,
  firstWindowSlot,
  ioSpace,
  memorySpace,
  prefetchableSpace,
  type Resource,
  release,
  resourceBytes,
  wideSpace,
} from '../resource.ts';
import { assignResources, type Failure } from './assign.ts';
import type { LinuxBus, LinuxState } from './bus.ts';
import { distributeAvailable, isWindow } from './distribute.ts';
import { OptionalSizes } from './optional.ts';
import { reserveOf, sizeBridges } from './size.ts';

/** Requests that found no place, by resource, as they were when they last failed. */
export type Failures = ReadonlyMap<Resource, Failure>;

/**
 * Places what is not placed yet below one host bridge: Linux 6.1, drivers/pci/setup-bus.c,
 * pci_assign_unassigned_root_bus_resources, built as Debian builds it (CONFIG_PCI_REALLOC_ENABLE_AUTO): where BARs of
 * virtual functions stand nowhere yet, or `pci=realloc` asks for it, everything is first asked for as a must, and windows that
 * prove too small are released and sized anew, once for each level of buses.
 */
export function assignUnassigned(state: LinuxState, linux: LinuxSettings): Failures {
  const { root } = state;
  const tries = (linux.realloc ?? hasUnplacedVirtualBars(state)) ? depthOf(root) + 1 : 1;
  const kept = reserveOf(linux);
  const failures = new Map<Resource, Failure>();
  for (let tried = 1; ; tried++) {
    const last = tried === tries;
    const optional = last ? new OptionalSizes() : null;
    const failed: Failure[] = [];
    sizeBridges(root, optional, kept);
    distributeAvailable(root, optional);
    assignResources(
      root,
      optional,
      (failure) => failed.unshift(failure),
      (failure) => failures.set(failure.resource, failure),
    );
    if (failed.length === 0 || last) break;
    const whole = tried + 1 > 2;
    for (const { on, kind } of failed) releaseForType(on, kind, whole);
    for (const { resource, start, end, kind } of failed) {
      resource.start = start;
      resource.end = end;
      resource.kind = isWindow(resource) ? 0 : kind;
      resource.alignment = isWindow(resource) ? 'none' : 'size';
    }
  }
  for (const resource of failures.keys()) if (resource.parent !== null) failures.delete(resource);
  return failures;
}

function hasUnplacedVirtualBars(state: LinuxState): boolean {
  for (const { resources } of state.functions.values()) {
    for (const { slot, kind, start } of resources) {
      if (slot >= firstVirtualSlot && slot < firstWindowSlot && kind !== 0 && start === 0) return true;
    }
  }
  return false;
}

/** Levels of buses below this one. */
function depthOf(bus: LinuxBus): number {
  let depth = 0;
  for (const { below } of bus.functions) if (below !== null) depth = Math.max(depth, depthOf(below) + 1);
  return depth;
}

/** Releases the window that failed below: that of a bus without further bridges, or of the whole tree below it. */
function releaseForType(bus: LinuxBus, kind: number, whole: boolean): void {
  let leaf = true;
  for (const { below } of bus.functions) {
    if (below === null) continue;
    leaf = false;
    if (whole) releaseForType(below, kind, whole);
  }
  if (bus.bridge !== null && (whole || leaf)) releaseWindow(bus, kind);
}

function releaseWindow(bus: LinuxBus, kind: number): void {
  const windows = bus.bridge?.windows;
  if (windows === undefined || windows === null) return;
  const window = windowFor(windows, kind);
  if (window.parent === null) return;
  releaseChildren(window);
  release(window);
  window.end = resourceBytes(window) - 1;
  window.start = 0;
  window.alignment = 'none';
}

/** Which window of a bridge a request of this kind lies in (pci_bridge_release_resources). */
function windowFor(
  windows: { readonly io: Resource; readonly memory: Resource; readonly prefetchable: Resource },
  kind: number,
): Resource {
  if ((kind & ioSpace) !== 0) return windows.io;
  if ((kind & prefetchableSpace) === 0) return windows.memory;
  const wide = (windows.prefetchable.kind & wideSpace) !== 0;
  if ((kind & wideSpace) !== 0 && wide) return windows.prefetchable;
  return !wide && (windows.prefetchable.kind & prefetchableSpace) !== 0 ? windows.prefetchable : windows.memory;
}

function releaseChildren(window: Resource): void {
  for (const child of window.children.splice(0)) {
    child.parent = null;
    releaseChildren(child);
    child.end = resourceBytes(child) - 1;
    child.start = 0;
  }
}

/** Every resource of the machine that asks for memory or I/O and stands nowhere. */
export function unplaced(state: LinuxState): Resource[] {
  const missing: Resource[] = [];
  for (const { resources } of state.functions.values()) {
    for (const resource of resources) {
      if ((resource.kind & (ioSpace | memorySpace)) !== 0 && resource.parent === null) missing.push(resource);
    }
  }
  return missing;
}
