import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(resolve(root, 'docs/lecture.md'), 'utf8');

/** One published figure that stands in a table of the page. */
interface Measured {
  readonly row: string;
  /** As the page writes it. */
  readonly figure: string;
  /** As the source has it, in its unit: one value, or two as `low..high`. */
  readonly value: string;
  readonly unit: string;
  readonly source: string;
}

/** Fields of a line of CSV; quotes hold commas. */
const fields = (line: string) =>
  [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map((one) => one[1] ?? one[2] ?? '');

const measured = readFileSync(resolve(import.meta.dirname, 'lecture-measured.csv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line): Measured => {
    const [row = '', figure = '', value = '', unit = '', , source = ''] = fields(line);
    return { row, figure, value, unit, source };
  });

/** Rows of the tables with a column of measurements: name, its cell, and the cell of the sources. */
const rows = page.split('\n').flatMap((line, at, lines) => {
  const cells = line.split('|').map((cell) => cell.trim());
  const above = lines.slice(0, at).findLastIndex((one) => !one.startsWith('|'));
  const head = (lines[above + 1] ?? '').split('|').map((cell) => cell.trim());
  const [cell, source] = [head.indexOf('Measured'), head.indexOf('Source')];
  if (!line.startsWith('| ') || cell < 0 || above + 1 === at) return [];
  return [{ name: cells[1] ?? '', cell: cells[cell] ?? '', source: cells[source] ?? '' }];
});

/** What the source says in the unit of the page: GB/s and microseconds, rounded as the page rounds. */
const inUnitOfPage: Readonly<Record<string, (value: number) => number>> = {
  'GB/s': (value) => value,
  'MB/s': (value) => value / 1e3,
  'MiB/s': (value) => (value * 2 ** 20) / 1e9,
  'GiB/s': (value) => (value * 2 ** 30) / 1e9,
  us: (value) => value,
  ns: (value) => value / 1e3,
  'IOPS at depth 1': (value) => 1e6 / value,
};

describe('the measured figures of docs/lecture.md', () => {
  it('are of rows that there are', () => {
    expect(rows.length).toBeGreaterThan(10);
    const names = new Set(rows.map(({ name }) => name));
    expect(measured.filter(({ row }) => !names.has(row))).toEqual([]);
  });

  it.each(rows.map((row) => [row.name, row] as const))('%s: each has a source, which the page links', (name, row) => {
    const known = measured.filter((one) => one.row === name);
    // A figure is a number with what it is of; what stands in brackets says where it is from.
    const figures = [...row.cell.replace(/\([^)]*\)/g, '').matchAll(/\d[\d., to]*(?:GB\/s|us)/g)].map(([text]) => text);
    if (row.cell.startsWith('not found')) expect(known).toEqual([]);
    else expect(figures.length).toBeGreaterThan(0);
    expect(figures.filter((figure) => !known.some((one) => one.figure === figure))).toEqual([]);
    for (const { source } of known) {
      expect(source).toMatch(/^https:\/\//);
      expect(row.source).toContain(`](${source})`);
    }
  });

  it.each(measured)('$row: $figure is what the source says', ({ figure, value, unit }) => {
    const convert = inUnitOfPage[unit];
    expect(convert, unit).toBeDefined();
    const said = [...figure.matchAll(/\d+(?:\.\d+)?/g)].map(([text]) => text);
    const values = value.split('..').map((one) => convert?.(Number(one)) ?? Number.NaN);
    for (const text of said) {
      const digits = text.split('.')[1]?.length ?? 0;
      const half = 0.51 * 10 ** -digits;
      const [low, high] = [Math.min(...values) - half, Math.max(...values) + half];
      expect(Number(text)).toBeGreaterThanOrEqual(low);
      expect(Number(text)).toBeLessThanOrEqual(high);
    }
  });

  it('stand in the published rows where those are at hand', () => {
    const file = resolve(root, '../shared/data/measured/measured.csv');
    if (!existsSync(file)) return;
    const text = readFileSync(file, 'utf8');
    const missing = measured.filter(({ value, source }) => {
      const values = value.split('..');
      const [, repository = source] = /github\.com\/([^/]+\/[^/]+)/.exec(source) ?? [];
      return text.includes(repository) && !values.some((one) => text.includes(one));
    });
    expect(missing).toEqual([]);
  });
});
