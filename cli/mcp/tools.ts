import { check } from '../commands/check.ts';
import { groups } from '../commands/groups.ts';
import { matrix } from '../commands/matrix.ts';
import { path } from '../commands/path.ts';
import { show } from '../commands/show.ts';
import { simulate } from '../commands/simulate.ts';
import { Misuse } from '../exit.ts';

/** What a tool takes: texts, by name. */
export type ToolInput = Readonly<Record<string, unknown>>;

interface Parameter {
  readonly description: string;
  readonly values?: readonly string[];
}

export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** Names of parameters that cannot be left out. */
  readonly required: readonly string[];
  /** Prints what comes of it, as the command does. Throws Misuse for bad input. */
  readonly run: (input: (name: string) => string | undefined) => Promise<unknown>;
}

const file: Parameter = { description: 'Path of a .pcie file, from the folder in which this server was started.' };
const machine: Parameter = { description: 'The machine of the file; the first where it is left out.' };
const end = (what: string): Parameter => ({
  description: `Name of the device that the data ${what}, as in the text; cpu0.memory for the memory of a socket.`,
});
const tax = { tax: 'measured' } as const;

type Get = Parameters<Tool['run']>[0];
const fileOf = (get: Get): string => {
  const said = get('file') ?? '';
  // What an assistant asks for is not to become a way to read other files.
  if (!said.endsWith('.pcie')) throw new Misuse(`'${said}' is no .pcie file.`);
  return said;
};
const machineOf = (get: Get) => {
  const name = get('machine');
  return name === undefined ? {} : { machine: name };
};

/** What an assistant can ask: it reads and runs in the simulator, and changes nothing. */
export const tools: readonly Tool[] = [
  {
    name: 'check',
    title: 'Check a PCIe machine',
    description:
      'Findings of a .pcie file with line, rule and fix: links that run too slow, BARs without place, peers that cannot reach one another, and what each costs.',
    parameters: { file },
    required: ['file'],
    run: (get) => check([fileOf(get)], { format: 'text' }),
  },
  {
    name: 'show',
    title: 'Show a PCIe machine',
    description: 'Sockets, ports, switches and devices of a machine with their trained links.',
    parameters: { file, machine },
    required: ['file'],
    run: (get) => show(fileOf(get), machineOf(get)),
  },
  {
    name: 'path',
    title: 'Path between two devices',
    description: 'The way that data takes between two devices and why, its bottleneck, bandwidth and latency.',
    parameters: {
      file,
      machine,
      from: end('comes from'),
      to: end('goes to'),
      via: { description: 'Which way to take where there is a choice.', values: ['auto', 'p2p', 'host'] },
    },
    required: ['file', 'from', 'to'],
    run: (get) =>
      path(fileOf(get), get('from') ?? '', get('to') ?? '', { ...tax, ...machineOf(get), via: get('via') ?? 'auto' }),
  },
  {
    name: 'matrix',
    title: 'Distances between devices',
    description: 'Classes of distance between all devices as nvidia-smi topo -m prints them, or rates, or latencies.',
    parameters: {
      file,
      machine,
      show: { description: 'What stands in the cells.', values: ['class', 'bandwidth', 'latency', 'p2p'] },
    },
    required: ['file'],
    run: (get) => {
      const cells = get('show') ?? 'class';
      return matrix(fileOf(get), { ...tax, ...machineOf(get), ...(cells === 'class' ? {} : { [cells]: true }) });
    },
  },
  {
    name: 'groups',
    title: 'IOMMU groups',
    description: 'Which functions are isolated from which: the IOMMU groups that Linux would make.',
    parameters: { file, machine },
    required: ['file'],
    run: (get) => groups(fileOf(get), machineOf(get)),
  },
  {
    name: 'simulate',
    title: 'Simulate transfers',
    description:
      'Runs transfers and scenarios of a .pcie file: times, rates, routes, bottlenecks, and whether its expectations hold.',
    parameters: {
      file,
      machine,
      work: { description: 'One transfer or scenario by its name; all of them where it is left out.' },
      fidelity: {
        description: 'How closely the run looks; flow is right for most.',
        values: ['ideal', 'flow', 'packet'],
      },
    },
    required: ['file'],
    run: (get) => {
      const work = get('work');
      const options = { ...tax, ...machineOf(get), fidelity: get('fidelity') ?? 'flow' };
      return simulate(fileOf(get), work === undefined ? [] : [work], options);
    },
  },
];

/** What a tool takes, as JSON Schema. */
export function schemaOf({ parameters, required }: Tool): object {
  const properties = Object.entries(parameters).map(([name, { description, values }]) => [
    name,
    { type: 'string', description, ...(values === undefined ? {} : { enum: values }) },
  ]);
  return { type: 'object', properties: Object.fromEntries(properties), required, additionalProperties: false };
}

/** Reads what a tool was called with. Throws Misuse, which says what would be right. */
export function inputOf({ name: tool, parameters, required }: Tool, given: ToolInput): Get {
  for (const [name, value] of Object.entries(given)) {
    const parameter = parameters[name];
    if (parameter === undefined) throw new Misuse(`${tool} takes no '${name}': ${Object.keys(parameters).join(', ')}.`);
    if (typeof value !== 'string') throw new Misuse(`'${name}' is a text.`);
    if (parameter.values !== undefined && !parameter.values.includes(value))
      throw new Misuse(`'${name}' is ${parameter.values.join(', ')}; not '${value}'.`);
  }
  const missing = required.filter((name) => given[name] === undefined || given[name] === '');
  if (missing.length > 0) throw new Misuse(`${tool} needs ${missing.map((name) => `'${name}'`).join(' and ')}.`);
  return (name) => {
    const value = given[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
}
