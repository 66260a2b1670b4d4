import type { Component, Machine } from '../machine.ts';
import type { Sourced } from '../origin.ts';

/** What is known of a kind of host, for what the text leaves unsaid. Null where no public source says. */
export interface HostProfile {
  readonly name: string;
  /**
   * Whether the root complex forwards peer reads and writes between its root ports, where its maker says so. Null for
   * Xeons: there the kernel's list decides.
   */
  readonly forwardsPeerReads: Sourced<boolean> | null;
  readonly forwardsPeerWrites: Sourced<boolean> | null;
  /** Largest piece in which peer writes leave the root complex; null: as they came. */
  readonly peerWriteSplitBytes: Sourced<number> | null;
  /** Whether copies of GPUs are cut as well; false: those of other devices alone. */
  readonly splitsGpuWrites: Sourced<boolean>;
  /** One direction between two sockets, all links together. */
  readonly interconnectBytesPerSecond: Sourced<number>;
  /** What peer traffic reaches between two sockets, where that is less. */
  readonly peerInterconnectBytesPerSecond: Sourced<number> | null;
  /**
   * Bytes on their way from a root port to one of another socket, from device to device: over the time of that way they
   * bound the rate, so that a pair behind switches does less. Null where nothing is known to limit it.
   */
  readonly peerBytesInFlightOfPorts: Sourced<number> | null;
  /** From a root port to the coherent fabric, one way; null: the default. */
  readonly rootComplexSeconds: Sourced<number> | null;
  /** What a request waits for where no other is on its way, since the host saves power; null: nothing is known of it. */
  readonly wakeSeconds: Sourced<number> | null;
  /** Last-level cache that DMA reads can hit (DDIO); null where unknown. */
  readonly cacheBytes: Sourced<number> | null;
  /** What a GPU's copy engine moves from (read) and to (write) the memory of another socket; null: no less than others. */
  readonly remoteCopyBytesPerSecond: { readonly read: Sourced<number>; readonly write: Sourced<number> } | null;
  /** Whether the IOMMU knows pages larger than 4 KiB; null: it does. */
  readonly superpages: Sourced<boolean> | null;
  /**
   * How often a further line of a short read joins the completion of the line before, 0 to 1, on links of up to 16 GT/s.
   * From 32 GT/s on completions fill the payload size.
   */
  readonly lineCombining: Sourced<number>;
}

/** A cache line of every host that is known here. */
export const lineBytes = 64;

const nccl = 'bandwidth between CPUs that its planner assumes: NVIDIA/nccl@5067397, src/graph/topo.h';
const zen = 'Zen forwards peer reads and writes, earlier parts writes only: A. Deucher (AMD), linux-pci, 2020-04-06';

/**
 * Xeons hand peer writes on in 64 B pieces: NCCL charges 6/5 for it, and four drives that write into one H100 below
 * another root port of a Xeon 6442Y reach 45.2 GB/s of Gen5 x16, which is 64/88 of it.
 */
const xeonSplit: Sourced<number> = {
  value: 64,
  source: 'NVIDIA/nccl@5067397, INTEL_P2P_OVERHEAD; xnvme/aisio@e78e01f, docs/src/experiments/pcie_saturation.md',
};

/**
 * Short reads are answered line by line for the most part. Fitted to 256 B reads of one device; the same figure gives
 * what GPUs copy out of host memory on other hosts of the time (12.2 and 12 GB/s of Gen3 x16, 25 GB/s of Gen4 x16).
 */
const lineCombining: Sourced<number> = {
  value: 0.27,
  source: '256 B reads, 46.4-47.7 Gb/s of Gen3 x8: pcie-bench/data@b2abf2f, NFP-6000 on Xeon E5-2630 v4',
};

const cutsAll: Sourced<boolean> = { value: true, source: 'NVIDIA/nccl@5067397, INTEL_P2P_OVERHEAD: of GPUs' };
const cutsDrives: Sourced<boolean> = {
  value: false,
  source:
    'one Xeon 6442Y: 56.1 GB/s each way between two H100 of Gen5 x16, which pieces of 64 B would not allow, and 45.2 from ' +
    'drives into one of them: xnvme/aisio@e78e01f, docs/src/experiments/pcie_saturation.md',
};

