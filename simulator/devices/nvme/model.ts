import type { Sourced } from '../../../model/origin.ts';
import type { SpareFlash } from '../write-amplification.ts';

/** What a drive is, as the simulator needs it. Seconds, bytes, bytes per second; infinite where nothing limits. */
export interface NvmeModel {
  readonly name: string;
  /** At least one; its number in the drive (NSID) is its place here plus one. */
  readonly namespaces: readonly NamespaceModel[];
  readonly readBytesPerSecond: number;
  readonly writeBytesPerSecond: number;
  /** Commands a second, random, 4 KiB. */
  readonly readIops: number;
  readonly writeIops: number;
  /** From the doorbell to the interrupt, 4 KiB, nothing else to do. */
  readonly readSeconds: number;
  readonly writeSeconds: number;
  /** Spread of reads: standard deviation of the logarithm of the media's time. */
  readonly readSpread: number;
  /** The same for a read that goes on where the last one ended: read ahead, so in the drive's buffer. */
  readonly sequentialReadSeconds: number;
  readonly queuePairs: number;
  /** Entries of a queue; one stays empty. */
  readonly queueEntries: number;
  /** Vectors for MSI-X; 0: an interrupt line that everything shares. */
  readonly vectors: number;
  /** Submission queues lie in the drive's own memory. */
  readonly controllerMemoryBuffer: boolean;
  /** Completions that an interrupt waits for, 1 for none, and how long at most (Feature 08h). */
  readonly coalesceThreshold: number;
  readonly coalesceSeconds: number;
  /** Supports scatter-gather lists (SGLS in Identify Controller). */
  readonly scatterGather: boolean;
  /** What the drive's own writing depends on; absent where it is unknown. */
  readonly spareFlash?: SpareFlash;
  /** Bytes of writes that it takes before the flash limits; absent: what the flash takes in a short time. */
  readonly writeCacheBytes?: number;
}

/** A namespace: a drive within the drive. */
export interface NamespaceModel {
  readonly label: string;
  readonly bytes: number;
  readonly logicalBlockBytes: number;
  readonly zones: ZoneModel | null;
}

export interface ZoneModel {
  readonly zoneBytes: number;
  readonly zones: number;
  /** Zones that may be open at once; infinite where the drive does not say. */
  readonly openZones: number;
}

/** NAND works on pages of this size, so larger commands are spread over units in these pieces. */
export const pageBytes: Sourced<number> = {
  value: 16384,
  source: 'ONFI 5.0, page sizes of TLC parts; 16 KiB page of Micron B47R (TechInsights)',
};

/** Rate of one channel to the NAND: sets how many channels a drive of some bandwidth has. */
export const channelBytesPerSecond: Sourced<number> = {
  value: 1.2e9,
  source: 'ONFI 4.1, NV-DDR3 at 1200 MT/s',
};

/** Beyond what any drive has: figures that cannot be meant do not fill the memory. */
const mostUnits = 16_384;

/**
 * Units that work at a time: twice what the stated IOPS need, as random commands never find all of them idle. Structure, not
 * a figure of a drive: what a drive reaches is stated by its IOPS.
 */
export function mediaUnits(readIops: number, readSeconds: number): number {
  const needed = Number.isFinite(readIops) ? 2 * readIops * readSeconds : 64;
  return Math.min(mostUnits, Math.max(8, 2 ** Math.ceil(Math.log2(Math.max(1, needed)))));
}

export function mediaChannels(readBytesPerSecond: number): number {
  if (!Number.isFinite(readBytesPerSecond)) return 16;
  return Math.min(mostUnits, 2 ** Math.ceil(Math.log2(Math.max(1, readBytesPerSecond / channelBytesPerSecond.value))));
}

/**
 * Spread of random reads of flash. The 99.99 % quantile of QD1 reads is 2.5 times the mean on the widest of the TLC drives
 * of the round-up; for a log-normal time that is a deviation of ln 2.5 / 3.72.
 */
export const flashReadSpread: Sourced<number> = {
  value: Math.log(2.5) / 3.72,
  source: 'AnandTech, "Enterprise SSD roundup", 2018-12, QD1 random read QoS: anandtech.com/show/13704/5',
};

/** QD1 4 KiB reads of TLC on Gen4 and of a SATA drive, end to end; what the text may state instead. */
export const flashReadEndToEnd: Sourced<number> = {
  value: 49.6e-6,
  source: 'Corsair MP600 PRO XT, 20176 IOPS at QD1: KitGuru, Optane P5800X review, page 7',
};
export const flashWriteEndToEnd: Sourced<number> = {
  value: 20e-6,
  source: 'Intel P4500, random write: Lenovo Press product guide, table 2',
};
export const flashSequentialReadEndToEnd: Sourced<number> = {
  value: 10e-6,
  source: 'Intel P4500, sequential read: Lenovo Press product guide, table 2',
};
