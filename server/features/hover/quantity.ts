import type { Quantity } from '../../../language/generated/ast.ts';
import { type Dimension, formatBytes, formatRate, formatSeconds, toSi, units } from '../../../model/quantity.ts';

/** A quantity in the other units that people use for it. */
export function quantityMarkdown(quantity: Quantity): string {
  const unit = quantity.unit === undefined ? undefined : units.get(quantity.unit);
  if (unit === undefined) return '';
  const value = toSi(quantity.number, unit);
  const written = `${quantity.number} ${quantity.unit}`;
  const others = conversions(value, unit.dimension).filter((text) => text !== written);
  return `**${written}** is\n\n${others.map((text) => `- ${text}`).join('\n')}`;
}

const grouped = (value: number): string =>
  Number.isInteger(value) ? value.toString().replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f') : String(value);

/** A value in a unit with up to six digits, without trailing zeros. */
function inUnit(value: number, symbol: string): string {
  const factor = units.get(symbol)?.factor ?? 1;
  return `${Number((value / factor).toPrecision(6))} ${symbol}`;
}

/** The step of a family of units in which a value reads best. */
function best(value: number, symbols: readonly string[]): string {
  const fitting = symbols.filter((symbol) => Math.abs(value) >= (units.get(symbol)?.factor ?? 1));
  return inUnit(value, fitting.at(-1) ?? symbols[0] ?? '');
}

function conversions(value: number, dimension: Dimension): string[] {
  switch (dimension) {
    case 'bytes': {
      const lines = [
        `${grouped(value)} B`,
        best(value, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']),
        best(value, ['B', 'KB', 'MB', 'GB', 'TB', 'PB']),
      ];
      const power = Math.log2(value);
      if (Number.isInteger(power)) lines.push(`2^${power} bytes`);
      if (Number.isSafeInteger(value)) lines.push(`0x${value.toString(16)} bytes`);
      return [...new Set(lines)];
    }
    case 'bytesPerSecond':
      return [
        ...new Set([
          formatRate(value),
          best(value, ['B/s', 'KiB/s', 'MiB/s', 'GiB/s', 'TiB/s']),
          best(value, ['b/s', 'Kb/s', 'Mb/s', 'Gb/s', 'Tb/s']),
          value > 0 ? `${formatBytes(2 ** 30)} in ${formatSeconds(2 ** 30 / value)}` : '0 B/s',
        ]),
      ];
    case 'seconds':
      return ['ns', 'us', 'ms', 's']
        .filter((symbol) => {
          const size = value / (units.get(symbol)?.factor ?? 1);
          return size >= 1e-3 && size < 1e7;
        })
        .map((symbol) => inUnit(value, symbol));
    case 'iops':
      return [`${grouped(value)} operations a second`, ...(value > 0 ? [`one every ${formatSeconds(1 / value)}`] : [])];
    case 'hertz':
      return [`${grouped(value)} Hz`, ...(value > 0 ? [`one period in ${formatSeconds(1 / value)}`] : [])];
    case 'fraction':
      return [`${Number(value.toPrecision(6))} of the whole`];
    case 'transfersPerSecond':
      return [`${grouped(value)} transfers a second on each lane`];
    default:
      return [];
  }
}
