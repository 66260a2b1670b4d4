import type { BarKind } from '../model/address.ts';
import type { Generation, LaneCount } from '../model/link/generation.ts';
import type { AcsBit } from '../model/machine.ts';

/**
 * A machine as its own tools show it: what a reader of one format makes, and what several readers' results are merged to.
 * A field that is absent was not said by the source; nothing is ever filled in.
 */
export interface ObservedMachine {
  /** The formats that it was read from: `lspci`, `sysfs`, `hwloc`, `nccl`, `udevadm`, `nvidia-smi`, `qemu`. */
  readonly formats: readonly string[];
  /** Host name or product name, where the source says. */
  readonly name?: string;
  readonly functions: readonly ObservedFunction[];
  readonly nodes: readonly ObservedNode[];
  /** NVLink, xGMI, UPI: links beside PCIe. */
  readonly connections: readonly ObservedConnection[];
  /** `nvidia-smi topo -m`: class by pair of device names. */
  readonly distances: readonly ObservedDistance[];
  /** The same: the NUMA node near to a named device. */
  readonly affinities?: readonly ObservedAffinity[];
  readonly linux: ObservedLinux;
  /** What could not be read or contradicts itself, with its place. */
  readonly notes: readonly ObservedNote[];
}

export type FunctionRole =
  | 'host-bridge'
  | 'root-port'
  | 'upstream-port'
  | 'downstream-port'
  | 'pcie-to-pci-bridge'
  | 'pci-bridge'
  | 'endpoint'
  | 'integrated-endpoint'
  | 'conventional';

export interface ObservedLinkState {
  readonly generation?: Generation;
  readonly lanes?: LaneCount;
  /** One direction after the line code, where the source says the rate and neither generation nor lanes (hwloc). */
  readonly bytesPerSecond?: number;
}

/** One PCI function, by what the source says of it. */
export interface ObservedFunction {
  /** `0000:01:00.0`: segment, bus, device, function in lower-case hexadecimal. */
  readonly address: string;
  /** Address of the bridge above; null: it stands on a root bus; absent: not said. */
  readonly parent?: string | null;
  readonly role?: FunctionRole;
  readonly vendorId?: number;
  readonly deviceId?: number;
  readonly subsystemVendorId?: number;
  readonly subsystemDeviceId?: number;
  /** 24 bits where the interface is known; 16 bits shifted left by 8 otherwise, with `isInterfaceKnown` false. */
  readonly classCode?: number;
  readonly isInterfaceKnown?: boolean;
  readonly vendorName?: string;
  readonly deviceName?: string;
  readonly revision?: number;
  readonly buses?: { readonly primary: number; readonly secondary: number; readonly subordinate: number };
  /** What the function itself reports: the state now, and what it is capable of. */
  readonly link?: {
    readonly current?: ObservedLinkState;
    readonly capable?: ObservedLinkState;
    /** Target Link Speed of Link Control 2; on a port below which it can be set. */
    readonly targetGeneration?: Generation;
  };
  /** Active State Power Management as it is switched on at this end of the link. */
  readonly aspm?: 'off' | 'l0s' | 'l1' | 'l0s-l1';
  /** Retimers that were found on the link: 0 to 2. */
  readonly retimers?: number;
  /** A slot that can be hot-plugged. */
  readonly hotplug?: boolean;
  readonly bars?: readonly ObservedBar[];
  /** The function has these BARs and no others; absent: the source may leave some out. */
  readonly areBarsComplete?: boolean;
  readonly windows?: {
    readonly io?: ObservedRange | null;
    readonly memory?: ObservedRange | null;
    readonly prefetchable?: ObservedRange | null;
  };
  /** Null: the function has no ACS capability; absent: not said. */
  readonly acs?: { readonly capability: readonly AcsBit[]; readonly control: readonly AcsBit[] } | null;
  readonly maxPayloadSupportedBytes?: number;
  readonly maxPayloadBytes?: number;
  readonly maxReadRequestBytes?: number;
  readonly readCompletionBoundaryBytes?: number;
  readonly extendedTags?: boolean;
  readonly tenBitTags?: boolean;
  readonly relaxedOrdering?: boolean;
  readonly atomics?: boolean;
  readonly ats?: boolean;
  readonly ari?: boolean;
  readonly msixVectors?: number;
  readonly sriov?: {
    readonly totalVfs: number;
    readonly enabledVfs: number;
    readonly vfOffset?: number;
    readonly vfStride?: number;
    readonly vfDeviceId?: number;
    readonly bars: readonly ObservedBar[];
  };
  /** Address of the physical function, on a virtual one. */
  readonly physicalFunction?: string;
  readonly numaNode?: number;
  readonly iommuGroup?: number;
  readonly driver?: string;
  /** Names that the system uses: `nvme0n1`, `mlx5_0`, `eth0`, `card1`, `cuda3`, `gpu0`. */
  readonly names?: readonly string[];
  /** GPU memory, compute capability as `8.0`. */
  readonly vramBytes?: number;
  readonly computeCapability?: string;
}

export interface ObservedBar {
  /** 0-5; 6: expansion ROM. */
  readonly index: number;
  readonly kind: BarKind;
  readonly prefetchable: boolean;
  /** Absent: a dump of registers does not tell sizes. */
  readonly bytes?: number;
  /** Null: the region has no address. */
  readonly address?: bigint | null;
  readonly resizable?: { readonly minimumBytes: number; readonly maximumBytes: number };
}

export interface ObservedRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** A NUMA node, or a CPU package where the source knows only those. */
export interface ObservedNode {
  readonly id: number;
  /** Package (socket) that it belongs to. */
  readonly package?: number;
  readonly memoryBytes?: number;
  readonly cores?: number;
  readonly cpuVendor?: 'intel' | 'amd' | 'arm' | 'nvidia' | 'other';
  readonly cpuFamily?: number;
  readonly cpuModel?: number;
  readonly cpuName?: string;
  /** Root buses below it, as `0000:00` (segment and bus). */
  readonly rootBuses?: readonly string[];
}

export interface ObservedConnection {
  /** Address of a function, `node:<id>`, or `nvswitch:<name>` for a switch that no address is known of. */
  readonly from: string;
  readonly to: string;
  readonly technology: string;
  readonly links: number;
  /** One direction, all links together. */
  readonly bytesPerSecond?: number;
}

export interface ObservedDistance {
  readonly from: string;
  readonly to: string;
  /** `PIX`, `PXB`, `PHB`, `NODE`, `SYS`, `NV4`. */
  readonly class: string;
}

export interface ObservedAffinity {
  readonly device: string;
  readonly numaNode: number;
}

export interface ObservedLinux {
  readonly version?: string;
  readonly iommu?: 'off' | 'passthrough' | 'translate';
  readonly commandLine?: string;
}

export interface ObservedNote {
  /** Line from 1 in the source, or null. */
  readonly line: number | null;
  /** Address or name that it concerns, or null. */
  readonly subject: string | null;
  readonly message: string;
}

/** More is not read. */
const mostCharacters = 300;

/** Input that cannot be read at all: says where and what to do. */
export class UnreadableInput extends Error {
  readonly line: number | null;

  constructor(message: string, line: number | null = null) {
    // What is quoted may be as long as the file.
    super(message.length <= mostCharacters ? message : `${message.slice(0, 200)}…${message.slice(-60)}`);
    this.name = 'UnreadableInput';
    this.line = line;
  }
}
