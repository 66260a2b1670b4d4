import type { LinuxSettings } from '../../machine.ts';
import {
  firstVirtualSlot,
  firstWindowSlot,
  ioSpace,
  memorySpace,
  prefetchableSpace,
  type Resource,
  resourceAlignment,
  resourceBytes,
  roundUp,
  wideSpace,
} from '../resource.ts';
import type { LinuxBus } from './bus.ts';
import type { OptionalSizes } from './optional.ts';

/**
 * How large the windows of every bridge must be: Linux 6.1, drivers/pci/setup-bus.c, __pci_bus_size_bridges.
 */

const mebibyte = 2 ** 20;
/** Windows are multiples of these (PCI-to-PCI Bridge Architecture Specification 1.2, 3.2.5). */
const memoryGranularity = mebibyte;
const ioGranularity = 4096;
/** I/O below this size may lie anywhere in 1 KiB; larger is counted apart. */
const smallIo = 1024;
/** What a hot-plug bridge keeps (drivers/pci/pci.c: DEFAULT_HOTPLUG_IO_SIZE, DEFAULT_HOTPLUG_MMIO_SIZE). */
export const hotplugReserve: HotplugReserve = { io: 256, memory: 2 * mebibyte, prefetchable: 2 * mebibyte };

export interface HotplugReserve {
  readonly io: number;
  readonly memory: number;
  readonly prefetchable: number;
}

/** What the command line makes of the reserve (`pci=hpiosize=` and its like). */
export const reserveOf = (linux: LinuxSettings): HotplugReserve => ({
  io: linux.hotplugIoBytes ?? hotplugReserve.io,
  memory: linux.hotplugMemoryBytes ?? hotplugReserve.memory,
  prefetchable: linux.hotplugPrefetchableBytes ?? hotplugReserve.prefetchable,
});

/** Alignments from 1 MiB to 8 TiB; a resource with more is given up. */
const alignmentSteps = 24;

/**
 * Sizes the windows of all bridges at and below a bus, from the leaves up.
 *
 * @param optional collects what is good to have and may fail; null: everything must be had
 * @param kept what a hot-plug bridge keeps
 */
export function sizeBridges(
  bus: LinuxBus,
  optional: OptionalSizes | null,
  kept: HotplugReserve = hotplugReserve,
): void {
  for (const one of bus.functions) if (one.below !== null) sizeBridges(one.below, optional, kept);
  const { bridge } = bus;
  // An x86 host bridge does not size its windows by what stands below it.
  if (bridge === null || bridge.windows === null) return;
  const { io, memory, prefetchable } = bridge.windows;
  io.kind |= ioSpace;
  memory.kind |= memorySpace;
  prefetchable.kind |= memorySpace | prefetchableSpace | wideSpace;
  // A conventional bridge with a hot-plug controller gets nothing extra: its driver comes later.
  const reserve = bridge.fn.hotplug && bridge.fn.isPort ? kept : { io: 0, memory: 0, prefetchable: 0 };
  sizeIo(bus, io, reserve.io, optional);
  // A 64-bit prefetchable window takes 64-bit prefetchable BARs only; all other memory goes into the other window.
  const wide = memorySpace | prefetchableSpace | wideSpace;
  sizeMemory(bus, prefetchable, (kind) => kind === wide, reserve.prefetchable, optional);
  const rest = (kind: number) => (kind & memorySpace) !== 0 && kind !== wide;
  sizeMemory(bus, memory, rest, reserve.memory, optional);
}

/** Bytes that the window had before: a released window never shrinks. */
const formerBytes = (window: Resource): number => {
  const bytes = resourceBytes(window);
  return bytes === 1 ? 0 : bytes;
};

