import { withMatrix } from '../nvidia-smi/apply.ts';
import type {
  ObservedBar,
  ObservedConnection,
  ObservedDistance,
  ObservedFunction,
  ObservedMachine,
  ObservedNode,
  ObservedNote,
} from '../observed.ts';
import { normaliseAddress } from '../pci/address.ts';
import { connectionContradictions, functionContradictions, missingFunctions } from './contradictions.ts';

/**
 * One machine from what several tools show of it, function by function. What an earlier source says stays; a later one adds
 * what is missing. Where two contradict each other a note says so.
 */
export function mergeObserved(machines: readonly ObservedMachine[]): ObservedMachine {
  const notes: ObservedNote[] = machines.flatMap((machine) => machine.notes);
  const functions = new Map<string, ObservedFunction>();
  // Sources that show every function say more of what hangs where than those that show some.
  const ordered = [...machines].sort((a, b) => rank(a) - rank(b));
  for (const machine of ordered) {
    for (const one of machine.functions) {
      const address = normaliseAddress(one.address) ?? one.address;
      const before = functions.get(address);
      const own = { ...one, address };
      functions.set(address, before === undefined ? own : mergeFunction(before, own, machine.formats, notes));
    }
  }
  notes.push(...missingFunctions(ordered));
  const name = ordered.find((machine) => machine.name !== undefined)?.name;
  const affinities = ordered.flatMap((machine) => machine.affinities ?? []);
  return withMatrix({
    formats: [...new Set(ordered.flatMap((machine) => machine.formats))],
    ...(name === undefined ? {} : { name }),
    functions: withoutStrayParents([...functions.values()]),
    nodes: mergeNodes(ordered, notes),
    connections: mergeConnections(
      ordered.flatMap((machine) => machine.connections),
      notes,
    ),
    distances: mergeDistances(ordered.flatMap((machine) => machine.distances)),
    ...(affinities.length === 0 ? {} : { affinities }),
    linux: Object.assign({}, ...ordered.map((machine) => machine.linux).reverse()),
    notes,
  });
}

/** Sources with all functions and their bridges come first; NCCL and nvidia-smi leave ports out. */
const ranks: Readonly<Record<string, number>> = {
  sysfs: 0,
  lspci: 1,
  udevadm: 2,
  hwloc: 3,
  qemu: 4,
  nccl: 5,
  'nvidia-smi': 6,
};
const rank = (machine: ObservedMachine) => Math.min(...machine.formats.map((format) => ranks[format] ?? 9), 9);

/** Facts that two sources may state differently without either being wrong. */
const free: ReadonlySet<keyof ObservedFunction> = new Set([
  'address',
  'parent',
  'role',
  'vendorName',
  'deviceName',
  'names',
  'bars',
  'link',
  'windows',
  'isInterfaceKnown',
  'classCode',
  'sriov',
  'driver',
]);

function mergeFunction(
  before: ObservedFunction,
  after: ObservedFunction,
  formats: readonly string[],
  notes: ObservedNote[],
): ObservedFunction {
  for (const key of Object.keys(after) as (keyof ObservedFunction)[]) {
    const [a, b] = [before[key], after[key]];
    if (free.has(key) || a === undefined || b === undefined || sameFact(a, b)) continue;
    notes.push({
      line: null,
      subject: before.address,
      message: `${formats.join(' and ')} says ${key} ${show(b)}, another source ${show(a)}: the latter is kept`,
    });
  }
  if (
    before.classCode !== undefined &&
    after.classCode !== undefined &&
    before.classCode >>> 8 !== after.classCode >>> 8
  ) {
    notes.push({
      line: null,
      subject: before.address,
      message: `${formats.join(' and ')} says class ${show(after.classCode)}, another source ${show(before.classCode)}: the latter is kept`,
    });
  }
  notes.push(...functionContradictions(before, after, formats));
  const isBetterClass = before.isInterfaceKnown === false && after.isInterfaceKnown === true;
  const names = [...new Set([...(before.names ?? []), ...(after.names ?? [])])];
  const link = mergeLink(before, after);
  const windows = { ...after.windows, ...before.windows };
  const merged: ObservedFunction = {
    ...after,
    ...before,
    ...(isBetterClass && after.classCode !== undefined ? { classCode: after.classCode, isInterfaceKnown: true } : {}),
    ...(names.length === 0 ? {} : { names }),
    ...(link === undefined ? {} : { link }),
    ...(before.windows === undefined && after.windows === undefined ? {} : { windows }),
    ...(before.bars === undefined && after.bars === undefined ? {} : { bars: mergeBars(before.bars, after.bars) }),
    ...(before.sriov === undefined || after.sriov === undefined
      ? {}
      : {
          sriov: {
            ...after.sriov,
            ...before.sriov,
            bars: mergeBars(before.sriov.bars, after.sriov.bars),
          },
        }),
  };
  return merged;
}

