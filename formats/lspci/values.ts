import { generationOfRate, isLaneCount } from '../../model/link/generation.ts';
import type { ObservedLinkState } from '../observed.ts';

/** `16GT/s` and `16`; what is `unknown` or 0 is absent. */
export function linkState(speed: string, width: string): ObservedLinkState {
  const rate = /^([\d.]+)GT\/s/.exec(speed.trim())?.[1];
  const generation = rate === undefined ? null : generationOfRate(Number(rate));
  const lanes = Number(width);
  return { ...(generation === null ? {} : { generation }), ...(isLaneCount(lanes) ? { lanes } : {}) };
}

/** `[size=256M]`: powers of 1024. */
export function sizeOf(text: string): number | undefined {
  return parseSize(/\[size=([^\]]+)\]/.exec(text)?.[1] ?? '');
}

/** `128GB`, `16M`: powers of 1024; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const found = /^(\d+)([KMGTPE]?)B?$/.exec(text.trim());
  if (found === null) return undefined;
  return Number(found[1]) * 1024 ** ' KMGTPE'.indexOf(found[2] === '' ? ' ' : (found[2] ?? ' '));
}

/** Null for `<unassigned>`, `<ignored>` and the like. */
export function addressOf(text: string): bigint | null {
  const digits = /^[0-9a-f]{1,16}$/i.exec(text)?.[0];
  if (digits === undefined) return null;
  const address = BigInt(`0x${digits}`);
  return address === 0n ? null : address;
}
