import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Judged, judge } from './predict.ts';
import { measuredValue, parseRows, records } from './row.ts';

/**
 * Measurements that were looked for once the model stood, and predicted before anything was changed: blind.csv has what
 * the model said then, and which constant a row gave afterwards.
 */
export interface Blind {
  readonly judged: Judged;
  /** What was predicted at first, in SI units. */
  readonly first: number;
  /** The constant that the row gave afterwards; empty where it gave none. */
  readonly gave: string;
}

/** All of them, predicted anew by the model as it is. */
export async function blindRows(): Promise<Blind[]> {
  const text = readFileSync(join(import.meta.dirname, 'blind.csv'), 'utf8');
  const [header = [], ...lines] = records(text);
  const more = new Map(lines.map((cells) => [cells[0] ?? '', cells]));
  const cell = (id: string, column: string) => more.get(id)?.[header.indexOf(column)] ?? '';
  return (await judge(parseRows(text))).map((judged): Blind => {
    const { row } = judged;
    const first = measuredValue({ ...row, value: cell(row.id, 'first') });
    return { judged, first: first ?? Number.NaN, gave: cell(row.id, 'gave') };
  });
}
