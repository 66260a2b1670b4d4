import type { Generation, LaneCount } from './generation.ts';
import { flit, rawBytesPerSecond, requiresFlitMode } from './generation.ts';
import type { Counting } from './split.ts';
import { splitRead, splitWrite } from './split.ts';
import type { TaxSetting } from './tax.ts';
import { linkTax } from './tax.ts';
import { isPayloadSize, tlpOverheadBytes } from './tlp.ts';

/**
 * Effective bandwidth of one link by itself, in closed form: Neugebauer et al., "Understanding PCIe performance for end
 * host networking", SIGCOMM 2018, extended by unaligned starts, prefixes and Flit Mode. A device writes to and reads
 * from the other end without pause; latency, tags and credits are no part of it.
 */
export interface LinkSettings {
  readonly generation: Generation;
  readonly lanes: LaneCount;
  /** Max_Payload_Size in bytes: 128 to 4096, a power of two. */
  readonly mps?: number;
  /** Max_Read_Request_Size in bytes: 128 to 4096, a power of two. */
  readonly mrrs?: number;
  /** Read Completion Boundary in bytes: 64 or 128. */
  readonly rcb?: number;
  readonly addressBits?: 32 | 64;
  readonly ecrc?: boolean;
  /** Completions split at every RCB instead of at MPS. */
  readonly rcbChunks?: boolean;
  /** End-to-End prefixes on requests (PASID, TPH), 4 B each. */
  readonly requestPrefixes?: number;
  readonly tax?: TaxSetting;
  /** Flit Mode negotiated below 64 GT/s; from 64 GT/s on it is always on. */
  readonly flitMode?: boolean;
  /** See `split.ts`. */
  readonly counting?: Counting;
}

export interface LinkTransfer extends LinkSettings {
  /** Size of each transfer in bytes, at least 1. */
  readonly transferBytes: number;
  /** Start address of each transfer modulo 4096; 0 where absent. */
  readonly offsetBytes?: number;
}

export type ResolvedLinkSettings = Required<LinkSettings>;

/**
 * What stands where a setting is absent. MRRS 512 and RCB 64: reset values of Device Control and Link Control, PCIe Base
 * 5.0 sections 7.5.3.4 and 7.5.3.7. MPS 256: what the hosts and devices measured by pcie-bench use (SIGCOMM 2018,
 * section 3). 64-bit addresses: memory above 4 GiB.
 */
export const linkDefaults = {
  mps: 256,
  mrrs: 512,
  rcb: 64,
  addressBits: 64,
  ecrc: false,
  rcbChunks: false,
  requestPrefixes: 0,
  tax: 'measured',
  counting: 'published',
} as const satisfies Partial<LinkSettings>;

export interface WriteCost {
  readonly tlps: number;
  readonly wireBytes: number;
}

export interface ReadCost {
  readonly requests: number;
  readonly completions: number;
  /** From the reader. */
  readonly requestWireBytes: number;
  /** To the reader. */
  readonly completionWireBytes: number;
  readonly limitedBy: 'requests' | 'completions';
}

export interface LinkBandwidth {
  /** One direction, after the line code. */
  readonly rawBytesPerSecond: number;
  /** What is left of it for TLPs, headers included: less the tax, and in Flit Mode 236/256. */
  readonly tlpBytesPerSecond: number;
  readonly taxFraction: number;
  readonly taxSource: string;
  /** Payload, one way. */
  readonly writeBytesPerSecond: number;
  readonly readBytesPerSecond: number;
  /** Payload each way, while as much is read as is written. */
  readonly readWriteBytesPerSecond: number;
  /** Transfers a second. */
  readonly writesPerSecond: number;
  readonly readsPerSecond: number;
  readonly readWritesPerSecond: number;
  /** Payload over raw, 0 to 1. */
  readonly writeEfficiency: number;
  readonly readEfficiency: number;
  readonly readWriteEfficiency: number;
  readonly write: WriteCost;
  readonly read: ReadCost;
}

