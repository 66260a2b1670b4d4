import type { Component, ComponentSettings } from '../machine.ts';
import type { Sourced } from '../origin.ts';

/** What the initiator of a DMA puts on the wire by itself, whatever Device Control would allow. */
export interface DmaEngine {
  /** Largest payload of its writes; null: Max_Payload_Size. */
  readonly writeBytes: Sourced<number> | null;
  /** Largest read request; null: Max_Read_Request_Size. */
  readonly readRequestBytes: Sourced<number> | null;
  /** Largest payload of its writes to a peer, and of what it answers a peer's reads with; null: Max_Payload_Size. */
  readonly peerBytes: Sourced<number> | null;
  /** Reads in flight; null: enough. */
  readonly outstandingReads: Sourced<number> | null;
}

const nvidia = 0x10de;

const gpuWrites: Sourced<number> = {
  value: 128,
  source:
    'derived: P100 into local memory 12.89 GB/s of Gen3 x16, which 128 B payloads explain and 256 B do not ' +
    '(mpicbg-scicomp/gearshifft pull 82)',
};
const gpuPeers: Sourced<number> = {
  value: 128,
  source:
    'derived: links of 16 GT/s between NVIDIA GPUs carry 26.3 GB/s at x16 and 6.6 at x4, which payloads of 128 B explain ' +
    'and 256 B do not (NVIDIA/nvbandwidth issue 50, tinygrad/open-gpu-kernel-modules issue 44)',
};
/**
 * What leaves a PEX890xx: as payloads of 128 B would. No register of it says so; its maker tells of no limit of the kind.
 */
const pex89000: Sourced<number> = {
  value: 128,
  source:
    'derived: pairs of RTX PRO 6000 below one PEX890xx 53.9 GB/s one way, 103 both ways, 51.1 read, of Gen5 x16; the same ' +
    'GPUs 56.3 below a Switchtec PM50100 and 56.6 without a switch (voipmonitor/rtx6kpro@29f3863)',
};

/** The most that a packet between peers carries behind this switch, in bytes; null: as it came. */
export function switchPayloadBytes({ parts }: Component): Sourced<number> | null {
  return parts.includes('pex89000-series') ? pex89000 : null;
}

const gpuReads: Sourced<number> = {
  value: 256,
  source:
    'derived: P100 from local memory 12.15 GB/s of Gen3 x16: short requests, which the host answers in pieces ' +
    '(mpicbg-scicomp/gearshifft pull 82)',
};
const extendedTags: Sourced<number> = {
  value: 256,
  source:
    'Extended Tag field of 8 bits, PCIe Base 5.0 section 2.2.6.2; a kernel of an H100 that loads host memory in 128 B ' +
    'requests reaches 35.2 GB/s, 256 of them a round trip (NVIDIA/nvbandwidth issue 24)',
};

/** Stores of a core to write-combined memory leave in lines; its loads wait in line-fill buffers. */
const core: DmaEngine = {
  writeBytes: { value: 64, source: 'write-combining buffers of one line: Intel SDM volume 1, section 11.3.1' },
  readRequestBytes: { value: 64, source: 'a load fetches one line at most' },
  peerBytes: null,
  outstandingReads: {
    value: 10,
    source: '10 line-fill buffers of a Haswell core: Intel 64 and IA-32 Architectures Optimization Reference Manual',
  },
};

/**
 * Stores of one core to write-combined memory of a device: the share of what packets of 64 B could carry on the way, and
 * what a core reaches at most, bytes a second.
 */
export const coreStores: { readonly share: Sourced<number>; readonly most: Sourced<number> } = {
  share: {
    value: 16_777_216 / 1634.56e-6 / 10.82e9,
    source:
      '16 MiB to BAR1 in 1634.56 us, P100, Gen3 x16, where packets of 64 B could carry 10.82 GB/s: NVIDIA/gdrcopy README@00cf81f',
  },
  most: { value: 20e9, source: 'A100, Gen4 x16, where it stops growing: NVIDIA/gdrcopy issue 315' },
};

/**
 * The engine of a component. NVIDIA GPUs with links of up to 16 GT/s write in 128 B and read in 256 B; so is any GPU whose
 * maker the text does not say. From 32 GT/s on they fill what Device Control allows, towards peers as well: 56.6 GB/s of
 * Gen5 x16 between two EPYC root ports (voipmonitor/rtx6kpro@29f3863).
 */
export function dmaEngine(component: Component): DmaEngine {
  const { settings } = component;
  const said = statedReads(settings);
  if (component.kind === 'socket') return { ...core, outstandingReads: said ?? core.outstandingReads };
  if (component.kind !== 'gpu')
    return { writeBytes: null, readRequestBytes: null, peerBytes: null, outstandingReads: said };
  const known = (settings.vendorId ?? nvidia) === nvidia;
  const older = (settings.generation ?? 5) <= 4 && known;
  return {
    peerBytes: older ? gpuPeers : null,
    writeBytes: older ? gpuWrites : null,
    readRequestBytes: older ? gpuReads : null,
    outstandingReads: said ?? extendedTags,
  };
}

/** Reads in flight as the text states them, or as the tags allow that it states; null where it says nothing. */
function statedReads(settings: Readonly<ComponentSettings>): Sourced<number> | null {
  const { outstandingReads, extendedTags, tenBitTags, fourteenBitTags } = settings;
  if (outstandingReads !== undefined) return { value: outstandingReads, source: 'the text' };
  if (fourteenBitTags === true)
    return { value: 15_360, source: 'tags of 14 bits, 15,360 of them valid: PCIe Base 6.0 section 2.2.6.2' };
  if (tenBitTags === true)
    return { value: 768, source: 'tags of 10 bits, 768 of them valid: PCIe Base 5.0 section 2.2.6.2' };
  if (extendedTags === undefined) return null;
  return extendedTags
    ? { value: 256, source: 'tags of 8 bits: PCIe Base 5.0 section 2.2.6.2' }
    : { value: 32, source: 'tags of 5 bits: PCIe Base 5.0 section 2.2.6.2' };
}

/**
 * Operations that an engine and the link may hold between them. Fitted: 128 B writes reach 41.4 M/s, where the engine
 * alone does 47.4 M/s and the link 49 M/s.
 */
export const engineRoom: Sourced<number> = {
  value: 7,
  source: 'pcie-bench/data@b2abf2f, NFP-6000 on Xeon E5-2637 v3 and E5-2630 v4',
};

/** What a DMA engine takes to move data on between link and its own memory, seconds for each byte. */
export const engineSecondsPerByte: Sourced<number> = {
  value: 0.155e-9,
  source:
    'derived: 0.29-0.30 ns for each byte of a read, less the link: pcie-bench/data@b2abf2f, NFP-6000, 8 B to 2 KiB',
};

/** From the start of a write to the start of a read that is ordered behind it. */
export const writeIssueLatency: Sourced<number> = {
  value: 107e-9,
  source: '4 B write and read by direct command 613 ns, the read alone 506 ns: pcie-bench/data@b2abf2f, NFP-6000',
};