/** What no host states by itself. */
const unstated = {
  splitsGpuWrites: cutsAll,
  peerBytesInFlightOfPorts: null,
  rootComplexSeconds: null,
  wakeSeconds: null,
  cacheBytes: null,
  remoteCopyBytesPerSecond: null,
  superpages: null,
  lineCombining,
};

const xeon = {
  ...unstated,
  forwardsPeerReads: null,
  forwardsPeerWrites: null,
  peerWriteSplitBytes: xeonSplit,
  peerInterconnectBytesPerSecond: null,
};

const remoteP100 = 'P100, bandwidthTest under numactl on the other socket: mpicbg-scicomp/gearshifft pull 82';
const qpiXeon: HostProfile = {
  ...xeon,
  name: 'Xeon E5',
  rootComplexSeconds: {
    value: 239e-9,
    source: 'middle of Xeon E5-2637 v3 and E5-2630 v4: pcie-bench/data@b2abf2f',
  },
  interconnectBytesPerSecond: {
    value: 6.8e9,
    source:
      'stores of a core to a K40m of the other socket 6812 MB/s (NVIDIA/gdrcopy README@00cf81f); 512 B reads of one NIC ' +
      'reach 6.9 GB/s, all of its link (pcie-bench/data@b2abf2f); a planner assumes 6 (NVIDIA/nccl@5067397)',
  },
  remoteCopyBytesPerSecond: {
    read: { value: 3.78e9, source: remoteP100 },
    write: { value: 2.54e9, source: remoteP100 },
  },
  peerInterconnectBytesPerSecond: {
    value: 0.3e9,
    source: 'a drive writing to a GPU of the other socket over QPI: enfiskutensykkel/ssd-gpu-dma issue 8',
  },
};
const pcieBench = 'pcie-bench/data@b2abf2f';
const sandyBridge: HostProfile = {
  ...qpiXeon,
  name: 'Xeon E5, first of its line',
  superpages: { value: false, source: `a Xeon E5-2630 loses by windows beyond 64 pages of 4 KiB always: ${pcieBench}` },
};
const haswellE5: HostProfile = {
  ...qpiXeon,
  name: 'Xeon E5-2637 v3',
  rootComplexSeconds: { value: 250e-9, source: `half of an 8 B read by direct command, less the wire: ${pcieBench}` },
  cacheBytes: { value: 15 * 2 ** 20, source: 'Intel, Xeon E5-2637 v3 specifications' },
};
const broadwellE5: HostProfile = {
  ...qpiXeon,
  name: 'Xeon E5-2630 v4',
  rootComplexSeconds: {
    value: 228e-9,
    source: `half of a 64 B read that hits the cache (560 ns), less device and wire: ${pcieBench}`,
  },
  cacheBytes: { value: 25 * 2 ** 20, source: 'Intel, Xeon E5-2630 v4 specifications' },
};
/** Client parts: a root complex somewhat slower than that of servers, and memory that sleeps between single requests. */
const clientHaswell: HostProfile = {
  ...xeon,
  peerWriteSplitBytes: null,
  name: 'Xeon E3 and Core of the time',
  rootComplexSeconds: {
    value: 310e-9,
    source: `64 B reads at 23 Gb/s with 33 of them in flight are 735 ns each, less device and wire: ${pcieBench}`,
  },
  wakeSeconds: {
    value: 480e-9,
    source: `a 64 B read by itself takes 1213 ns in the middle, 493 at the least: ${pcieBench}, Xeon E3-1226 v3`,
  },
  interconnectBytesPerSecond: { value: 10e9, source: nccl },
};
const upiXeon: HostProfile = {
  ...xeon,
  name: 'Xeon Scalable',
  interconnectBytesPerSecond: { value: 10e9, source: nccl },
};
const sapphireRapids: HostProfile = {
  ...xeon,
  name: 'Xeon Scalable, 4th generation',
  splitsGpuWrites: cutsDrives,
  interconnectBytesPerSecond: { value: 22e9, source: nccl },
};
const emeraldRapids: HostProfile = {
  ...xeon,
  name: 'Xeon Scalable, 5th generation, and Xeon 6',
  splitsGpuWrites: cutsDrives,
  interconnectBytesPerSecond: { value: 40e9, source: nccl },
};
const intel: HostProfile = {
  ...unstated,
  name: 'Intel',
  forwardsPeerReads: null,
  forwardsPeerWrites: null,
  peerWriteSplitBytes: null,
  interconnectBytesPerSecond: { value: 10e9, source: nccl },
  peerInterconnectBytesPerSecond: null,
};
/** Intel of PCIe 5.0 that names no part: what joins its sockets came with that generation. */
const intelGen5: HostProfile = {
  ...intel,
  splitsGpuWrites: cutsDrives,
  interconnectBytesPerSecond: sapphireRapids.interconnectBytesPerSecond,
};
const epyc: HostProfile = {
  ...unstated,
  name: 'AMD Zen',
  forwardsPeerReads: { value: true, source: zen },
  forwardsPeerWrites: { value: true, source: zen },
  peerWriteSplitBytes: null,
  interconnectBytesPerSecond: { value: 16e9, source: nccl },
  peerInterconnectBytesPerSecond: null,
};
const zen5Copy: Sourced<number> = {
  value: 55e9,
  source: 'measured from CPU to CPU of two EPYC 9575F, one way: voipmonitor/rtx6kpro@29f3863',
};
const zen5Peers: Sourced<number> = {
  value: 175e9,
  source: 'half of the 350 GB/s both ways that voipmonitor/rtx6kpro@29f3863 quotes for two EPYC 9575F',
};
const zen5Ports: Sourced<number> = {
  value: 54_800,
  source:
    'derived: GPU to GPU across two EPYC 9575F, behind a switch each (1.35 us), 36.8 GB/s written, 40.1 read, 40.3 by two ' +
    'flows of one root port, 76.4 by two flows of two; without switches (1.14 us) 45 to 51: voipmonitor/rtx6kpro@29f3863',
};
const zen4Ports: Sourced<number> = {
  value: 44_500,
  source:
    'derived: 39 GB/s from GPU to GPU across two EPYC 9374F, without switches (1.14 us): voipmonitor/rtx6kpro@29f3863',
};
const turin: HostProfile = {
  ...epyc,
  name: 'AMD Zen 5',
  interconnectBytesPerSecond: zen5Copy,
  peerInterconnectBytesPerSecond: zen5Peers,
  peerBytesInFlightOfPorts: zen5Ports,
};
const likeTurin = ({ value, source }: Sourced<number>): Sourced<number> => ({
  value,
  source: `as Zen 5, whose socket and xGMI of 32 GT/s it shares: ${source}`,
});
/** EPYC 9004 and 9005 share socket and boards, and with them the links between sockets: xGMI of 32 GT/s. */
const genoa: HostProfile = {
  ...turin,
  name: 'AMD Zen 4 with PCIe 5.0',
  interconnectBytesPerSecond: likeTurin(zen5Copy),
  peerInterconnectBytesPerSecond: likeTurin(zen5Peers),
  peerBytesInFlightOfPorts: zen4Ports,
};
const beforeZen: HostProfile = {
  ...epyc,
  name: 'AMD before Zen',
  forwardsPeerReads: { value: false, source: zen },
};
const arm: HostProfile = { ...intel, name: 'Arm', interconnectBytesPerSecond: { value: 6e9, source: nccl } };
const other: HostProfile = { ...intel, name: 'unknown' };
/** Hosts that nobody names, by the generation of their ports. */
const otherGen4: HostProfile = {
  ...other,
  name: 'unknown, PCIe 4.0',
  interconnectBytesPerSecond: {
    value: 22e9,
    source: 'between the halves of a node with six RTX A6000: 21.8 to 22.6 GB/s, NVIDIA/nvbandwidth issue 50',
  },
};
const otherGen5: HostProfile = {
  ...other,
  name: 'unknown, PCIe 5.0',
  interconnectBytesPerSecond: {
    value: 39e9,
    source:
      'as between two EPYC 9374F, the least that is published of hosts of PCIe 5.0 (voipmonitor/rtx6kpro@29f3863)',
  },
};

