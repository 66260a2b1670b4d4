import { lineBytes } from './profiles.ts';

/** How a host answers reads of its memory: TLPs, and the bytes that they carry. */
export interface Completions {
  readonly tlps: number;
  readonly payloadBytes: number;
}

/** From here on a request is long enough that the host answers in whole payloads. */
export const longRequestBytes = 512;

/**
 * Completions of one transfer of `bytes` that starts `offset` bytes past a read request boundary, cut into requests of
 * `requestBytes`. A host fetches whole cache lines, and a short request occupies the way back as long as whole lines do;
 * of such a request each further line joins the completion before it
 * with probability `combining`, the others travel alone; a long request is answered in payloads of `mps`.
 */
export function hostCompletions(
  bytes: number,
  offset: number,
  requestBytes: number,
  mps: number,
  combining: number,
): Completions {
  const first = Math.min(bytes, requestBytes - (offset % requestBytes));
  const rest = bytes - first;
  const whole = Math.floor(rest / requestBytes);
  const last = rest - whole * requestBytes;
  const parts = [
    { count: 1, ...answer(first, offset, mps, combining) },
    { count: whole, ...answer(requestBytes, 0, mps, combining) },
    { count: 1, ...answer(last, 0, mps, combining) },
  ];
  return {
    tlps: parts.reduce((sum, part) => sum + part.count * part.tlps, 0),
    payloadBytes: parts.reduce((sum, part) => sum + part.count * part.payloadBytes, 0),
  };
}

/** Expected completions of one request. */
function answer(bytes: number, offset: number, mps: number, combining: number): Completions {
  if (bytes === 0) return { tlps: 0, payloadBytes: 0 };
  const lines = Math.floor((offset + bytes - 1) / lineBytes) - Math.floor(offset / lineBytes) + 1;
  if (lines * lineBytes >= longRequestBytes) return { tlps: Math.ceil((lines * lineBytes) / mps), payloadBytes: bytes };
  const tlps = Math.max(1 + (lines - 1) * (1 - combining), (lines * lineBytes) / mps);
  return { tlps, payloadBytes: lines * lineBytes };
}
