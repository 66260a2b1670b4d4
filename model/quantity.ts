/**
 * Quantities as people write them and as we keep them: bytes, seconds, bytes per second, hertz, operations per second.
 * Decimal prefixes are powers of 1000 (KB = kB = 1000 B), binary ones powers of 1024 (IEC 80000-13); bits count as 1/8 B.
 */
export type Dimension = 'bytes' | 'bytesPerSecond' | 'seconds' | 'hertz' | 'iops' | 'fraction' | 'transfersPerSecond';

export interface Unit {
  readonly symbol: string;
  readonly dimension: Dimension;
  /** Multiply a number in this unit by it to get SI. */
  readonly factor: number;
}

const decimal: readonly [string, number][] = [
  ['', 1],
  ['K', 1e3],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
  ['P', 1e15],
];
const binary: readonly [string, number][] = [
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
  ['Pi', 2 ** 50],
];

function makeUnits(): Map<string, Unit> {
  const units = new Map<string, Unit>();
  const add = (symbol: string, dimension: Dimension, factor: number) =>
    units.set(symbol, { symbol, dimension, factor });
  for (const [prefix, factor] of [...decimal, ...binary]) {
    add(`${prefix}B`, 'bytes', factor);
    add(`${prefix}B/s`, 'bytesPerSecond', factor);
  }
  for (const [prefix, factor] of decimal) {
    add(`${prefix}b`, 'bytes', factor / 8);
    add(`${prefix}b/s`, 'bytesPerSecond', factor / 8);
  }
  add('ns', 'seconds', 1e-9);
  add('us', 'seconds', 1e-6);
  add('\u00b5s', 'seconds', 1e-6);
  add('\u03bcs', 'seconds', 1e-6);
  add('ms', 'seconds', 1e-3);
  add('s', 'seconds', 1);
  add('Hz', 'hertz', 1);
  add('kHz', 'hertz', 1e3);
  add('MHz', 'hertz', 1e6);
  add('GHz', 'hertz', 1e9);
  add('IOPS', 'iops', 1);
  add('kIOPS', 'iops', 1e3);
  add('MIOPS', 'iops', 1e6);
  add('%', 'fraction', 0.01);
  add('MT/s', 'transfersPerSecond', 1e6);
  add('GT/s', 'transfersPerSecond', 1e9);
  return units;
}

export const units: ReadonlyMap<string, Unit> = makeUnits();

/** Units that a person would pick for a dimension, for completion and for the fix of a bare number. */
export const usualUnits: Readonly<Record<Dimension, readonly string[]>> = {
  bytes: ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'KB', 'MB', 'GB', 'TB'],
  bytesPerSecond: ['GB/s', 'MB/s', 'GiB/s', 'Gb/s'],
  seconds: ['ns', 'us', 'ms', 's'],
  hertz: ['GHz', 'MHz'],
  iops: ['IOPS', 'kIOPS', 'MIOPS'],
  fraction: ['%'],
  transfersPerSecond: ['GT/s'],
};

/**
 * `number` (decimal digits as written) in `unit`, in SI. Products that are whole numbers come out exact:
 * `0.3 us` is the double nearest to 3e-7, not 0.3 * 1e-6.
 */
export function toSi(number: string, unit: Unit): number {
  const value = Number(number);
  const product = value * unit.factor;
  if (Number.isSafeInteger(product)) return product;
  if (unit.factor < 1 && unit.factor > 0) return value / Math.round(1 / unit.factor);
  return product;
}

const significant = (value: number, digits: number): string => {
  if (value === 0) return '0';
  const text = value.toPrecision(digits);
  return text.includes('e') ? String(Number(text)) : text.includes('.') ? text.replace(/\.?0+$/, '') : text;
};

function scaled(value: number, steps: readonly (readonly [string, number])[], digits: number): string {
  const size = Math.abs(value);
  let chosen = steps[0];
  // The comparison rounds first, so that 999.96 MB/s reads 1 GB/s and not 1000 MB/s.
  for (const step of steps) if (Number((size / step[1]).toPrecision(digits)) >= 1) chosen = step;
  if (chosen === undefined) return String(value);
  return `${significant(value / chosen[1], digits)} ${chosen[0]}`;
}

const binarySteps = [
  ['B', 1],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
  ['PiB', 2 ** 50],
] as const;
const decimalSteps = [
  ['B', 1],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['PB', 1e15],
] as const;

/** A size for people: in binary units where that is exact, else in decimal ones where that is, else binary with 4 digits. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return String(bytes);
  for (const [symbol, factor] of [...binarySteps].reverse()) {
    if (bytes >= factor && Number.isInteger((bytes / factor) * 4)) return `${bytes / factor} ${symbol}`;
  }
  for (const [symbol, factor] of [...decimalSteps].reverse()) {
    if (bytes >= factor && Number.isInteger((bytes / factor) * 100)) return `${bytes / factor} ${symbol}`;
  }
  return scaled(bytes, binarySteps, 4);
}

/** A rate for people, decimal, three significant digits: `25.1 GB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return scaled(
    bytesPerSecond,
    [
      ['B/s', 1],
      ['KB/s', 1e3],
      ['MB/s', 1e6],
      ['GB/s', 1e9],
      ['TB/s', 1e12],
    ],
    3,
  );
}

/** Operations a second for people, in the units of the language: `900 kIOPS`. */
export function formatIops(operationsPerSecond: number): string {
  return scaled(
    operationsPerSecond,
    [
      ['IOPS', 1],
      ['kIOPS', 1e3],
      ['MIOPS', 1e6],
    ],
    3,
  );
}

/** A time for people, three significant digits: `12.9 us`. */
export function formatSeconds(seconds: number): string {
  return scaled(
    seconds,
    [
      ['ns', 1e-9],
      ['us', 1e-6],
      ['ms', 1e-3],
      ['s', 1],
    ],
    3,
  );
}

/** A share for people: `42 %`. */
export function formatFraction(fraction: number): string {
  return `${significant(fraction * 100, 3)} %`;
}

/** An address or a register: `0x` and lower-case hexadecimal digits, padded to `digits`. */
export function formatHex(value: number | bigint, digits = 1): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
