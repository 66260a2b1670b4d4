import { formatRate, formatSeconds } from '../../../model/quantity.ts';
import type { MatrixJson } from '../../../server/contract.types.ts';
import { routeWords } from '../route-names.ts';

/** What the cells show in the first place. */
export type Mode = 'class' | 'bandwidth' | 'latency' | 'mapping';

export const modeNames: Readonly<Record<Mode, string>> = {
  class: 'Class',
  bandwidth: 'Bandwidth',
  latency: 'Latency',
  mapping: 'P2P mapping',
};

/** One pair: what the matrix says of it. */
export interface Cell {
  readonly from: string;
  readonly to: string;
  readonly class: MatrixJson['class'][number][number];
  readonly bytesPerSecond: number;
  readonly latencySeconds: number;
  readonly route: MatrixJson['route'][number][number];
  readonly mapping: MatrixJson['mapping'][number][number];
  readonly distance: number | null;
}

/** The same where there is little room: the reason of a cell in two words. */
export const shortRouteNames: Readonly<Record<Cell['route'], string>> = {
  direct: 'direct',
  'host-bridge': 'host bridge',
  'host-memory': 'host memory',
  none: '',
};

/** What `pci_p2pdma` answers for the pair (drivers/pci/p2pdma.c). */
export const mappingNames: Readonly<Record<Cell['mapping'], string>> = {
  'bus-address': 'bus address',
  'through-host-bridge': 'host bridge',
  'not-supported': 'not supported',
  'not-peer': 'not a peer',
};

/** What nvidia-smi means by its classes. */
export const classWords: Readonly<Record<string, string>> = {
  X: 'the device itself',
  NV: 'over NVLink',
  LOC: 'on one board',
  PIX: 'at most one PCIe bridge between them',
  PXB: 'several PCIe bridges, no host bridge',
  PHB: 'through a host bridge',
  NODE: 'between host bridges of one NUMA node',
  SYS: 'between NUMA nodes',
};

/** The class without its number of links: `NV12` is `NV`. */
export const classFamily = (name: string): string => (name.startsWith('NV') ? 'NV' : name);

/** The pair in a row and a column of the matrix, counted over all devices; undefined outside of it. */
export function cellAt(matrix: MatrixJson, row: number, column: number): Cell | undefined {
  const [from, to] = [matrix.devices[row], matrix.devices[column]];
  const name = matrix.class[row]?.[column];
  const route = matrix.route[row]?.[column];
  const mapping = matrix.mapping[row]?.[column];
  if (from === undefined || to === undefined || name === undefined) return undefined;
  if (route === undefined || mapping === undefined) return undefined;
  return {
    from,
    to,
    class: name,
    bytesPerSecond: matrix.bytesPerSecond[row]?.[column] ?? 0,
    latencySeconds: matrix.latencySeconds[row]?.[column] ?? 0,
    route,
    mapping,
    distance: matrix.distance[row]?.[column] ?? null,
  };
}

export const isSelf = (cell: Cell): boolean => cell.from === cell.to;

export const time = (seconds: number): string => formatSeconds(seconds).replace(' us', ' µs');

/** The two lines of a cell. */
export function cellLines(cell: Cell, mode: Mode): readonly [string, string] {
  if (isSelf(cell)) return ['X', ''];
  const bandwidth = cell.route === 'none' ? 'no route' : formatRate(cell.bytesPerSecond);
  switch (mode) {
    case 'class':
      return [cell.class, bandwidth];
    case 'bandwidth':
      return [bandwidth, cell.class];
    case 'latency':
      return [cell.route === 'none' ? 'no route' : time(cell.latencySeconds), bandwidth];
    case 'mapping':
      return [mappingNames[cell.mapping], bandwidth];
  }
}

/** What colours a cell: its class, its mapping, or how much of the range it takes, in steps from 1 to 5. */
export function cellTone(cell: Cell, mode: Mode, range: Range): string {
  if (isSelf(cell)) return 'self';
  if (mode === 'class') return `class-${classFamily(cell.class)}`;
  if (mode === 'mapping') return `mapping-${cell.mapping}`;
  if (cell.route === 'none') return 'none';
  const value = mode === 'bandwidth' ? cell.bytesPerSecond : cell.latencySeconds;
  return `step-${step(value, range)}`;
}

interface Range {
  readonly least: number;
  readonly most: number;
}

/** Least and most of what a mode colours by a scale; the pairs of a device with itself are left out. */
export function rangeOf(matrix: MatrixJson, mode: Mode): Range {
  const table = mode === 'latency' ? matrix.latencySeconds : matrix.bytesPerSecond;
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const [row, values] of table.entries()) {
    for (const [column, value] of values.entries()) {
      if (row === column || !(value > 0)) continue;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  return { least: Math.min(least, most), most };
}

/** By ratio, since rates and latencies of one machine differ by powers of ten. */
function step(value: number, { least, most }: Range): number {
  if (!(value > 0) || !(most > least)) return 3;
  return 1 + Math.min(4, Math.floor((Math.log(value / least) / Math.log(most / least)) * 5));
}

/** The whole of a cell in words, for screen readers: what is seen first, as it is seen, with the `reason` that is seen. */
export function cellWords(cell: Cell, mode: Mode, reason: string, short: (name: string) => string): string {
  if (isSelf(cell)) return `X, ${short(cell.from)} itself`;
  const seen = [...cellLines(cell, mode), reason].filter((words) => words !== '').join(' ');
  const more = [
    mode === 'class' || mode === 'bandwidth' ? '' : cell.class,
    mode === 'latency' || cell.route === 'none' ? '' : time(cell.latencySeconds),
    cell.route === 'none' || reason !== '' ? '' : routeWords(cell),
    mode === 'mapping' ? '' : `mapping ${mappingNames[cell.mapping]}`,
  ];
  return [`${short(cell.from)} to ${short(cell.to)}: ${seen}`, ...more].filter((words) => words !== '').join(', ');
}

/** What a cell says when it is pointed at: both ends, what its class means, and the way. */
export function cellAbout(cell: Cell, short: (name: string) => string): string {
  if (isSelf(cell)) return '';
  const meaning = `${cell.class}: ${classWords[classFamily(cell.class)] ?? ''}`;
  return `${short(cell.from)} → ${short(cell.to)}\n${meaning}\n${routeWords(cell)}`;
}

/** Rows and columns whose name has every word of a query; an empty query has all. */
export function matching(devices: readonly string[], query: string): readonly number[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return devices.flatMap((name, index) => (words.every((word) => name.toLowerCase().includes(word)) ? [index] : []));
}

/** The matrix as comma-separated values (RFC 4180): the mode's plain values in SI units, names qualified. */
export function csvOf(matrix: MatrixJson, mode: Mode, shown: readonly number[]): string {
  const plain = (cell: Cell | undefined): string => {
    if (cell === undefined) return '';
    if (mode === 'class') return cell.class;
    if (isSelf(cell)) return '';
    if (mode === 'mapping') return cell.mapping;
    return String(mode === 'bandwidth' ? cell.bytesPerSecond : cell.latencySeconds);
  };
  const corner = { class: 'class', bandwidth: 'bytes per second', latency: 'seconds', mapping: 'p2p mapping' }[mode];
  const nameOf = (index: number): string => matrix.devices[index] ?? '';
  const rows = [
    [corner, ...shown.map(nameOf)],
    ...shown.map((row) => [nameOf(row), ...shown.map((column) => plain(cellAt(matrix, row, column)))]),
  ];
  return rows.map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
}

const quoted = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
