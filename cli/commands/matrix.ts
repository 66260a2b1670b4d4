import { formatRate, formatSeconds } from '../../model/quantity.ts';
import { matrixText } from '../../server/reports/path.ts';
import { table } from '../../server/reports/table.ts';
import { type PeerMatrix, peerMatrix } from '../../simulator/path.ts';
import { exitCodes } from '../exit.ts';
import { load, machineOf } from '../load.ts';
import { print, printJson } from '../output.ts';
import { taxOf } from './path.ts';

export interface MatrixOptions {
  readonly json?: boolean;
  readonly machine?: string;
  readonly bandwidth?: boolean;
  readonly latency?: boolean;
  readonly p2p?: boolean;
  readonly tax?: string;
}

/** `pcie matrix FILE` */
export async function matrix(file: string, options: MatrixOptions): Promise<number> {
  const { machine } = machineOf(await load([file]), options.machine);
  const all = peerMatrix(machine, taxOf(options.tax));
  if (options.json === true) printJson(all);
  else if (options.bandwidth === true)
    print(
      cells(all, (row, column) => {
        const rate = all.bytesPerSecond[row]?.[column] ?? 0;
        // Nothing on the way is known to limit it.
        return rate > 0 ? formatRate(rate) : all.route[row]?.[column] === 'none' ? 'none' : 'unknown';
      }),
    );
  else if (options.latency === true)
    print(cells(all, (row, column) => formatSeconds(all.latencySeconds[row]?.[column] ?? 0)));
  else if (options.p2p === true)
    print(cells(all, (row, column) => `${all.mapping[row]?.[column] ?? ''} ${all.distance[row]?.[column] ?? ''}`));
  else print(matrixText(all));
  return exitCodes.done;
}

function cells(all: PeerMatrix, cell: (row: number, column: number) => string): string {
  const labels = all.devices.map((name) => name.slice(name.lastIndexOf('.') + 1));
  const names = new Set(labels).size === labels.length ? labels : all.devices;
  const rows = names.map((_, row) => names.map((_name, column) => (row === column ? 'X' : cell(row, column))));
  const width = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
  return foldedTable(names, rows, width);
}

/**
 * A square table in pieces of as many columns as fit into a width, each with the names of the rows in front. A column that
 * does not fit stands alone.
 */
export function foldedTable(names: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  const first = Math.max(0, ...names.map((name) => name.length));
  const widths = names.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const pieces: string[] = [];
  for (let start = 0; start < names.length; ) {
    let end = start;
    for (let used = first; end < names.length; end++) {
      used += gap + (widths[end] ?? 0);
      if (used > width && end > start) break;
    }
    const columns = [...names.keys()].slice(start, end);
    pieces.push(
      table(
        ['', ...columns.map((at) => names[at] ?? '')],
        names.map((name, row) => [name, ...columns.map((at) => rows[row]?.[at] ?? '')]),
      ),
    );
    start = end;
  }
  return pieces.join('\n\n');
}

/** Columns of a table stand this far apart. */
const gap = 2;