function sizeIo(bus: LinuxBus, window: Resource, reserve: number, optional: OptionalSizes | null): void {
  if (window.parent !== null) return;
  let small = 0;
  let large = 0;
  let extra = 0;
  let alignment = ioGranularity;
  for (const { resources } of bus.functions) {
    for (const resource of resources) {
      if (resource.parent !== null || (resource.kind & ioSpace) === 0) continue;
      const bytes = resourceBytes(resource);
      if (bytes < smallIo) small += bytes;
      else large += bytes;
      alignment = Math.max(alignment, resourceAlignment(resource));
      extra += optional?.extraBytes(resource) ?? 0;
    }
  }
  const former = formerBytes(window);
  const must = roundUp(Math.max(Math.max(small, optional === null ? reserve : 0) + large, former), alignment);
  const good =
    optional === null || (reserve === 0 && extra === 0)
      ? must
      : roundUp(Math.max(Math.max(small + large, reserve) + extra, former), alignment);
  setSize(window, must, good, alignment, alignment, optional);
}

function sizeMemory(
  bus: LinuxBus,
  window: Resource,
  takes: (kind: number) => boolean,
  reserve: number,
  optional: OptionalSizes | null,
): void {
  if (window.parent !== null) return;
  const byStep = new Array<number>(alignmentSteps).fill(0);
  let lastStep = 0;
  let sum = 0;
  let extra = 0;
  let extraAlignment = 0;
  for (const { resources } of bus.functions) {
    for (const resource of resources) {
      if (resource.parent !== null || !takes(resource.kind)) continue;
      const bytes = resourceBytes(resource);
      const alignment = resourceAlignment(resource);
      if (optional !== null && resource.slot >= firstVirtualSlot && resource.slot < firstWindowSlot) {
        extraAlignment = Math.max(extraAlignment, alignment);
        resource.end = resource.start - 1;
        optional.add(resource, bytes, 0);
        extra += bytes;
        continue;
      }
      const step = Math.max(0, Math.log2(alignment / mebibyte));
      if (step >= alignmentSteps) {
        resource.kind = 0;
        continue;
      }
      sum += Math.max(bytes, alignment);
      // What is larger than its alignment leaves no head to fill.
      if (bytes <= alignment) byStep[step] = (byStep[step] ?? 0) + alignment;
      lastStep = Math.max(lastStep, step);
      if (optional !== null) {
        extra += optional.extraBytes(resource);
        extraAlignment = Math.max(extraAlignment, optional.alignment(resource));
      }
    }
  }
  const alignment = Math.max(headAlignment(byStep, lastStep), memoryGranularity);
  const goodAlignment = Math.max(alignment, extraAlignment);
  const former = formerBytes(window);
  const must = roundUp(Math.max(sum, optional === null ? reserve : 0, former), alignment);
  const good =
    optional === null || (reserve === 0 && extra === 0)
      ? must
      : roundUp(Math.max(Math.max(sum, reserve) + extra, former), goodAlignment);
  setSize(window, must, good, alignment, goodAlignment, optional);
}

/**
 * The least alignment with which everything fits without gaps (calculate_mem_align): that of the largest, or half of it
 * where the smaller ones together do not fill the head before the largest.
 *
 * @param byStep bytes by alignment, step 0 for 1 MiB and less
 */
export function headAlignment(byStep: readonly number[], lastStep: number): number {
  let filled = 0;
  let alignment = 0;
  for (let step = 0; step <= lastStep; step++) {
    const here = mebibyte * 2 ** step;
    if (filled === 0) alignment = here;
    else if (roundUp(filled + alignment, alignment) < here) alignment = here / 2;
    filled += byStep[step] ?? 0;
  }
  return alignment;
}

function setSize(
  window: Resource,
  must: number,
  good: number,
  alignment: number,
  goodAlignment: number,
  optional: OptionalSizes | null,
): void {
  if (must === 0 && good === 0) {
    window.kind = 0;
    return;
  }
  window.start = alignment;
  window.end = alignment + must - 1;
  window.alignment = 'start';
  if (optional !== null && good > must) optional.add(window, good - must, goodAlignment);
}
