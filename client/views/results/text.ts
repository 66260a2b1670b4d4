import { formatBytes, formatFraction, formatRate, formatSeconds } from '../../../model/quantity.ts';
import type { RunVariant } from '../../../server/protocol.ts';
import type { LimitPhase, TransferResult } from '../../../simulator/simulate.types.ts';

export const size = formatBytes;
export const rate = formatRate;
/** With the sign of the unit that people print, not the one that they type. */
export const time = (seconds: number): string => (seconds === 0 ? '0' : formatSeconds(seconds).replace(' us', ' µs'));
export const share = (fraction: number): string => formatFraction(Math.min(1, Math.max(0, fraction)));

export const routeNames: Readonly<Record<TransferResult['route'], string>> = {
  direct: 'peer to peer',
  'host-bridge': 'through the host bridge',
  'host-memory': 'through host memory',
  none: 'no route',
};

export const variantNames: Readonly<Record<RunVariant, string>> = {
  written: 'As written',
  p2p: 'Peer to peer',
  host: 'Through host memory',
};

export const limitNames: Readonly<Record<LimitPhase['kind'], string>> = {
  link: 'link',
  memory: 'memory',
  interconnect: 'interconnect',
  device: 'device',
  'root-complex': 'root complex',
  latency: 'latency',
  tags: 'outstanding reads',
  engine: 'engine',
};

/** What was found, without the repetition of what was expected, which stands beside it. */
export const found = (message: string): string => message.replace(/, expected .*$/, '');

/** How much more `b` is than `a`: `1.9 ×`; empty where that says nothing. */
export function factor(a: number, b: number): string {
  if (!(a > 0) || !(b > 0)) return '';
  return `${Number((b / a).toPrecision(3))} ×`;
}

/** A count with its noun: `1 transfer`, `3 transfers`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
