import { type Connection, componentAt, type Machine, socketOf } from '../../model/machine.ts';
import type { Sourced } from '../../model/origin.ts';
import { ncclPathType } from '../../model/peer/nccl-path.ts';
import { deviceLinkBytesPerSecond } from '../../model/peer/nvlink.ts';
import type { Via } from '../../model/work.ts';

/** How NCCL moves data between two neighbours. */
export type Transport = 'nvlink' | 'p2p' | 'shared-memory' | 'network';
export type Protocol = 'LL' | 'LL128' | 'Simple';
/** `nvls`: NVSwitches add up and multiply the data. */
export type Algorithm = 'ring' | 'tree' | 'nvls';

export const protocols: readonly Protocol[] = ['LL', 'LL128', 'Simple'];

type Latencies = Readonly<Record<Algorithm, readonly [number, number, number]>>;

/** Seconds that a collective takes before its first step: LL, LL128, Simple. */
export const baseLatency: Sourced<Latencies> = {
  value: { tree: [6.8e-6, 14.0e-6, 8.4e-6], ring: [6.6e-6, 14.0e-6, 8.4e-6], nvls: [0, 0, 0] },
  source: 'NVIDIA/nccl v2.28.7-1 src/graph/tuning.cc, baseLatencies',
};

/** Seconds of each step: LL, LL128, Simple. */
export const stepLatency: Sourced<Readonly<Record<'nvlink' | 'pci' | 'network', Latencies>>> = {
  value: {
    nvlink: { tree: [0.6e-6, 1.25e-6, 4.0e-6], ring: [0.6e-6, 1.9e-6, 3.4e-6], nvls: [0, 0, 25e-6] },
    pci: { tree: [1.0e-6, 1.9e-6, 4.0e-6], ring: [1.0e-6, 2.5e-6, 5.7e-6], nvls: [0, 0, 0] },
    network: { tree: [5.0e-6, 8.5e-6, 14e-6], ring: [2.7e-6, 4.0e-6, 14.0e-6], nvls: [0, 0, 0] },
  },
  source: 'NVIDIA/nccl v2.28.7-1 src/graph/tuning.cc, hwLatencies',
};

/**
 * What steps from GPU to GPU over PCIe reach of what a copy engine does: kernels send and receive at once, and flags go with
 * the data.
 */
export const pcieShare: Sourced<number> = {
  value: 0.83,
  source:
    'all-reduce of 1 GB and 4 GB, ring, Simple: 46.4 GB/s of 56.3 below two Switchtec switches, 41.5 of 50 across two EPYC ' +
    '9005: voipmonitor/rtx6kpro@29f3863, hardware/wrx90-cpayne-8gpu-root-topology-comparison.md and pcie-bandwidth.md',
};

/** Bytes on the wire for one byte of data: LL sends a flag of 4 B with 4 B, LL128 8 B with 120 B. */
export const protocolCost: Sourced<Readonly<Record<Protocol, number>>> = {
  value: { LL: 2, LL128: 128 / 120, Simple: 1 },
  source: 'NVIDIA/nccl src/include/device.h, union ncclLLFifoLine and NCCL_LL128_DATAELEMS of NCCL_LL128_LINEELEMS',
};

/** Share of the bus bandwidth that tuning.cc reckons with when it chooses. */
export const protocolShare: Sourced<Readonly<Record<Algorithm, Readonly<Record<Protocol, number>>>>> = {
  value: {
    ring: { LL: 1 / 2, LL128: 0.92, Simple: 1 },
    tree: { LL: 0.9 / 3.8, LL128: (0.9 * 7) / 9, Simple: 0.9 },
    nvls: { LL: 0, LL128: 0, Simple: 1 },
  },
  source: 'NVIDIA/nccl src/graph/tuning.cc, ncclTopoTuneModel; LL: half of what it sends are flags',
};