const withCache = (profile: HostProfile, mebibytes: number): HostProfile => ({
  ...profile,
  cacheBytes: { value: mebibytes * 2 ** 20, source: 'last-level cache of the data sheet: Intel ARK' },
});

/** Parts of the catalogue that share their host bridge's ID with others, and the series from which they inherit. */
const byPart: ReadonlyMap<string, HostProfile> = new Map([
  ['sapphire-rapids-series', sapphireRapids],
  ['emerald-rapids-series', emeraldRapids],
  ['granite-rapids-ap-series', emeraldRapids],
  ['granite-rapids-sp-series', emeraldRapids],
  ['sierra-forest-series', emeraldRapids],
  ['epyc-9004-series', genoa],
  ['xeon-e5-series', sandyBridge],
  ...['xeon-e5-v2-series', 'xeon-e5-v3-series', 'xeon-e5-v4-series'].map((series) => [series, qpiXeon] as const),
  ['xeon-e3-1226-v3', withCache(clientHaswell, 8)],
  ...Object.entries({ 'xeon-e5-2620-v2': 15, 'xeon-e5-2620-v3': 15, 'xeon-e5-2690-v2': 25 }).map(
    ([part, mebibytes]) => [part, withCache(qpiXeon, mebibytes)] as const,
  ),
  ['xeon-e5-2630', withCache(sandyBridge, 15)],
  ['xeon-e5-2637-v3', haswellE5],
  ['xeon-e5-2630-v4', broadwellE5],
]);