function mergeLink(before: ObservedFunction, after: ObservedFunction): ObservedFunction['link'] {
  if (before.link === undefined || after.link === undefined) return before.link ?? after.link;
  const [a, b] = [before.link.current, after.link.current];
  return {
    ...after.link,
    ...before.link,
    current: { ...b, ...a },
    capable: { ...after.link.capable, ...before.link.capable },
  };
}

function mergeBars(before: readonly ObservedBar[] = [], after: readonly ObservedBar[] = []): ObservedBar[] {
  const merged = before.map((bar) => ({ ...after.find((other) => other.index === bar.index), ...bar }));
  const added = after.filter((bar) => !before.some((one) => one.index === bar.index));
  return [...merged, ...added].sort((a, b) => a.index - b.index);
}

/** A parent that no source shows as a function is forgotten: bus numbers may know better. */
function withoutStrayParents(functions: readonly ObservedFunction[]): ObservedFunction[] {
  const known = new Set(functions.map((one) => one.address));
  return functions.map((one) => {
    const parent = typeof one.parent === 'string' ? (normaliseAddress(one.parent) ?? one.parent) : one.parent;
    if (typeof parent !== 'string' || known.has(parent)) return parent === one.parent ? one : { ...one, parent };
    const { parent: _stray, ...rest } = one;
    return rest;
  });
}

function mergeNodes(machines: readonly ObservedMachine[], notes: ObservedNote[]): ObservedNode[] {
  const nodes = new Map<number, ObservedNode>();
  for (const machine of machines) {
    for (const node of machine.nodes) {
      const before = nodes.get(node.id);
      if (before === undefined) {
        nodes.set(node.id, node);
        continue;
      }
      for (const key of ['package', 'cpuVendor', 'cpuFamily', 'cpuModel'] as const) {
        const [a, b] = [before[key], node[key]];
        if (a === undefined || b === undefined || a === b) continue;
        notes.push({
          line: null,
          subject: `node:${node.id}`,
          message: `${machine.formats.join(' and ')} says ${key} ${show(b)}, another source ${show(a)}: the latter is kept`,
        });
      }
      nodes.set(node.id, { ...node, ...before });
    }
  }
  return [...nodes.values()].sort((a, b) => a.id - b.id);
}

/** A pair joined by one technology counts once, whichever end comes first. */
function mergeConnections(connections: readonly ObservedConnection[], notes: ObservedNote[]): ObservedConnection[] {
  const made = new Map<string, ObservedConnection>();
  for (const one of connections) {
    const from = normaliseAddress(one.from) ?? one.from;
    const to = normaliseAddress(one.to) ?? one.to;
    const key = [one.technology, ...[from, to].sort()].join(' ');
    const before = made.get(key);
    if (before !== undefined) notes.push(...connectionContradictions(before, { ...one, from, to }));
    made.set(key, before === undefined ? { ...one, from, to } : { ...one, ...before });
  }
  return [...made.values()];
}

function mergeDistances(distances: readonly ObservedDistance[]): ObservedDistance[] {
  const made = new Map<string, ObservedDistance>();
  for (const one of distances) {
    const key = [one.from, one.to].sort().join(' ');
    if (!made.has(key)) made.set(key, one);
  }
  return [...made.values()];
}

function sameFact(a: unknown, b: unknown): boolean {
  return a === b || show(a) === show(b);
}

function show(value: unknown): string {
  if (typeof value === 'number') return value > 255 ? `0x${value.toString(16)}` : String(value);
  return JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? `0x${item.toString(16)}` : item)) ?? '';
}
