import type { Sourced } from '../origin.ts';
import type { Generation, LaneCount } from './generation.ts';
import { flit, rawBytesPerSecond, requiresFlitMode } from './generation.ts';
import type { TlpFormat } from './tlp.ts';
import { tlpOverheadBytes } from './tlp.ts';

/**
 * Times on a path, in seconds. The constants are defaults for parts that do not state their own; a host, a switch or
 * a device that does is used instead.
 */

/** From port to port of a switch, one way, cut-through: first bit in to first bit out, its physical layers included. */
export const switchLatency: Sourced<number> = {
  value: 105e-9,
  source:
    'Broadcom PEX88000, x16 to x16, vendor figure (linleygroup.com newsletter 6069); 100 ns reported for PEX890xx ' +
    '(voipmonitor/rtx6kpro@29f3863)',
};

/**
 * Through a root complex, one way: from the device's transaction layer over root port and link to the coherent fabric,
 * or back. Half of an 8 B read that hits the cache (506 ns) less 7 ns on the wire.
 */
export const rootComplexLatency: Sourced<number> = {
  value: 250e-9,
  source:
    'derived from pcie-bench/data@b2abf2f: 8 B read by direct command 506 ns, NFP-6000, Gen3 x8, Xeon E5-2637 v3, cache warm',
};

/** What a read adds in host memory when no cache holds the line, over a hit in the last-level cache (DDIO). */
export const memoryLatency: Sourced<number> = {
  value: 48e-9,
  source: 'middle of the 40-55 ns between warm and cold 64 B reads, Xeon E5 v3 and v4 (pcie-bench/data@b2abf2f)',
};

/** What a read of the other socket's memory adds to its round trip. */
export const remoteSocketLatency: Sourced<number> = {
  value: 60e-9,
  source: 'middle of 53-67 ns, QPI between two Xeon E5-2630 v4 (pcie-bench/data@b2abf2f)',
};

/** What a DMA engine adds to a read over its device's shortest path; one FPGA-like NIC, a default for want of others. */
export const dmaEngineLatency: Sourced<number> = {
  value: 80e-9,
  source: 'NFP-6000: 8 B read by DMA engine 586 ns, by direct command 506 ns (pcie-bench/data@b2abf2f)',
};

/** A retimer, one way. PCIe Base 5.0 allows 64 ns from 8 GT/s on (table of retimer latency limits); parts do better. */
export const retimerLatency: Sourced<number> = {
  value: 10e-9,
  source: 'less than 10 ns: Astera Labs, Aries PCIe 4.0/5.0 retimers, protocol-transparent low-latency modes',
};

const advertised = 'GeForce MX150 at Gen3 x4, Exit Latency in Link Capabilities: pciutils, tests/cap-exp-lnkcap2';
const l0sExit: Sourced<number> = { value: 1e-6, source: `less than 1 us: ${advertised}` };
const l1Exit: Sourced<number> = { value: 4e-6, source: `less than 4 us: ${advertised}` };

/**
 * What the first packet after a pause waits for a link that saves power, in seconds; null where it does not. A device may
 * advertise 64 ns to more than 4 us for L0s and 1 us to more than 64 us for L1 (PCIe Base 5.0 section 7.5.3.6).
 */
export function aspmExit(state: 'off' | 'l0s' | 'l1' | 'l0s-l1'): Sourced<number> | null {
  if (state === 'off') return null;
  // With both, a link that has been idle for long is in the deeper one.
  return state === 'l0s' ? l0sExit : l1Exit;
}

/** Delay of a stripline in FR-4, seconds for each metre. */
export const traceDelay: Sourced<number> = {
  value: 180e-12 / 0.0254,
  source: '180 ps per inch, Intel AN 958 (683073), Board Design Guidelines',
};

/** Time that a signal needs for `meters` of trace or cable. */
export function propagationSeconds(meters: number, secondsPerMeter: number = traceDelay.value): number {
  return meters * secondsPerMeter;
}

export interface SerializingLink {
  readonly generation: Generation;
  readonly lanes: LaneCount;
  /** Flit Mode below 64 GT/s; always on from there. */
  readonly flitMode?: boolean;
}

/**
 * Time that `wireBytes` of TLPs occupy a link, in seconds, without DLLPs and SKP. In Flit Mode whole flits count, since a
 * flit is checked (CRC, FEC) before its TLPs are used.
 */
export function serializationSeconds(wireBytes: number, link: SerializingLink): number {
  const raw = rawBytesPerSecond(link.generation, link.lanes);
  if (!requiresFlitMode(link.generation) && link.flitMode !== true) return wireBytes / raw;
  return (Math.ceil(wireBytes / flit.tlpBytes) * flit.bytes) / raw;
}

