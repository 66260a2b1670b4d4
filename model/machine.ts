import type { Aperture, Bar, DeviceFunction, SriovCapability } from './address.ts';
import type { Generation, LaneCount } from './link/generation.ts';
import type { Assumption, Origin, Reason } from './origin.ts';

/** What a component is. Everything that is not a port, a switch or a bridge is a device. */
export const componentKinds = [
  'socket',
  'chipset',
  'root-port',
  'switch',
  'port',
  'bridge',
  'gpu',
  'nvme',
  'nic',
  'fpga',
  'sata',
  'nvswitch',
  'device',
] as const;
export type ComponentKind = (typeof componentKinds)[number];

/** ACS bits by the names that lspci prints; pci_regs.h values SV 01, TB 02, RR 04, CR 08, UF 10, EC 20, DT 40. */
export const acsBits = ['SV', 'TB', 'RR', 'CR', 'UF', 'EC', 'DT'] as const;
export type AcsBit = (typeof acsBits)[number];

/**
 * ACS of a port as the text says it. `none`: no capability. `default`: what firmware and kernel leave.
 * `off`: cleared after boot, as with setpci. A list: exactly these bits set after boot.
 */
export type AcsSetting = 'none' | 'default' | 'off' | readonly AcsBit[];

export type GpuDriver = 'nvidia' | 'nvidia-open' | 'nouveau' | 'amdgpu' | 'i915' | 'xe' | 'vfio-pci' | 'none';

/**
 * What the text (or the part) says about a component. Flat: one optional field a fact; absent means unknown, never zero.
 * The property that sets a field stands in `language/schema/`; the rest of the code reads fields and states its default
 * where one is absent. Units are in the names: Bytes, Seconds, BytesPerSecond; Iops are operations per second.
 */
export interface ComponentSettings {
  // --- link: `gen4 x16`, `wired`, `slot`, `trained`, `forced`, `channel`, `bifurcation`, `retimers` ---
  generation?: Generation;
  lanes?: LaneCount;
  wiredLanes?: LaneCount;
  slotLanes?: LaneCount;
  trainedGeneration?: Generation;
  trainedLanes?: LaneCount;
  /** The trained state was read while the device was idle (GPUs lower their link speed when idle). */
  trainedIdle?: boolean;
  forcedGeneration?: Generation;
  forcedLanes?: LaneCount;
  channelGeneration?: Generation;
  /** How the lanes of the slot are divided: x16 as [8, 4, 4]. */
  bifurcation?: readonly LaneCount[];
  /** The divisions that the port supports, where it says. */
  bifurcationSupported?: readonly (readonly LaneCount[])[];
  retimers?: number;
  bitErrorRate?: number;
  aspm?: 'off' | 'l0s' | 'l1' | 'l0s-l1';
  // --- PCI identity ---
  vendorId?: number;
  deviceId?: number;
  subsystemVendorId?: number;
  subsystemDeviceId?: number;
  /** 24 bits: base class, subclass, interface. */
  classCode?: number;
  segment?: number;
  bus?: number;
  deviceNumber?: number;
  functionNumber?: number;
  busRange?: readonly [number, number];
  hotplug?: boolean;
  numaNode?: number;
  externalFacing?: boolean;
  integrated?: boolean;
  // --- transactions ---
  maxPayloadSupportedBytes?: number;
  /** Device Control as stated; the kernel policy decides where absent. */
  maxPayloadBytes?: number;
  maxReadRequestBytes?: number;
  readCompletionBoundaryBytes?: number;
  extendedTags?: boolean;
  tenBitTags?: boolean;
  fourteenBitTags?: boolean;
  /** It generates ECRC: 4 B more on each TLP that it sends. */
  ecrc?: boolean;
  /** End-to-End prefixes on each of its requests. */
  tlpPrefixes?: number;
  relaxedOrdering?: boolean;
  atomics?: boolean;
  ats?: boolean;
  /** Translations that the device holds (its Address Translation Cache). */
  atsCacheEntries?: number;
  pasid?: boolean;
  ari?: boolean;
  dmaBits?: number;
  outstandingReads?: number;
  latencySeconds?: number;
  // --- address space ---
  vramBytes?: number;
  /** Number of the BAR that opens onto the VRAM: 1 on NVIDIA, 0 on AMD, 2 on Intel. */
  vramBar?: number;
  // --- socket, host bridge, chipset ---
  memoryBytes?: number;
  memoryBytesPerSecond?: number;
  memoryChannels?: number;
  memoryLatencySeconds?: number;
  nodesPerSocket?: number;
  cores?: number;
  cpuVendor?: 'intel' | 'amd' | 'arm' | 'nvidia' | 'other';
  /** AMD family as the kernel counts it (0x17 is Zen); Intel family 6. */
  cpuFamily?: number;
  hostBridgeVendorId?: number;
  hostBridgeDeviceId?: number;
  totalLanes?: number;
  forwardsPeerReads?: boolean;
  forwardsPeerWrites?: boolean;
  peerWriteSplitBytes?: number;
  peerBytesPerSecond?: number;
  rootComplexLatencySeconds?: number;
  interconnectTechnology?: string;
  /** Translations that the IOMMU of the socket holds (its IO-TLB). */
  ioTlbEntries?: number;
  /** Page walks that it serves at a time. */
  pageWalks?: number;
  inboundWindow?: { readonly base: bigint; readonly bytes: bigint };
  // --- switch ---
  portCount?: number;
  /** Posted writes from one uplink to several root ports collapse: a defect of some switch chips. */
  postedWriteCollapse?: boolean;
  // --- GPU ---
  driver?: GpuDriver;
  peerToPeer?: boolean;
  copyEngines?: number;
  /** Time that the GPU loses when another context gets its turn. */
  contextSwitchSeconds?: number;
  vramBytesPerSecond?: number;
  gspFirmware?: boolean;
  computeCapability?: string;
  // --- storage ---
  capacityBytes?: number;
  readBytesPerSecond?: number;
  writeBytesPerSecond?: number;
  readIops?: number;
  writeIops?: number;
  readLatencySeconds?: number;
  writeLatencySeconds?: number;
  /** Flash beyond what hosts can address, as a share of the latter. */
  overProvisioning?: number;
  /** Bytes of writes that a drive takes before its flash limits. */
  writeCacheBytes?: number;
  /** Bytes that a drive maps as one: smaller random writes cost as much. */
  mappingUnitBytes?: number;
  queuePairs?: number;
  queueDepth?: number;
  msixVectors?: number;
  controllerMemoryBufferBytes?: number;
  /** Takes scatter-gather lists (SGLS in Identify Controller); absent: PRPs alone. */
  scatterGather?: boolean;
  /** Completions that an interrupt waits for, and how long at most (NVMe feature 08h). */
  interruptCoalescing?: { readonly threshold: number; readonly seconds: number };
  /** Cores to which the vectors are bound in turn. */
  interruptCores?: readonly number[];
  zoned?: boolean;
  // --- NIC ---
  networkPorts?: number;
  lineRateBytesPerSecond?: number;
  gpuDirectRdma?: boolean;
  // --- FPGA ---
  h2cChannels?: number;
  c2hChannels?: number;
}

