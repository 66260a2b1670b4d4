import type { TaxSetting } from '../model/link/tax.ts';
import { type Component, componentAt, isEndpoint, type Machine } from '../model/machine.ts';
import type { Reason } from '../model/origin.ts';
import { distanceClass } from '../model/peer/distance-class.ts';
import { hopBytesPerSecond, hopDemands } from '../model/route/demand.ts';
import { hopSeconds } from '../model/route/latency.ts';
import type { DistanceClass, PeerMapping, RouteKind } from '../model/route/types.ts';
import type { EndpointRef } from '../model/work.ts';
import { type CopyOptions, endName, planCopy, steadyState } from './demands.ts';

/** One thing on the way, with what it carries of this traffic alone and what it adds to the time. */
export interface PathHop {
  readonly name: string;
  readonly kind: 'link' | 'port' | 'switch' | 'root-complex' | 'interconnect' | 'memory';
  /** Payload bytes per second; null where nothing is known to limit it. */
  readonly bytesPerSecond: number | null;
  readonly seconds: number;
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
  /** Steady state of one long transfer. */
  readonly bytesPerSecond: number;
  /** One way of a posted 64 B write; the round trip for a read. */
  readonly latencySeconds: number;
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
  const steady = steadyState(plan);
  const hops: PathHop[] = [];
  for (const leg of plan.route.legs) {
    for (const one of hopDemands(machine, leg, tax)) {
      const alone = hopBytesPerSecond(one);
      hops.push({
        name: one.hop.name,
        kind: one.hop.kind,
        bytesPerSecond: Number.isFinite(alone) ? alone : null,
        seconds: hopSeconds(machine, one.hop, smallWriteBytes),
      });
    }
  }
  const { route } = plan;
  return {
    from: endName(machine, from),
    to: endName(machine, to),
    class: route.class,
    route: route.route,
    mapping: route.mapping,
    distance: route.distance,
    reasons: route.reasons,
    hops,
    bottleneck: steady.bottleneck,
    bytesPerSecond: Number.isFinite(steady.bytesPerSecond) ? steady.bytesPerSecond : 0,
    latencySeconds: plan.wireSeconds,
    firstByteSeconds: plan.latencySeconds,
  };
}

/** A posted write of 64 B with its 24 B of header and framing. */
const smallWriteBytes = 88;

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

/** The matrix over every device of a machine; row to column. */
export function peerMatrix(machine: Machine, tax: TaxSetting = 'measured'): PeerMatrix {
  // A processor's own functions (SMBus, timers, counters) have no link and are nobody's peer.
  const isOwn = (component: Component) => component.kind === 'device' && machine.linkAbove[component.id] === -1;
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
