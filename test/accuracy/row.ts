/** One published measurement: a row of measured.csv, every column as text. */
export interface Row {
  readonly id: string;
  readonly scenario: string;
  readonly gen: string;
  readonly lanes: string;
  readonly mps: string;
  readonly payload: string;
  readonly metric: string;
  readonly value: string;
  readonly unit: string;
  readonly conditions: string;
  readonly source: string;
}

const columns = [
  'id',
  'scenario',
  'gen',
  'lanes',
  'mps',
  'payload',
  'metric',
  'value',
  'unit',
  'conditions',
  'source',
] as const;

/** Reads CSV (RFC 4180) with a header line; further columns are passed over. Throws where a column is missing. */
export function parseRows(text: string): Row[] {
  const [header = [], ...lines] = records(text);
  const index = new Map(header.map((name, at) => [name.trim(), at]));
  for (const column of columns) if (!index.has(column)) throw new Error(`measured.csv has no column '${column}'`);
  const cell = (line: readonly string[], column: string) => (line[index.get(column) ?? -1] ?? '').trim();
  return lines
    .filter((line) => line.some((text) => text !== ''))
    .map((line): Row => {
      const [id, scenario, gen, lanes, mps, payload, metric, value, unit, conditions, source] = columns.map((column) =>
        cell(line, column),
      ) as [string, string, string, string, string, string, string, string, string, string, string];
      return { id, scenario, gen, lanes, mps, payload, metric, value, unit, conditions, source };
    });
}

/** The cells of CSV, line by line. */
export function records(text: string): string[][] {
  const result: string[][] = [];
  let record: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') {
        cell += '"';
        at++;
      } else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ',') {
      record.push(cell);
      cell = '';
    } else if (char === '\n') {
      result.push([...record, cell]);
      record = [];
      cell = '';
    } else if (char !== '\r') cell += char;
  }
  if (cell !== '' || record.length > 0) result.push([...record, cell]);
  return result;
}

/** Where a row comes from, without commit and file: what makes a family of rows that were measured alike. */
export function familyOf({ source }: Row): string {
  if (source.startsWith('pcie-bench/data')) {
    const host = /_(\w+)-Xeon-((?:E\d-)?[0-9A-Za-z]+)/.exec(source);
    const remote = /-s0-s1/.test(source) ? ', other socket' : '';
    const iommu = /iommu/.test(source) ? ', IOMMU' : '';
    return `pcie-bench ${host?.[2] ?? ''}${remote}${iommu}`;
  }
  const url = /https?:\/\/(?:www\.)?([^/ ]+)(?:\/([^/ ]+)\/([^/ ]+))?/.exec(source);
  if (url !== null) return url[1] === 'github.com' ? `${url[2]}/${url[3]?.split('@')[0]}` : (url[1] ?? source);
  return source.split(/[@:\s]/)[0] ?? source;
}

const siUnits: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  ms: 1e-3,
  s: 1,
  'Gb/s': 1e9 / 8,
  'GB/s': 1e9,
  'MB/s': 1e6,
  'GiB/s': 2 ** 30,
  'MiB/s': 2 ** 20,
  IOPS: 1,
  kIOPS: 1e3,
  MIOPS: 1e6,
  x: 1,
  '%': 0.01,
};

/** The value in SI units; null where it is not one number in a unit that is known. A range counts as its middle. */
export function measuredValue({ value, unit }: Row): number | null {
  const factor = siUnits[unit];
  if (factor === undefined) return null;
  const range = /^([\d.]+)-([\d.]+)$/.exec(value);
  const number = range === null ? Number(value) : (Number(range[1]) + Number(range[2])) / 2;
  return Number.isFinite(number) && value !== '' ? number * factor : null;
}

/** `64 KiB`, `256MB`, `8388608`: bytes; sizes in the rows are powers of 1024 throughout. Null where there is none. */
export function bytesIn(text: string): number | null {
  const found = /^\s*([\d.]+)\s*(?:([KMG])i?B|B)?\s*$/.exec(text);
  if (found === null) return null;
  const power = { K: 1, M: 2, G: 3 }[found[2] ?? ''] ?? 0;
  return Number(found[1]) * 1024 ** power;
}
