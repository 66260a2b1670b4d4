import type { TaxSetting } from '../model/link/tax.ts';
import { type Component, componentAt, isEndpoint, type Machine } from '../model/machine.ts';
import type { Reason } from '../model/origin.ts';
import { distanceClass } from '../model/peer/distance-class.ts';
import { hopBytesPerSecond, hopDemands } from '../model/route/demand.ts';
import { type LatencyShare, routeLatency } from '../model/route/latency.ts';
import type { DistanceClass, PeerMapping, RouteKind } from '../model/route/types.ts';
import type { EndpointRef } from '../model/work.ts';
import { type CopyOptions, endName, limitsOf, planCopy, steadyState } from './demands.ts';
import type { LimitKind } from './simulate.types.ts';

/** One thing on the way, with what it carries of this traffic alone and what it adds to the time. */
export interface PathHop {
  readonly name: string;
  readonly kind: 'link' | 'port' | 'switch' | 'root-complex' | 'interconnect' | 'memory';
  /** Payload bytes per second; null where nothing is known to limit it. */
  readonly bytesPerSecond: number | null;
  /** Its part of `latencySeconds`: of a read, with the request and with what answers it. */
  readonly seconds: number;
}

/** A part of the latency: of a hop, or of what lies at the ends of the way. */
export interface PathLatencyShare extends Omit<LatencyShare, 'hop'> {
  /** Index in `hops`; null for engines, devices and calls. */
  readonly hop: number | null;
}

/** What would hold a transfer back, in the order in which that comes: the first does, the next would without it. */
export interface PathLimit {
  readonly name: string;
  readonly kind: LimitKind;
  readonly bytesPerSecond: number;
}

/** Everything about the way between two ends. */
export interface PathReport {
  readonly from: string;
  readonly to: string;
  readonly class: DistanceClass;
  readonly route: RouteKind;
  readonly mapping: PeerMapping;
  readonly distance: number | null;
  readonly reasons: readonly Reason[];
  readonly hops: readonly PathHop[];
  readonly bottleneck: string;
  /** The bottleneck first; then what would limit if all before were lifted. At most three. */
  readonly limits: readonly PathLimit[];
  /** Steady state of one long transfer. */
  readonly bytesPerSecond: number;
  /** One way of a posted 64 B write; the round trip for a read. Links that save power wake up first. */
  readonly latencySeconds: number;
  /** What `latencySeconds` is made of, each part with its source; they add up to it. */
  readonly latency: readonly PathLatencyShare[];
  /** From the start of a transfer to its first byte, media of drives included. */
  readonly firstByteSeconds: number;
}

/** The way that data takes between two ends, why, and what limits it. */
export function describePath(
  machine: Machine,
  from: EndpointRef,
  to: EndpointRef,
  options: Partial<CopyOptions> = {},
): PathReport {
  const tax: TaxSetting = options.tax ?? 'measured';
  const plan = planCopy(machine, from, to, { ...options, tax });
  const limits = limitsOf(plan);
  const { route } = plan;
  const firstHop = route.legs.map((_, leg) => route.legs.slice(0, leg).reduce((sum, { hops }) => sum + hops.length, 0));
  const latency = routeLatency(machine, route).map(
    ({ leg, hop, ...share }): PathLatencyShare => ({ ...share, hop: hop === null ? null : (firstHop[leg] ?? 0) + hop }),
  );
  const hops = route.legs
    .flatMap((leg) => hopDemands(machine, leg, tax))
    .map((one, index): PathHop => {
      const alone = hopBytesPerSecond(one);
      return {
        name: one.hop.name,
        kind: one.hop.kind,
        bytesPerSecond: Number.isFinite(alone) ? alone : null,
        seconds: latency.reduce((sum, { hop, seconds }) => (hop === index ? sum + seconds : sum), 0),
      };
    });
  const [steady] = limits;
  return {
    from: endName(machine, from),
    to: endName(machine, to),
    class: route.class,
    route: route.route,
    mapping: route.mapping,
    distance: route.distance,
    reasons: route.reasons,
    hops,
    bottleneck: steady?.name ?? '',
    limits: limits.slice(0, 3),
    bytesPerSecond: steady?.bytesPerSecond ?? 0,
    latencySeconds: plan.wireSeconds,
    latency,
    firstByteSeconds: plan.latencySeconds,
  };
}

/** All pairs of devices, in the form of `nvidia-smi topo -m`. */
export interface PeerMatrix {
  readonly devices: readonly string[];
  readonly class: readonly (readonly DistanceClass[])[];
  readonly bytesPerSecond: readonly (readonly number[])[];
  readonly latencySeconds: readonly (readonly number[])[];
  readonly route: readonly (readonly RouteKind[])[];
  readonly mapping: readonly (readonly PeerMapping[])[];
  readonly distance: readonly (readonly (number | null)[])[];
}

/** Base classes of what chips have inside: bridges, system peripherals, cryptography (AMD's PSP), instrumentation. */
const ownClasses: ReadonlySet<number> = new Set([0x06, 0x08, 0x10, 0x13]);

/** The matrix over every device of a machine; row to column. */
export function peerMatrix(machine: Machine, tax: TaxSetting = 'measured'): PeerMatrix {
  // A processor's own functions (SMBus, timers, counters) are nobody's peer: they have no link, or one inside the chip.
  const isOwn = ({ id, kind, settings }: Component) =>
    kind === 'device' && (machine.linkAbove[id] === -1 || ownClasses.has((settings.classCode ?? 0) >>> 16));
  const devices = machine.components.filter(
    (component) => isEndpoint(component) && component.kind !== 'nvswitch' && !isOwn(component),
  );
  const rows = devices.map((from) =>
    devices.map((to) => {
      const plan = planCopy(
        machine,
        { component: from.id, memory: false },
        { component: to.id, memory: false },
        { tax },
      );
      const steady = from.id === to.id ? 0 : steadyState(plan).bytesPerSecond;
      return {
        plan,
        bytesPerSecond: Number.isFinite(steady) ? steady : 0,
        class: distanceClass(machine, from.id, to.id),
      };
    }),
  );
  return {
    devices: devices.map((device) => componentAt(machine, device.id).name),
    class: rows.map((row) => row.map((cell) => cell.class)),
    bytesPerSecond: rows.map((row) => row.map((cell) => cell.bytesPerSecond)),
    latencySeconds: rows.map((row) => row.map((cell) => cell.plan.wireSeconds)),
    route: rows.map((row) => row.map((cell) => cell.plan.route.route)),
    mapping: rows.map((row) => row.map((cell) => cell.plan.route.mapping)),
    distance: rows.map((row) => row.map((cell) => cell.plan.route.distance)),
  };
}
