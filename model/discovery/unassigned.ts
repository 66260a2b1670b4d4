import { formatBytes } from '../quantity.ts';
import type { UnassignedBar } from './enumeration.ts';
import { holeFor, mayHold } from './linux/assign.ts';
import type { LinuxBus, LinuxFunction, LinuxState } from './linux/bus.ts';
import type { Failures } from './linux/kernel.ts';
import { romIndex } from './requirements.ts';
import {
  firstVirtualSlot,
  ioSpace,
  largestHole,
  memorySpace,
  prefetchableSpace,
  type Resource,
  resourceBytes,
  wideSpace,
  windowSlots,
} from './resource.ts';
import type { HostBridge } from './topology.ts';

/** BARs and their resources, before any is given up. */
export interface WantedBar {
  readonly one: LinuxFunction;
  readonly resource: Resource;
  readonly kind: number;
  readonly bytes: number;
}

export interface Unassigned {
  readonly host: HostBridge;
  readonly state: LinuxState;
  readonly spaces: readonly Resource[];
  readonly failures: Failures;
  readonly wanted: readonly WantedBar[];
}

/**
 * The BARs that got no address, each with the bridge nearest to the root on its way that had no room: for the BAR itself, or
 * for a window that holds it among others. What does not fit there is lost to everything in that window.
 */
export function explainUnassigned({ host, failures, wanted }: Unassigned): UnassignedBar[] {
  return wanted
    .filter(({ resource }) => resource.parent === null)
    .map((bar) => {
      const cause = findCause(bar, failures);
      const { one, resource, bytes } = bar;
      const at = cause.bridge === null ? host.socket : cause.bridge.fn.component;
      const name = cause.bridge === null ? host.name : cause.bridge.fn.name;
      return {
        name: one.fn.name,
        component: one.fn.component,
        bdf: one.fn.address,
        bar: resource.slot,
        bytes,
        reason: `${describeBar(bar)} ${cause.sentence(name)}`,
        at: name,
        atComponent: at,
        neededBytes: cause.needed,
        availableBytes: cause.available,
      };
    });
}

interface Cause {
  /** The bridge whose window is too small; null for the host bridge. */
  readonly bridge: LinuxFunction | null;
  readonly needed: number;
  readonly available: number;
  readonly sentence: (at: string) => string;
}

function findCause({ one, resource, kind, bytes }: WantedBar, failures: Failures): Cause {
  let bus: LinuxBus = one.on;
  let wants = { kind, bytes, alignment: resource.unitBytes > 0 ? resource.unitBytes : bytes };
  let through: LinuxFunction | null = null;
  for (;;) {
    const { bridge } = bus;
    const own = bridge?.windows == null ? null : windowFor(bridge.windows, wants.kind);
    const failed = own === null ? undefined : failures.get(own);
    if (bridge === null || own === null || own.parent !== null || failed === undefined) {
      return causeAt(bus, wants, through, own !== null && own.parent === null);
    }
    wants = { kind: failed.kind, bytes: failed.end - failed.start + 1, alignment: failed.alignmentBytes };
    through = bridge;
    bus = bridge.on;
  }
}

interface Wants {
  readonly kind: number;
  readonly bytes: number;
  readonly alignment: number;
}

function causeAt(bus: LinuxBus, wants: Wants, through: LinuxFunction | null, closed: boolean): Cause {
  const { kind, bytes, alignment } = wants;
  const windows = bus.spaces.filter((window) => mayHold(window, kind) && resourceBytes(window) > 1);
  const available = Math.max(
    0,
    ...windows.map((window) => largestHole(window, holeFor(kind, bytes, 1, window, false))),
  );
  const what = spaceName(kind);
  const sentence = (at: string): string => {
    if (closed) return `has no address: the kernel asks for no ${what} window of ${at} that could hold it.`;
    if (windows.length === 0) return `has no address: ${at} has no window for ${what}.`;
    const asked = `${formatBytes(bytes)}${alignment > 0 && alignment !== bytes ? ` aligned to ${formatBytes(alignment)}` : ''}`;
    const boundary = available >= bytes ? ', but not at such a boundary' : '';
    const free = available > 0 ? `has ${formatBytes(available)} free in one piece${boundary}` : 'has none left';
    if (through === null) return `has no address: it needs ${asked} of ${what}, and ${at} ${free}.`;
    return `has no address: the ${what} window of ${through.fn.name}, with everything below it, needs ${asked}, and ${at} ${free}.`;
  };
  return { bridge: bus.bridge, needed: bytes, available, sentence };
}

/** The window of a bridge that a resource of this kind belongs in. */
function windowFor(
  windows: { readonly io: Resource; readonly memory: Resource; readonly prefetchable: Resource },
  kind: number,
): Resource {
  if ((kind & ioSpace) !== 0) return windows.io;
  const wide = memorySpace | prefetchableSpace | wideSpace;
  return (kind & wide) === wide ? windows.prefetchable : windows.memory;
}

function spaceName(kind: number): string {
  if ((kind & ioSpace) !== 0) return 'I/O';
  return (kind & prefetchableSpace) !== 0 && (kind & wideSpace) !== 0 ? 'prefetchable memory' : 'memory';
}

function describeBar({ one, resource: { slot }, bytes }: WantedBar): string {
  const size = formatBytes(bytes);
  if (slot === romIndex) return `The expansion ROM of ${one.fn.name} (${size})`;
  if (slot >= firstVirtualSlot && slot < windowSlots.io)
    return `BAR ${slot - firstVirtualSlot} of the virtual functions of ${one.fn.name} (${size} together)`;
  return `BAR ${slot} of ${one.fn.name} (${size})`;
}
