import { type Dimension, units } from '../../model/quantity.ts';

/** Other ways in which people write units, and how the language does. */
const habits: readonly (readonly [RegExp, string])[] = [
  [/^([kKMGT])bps$/, '$1b/s'],
  [/^([kKMGTP]i?)Bps$/, '$1B/s'],
  [/^([kKMGT])bits?$/, '$1b'],
  [/^([kKMGTP]i?)?[Bb]ytes?$/, '$1B'],
  [/^([num])sec(?:onds?)?$/, '$1s'],
  [/^sec(?:onds?)?$/, 's'],
  [/^percent$/, '%'],
];

/**
 * Units of a dimension that a word may stand for: `Gbps` for `Gb/s`, `GIB` for `GiB`, `k` for `kIOPS`. A rate may be cut
 * at its stroke, as the lexer does with `Gbit/s`. Empty where it is no unit at all.
 */
export function nearUnits(word: string, dimension: Dimension): string[] {
  const fits = (symbol: string) =>
    units.get(symbol)?.dimension === dimension || units.get(`${symbol}/s`)?.dimension === dimension;
  for (const [pattern, symbol] of habits) {
    const meant = word.replace(pattern, symbol);
    if (meant !== word && fits(meant)) return [meant];
  }
  const symbols = [...units.keys()].filter(fits);
  const same = symbols.filter((symbol) => symbol.toLowerCase() === word.toLowerCase());
  if (same.length > 0) return same;
  return /^[kKMGTP]$/.test(word)
    ? symbols.filter((symbol) => symbol.length > 1 && symbol.startsWith(word) && !symbol.includes('b'))
    : [];
}
