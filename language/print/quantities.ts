import { toSi, units } from '../../model/quantity.ts';

/** The first of these units in which a value can be written with few digits and read back to the last bit. */
function exact(value: number, symbols: readonly string[]): string | undefined {
  for (const symbol of symbols) {
    const unit = units.get(symbol);
    if (unit === undefined) continue;
    const text = plainNumber(value / unit.factor);
    if (text === undefined || (Number(text) < 1 && value > 0) || text.length > 12) continue;
    if (toSi(text, unit) === value) return `${text} ${symbol}`;
  }
  return undefined;
}

/** Decimal digits without an exponent, or undefined where there is no short form. */
function plainNumber(value: number): string | undefined {
  const text = String(Number(value.toPrecision(15)));
  return /^\d+(?:\.\d+)?$/.test(text) ? text : undefined;
}

const binary = ['TiB', 'GiB', 'MiB', 'KiB'] as const;
const decimal = ['TB', 'GB', 'MB', 'KB'] as const;

/** A size as a person writes it, in binary units where it is whole in one, and exact always. */
export function writeBytes(bytes: number): string {
  const whole = (symbol: string) => Number.isInteger(bytes / (units.get(symbol)?.factor ?? 1));
  const best =
    bytes >= 1024 ? binary.find((symbol) => bytes >= (units.get(symbol)?.factor ?? 1) && whole(symbol)) : 'B';
  const inBinary = best === undefined ? undefined : exact(bytes, [best]);
  const inDecimal = exact(bytes, decimal);
  if (inBinary !== undefined && (inDecimal === undefined || inBinary.length <= inDecimal.length)) return inBinary;
  return inDecimal ?? inBinary ?? exact(bytes, ['B']) ?? `${BigInt(Math.round(bytes))} B`;
}

/** The exact size of an aperture. */
export function writeBigBytes(bytes: bigint): string {
  return bytes <= BigInt(Number.MAX_SAFE_INTEGER) ? writeBytes(Number(bytes)) : `${bytes / (1n << 40n)} TiB`;
}

export function writeRate(bytesPerSecond: number): string {
  return exact(bytesPerSecond, ['TB/s', 'GB/s', 'MB/s', 'KB/s', 'B/s']) ?? `${nearest(bytesPerSecond, 1e9)} GB/s`;
}

export function writeSeconds(seconds: number): string {
  return exact(seconds, ['s', 'ms', 'us', 'ns']) ?? `${nearest(seconds, 1e-9)} ns`;
}

export function writeIops(iops: number): string {
  return exact(iops, ['MIOPS', 'kIOPS', 'IOPS']) ?? `${nearest(iops, 1)} IOPS`;
}

/** What is left of a value that has no exact short form: enough digits that nobody can tell. */
function nearest(value: number, factor: number): string {
  return (value / factor).toFixed(9).replace(/\.?0+$/, '');
}

/** `0x` and digits. */
export function writeHex(value: number | bigint, digits = 1): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/** `10de:20b5`. */
export function writeIds(vendor: number, device: number): string {
  return `${vendor.toString(16).padStart(4, '0')}:${device.toString(16).padStart(4, '0')}`;
}

/** A text in quotes. */
export function quote(text: string): string {
  return `"${text
    .replace(/[\r\n]+/g, ' ')
    .replace(/\\/g, '\\\\')
    .replace(/"/g, '\\"')}"`;
}
