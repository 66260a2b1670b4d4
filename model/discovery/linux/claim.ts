import { romIndex } from '../requirements.ts';
import {
  claim,
  firstVirtualSlot,
  firstWindowSlot,
  ioSpace,
  memorySpace,
  prefetchableSpace,
  type Resource,
  resourceBytes,
  wideSpace,
} from '../resource.ts';
import type { LinuxBus, LinuxFunction } from './bus.ts';

/**
 * The kernel takes over what firmware has programmed: Linux 6.1, arch/x86/pci/i386.c, pcibios_resource_survey. Windows from
 * the root down, then BARs, then ROMs; what does not lie inside a window of the bus above is forgotten and placed anew.
 */
export function claimFirmwareAddresses(root: LinuxBus): void {
  claimWindows(root);
  claimBars(root, (slot) => slot < romIndex || (slot >= firstVirtualSlot && slot < firstWindowSlot));
  claimBars(root, (slot) => slot === romIndex);
}

/** Windows are open where firmware has set their base; all are 64-bit where the bridge can do that. */
const windowKinds = [ioSpace, memorySpace, memorySpace | prefetchableSpace | wideSpace] as const;

function claimWindows(bus: LinuxBus): void {
  if (bus.bridge !== null && bus.bridge.windows !== null) {
    const { io, memory, prefetchable } = bus.bridge.windows;
    for (const [index, window] of [io, memory, prefetchable].entries()) {
      const open = window.start > 0 && window.end > window.start;
      window.kind = open ? (windowKinds[index] ?? 0) : 0;
      window.alignment = 'none';
      if (open && (claimFrom(bus.bridge, window) || (clip(bus.bridge, window) && claimFrom(bus.bridge, window))))
        continue;
      window.kind = 0;
      window.start = 0;
      window.end = 0;
    }
  }
  for (const { below } of bus.functions) if (below !== null) claimWindows(below);
}

function claimBars(bus: LinuxBus, which: (slot: number) => boolean): void {
  for (const one of bus.functions) {
    for (const resource of one.resources) {
      if (!which(resource.slot) || resource.kind === 0 || resource.start === 0 || claimFrom(one, resource)) continue;
      resource.end = resourceBytes(resource) - 1;
      resource.start = 0;
    }
    if (one.below !== null) claimBars(one.below, which);
  }
}

/** Takes the addresses from the window above that contains them. */
function claimFrom(one: LinuxFunction, resource: Resource): boolean {
  const type = resource.kind & (ioSpace | memorySpace);
  for (const window of one.on.spaces) {
    if ((window.kind & type) === 0 || window.start > resource.start || window.end < resource.end) continue;
    if ((window.kind & prefetchableSpace) !== 0 && (resource.kind & prefetchableSpace) === 0) return false;
    return claim(window, resource);
  }
  return false;
}

/** Cuts a window down to the first window above that it overlaps. True where that changed it. */
function clip(one: LinuxFunction, window: Resource): boolean {
  const type = window.kind & (ioSpace | memorySpace);
  for (const above of one.on.spaces) {
    const start = Math.max(above.start, window.start);
    const end = Math.min(above.end, window.end);
    if ((above.kind & type) === 0 || start > end) continue;
    if (start === window.start && end === window.end) return false;
    window.start = start;
    window.end = end;
    return true;
  }
  return false;
}
