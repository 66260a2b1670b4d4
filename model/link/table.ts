import type { LinkSettings } from './efficiency.ts';
import { linkBandwidth, steadyBandwidth } from './efficiency.ts';

/** Payload in bytes per second. */
export interface PayloadRates {
  readonly writeBytesPerSecond: number;
  readonly readBytesPerSecond: number;
  /** Each way, both at once. */
  readonly readWriteBytesPerSecond: number;
}

/** One size of the table. */
export interface BandwidthRow extends PayloadRates {
  readonly transferBytes: number;
}

export interface BandwidthTable {
  readonly rows: readonly BandwidthRow[];
  /** Steady state of long transfers. */
  readonly steady: PayloadRates;
  /**
   * Sizes at which the time on the wire equals the latency (rate x latency, the bandwidth-delay product): below them
   * latency decides, above them bandwidth. Null where no latency was given.
   */
  readonly latencyBoundBelowBytes: { readonly write: number | null; readonly read: number | null };
}

export const tableSizes: readonly number[] = [64, 128, 256, 512, 1024, 2048, 4096];

export interface PathLatency {
  /** One-way time of a small posted write, in seconds. */
  readonly writeSeconds?: number;
  /** Round trip of a small read, in seconds. */
  readonly readRoundTripSeconds?: number;
}

/** Effective rates of a link over transfer sizes, for a hover. Throws as `linkBandwidth` does. */
export function bandwidthTable(
  settings: LinkSettings,
  latency: PathLatency = {},
  sizes: readonly number[] = tableSizes,
): BandwidthTable {
  const row = (transferBytes: number): BandwidthRow => {
    const at = linkBandwidth({ ...settings, transferBytes });
    return {
      transferBytes,
      writeBytesPerSecond: at.writeBytesPerSecond,
      readBytesPerSecond: at.readBytesPerSecond,
      readWriteBytesPerSecond: at.readWriteBytesPerSecond,
    };
  };
  const long = steadyBandwidth(settings);
  const { writeSeconds, readRoundTripSeconds } = latency;
  return {
    rows: sizes.map(row),
    steady: {
      writeBytesPerSecond: long.writeBytesPerSecond,
      readBytesPerSecond: long.readBytesPerSecond,
      readWriteBytesPerSecond: long.readWriteBytesPerSecond,
    },
    latencyBoundBelowBytes: {
      write: writeSeconds === undefined ? null : long.writeBytesPerSecond * writeSeconds,
      read: readRoundTripSeconds === undefined ? null : long.readBytesPerSecond * readRoundTripSeconds,
    },
  };
}
