import type { Generation, LaneCount } from '../../model/link/generation.ts';
import { gigatransfersPerSecond, lineCode, rawBytesPerSecond } from '../../model/link/generation.ts';
import { ackLimitSymbolTimes } from '../../model/link/tax.ts';
import type { Credits } from './network.ts';

export interface Buffer {
  readonly credits: readonly [Credits, Credits, Credits];
  /** From the moment when a TLP has left the buffer until the sender may use its credit again. */
  readonly returnSeconds: number;
}

/** Loops that a receive buffer covers, so that what waits for one way out leaves room for the others. */
const loops = 8;

/** Beyond any buffer: where the text states a latency of seconds. */
const mostCredits = 2 ** 30;

/**
 * What a receiver gives out, by rule: buffers of real parts are seldom published. It covers the time from sending a TLP to
 * using its credit again, at the rate of the link, several times over: what lies behind the link, and the limit between
 * updates of credits (PCIe Base 5.0 section 2.6.1.2). Never below what the specification demands: one header of each
 * class, and data for one payload of the greatest size (section 2.6.1).
 *
 * @param stageSeconds what a TLP needs from the link to the next one, through switch or root complex
 */
export function bufferCredits(
  link: { readonly generation: Generation; readonly lanes: LaneCount },
  maxPayloadBytes: number,
  stageSeconds: number,
): Buffer {
  const returnSeconds = updateSeconds(link, maxPayloadBytes);
  const bytes =
    loops * ((returnSeconds + stageSeconds) * rawBytesPerSecond(link.generation, link.lanes) + 2 * maxPayloadBytes);
  const data = Math.min(mostCredits, Math.max(Math.ceil(maxPayloadBytes / 16), Math.ceil(bytes / 16)));
  // Headers for TLPs of a quarter of the payload size, since not every TLP is full.
  const headers = Math.min(mostCredits, Math.max(1, Math.ceil((4 * bytes) / maxPayloadBytes)));
  const credits = { headers, data };
  return { credits: [credits, { headers, data: 1 }, credits], returnSeconds };
}

/** The longest time from a TLP's leaving the buffer to the update that says so. */
export function updateSeconds(
  link: { readonly generation: Generation; readonly lanes: LaneCount },
  maxPayloadBytes: number,
): number {
  return ackLimitSymbolTimes(link.generation, link.lanes, maxPayloadBytes) * symbolSeconds(link.generation);
}

/** Ten bits with 8b/10b, eight bits from 8 GT/s on: the time of one symbol on a lane. */
function symbolSeconds(generation: Generation): number {
  const bits = lineCode(generation).name === '8b/10b' ? 10 : 8;
  return bits / (gigatransfersPerSecond(generation) * 1e9);
}
