import type { ObservedFunction, ObservedNote } from '../observed.ts';
import { formatAddress } from '../pci/address.ts';

/** What a tree (`-t`, `-tv`) says: who hangs below whom, and names where it has them. */
export interface Tree {
  readonly functions: ObservedFunction[];
  readonly notes: ObservedNote[];
}

interface Bus {
  readonly segment: number;
  readonly first: number;
  /** The bridge above, by index in the result; null for a root bus. */
  readonly bridge: number | null;
}

/** The line of a tree: drawn with `-`, `+`, `|` and `\` before it says anything. */
export function isTreeLine(line: string): boolean {
  return /^[ |]*[-+\\][-+]*(?:\[(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}(?:-[0-9a-f]{2})?\]|(?<=[-+])[0-9a-f]{2}\.[0-7])/i.test(
    line,
  );
}

/**
 * Reads the lines of a tree. A line that opens with `+` or `\` goes on with the bus whose first child stands in the same
 * column of an earlier line.
 *
 * @param firstLine number of the first line in the source, from 1
 */
export function readTree(lines: readonly string[], firstLine = 1): Tree {
  const functions: ObservedFunction[] = [];
  const notes: ObservedNote[] = [];
  /** By column of the `+` or `\`: the bus whose children begin there; null for the machine itself. */
  const columns = new Map<number, Bus | null>();
  lines.forEach((line, index) => {
    const problem = readTreeLine(line, columns, functions);
    if (problem !== null) notes.push({ line: firstLine + index, subject: null, message: problem });
  });
  return { functions, notes };
}

const busShape = /^\[(?:([0-9a-f]{4,8}):)?([0-9a-f]{2})(?:-([0-9a-f]{2}))?\]/i;
const functionShape = /^([0-9a-f]{2})\.([0-7])/i;

/** Reads one line; returns what is wrong with it, or null. */
function readTreeLine(line: string, columns: Map<number, Bus | null>, functions: ObservedFunction[]): string | null {
  let at = line.search(/[^ |]/);
  if (at < 0) return null;
  let bus: Bus | null;
  if (line[at] === '+' || line[at] === '\\') {
    const column = nearestColumn(at, columns);
    const known = column === null ? undefined : columns.get(column);
    if (known === undefined) return 'no line above it has a bus that goes on in this column';
    bus = known;
    columns.set(at, known);
    for (const column of columns.keys()) if (column > at) columns.delete(column);
    at++;
  } else {
    bus = null;
    columns.clear();
  }
  let last: number | null = null;
  while (at < line.length) {
    const rest = line.slice(at);
    if (rest[0] === '-') {
      at++;
      continue;
    }
    if (rest[0] === '+') {
      columns.set(at, bus);
      at++;
      continue;
    }
    const busFound = busShape.exec(rest);
    if (busFound !== null) {
      const first = Number.parseInt(busFound[2] ?? '', 16);
      const subordinate = busFound[3] === undefined ? first : Number.parseInt(busFound[3], 16);
      const opened = openBus(busFound[1], first, subordinate, bus, last, functions);
      if (opened === null) return 'a bus stands where a device was expected';
      bus = opened;
      last = null;
      at += busFound[0].length;
      continue;
    }
    const functionFound = functionShape.exec(rest);
    if (functionFound !== null && bus !== null && last === null) {
      last = functions.length;
      const [whole, device = '', fn = ''] = functionFound;
      const address = formatAddress({
        segment: bus.segment,
        bus: bus.first,
        device: Number.parseInt(device, 16) & 0x1f,
        function: Number(fn),
      });
      at += whole.length;
      const description = /^ {2}(\S.*)$/.exec(line.slice(at));
      const parent = bus.bridge === null ? null : (functions[bus.bridge]?.address ?? null);
      functions.push({ address, parent, ...describe(description?.[1]) });
      if (description !== null) return null;
      continue;
    }
    if (/^\s*$/.test(rest)) return null;
    return `'${rest.slice(0, 20)}' is neither a bus nor a function`;
  }
  return null;
}

/** The column itself, or the nearest a little way off: the first line of a pasted tree is often shifted. */
function nearestColumn(at: number, columns: ReadonlyMap<number, unknown>): number | null {
  if (columns.has(at)) return at;
  const near = [...columns.keys()].filter((column) => Math.abs(column - at) <= mostShift);
  return near.length === 1 ? (near[0] ?? null) : null;
}

const mostShift = 4;

function openBus(
  segmentText: string | undefined,
  first: number,
  subordinate: number,
  around: Bus | null,
  last: number | null,
  functions: ObservedFunction[],
): Bus | null {
  if (around === null) {
    return { segment: segmentText === undefined ? 0 : Number.parseInt(segmentText, 16), first, bridge: null };
  }
  const bridge = last === null ? undefined : functions[last];
  if (last === null || bridge === undefined) return null;
  functions[last] = { ...bridge, buses: { primary: around.first, secondary: first, subordinate } };
  return { segment: around.segment, first, bridge: last };
}

function describe(text: string | undefined): Pick<ObservedFunction, 'deviceName' | 'vendorId' | 'deviceId'> {
  if (text === undefined) return {};
  const ids = /\s*\[?([0-9a-f]{4}):([0-9a-f]{4})\]?\s*$/i.exec(text);
  const name = (ids === null ? text : text.slice(0, ids.index)).trim();
  return {
    ...(name === '' ? {} : { deviceName: name }),
    ...(ids === null
      ? {}
      : { vendorId: Number.parseInt(ids[1] ?? '', 16), deviceId: Number.parseInt(ids[2] ?? '', 16) }),
  };
}
