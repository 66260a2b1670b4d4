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
    print(cells(all, (row, column) => formatRate(all.bytesPerSecond[row]?.[column] ?? 0)));
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
  return table(
    ['', ...names],
    names.map((name, row) => [name, ...names.map((_, column) => (row === column ? 'X' : cell(row, column)))]),
  );
}