/** One thing on the way. `stage` is a switch, a root complex, a retimer, an interconnect or a device: a fixed time. */
export type LatencyHop =
  | (SerializingLink & { readonly kind: 'link'; readonly meters?: number })
  | { readonly kind: 'stage'; readonly seconds: number; readonly storeAndForward?: boolean };

export interface Latency {
  readonly seconds: number;
  /** Stages and propagation. */
  readonly fixedSeconds: number;
  readonly serializationSeconds: number;
}

/**
 * One way along `hops`, first bit sent to last bit received, for `wireBytes` in one piece. Stages cut through: the slowest
 * link of each run decides how long the last bit trails; a store-and-forward stage starts a new run.
 */
export function oneWayLatency(hops: readonly LatencyHop[], wireBytes: number): Latency {
  let fixed = 0;
  let finished = 0;
  let slowest = 0;
  for (const hop of hops) {
    if (hop.kind === 'link') {
      fixed += propagationSeconds(hop.meters ?? 0);
      slowest = Math.max(slowest, serializationSeconds(wireBytes, hop));
    } else {
      fixed += hop.seconds;
      if (hop.storeAndForward === true) {
        finished += slowest;
        slowest = 0;
      }
    }
  }
  const serialization = finished + slowest;
  return { seconds: fixed + serialization, fixedSeconds: fixed, serializationSeconds: serialization };
}

const plainFormat = { addressBits: 64, ecrc: false, requestPrefixes: 0 } as const;

/** The format of TLPs on a path: Flit Mode only where every link is in it, since switches translate to the older form. */
function formatOf(hops: readonly LatencyHop[], format: Partial<TlpFormat>): TlpFormat {
  const links = hops.filter((hop) => hop.kind === 'link');
  const flitMode = links.length > 0 && links.every((hop) => requiresFlitMode(hop.generation) || hop.flitMode === true);
  return { ...plainFormat, flitMode, ...format };
}

/** One-way time of one posted write of at most MPS bytes, 64 B where not said. */
export function postedWriteLatency(
  hops: readonly LatencyHop[],
  payloadBytes = 64,
  format: Partial<TlpFormat> = {},
): Latency {
  return oneWayLatency(hops, payloadBytes + tlpOverheadBytes('memory-write', formatOf(hops, format)));
}

export interface ReadLatencyInput {
  /** From the reader to the completer. */
  readonly request: readonly LatencyHop[];
  /** From the completer back; the reverse of the request's where absent. */
  readonly completion?: readonly LatencyHop[];
  /** Time in the completer: memory, or a device's own. */
  readonly completerSeconds: number;
  /** 64 where absent. */
  readonly payloadBytes?: number;
  /** Largest payload of one completion, 256 where absent. */
  readonly completionBytes?: number;
  readonly format?: Partial<TlpFormat>;
}

/** Round trip of one read: its request out, the completer, and all its completions back. */
export function readRoundTrip(input: ReadLatencyInput): Latency {
  const { request, completerSeconds, payloadBytes = 64, completionBytes = 256 } = input;
  const back = input.completion ?? [...request].reverse();
  const out = oneWayLatency(request, tlpOverheadBytes('memory-read', formatOf(request, input.format ?? {})));
  const header = tlpOverheadBytes('completion-data', formatOf(back, input.format ?? {}));
  const completions = Math.ceil(payloadBytes / completionBytes);
  const last = Math.min(payloadBytes, completionBytes) + header;
  const whole = oneWayLatency(back, payloadBytes + completions * header);
  // Completions follow each other through a store-and-forward stage one by one: only one of them is held up there.
  const one = oneWayLatency(back, last);
  const stored = one.serializationSeconds - longestLink(back, last);
  const serialization = longestLink(back, payloadBytes + completions * header) + stored;
  const fixed = out.fixedSeconds + completerSeconds + whole.fixedSeconds;
  return {
    seconds: fixed + out.serializationSeconds + serialization,
    fixedSeconds: fixed,
    serializationSeconds: out.serializationSeconds + serialization,
  };
}

function longestLink(hops: readonly LatencyHop[], wireBytes: number): number {
  let longest = 0;
  for (const hop of hops) if (hop.kind === 'link') longest = Math.max(longest, serializationSeconds(wireBytes, hop));
  return longest;
}

/**
 * What a limit of reads in flight allows (Little's law): `outstandingReads` of `bytesPerRead` in each round trip, in
 * bytes per second. Tags bound the reads: 32 with 5 bits, 256 with 8.
 */
export function outstandingReadLimit(outstandingReads: number, bytesPerRead: number, roundTripSeconds: number): number {
  return (outstandingReads * bytesPerRead) / roundTripSeconds;
}
