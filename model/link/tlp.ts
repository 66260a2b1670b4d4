/**
 * Bytes that a TLP carries beside its payload.
 * Source: PCIe Base 5.0 section 2.2 (headers: 3 or 4 DW; digest 1 DW; End-to-End prefixes 1 DW each) and section 3.2
 * and 4.2 (sequence number 2 B, LCRC 4 B; framing STP + END symbols in 8b/10b, the 4 B STP token that holds the
 * sequence number in 128b/130b: 8 B both ways); PCIe Base 6.0 section 2.2.1.2 for Flit Mode, where framing, sequence
 * number and LCRC are gone. The same figures: Neugebauer et al., "Understanding PCIe performance for end host
 * networking", SIGCOMM 2018, section 3.
 */
export type TlpKind = 'memory-write' | 'memory-read' | 'completion-data';

export interface TlpFormat {
  readonly addressBits: 32 | 64;
  /** TLP digest of 4 B on every TLP. */
  readonly ecrc: boolean;
  /** End-to-End prefixes (or, in Flit Mode, words of orthogonal header content) on requests: PASID, TPH. 4 B each. */
  readonly requestPrefixes: number;
  readonly flitMode: boolean;
}

const bytesPerDoubleWord = 4;
/** Sequence number, LCRC and framing of a TLP outside Flit Mode. */
const linkLayerBytes = 8;

/**
 * Bytes on the wire for one TLP of this kind beside its payload. Outside Flit Mode with 64-bit addresses:
 * MWr 24, MRd 24, CplD 20. In Flit Mode: 16, 16, 12.
 */
export function tlpOverheadBytes(kind: TlpKind, format: TlpFormat): number {
  const request = kind !== 'completion-data';
  const headerDoubleWords = request && format.addressBits === 64 ? 4 : 3;
  const prefixes = request ? format.requestPrefixes : 0;
  const digest = format.ecrc ? 1 : 0;
  return (format.flitMode ? 0 : linkLayerBytes) + bytesPerDoubleWord * (headerDoubleWords + prefixes + digest);
}

/** Legal Max_Payload_Size and Max_Read_Request_Size, in bytes (PCIe Base 5.0 section 7.5.3.4). */
export const payloadSizes = [128, 256, 512, 1024, 2048, 4096] as const;
export type PayloadSize = (typeof payloadSizes)[number];

export function isPayloadSize(bytes: number): bytes is PayloadSize {
  return payloadSizes.some((size) => size === bytes);
}
