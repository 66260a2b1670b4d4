/** Address space: BARs, windows and identities as the text states them. Sizes in bytes; addresses are bigint. */

export type BarKind = 'io' | 'memory32' | 'memory64' | 'rom';

export interface Bar {
  /** 0-5; a 64-bit BAR takes its slot and the next; the expansion ROM is 6, as in lspci and sysfs. */
  readonly index: number;
  readonly kind: BarKind;
  readonly prefetchable: boolean;
  /** Size now (the current size of a resizable BAR). Kept as said, a power of two or not: a rule judges it. */
  readonly bytes: number;
  /** The range of a resizable BAR, or null. */
  readonly resizable: { readonly minimumBytes: number; readonly maximumBytes: number } | null;
}

/** Single Root I/O Virtualization: what the physical function offers. */
export interface SriovCapability {
  /** TotalVFs of the capability. */
  readonly totalVfs: number;
  /** NumVFs enabled now. */
  readonly enabledVfs: number;
  readonly vfOffset: number | null;
  readonly vfStride: number | null;
  readonly vfDeviceId: number | null;
  readonly bars: readonly Bar[];
}

/** A window of a host bridge that the text states. */
export interface Aperture {
  readonly kind: 'io' | 'memory' | 'prefetchable';
  readonly bytes: bigint;
  /** Stated base address, or null: firmware chooses. */
  readonly base: bigint | null;
  /** Whether it lies below 4 GiB. */
  readonly below4g: boolean;
}

/** One function of a device beyond what stands on the component itself. */
export interface DeviceFunction {
  readonly number: number;
  readonly label: string;
  readonly vendorId: number | null;
  readonly deviceId: number | null;
  readonly classCode: number | null;
  readonly bars: readonly Bar[];
}
