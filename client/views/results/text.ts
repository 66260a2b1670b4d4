import { formatBytes, formatFraction, formatIops, formatRate, formatSeconds } from '../../../model/quantity.ts';
import type { LimitPhase } from '../../../simulator/simulate.types.ts';

export const size = formatBytes;
/** What was moved in all, in three digits: nobody asks for the last byte of a sum. */
export function roughSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  const value = bytes / 1024 ** power;
  return `${value >= 1000 ? value.toFixed(0) : Number(value.toPrecision(3))} ${units[power] ?? ''}`;
}
export const rate = formatRate;
export const iops = formatIops;
/** With the sign of the unit that people print, not the one that they type. */
export const time = (seconds: number): string => (seconds === 0 ? '0' : formatSeconds(seconds).replace(' us', ' µs'));
/** Nobody asks for the hundredths of a percent. */
export const share = (fraction: number): string =>
  fraction > 0 && fraction < 0.001 ? '< 0.1 %' : formatFraction(Math.min(1, Math.max(0, fraction)));

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

/** A ratio as people read it: `1.9 ×`, `0.67 ×`. */
export const factor = (ratio: number): string => `${Number(ratio.toPrecision(ratio < 1 ? 2 : 3))} ×`;

/** A count with its noun: `1 transfer`, `3 transfers`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** A number of packets, a mean among others: `0.4`, `12`, `65.8`. */
export const packets = (number: number): string =>
  number >= 100 || Number.isInteger(number)
    ? number.toFixed(0)
    : number > 0 && number < 0.1
      ? '< 0.1'
      : number.toFixed(1);
