import type { Generation, LaneCount } from '../../model/link/generation.ts';
import { gigatransfersPerSecond, lineCode, rawBytesPerSecond } from '../../model/link/generation.ts';
import { rootComplexLatency } from '../../model/link/latency.ts';
import { ackLimitSymbolTimes } from '../../model/link/tax.ts';
import type { Credits } from './network.ts';

export interface Buffer {
  readonly credits: readonly [Credits, Credits, Credits];
  /** From the moment when a TLP has left the buffer until the sender may use its credit again. */
  readonly returnSeconds: number;
}

/** Loops that a receive buffer covers, so that what waits for one way out leaves room for the others. */
const loops = 8;

/**
 * What a receiver gives out, by rule: buffers of real parts are seldom published. It covers the time from sending a TLP to
 * using its credit again, at the rate of the link, several times over; its part is the longest stage behind a link (a root
 * complex) and the limit between updates of credits (PCIe Base 5.0 section 2.6.1.2). Never below what the specification
 * demands: one header of each class, and data for one payload of the greatest size (table 2-44).
 */
export function bufferCredits(
  link: { readonly generation: Generation; readonly lanes: LaneCount },
  maxPayloadBytes: number,
  bytesPerSecond = rawBytesPerSecond(link.generation, link.lanes),
): Buffer {
  const returnSeconds =
    ackLimitSymbolTimes(link.generation, link.lanes, maxPayloadBytes) * symbolSeconds(link.generation);
  const bytes = loops * (returnSeconds + 2 * rootComplexLatency.value) * bytesPerSecond;
  const data = Math.max(Math.ceil(maxPayloadBytes / 16), Math.ceil(bytes / 16));
  // Headers for TLPs of a quarter of the payload size, since not every TLP is full.
  const headers = Math.max(1, Math.ceil((4 * bytes) / maxPayloadBytes));
  const credits = { headers, data };
  return { credits: [credits, { headers, data: 1 }, credits], returnSeconds };
}

/** Ten bits with 8b/10b, eight bits from 8 GT/s on: the time of one symbol on a lane. */
function symbolSeconds(generation: Generation): number {
  const bits = lineCode(generation).name === '8b/10b' ? 10 : 8;
  return bits / (gigatransfersPerSecond(generation) * 1e9);
}