/** Bytes per second that kernels move over one NVLink of a generation of GPUs, by compute capability. */
const nvlinkRate: Sourced<readonly (readonly [number, number])[]> = {
  value: [
    [10, 40.1e9],
    [9, 20.6e9],
    [8.6, 12e9],
    [8, 20e9],
    [7, 20e9],
    [6, 18e9],
  ],
  source: 'NVIDIA/nccl src/graph/topo.h, SM60_NVLINK_BW to SM100_NVLINK_BW, and ncclTopoNVLinkBw',
};

/**
 * Bytes of an NVLink's rate that one byte of a collective takes: what the link carries of raw bits over what NCCL counts
 * on. 1 where the GPU or the link is not known.
 */
export function nvlinkCost(machine: Machine, gpu: number, connection: Connection | undefined): number {
  const capability = Number(componentAt(machine, gpu).settings.computeCapability ?? Number.NaN);
  const rate = nvlinkRate.value.find(([least]) => capability >= least)?.[1];
  if (rate === undefined || connection?.technology !== 'nvlink') return 1;
  const raw = deviceLinkBytesPerSecond(machine, connection)?.value;
  return raw === undefined ? 1 : Math.max(1, raw / connection.links / rate);
}

/** Share of what NVLink carries that collectives in NVSwitches reach, by compute capability. */
const switchShare: Sourced<readonly (readonly [number, number])[]> = {
  value: [
    [10, 0.74],
    [9, 0.85],
  ],
  source: 'NVIDIA/nccl src/graph/tuning.cc, nvlsEfficiency: Hopper 0.85, Blackwell 0.74',
};

/** Bytes of the link that one byte of a collective in NVSwitches takes. */
export function switchCost(machine: Machine, gpu: number): number {
  const capability = Number(componentAt(machine, gpu).settings.computeCapability ?? Number.NaN);
  return 1 / (switchShare.value.find(([least]) => capability >= least)?.[1] ?? 1);
}

/** How data goes from one rank to the next, and why. */
export interface Transfer {
  readonly transport: Transport;
  readonly via: Via;
  readonly because: string;
}

/**
 * The transport that NCCL picks: NVLink first; peer to peer below common switches (PIX, PXB); else shared host memory.
 * Two GPUs on an AMD host use peer to peer at any distance.
 * Source: NVIDIA/nccl src/graph/paths.cc, ncclTopoCheckP2p (p2pLevel) and ncclTopoCheckGdr.
 */
export function transport(machine: Machine, from: number, to: number, ranks: number, asked: Via): Transfer {
  const network = [from, to].some((id) => componentAt(machine, id).kind === 'nic');
  const path = ncclPathType(machine, from, to);
  const names = `${componentAt(machine, from).label} to ${componentAt(machine, to).label}`;
  if (asked === 'host') {
    return {
      transport: network ? 'network' : 'shared-memory',
      via: 'host',
      because: `${names}: the text asks for host memory.`,
    };
  }
  if (path === 'NVL') return { transport: 'nvlink', via: 'auto', because: `${names}: NVLink joins them.` };
  const near = path === 'PIX' || path === 'PXB' || asked === 'p2p';
  if (network) {
    const because = near ? 'GPUDirect RDMA' : `GPUDirect RDMA ends at PXB, and they are ${path} apart`;
    return { transport: 'network', via: near ? 'auto' : 'host', because: `${names}: ${because}.` };
  }
  const amd = socketOf(machine, from)?.settings.cpuVendor === 'amd' && ranks <= 2;
  if (near || amd) return { transport: 'p2p', via: 'auto', because: `${names}: peer to peer, ${path}.` };
  return { transport: 'shared-memory', via: 'host', because: `${names}: ${path}, through shared host memory.` };
}

/** Which of the latencies counts for a transport. */
export const latencyClass = (one: Transport): 'nvlink' | 'pci' | 'network' =>
  one === 'nvlink' ? 'nvlink' : one === 'network' ? 'network' : 'pci';