/** Fills in defaults and checks what the specification bounds. Throws a RangeError that names the setting. */
export function resolveLinkSettings(settings: LinkSettings): ResolvedLinkSettings {
  const flitMode = requiresFlitMode(settings.generation) || (settings.flitMode ?? false);
  const resolved: ResolvedLinkSettings = {
    generation: settings.generation,
    lanes: settings.lanes,
    mps: settings.mps ?? linkDefaults.mps,
    mrrs: settings.mrrs ?? linkDefaults.mrrs,
    rcb: settings.rcb ?? linkDefaults.rcb,
    addressBits: settings.addressBits ?? linkDefaults.addressBits,
    ecrc: settings.ecrc ?? linkDefaults.ecrc,
    rcbChunks: settings.rcbChunks ?? linkDefaults.rcbChunks,
    requestPrefixes: settings.requestPrefixes ?? linkDefaults.requestPrefixes,
    tax: settings.tax ?? linkDefaults.tax,
    flitMode,
    counting: settings.counting ?? linkDefaults.counting,
  };
  for (const name of ['mps', 'mrrs'] as const) {
    if (!isPayloadSize(resolved[name])) {
      throw new RangeError(`${name} must be a power of two from 128 to 4096 bytes, not ${resolved[name]}`);
    }
  }
  if (resolved.rcb !== 64 && resolved.rcb !== 128) throw new RangeError(`rcb must be 64 or 128, not ${resolved.rcb}`);
  // Four End-to-End prefixes at most: PCIe Base 5.0 section 2.2.10.2.
  if (!Number.isInteger(resolved.requestPrefixes) || resolved.requestPrefixes < 0 || resolved.requestPrefixes > 4) {
    throw new RangeError(`requestPrefixes must be 0 to 4, not ${resolved.requestPrefixes}`);
  }
  return resolved;
}

/** Bytes per second that are left for TLPs: raw, less the tax, and in Flit Mode 236 of every 256 bytes. */
export function tlpBytesPerSecond(settings: ResolvedLinkSettings): number {
  const raw = rawBytesPerSecond(settings.generation, settings.lanes);
  const share = settings.flitMode ? flit.tlpBytes / flit.bytes : 1;
  return raw * share * (1 - linkTax(settings.tax, settings).fraction);
}

/** Wire bytes of a write and of a read of one transfer, without any rate. */
export function transferCost(transfer: LinkTransfer): { readonly write: WriteCost; readonly read: ReadCost } {
  const settings = resolveLinkSettings(transfer);
  const { transferBytes, offsetBytes = 0 } = transfer;
  if (!Number.isSafeInteger(transferBytes) || transferBytes < 1) {
    throw new RangeError(`transferBytes must be a positive whole number, not ${transferBytes}`);
  }
  if (!Number.isInteger(offsetBytes) || offsetBytes < 0 || offsetBytes >= 4096) {
    throw new RangeError(`offsetBytes must be 0 to 4095, not ${offsetBytes}`);
  }
  const input = { ...settings, transferBytes, offsetBytes };
  const written = splitWrite(input);
  const read = splitRead(input);
  const requestWireBytes = read.requests * tlpOverheadBytes('memory-read', settings);
  const completionWireBytes = read.payloadBytes + read.completions * tlpOverheadBytes('completion-data', settings);
  return {
    write: {
      tlps: written.tlps,
      wireBytes: written.payloadBytes + written.tlps * tlpOverheadBytes('memory-write', settings),
    },
    read: {
      requests: read.requests,
      completions: read.completions,
      requestWireBytes,
      completionWireBytes,
      limitedBy: requestWireBytes > completionWireBytes ? 'requests' : 'completions',
    },
  };
}

/**
 * What a link carries, in bytes of payload per second: writes alone, reads alone, and both at once (each way).
 * Throws a RangeError for a setting outside the specification.
 */
export function linkBandwidth(transfer: LinkTransfer): LinkBandwidth {
  const settings = resolveLinkSettings(transfer);
  const { write, read } = transferCost(transfer);
  const raw = rawBytesPerSecond(settings.generation, settings.lanes);
  const available = tlpBytesPerSecond(settings);
  const tax = linkTax(settings.tax, settings);
  const writesPerSecond = available / write.wireBytes;
  const readsPerSecond = available / Math.max(read.requestWireBytes, read.completionWireBytes);
  // Writes and the requests of the reads share one direction, completions have the other.
  const busier = Math.max(write.wireBytes + read.requestWireBytes, read.completionWireBytes);
  const readWritesPerSecond = available / busier;
  const bytes = transfer.transferBytes;
  return {
    rawBytesPerSecond: raw,
    tlpBytesPerSecond: available,
    taxFraction: tax.fraction,
    taxSource: tax.source,
    writeBytesPerSecond: writesPerSecond * bytes,
    readBytesPerSecond: readsPerSecond * bytes,
    readWriteBytesPerSecond: readWritesPerSecond * bytes,
    writesPerSecond,
    readsPerSecond,
    readWritesPerSecond,
    writeEfficiency: (writesPerSecond * bytes) / raw,
    readEfficiency: (readsPerSecond * bytes) / raw,
    readWriteEfficiency: (readWritesPerSecond * bytes) / raw,
    write,
    read,
  };
}

/** Long enough that a partial last TLP no longer shows, a multiple of every legal payload and request size. */
const longTransferBytes = 2 ** 30;

/** Steady state of a long aligned transfer. */
export function steadyBandwidth(settings: LinkSettings): LinkBandwidth {
  return linkBandwidth({ ...settings, transferBytes: longTransferBytes });
}
