import type { SriovCapability } from '../address.ts';
import type { EnumeratedDevice } from '../discovery/enumeration.ts';
import type { PciFunction } from '../discovery/topology.ts';
import { type EffectiveAcs, effectiveAcs } from '../isolation/acs.ts';
import type { Generation, LaneCount } from '../link/generation.ts';
import { assumedSupportedBytes } from '../link/payload.ts';
import { isPayloadSize } from '../link/tlp.ts';
import { type Component, type ComponentSettings, componentAt, type Link, type Machine } from '../machine.ts';
import type { MachinePayload } from '../train.ts';
import { furtherRole, isDownstreamFacing, isExpressRole, type PciRole, roleOf } from './role.ts';

/** A link as one of its ends shows it. */
export interface LinkFacts {
  /** Link Capabilities: what this end could do. */
  readonly generation: Generation;
  readonly lanes: LaneCount;
  /** Link Status; null where nothing is plugged in. */
  readonly trained: { readonly generation: Generation; readonly lanes: LaneCount } | null;
  readonly targetGeneration: Generation;
  readonly aspm: ComponentSettings['aspm'];
  /** Number of the link in the machine, from 0. */
  readonly number: number;
}

/** Everything that the bytes of one function rest on. */
export interface FunctionFacts {
  readonly device: EnumeratedDevice;
  readonly component: Component;
  readonly role: PciRole;
  /** 0 for what stands on the component itself, else the number of the further function. */
  readonly part: number;
  readonly fn: PciFunction;
  /** What the text says of the component; nothing for a virtual function, which has registers of its own. */
  readonly settings: Readonly<ComponentSettings>;
  readonly link: LinkFacts | null;
  readonly maxPayloadSupportedBytes: number;
  readonly maxPayloadBytes: number;
  readonly maxReadRequestBytes: number;
  /** Null: no ACS capability. */
  readonly acs: EffectiveAcs | null;
  /** Ports that an egress control vector would have to name. */
  readonly portsBeside: number;
  readonly sriov: SriovCapability | null;
  /** Alternative Routing-ID: stated, or needed by virtual functions. */
  readonly ari: boolean;
  /** The port above passes Routing-IDs of this sort on; for a port whether it does so itself. */
  readonly ariForwarding: boolean;
  /** An IOMMU translates, so that drivers let devices ask it. */
  readonly iommu: boolean;
  /** Further functions or virtual ones: several functions of one physical device. */
  readonly severalFunctions: boolean;
}

/** The facts of one enumerated function. */
export function factsOf(
  machine: Machine,
  device: EnumeratedDevice,
  fn: PciFunction,
  payload: MachinePayload,
): FunctionFacts {
  const component = componentAt(machine, device.component);
  const first = roleOf(machine, component);
  const isVirtual = device.physicalFunction !== null;
  const role: PciRole = isVirtual ? 'virtual-function' : fn.part === 0 ? first : furtherRole(first);
  const { id, settings } = component;
  const acs = fn.part === 0 && !isVirtual && isExpressRole(role) ? effectiveAcs(machine, id) : null;
  const supported = settings.maxPayloadSupportedBytes;
  const sriov = isVirtual ? null : fn.sriov;
  return {
    device,
    component,
    role,
    part: fn.part,
    fn,
    settings,
    link: linkFacts(machine, component, first),
    maxPayloadSupportedBytes:
      supported !== undefined && isPayloadSize(supported) ? supported : assumedSupportedBytes.value,
    maxPayloadBytes: payload.maxPayloadBytes[id] ?? 128,
    maxReadRequestBytes: payload.maxReadRequestBytes[id] ?? 512,
    acs: acs?.capability === null ? null : acs,
    portsBeside: component.parent === null ? 1 : componentAt(machine, component.parent).children.length,
    sriov,
    ari: wantsAri(component),
    ariForwarding: isDownstreamFacing(role) ? forwardsAri(machine, component) : isBelowForwarder(machine, component),
    iommu: machine.linux.iommu === 'translate' || machine.linux.iommu === 'passthrough',
    severalFunctions: component.functions.length > 0 || component.sriov !== null || component.kind === 'switch',
  };
}

/** Devices with virtual functions have the capability (SR-IOV 1.1, 2.1.2), whatever else the text leaves out. */
const wantsAri = ({ settings, sriov }: Component): boolean => settings.ari ?? (sriov !== null && sriov.totalVfs > 0);

function forwardsAri(machine: Machine, port: Component): boolean {
  const below = port.children.map((id) => componentAt(machine, id));
  return port.settings.ari ?? below.some(wantsAri);
}

function isBelowForwarder(machine: Machine, component: Component): boolean {
  if (component.parent === null) return false;
  const port = componentAt(machine, component.parent);
  return (port.kind === 'root-port' || port.kind === 'port') && forwardsAri(machine, port);
}

function linkFacts(machine: Machine, component: Component, role: PciRole): LinkFacts | null {
  const downstream = isDownstreamFacing(role);
  const link = machine.links[(downstream ? machine.linkBelow : machine.linkAbove)[component.id] ?? -1];
  if (link === undefined || link.kind !== 'pcie') return null;
  const { settings } = component;
  const generation = settings.generation ?? link.capable.generation;
  const forced = lesser(
    machine.components[link.port]?.settings.forcedGeneration,
    link.device === null ? undefined : machine.components[link.device]?.settings.forcedGeneration,
  );
  return {
    generation,
    lanes: downstream ? portLanes(settings, link) : (settings.lanes ?? link.capable.lanes),
    trained: link.device === null ? null : link.trained,
    targetGeneration: lesser(generation, forced) ?? generation,
    aspm:
      link.device === null
        ? settings.aspm
        : (machine.components[link.device]?.settings.aspm ?? portAspm(machine, link)),
    number: link.id,
  };
}

const portAspm = (machine: Machine, { port }: Link): ComponentSettings['aspm'] =>
  machine.components[port]?.settings.aspm;

/** A port whose slot is divided has the lanes of its first part. */
function portLanes({ lanes, bifurcation }: ComponentSettings, link: Link): LaneCount {
  const first = bifurcation?.[0];
  return first !== undefined && (lanes === undefined || first < lanes) ? first : (lanes ?? link.capable.lanes);
}

function lesser<T extends number>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}
