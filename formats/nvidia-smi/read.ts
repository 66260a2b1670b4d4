import { type ObservedDistance, type ObservedMachine, type ObservedNote, UnreadableInput } from '../observed.ts';

/** The matrix of `nvidia-smi topo -m`: what it prints, by name. */
export interface TopologyMatrix {
  readonly devices: readonly MatrixDevice[];
  /** Class of each pair, by row and column as printed; `X` on the diagonal. */
  readonly classes: readonly (readonly string[])[];
  readonly notes: readonly ObservedNote[];
}

export interface MatrixDevice {
  /** As the header names it: `GPU0`, `NIC2`, `mlx5_0`. */
  readonly label: string;
  /** From the legend of NICs, else the label. */
  readonly name: string;
  /** `48-63,112-127`; absent in the rows of NICs. */
  readonly cpuAffinity?: string;
  /** NUMA nodes whose memory is near. */
  readonly numaAffinity?: readonly number[];
  /** Node of the memory of the GPU itself, where it is one. */
  readonly gpuNumaId?: number;
}

const affinityColumns = ['CPU Affinity', 'NUMA Affinity', 'GPU NUMA ID'] as const;
const knownClass = /^(?:X|PIX|PXB|PHB|NODE|SYS|SOC|QPI|NV\d+|N\/A)$/;

/**
 * Reads the matrix of `nvidia-smi topo -m` (and `-mp`): classes by pair, the names of the NICs from the legend below it, the
 * NUMA node of a device that is near to one alone. It has no addresses: another source says what the devices are.
 * Throws UnreadableInput where there is no matrix, or where a row is cut off.
 */
export function readNvidiaSmi(text: string): ObservedMachine {
  const matrix = readMatrix(text);
  const distances: ObservedDistance[] = [];
  const notes = [...matrix.notes];
  for (const [row, from] of matrix.devices.entries()) {
    for (const [column, to] of matrix.devices.entries()) {
      if (column <= row) continue;
      const there = matrix.classes[row]?.[column] ?? '';
      const back = matrix.classes[column]?.[row] ?? '';
      distances.push({ from: from.name, to: to.name, class: there });
      if (there !== back) {
        notes.push({
          line: null,
          subject: from.name,
          message: `to ${to.name} it is ${there}, the other way ${back}: the first one counts`,
        });
      }
    }
  }
  const affinities = matrix.devices.flatMap(({ name, numaAffinity = [] }) => {
    const [numaNode, ...others] = numaAffinity;
    return numaNode === undefined || others.length > 0 ? [] : [{ device: name, numaNode }];
  });
  return {
    formats: ['nvidia-smi'],
    functions: [],
    nodes: [],
    connections: [],
    distances,
    affinities,
    linux: {},
    notes,
  };
}

/** The matrix itself. Throws UnreadableInput as `readNvidiaSmi` does. */
export function readMatrix(text: string): TopologyMatrix {
  const lines = text
    .replace(/^\uFEFF/, '')
    // The header is underlined on a terminal.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ESC opens what a terminal takes for a style
    .replace(/\u001b\[[0-9;]*m/g, '')
    .split(/\r\n|\r|\n/);
  const headerAt = lines.findIndex(isHeader);
  if (headerAt < 0) {
    throw new UnreadableInput('This is no matrix of `nvidia-smi topo -m`: no line lists GPU0 and the others.', 1);
  }
  const header = lines[headerAt] ?? '';
  const columns = affinityColumns.filter((column) => columnAt(header, column) >= 0);
  const end = Math.min(header.length, ...columns.map((column) => columnAt(header, column)));
  const labels = header.slice(0, end).trim().split(/\s+/);
  const rows = new Map<string, { readonly classes: string[]; readonly rest: string[] }>();
  for (let at = headerAt + 1; at < lines.length && rows.size < labels.length; at++) {
    const words = (lines[at] ?? '').trim().split(/\s+/);
    const [label = '', ...cells] = words;
    if (label === '') continue;
    const expected = labels[rows.size];
    if (label !== expected) {
      throw new UnreadableInput(`The row of ${expected ?? ''} is missing: '${label}' stands in its place.`, at + 1);
    }
    const classes = cells.slice(0, labels.length);
    const wrong = classes.find((cell) => !knownClass.test(cell));
    if (classes.length < labels.length || wrong !== undefined) {
      const problem = wrong === undefined ? `${classes.length} classes` : `'${wrong}', which is no class`;
      throw new UnreadableInput(`The row of ${label} has ${problem}; ${labels.length} classes are expected.`, at + 1);
    }
    rows.set(label, { classes, rest: cells.slice(labels.length) });
  }
  if (rows.size < labels.length) {
    throw new UnreadableInput(`It ends before the row of ${labels[rows.size] ?? ''}.`, lines.length);
  }
  const legend = legendOf(lines);
  const devices = labels.map((label): MatrixDevice => {
    const rest = rows.get(label)?.rest ?? [];
    const said = (column: (typeof affinityColumns)[number]) => {
      const at = columns.indexOf(column);
      const word = at < 0 ? undefined : rest[at];
      return word === undefined || word === 'N/A' ? undefined : word;
    };
    const cpuAffinity = said('CPU Affinity');
    const nodes = numbersOf(said('NUMA Affinity'));
    const gpuNode = numbersOf(said('GPU NUMA ID'))?.[0];
    return {
      label,
      name: legend.get(label) ?? label,
      ...(cpuAffinity === undefined ? {} : { cpuAffinity }),
      ...(nodes === undefined ? {} : { numaAffinity: nodes }),
      ...(gpuNode === undefined ? {} : { gpuNumaId: gpuNode }),
    };
  });
  const notes = [...legend.keys()]
    .filter((label) => !labels.includes(label))
    .map((label) => ({ line: null, subject: label, message: 'the legend names it, the matrix does not have it' }));
  return { devices, classes: labels.map((label) => rows.get(label)?.classes ?? []), notes };
}

function isHeader(line: string): boolean {
  const [first = '', second] = line.trim().split(/\s+/);
  return /^(?:GPU|NIC)\d+$/.test(first) && (second === undefined || !knownClass.test(second));
}

function columnAt(header: string, column: string): number {
  return header.search(new RegExp(column.replaceAll(' ', '\\s+')));
}

/** `NIC0: mlx5_0`, below `NIC Legend:`. */
function legendOf(lines: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const line of lines) {
    const found = /^\s*(NIC\d+):\s+(\S+)\s*$/.exec(line);
    if (found?.[1] !== undefined && found[2] !== undefined && !names.has(found[1])) names.set(found[1], found[2]);
  }
  return names;
}

/** `0`, `0-1`, `0,2` as numbers; undefined for anything else. */
function numbersOf(text: string | undefined): number[] | undefined {
  if (text === undefined || !/^\d{1,4}(?:-\d{1,4})?(?:,\d{1,4}(?:-\d{1,4})?)*$/.test(text)) return undefined;
  return text.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  });
}
