import type { Component } from '../machine.ts';
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
  /** One direction between two sockets, all links together. */
  readonly interconnectBytesPerSecond: Sourced<number>;
  /** What peer traffic reaches between two sockets, where that is less. */
  readonly peerInterconnectBytesPerSecond: Sourced<number> | null;
}

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

const xeon = {
  forwardsPeerReads: null,
  forwardsPeerWrites: null,
  peerWriteSplitBytes: xeonSplit,
  peerInterconnectBytesPerSecond: null,
};

const qpiXeon: HostProfile = {
  ...xeon,
  name: 'Xeon E5',
  interconnectBytesPerSecond: { value: 6e9, source: nccl },
  peerInterconnectBytesPerSecond: {
    value: 0.3e9,
    source: 'a drive writing to a GPU of the other socket over QPI: enfiskutensykkel/ssd-gpu-dma issue 8',
  },
};
const upiXeon: HostProfile = {
  ...xeon,
  name: 'Xeon Scalable',
  interconnectBytesPerSecond: { value: 10e9, source: nccl },
};
const sapphireRapids: HostProfile = {
  ...xeon,
  name: 'Xeon Scalable, 4th generation',
  interconnectBytesPerSecond: { value: 22e9, source: nccl },
};
const emeraldRapids: HostProfile = {
  ...xeon,
  name: 'Xeon Scalable, 5th generation, and Xeon 6',
  interconnectBytesPerSecond: { value: 40e9, source: nccl },
};
const intel: HostProfile = {
  name: 'Intel',
  forwardsPeerReads: null,
  forwardsPeerWrites: null,
  peerWriteSplitBytes: null,
  interconnectBytesPerSecond: { value: 10e9, source: nccl },
  peerInterconnectBytesPerSecond: null,
};
const epyc: HostProfile = {
  name: 'AMD Zen',
  forwardsPeerReads: { value: true, source: zen },
  forwardsPeerWrites: { value: true, source: zen },
  peerWriteSplitBytes: null,
  interconnectBytesPerSecond: { value: 16e9, source: nccl },
  peerInterconnectBytesPerSecond: null,
};
const turin: HostProfile = {
  ...epyc,
  name: 'AMD Zen 5',
  interconnectBytesPerSecond: {
    value: 55e9,
    source: 'measured from CPU to CPU of two EPYC 9575F, one way: voipmonitor/rtx6kpro@29f3863',
  },
};
const beforeZen: HostProfile = {
  ...epyc,
  name: 'AMD before Zen',
  forwardsPeerReads: { value: false, source: zen },
};
const arm: HostProfile = { ...intel, name: 'Arm', interconnectBytesPerSecond: { value: 6e9, source: nccl } };
const other: HostProfile = { ...intel, name: 'unknown' };

/** Parts of the catalogue that share their host bridge's ID with others. */
const byPart: ReadonlyMap<string, HostProfile> = new Map([
  ['xeon-platinum-8480', sapphireRapids],
  ['xeon-platinum-8592', emeraldRapids],
  ['xeon-6972p', emeraldRapids],
  ['xeon-e5-2690-v2', qpiXeon],
  ['xeon-e5-2637-v3', qpiXeon],
  ['xeon-e5-2630-v4', qpiXeon],
]);

/** By the ID of the host bridge; all from Intel. */
const byHostBridge: ReadonlyMap<number, HostProfile> = new Map([
  ...[0x3c00, 0x3c01, 0x2f00, 0x2f01, 0x0e00, 0x6f00].map((id) => [id, qpiXeon] as const),
  ...[0x2030, 0x2031, 0x2032, 0x2033, 0x2020, 0x09a2].map((id) => [id, upiXeon] as const),
]);

/** The profile of a socket: by its part, its host bridge, or the make of its CPU. */
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