export type SettingName = keyof ComponentSettings;

/** A namespace, a MIG instance or another named part of a device's inside that the text declares. */
export interface Subunit {
  readonly kind: 'namespace' | 'mig';
  readonly label: string;
  readonly settings: Readonly<Record<string, number | string | boolean>>;
  readonly origin: Origin;
}

export interface Component {
  /** Index in `machine.components`; a parent comes before its children, unless it is the switch of a partition. */
  readonly id: number;
  readonly kind: ComponentKind;
  /** Last segment of the qualified name. */
  readonly label: string;
  /** Qualified name without the machine: `cpu0.rp0.sw0.p0.gpu0`. */
  readonly name: string;
  /** The part used, then the parts it inherits from; empty without one. */
  readonly parts: readonly string[];
  readonly parent: number | null;
  readonly children: readonly number[];
  readonly settings: Readonly<ComponentSettings>;
  /** Where each setting was said; `generation` and `lanes` included. */
  readonly said: Readonly<Partial<Record<SettingName, Origin>>>;
  /** Settings that the text calls `unknown` in so many words. */
  readonly unknown: readonly SettingName[];
  readonly acs: AcsSetting;
  /** ACS bits that the port is capable of, or null where the part does not say. */
  readonly acsCapability: readonly AcsBit[] | null;
  readonly bars: readonly Bar[];
  readonly sriov: SriovCapability | null;
  /** Functions 1-7 of the device; function 0 is the component itself. */
  readonly functions: readonly DeviceFunction[];
  readonly subunits: readonly Subunit[];
  /** Host-bridge windows, on a socket. */
  readonly apertures: readonly Aperture[];
  /** On a switch that is a partition of a chip: the chip. */
  readonly partitionOf?: number;
  /** Rule codes that the text silences here and below, with the reason. */
  readonly allows: readonly Allow[];
  readonly origin: Origin;
  /** The name in the text (or of the array that this element comes from). */
  readonly nameOrigin: Origin;
}

export interface Allow {
  readonly code: string;
  readonly reason: string | null;
  readonly origin: Origin;
}

export interface LinkState {
  readonly generation: Generation;
  readonly lanes: LaneCount;
}

