/**
 * How a transfer of n bytes becomes TLPs.
 *
 * Two ways of counting. `published` is the closed form of Neugebauer et al. (SIGCOMM 2018): ceil(n / MPS) writes,
 * ceil(n / MRRS) requests, ceil(n / c) completions, payload counted in bytes. `exact` follows PCIe Base 5.0 sections
 * 2.2.2, 2.2.7 and 2.3.1.1: a completion answers one request only (so MRRS also bounds it), a TLP carries whole double
 * words. They differ for MRRS below MPS and for sizes that are no multiple of 4 B, and nowhere else.
 *
 * An offset moves the start off its natural alignment. Requests are then cut at multiples of MPS or MRRS, which keeps
 * them inside 4 KiB pages as the specification demands; the first completion ends at the next read completion boundary.
 * Everything is counted without loops: n may be terabytes.
 */
export type Counting = 'published' | 'exact';

export interface SplitInput {
  readonly transferBytes: number;
  /** Start address modulo 4096. */
  readonly offsetBytes: number;
  readonly mps: number;
  readonly mrrs: number;
  readonly rcb: number;
  /** The completer splits at every read completion boundary, as several older chipsets do, instead of filling MPS. */
  readonly rcbChunks: boolean;
  readonly counting: Counting;
}

export interface WriteSplit {
  readonly tlps: number;
  /** Payload bytes on the wire: the transfer, and with `exact` the padding to whole double words. */
  readonly payloadBytes: number;
}

export interface ReadSplit {
  readonly requests: number;
  readonly completions: number;
  readonly payloadBytes: number;
}

/** Blocks of `block` bytes, aligned to their size, that [offset, offset + bytes) touches. */
function blocksTouched(offset: number, bytes: number, block: number): number {
  return Math.floor((offset + bytes - 1) / block) - Math.floor(offset / block) + 1;
}

function wirePayload(input: SplitInput): number {
  // Cuts lie on multiples of 64 B and more, so that only the two ends of the transfer can be padded.
  return input.counting === 'exact'
    ? 4 * blocksTouched(input.offsetBytes, input.transferBytes, 4)
    : input.transferBytes;
}

export function splitWrite(input: SplitInput): WriteSplit {
  return {
    tlps: blocksTouched(input.offsetBytes, input.transferBytes, input.mps),
    payloadBytes: wirePayload(input),
  };
}

/** Completions that answer one request. */
function completionsOf(offset: number, bytes: number, rcb: number, chunk: number): number {
  const head = (rcb - (offset % rcb)) % rcb;
  if (head === 0) return Math.ceil(bytes / chunk);
  return bytes <= head ? 1 : 1 + Math.ceil((bytes - head) / chunk);
}

export function splitRead(input: SplitInput): ReadSplit {
  const { transferBytes, offsetBytes, mrrs, rcb } = input;
  const chunk = input.rcbChunks ? rcb : input.mps;
  const requests = blocksTouched(offsetBytes, transferBytes, mrrs);
  const payloadBytes = wirePayload(input);
  if (input.counting === 'published' && offsetBytes === 0) {
    return { requests, completions: Math.ceil(transferBytes / chunk), payloadBytes };
  }
  const first = Math.min(transferBytes, mrrs - (offsetBytes % mrrs));
  const rest = transferBytes - first;
  const full = Math.floor(rest / mrrs);
  const last = rest - full * mrrs;
  const completions =
    completionsOf(offsetBytes, first, rcb, chunk) +
    full * completionsOf(0, mrrs, rcb, chunk) +
    (last > 0 ? completionsOf(0, last, rcb, chunk) : 0);
  return { requests, completions, payloadBytes };
}
