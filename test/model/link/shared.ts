import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Reference data beside the checkout; tests over it are skipped, visibly, where it is absent. */
const folder = fileURLToPath(new URL('../../../../shared/data/link-model/', import.meta.url));

export function hasReference(name: string): boolean {
  return existsSync(folder + name);
}

/** Rows of a reference CSV without quoted fields, by column name. */
export function readReference(name: string): Record<string, string>[] {
  const [header = '', ...lines] = readFileSync(folder + name, 'utf8')
    .trim()
    .split(/\r?\n/);
  const columns = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    if (cells.length !== columns.length) throw new Error(`${name}: ${line}`);
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
  });
}

export function numberIn(row: Record<string, string>, column: string): number {
  const text = row[column];
  const value = Number(text);
  if (text === undefined || text === '' || Number.isNaN(value)) throw new Error(`no number in column ${column}`);
  return value;
}