/** By the ID of the host bridge; all from Intel. */
const byHostBridge: ReadonlyMap<number, HostProfile> = new Map([
  ...[0x3c00, 0x3c01].map((id) => [id, sandyBridge] as const),
  ...[0x2f00, 0x2f01, 0x0e00, 0x6f00].map((id) => [id, qpiXeon] as const),
  ...[0x0c00, 0x0c04, 0x0c08].map((id) => [id, clientHaswell] as const),
  ...[0x2030, 0x2031, 0x2032, 0x2033, 0x2020, 0x09a2].map((id) => [id, upiXeon] as const),
]);

/**
 * The profile of a socket in its machine. Xeons from the 3rd generation on share a host bridge, Zen 3 and Zen 4 a family:
 * what tells them apart is that PCIe 5.0 came with the 4th generation of Xeon Scalable and with EPYC 9004.
 */
export function socketProfile(machine: Machine, socket: Component): HostProfile {
  const profile = hostProfile(socket);
  const generation = socket.children.reduce(
    (newest, id) => Math.max(newest, machine.components[id]?.settings.generation ?? 0),
    0,
  );
  if (profile === other) return generation >= 5 ? otherGen5 : generation === 4 ? otherGen4 : other;
  if (generation < 5) return profile;
  if (profile === upiXeon) return sapphireRapids;
  if (profile === intel) return intelGen5;
  return profile === epyc && socket.settings.cpuFamily === 0x19 ? genoa : profile;
}

/** The profile of a socket by itself: by its part, its host bridge, or the make of its CPU. */
export function hostProfile({ parts, settings }: Component): HostProfile {
  for (const part of parts) {
    const profile = byPart.get(part);
    if (profile !== undefined) return profile;
  }
  switch (settings.cpuVendor) {
    case 'intel':
      return byHostBridge.get(settings.hostBridgeDeviceId ?? -1) ?? intel;
    case 'amd':
      if (settings.cpuFamily !== undefined && settings.cpuFamily < 0x17) return beforeZen;
      return settings.cpuFamily !== undefined && settings.cpuFamily >= 0x1a ? turin : epyc;
    case 'arm':
    case 'nvidia':
      return arm;
    default:
      return (
        byHostBridge.get(settings.hostBridgeVendorId === 0x8086 ? (settings.hostBridgeDeviceId ?? -1) : -1) ?? other
      );
  }
}
