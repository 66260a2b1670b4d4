import {
  firstWindowSlot,
  ioSpace,
  memorySpace,
  prefetchableSpace,
  type Resource,
  resourceAlignment,
  resourceBytes,
  wideSpace,
} from '../resource.ts';
import type { BridgeWindows, LinuxBus, LinuxFunction } from './bus.ts';
import type { OptionalSizes } from './optional.ts';

/**
 * What a hot-plug port has left over goes to the bridges below it: Linux 6.1, drivers/pci/setup-bus.c,
 * pci_bus_distribute_available_resources. Counted in 64 bits without sign, as the kernel does: what is handed to the second
 * and later bridges of a bus begins at numbers that only make sense modulo 2^64.
 */

interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

interface Available {
  readonly io: Range;
  readonly memory: Range;
  readonly prefetchable: Range;
}

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const sizeOf = ({ start, end }: Range): bigint => u64(end - start + 1n);
const up = (value: bigint, alignment: bigint): bigint => u64(((value + alignment - 1n) / alignment) * alignment);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Walks from the root bus to the hot-plug ports whose windows the kernel itself places, and hands out what they have. */
export function distributeAvailable(bus: LinuxBus, optional: OptionalSizes | null): void {
  for (const one of bus.functions) {
    if (one.below === null || one.windows === null) continue;
    // A port on the root bus has nothing of its own to hand out: the walk goes through it.
    if (bus.bridge === null || !isOpen(one.windows)) distributeAvailable(one.below, optional);
    else if (one.fn.hotplug && one.fn.isPort) distribute(one.below, one, wholeOf(one.windows), optional);
  }
}

/** None of the windows stands already (pci_bridge_resources_not_assigned). */
function isOpen(windows: BridgeWindows): boolean {
  return each(windows).every((window) => window.kind === 0 || window.alignment === 'start');
}

const each = ({ io, memory, prefetchable }: BridgeWindows): Resource[] => [io, memory, prefetchable];

const rangeOf = ({ start, end }: Resource): Range => ({ start: u64(BigInt(start)), end: u64(BigInt(end)) });

const wholeOf = ({ io, memory, prefetchable }: BridgeWindows): Available => ({
  io: rangeOf(io),
  memory: rangeOf(memory),
  prefetchable: rangeOf(prefetchable),
});

function distribute(bus: LinuxBus, bridge: LinuxFunction, available: Available, optional: OptionalSizes | null): void {
  if (bridge.windows === null) return;
  const { windows } = bridge;
  let io = alignedFor(windows.io, available.io);
  let memory = alignedFor(windows.memory, available.memory);
  let prefetchable = alignedFor(windows.prefetchable, available.prefetchable);
  resize(windows.io, io, optional);
  resize(windows.memory, memory, optional);
  resize(windows.prefetchable, prefetchable, optional);

  const bridges = bus.functions.filter((one) => one.windows !== null);
  if (bridges.length === 0) return;
  const hotplug = bridges.filter(({ fn }) => fn.hotplug && fn.isPort);
  for (const one of bus.functions) {
    for (const resource of one.resources) {
      const inPrefetchable =
        (resource.kind & prefetchableSpace) !== 0 &&
        (resource.kind & wideSpace) === (windows.prefetchable.kind & wideSpace);
      if ((resource.kind & ioSpace) !== 0) io = minus(io, resource);
      else if ((resource.kind & memorySpace) === 0) continue;
      else if (inPrefetchable) prefetchable = minus(prefetchable, resource);
      else memory = minus(memory, resource);
    }
  }
  const sharers = hotplug.length > 0 ? hotplug : bridges;
  const count = BigInt(sharers.length);
  const share = { io: sizeOf(io) / count, memory: sizeOf(memory) / count, prefetchable: sizeOf(prefetchable) / count };
  for (const one of sharers) {
    if (one.below === null || one.windows === null) continue;
    io = shareOf(one.windows.io, io, share.io);
    memory = shareOf(one.windows.memory, memory, share.memory);
    prefetchable = shareOf(one.windows.prefetchable, prefetchable, share.prefetchable);
    distribute(one.below, one, { io, memory, prefetchable }, optional);
    io = { ...io, start: u64(io.start + io.end + 1n) };
    memory = { ...memory, start: u64(memory.start + memory.end + 1n) };
    prefetchable = { ...prefetchable, start: u64(prefetchable.start + prefetchable.end + 1n) };
  }
}

/** The range from the window's alignment on. */
function alignedFor(window: Resource, range: Range): Range {
  const alignment = BigInt(resourceAlignment(window));
  if (window.parent !== null || alignment === 0n) return range;
  return { start: least(up(range.start, alignment), u64(range.end + 1n)), end: range.end };
}

/** Makes the window as large as the range; what it would have liked beside that is then forgotten. */
function resize(window: Resource, range: Range, optional: OptionalSizes | null): void {
  const bytes = Number(sizeOf(range));
  if (window.parent !== null || bytes === 0 || bytes === resourceBytes(window)) return;
  window.end = window.start + bytes - 1;
  optional?.remove(window);
}

/** The range without what a resource on the bus takes of it. */
function minus(range: Range, resource: Resource): Range {
  const bytes = resourceBytes(resource);
  if (bytes === 0) return range;
  const alignment = BigInt(resourceAlignment(resource));
  const head = alignment === 0n ? 0n : u64(up(range.start, alignment) - range.start);
  return { start: least(u64(range.start + head + BigInt(bytes)), u64(range.end + 1n)), end: range.end };
}

/** A bridge's part: its share of what is left, and what it has already. */
function shareOf(window: Resource, range: Range, share: bigint): Range {
  const alignment = BigInt(resourceAlignment(window));
  const whole = alignment === 0n ? share : (share / alignment) * alignment;
  return { start: u64(range.start - BigInt(resourceBytes(window))), end: u64(range.start + whole - 1n) };
}

/** True for a window of a bridge. */
export const isWindow = (resource: Resource): boolean => resource.slot >= firstWindowSlot;