/** A PCIe (or DMI) link: from a downstream-facing port to what is plugged in. Named after the port. */
export interface Link {
  /** Index in `machine.links`. */
  readonly id: number;
  readonly name: string;
  readonly kind: 'pcie' | 'dmi';
  /** Root port or switch port above; the chipset itself for DMI. */
  readonly port: number;
  /** Device or switch below; null for an empty slot. */
  readonly device: number | null;
  /** What the link runs at; for an empty slot what the port could. */
  readonly trained: LinkState;
  /** What both ends could do on a perfect slot. */
  readonly capable: LinkState;
  readonly limitedBy: 'upstream' | 'downstream' | 'slot' | 'channel' | 'forced' | 'stated' | null;
  /** Qualified name of the end or slot that limits, or null. */
  readonly limitedAt: string | null;
  readonly reasons: readonly Reason[];
  /** Max_Payload_Size that both ends use, by the kernel's policy. */
  readonly maxPayloadBytes: number;
}

/** A link beside PCIe: UPI, QPI, xGMI between sockets; NVLink, C2C between devices. */
export interface Connection {
  readonly id: number;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly technology: string;
  readonly part: string | null;
  /** Links in parallel; 1 where not said. */
  readonly links: number;
  /** One direction, all links together; null where unknown. */
  readonly bytesPerSecond: number | null;
  readonly latencySeconds: number | null;
  readonly origin: Origin;
}

export interface FirmwareSettings {
  readonly above4g: boolean | undefined;
  readonly resizableBar: boolean | undefined;
  readonly sriov: boolean | undefined;
  readonly apertures: readonly Aperture[];
}

export interface LinuxSettings {
  /** Kernel version whose rules apply, `6.1` or `7.2`; undefined: the newest that we know. */
  readonly version: string | undefined;
  readonly iommu: 'off' | 'passthrough' | 'translate' | undefined;
  readonly invalidation: 'strict' | 'lazy' | undefined;
  readonly iommuPageBytes: number | undefined;
  readonly mps: 'default' | 'safe' | 'perf' | 'peer2peer' | undefined;
  /** `pci=disable_acs_redir=` and `pci=config_acs=` as on the command line. */
  readonly disableAcsRedir: readonly string[];
  readonly configAcs: readonly string[];
  /** Components that `disable-acs-redir for …` names. */
  readonly disableAcsRedirComponents: readonly number[];
  readonly isolation: boolean | undefined;
  /** `pci=realloc`: windows that prove too small are sized anew; undefined: the kernel decides. */
  readonly realloc?: boolean | undefined;
  /** What a hot-plug port keeps for what may be plugged in: `pci=hpiosize=`, `hpmmiosize=`, `hpmmioprefsize=`, `hpbussize=`. */
  readonly hotplugIoBytes?: number | undefined;
  readonly hotplugMemoryBytes?: number | undefined;
  readonly hotplugPrefetchableBytes?: number | undefined;
  readonly hotplugBuses?: number | undefined;
}

/** A virtual machine and what is passed through to it. */
export interface VirtualMachine {
  readonly name: string;
  readonly devices: readonly number[];
  readonly origin: Origin;
}

/** A partition (virtual switch) of one switch chip. */
export interface SwitchPartition {
  readonly name: string;
  readonly switch: number;
  readonly ports: readonly number[];
  readonly upstream: number | null;
  readonly origin: Origin;
}

/** The elaborated and trained machine. Plain data: it can be kept, compared, and sent to a worker. */
export interface Machine {
  readonly name: string;
  readonly components: readonly Component[];
  readonly links: readonly Link[];
  /** linkAbove[componentId]: the link between the component and the port above it, or -1. */
  readonly linkAbove: readonly number[];
  /** linkBelow[componentId]: the link below a root port, a switch port or (DMI) above a chipset, or -1. */
  readonly linkBelow: readonly number[];
  readonly connections: readonly Connection[];
  readonly firmware: FirmwareSettings;
  readonly linux: LinuxSettings;
  readonly virtualMachines: readonly VirtualMachine[];
  readonly partitions: readonly SwitchPartition[];
  readonly allows: readonly Allow[];
  readonly assumptions: readonly Assumption[];
  readonly origin: Origin;
}

/** True for a device at the end of a link: GPU, NVMe, NIC, FPGA, SATA controller, NVSwitch or any other. */
export function isEndpoint(component: Component): boolean {
  switch (component.kind) {
    case 'gpu':
    case 'nvme':
    case 'nic':
    case 'fpga':
    case 'sata':
    case 'nvswitch':
    case 'device':
      return true;
    default:
      return false;
  }
}

/** The component with this id. Throws a RangeError for an id of another machine: a defect of the caller. */
export function componentAt(machine: Machine, id: number): Component {
  const component = machine.components[id];
  if (component === undefined) throw new RangeError(`no component ${id} in machine ${machine.name}`);
  return component;
}

/** The component itself, then what contains it, up to the socket. */
export function ancestors(machine: Machine, id: number): Component[] {
  const path: Component[] = [];
  for (let at: number | null = id; at !== null; ) {
    const component = componentAt(machine, at);
    path.push(component);
    at = component.parent;
  }
  return path;
}

/** The socket that a component hangs off, or null for one that stands outside every socket. */
export function socketOf(machine: Machine, id: number): Component | null {
  return ancestors(machine, id).find((component) => component.kind === 'socket') ?? null;
}
