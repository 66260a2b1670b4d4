import type { ObservedNode } from '../observed.ts';
import { type FileTree, textOf } from './files.ts';

interface Processor {
  readonly vendor: string | undefined;
  readonly family: number | undefined;
  readonly model: number | undefined;
  readonly name: string | undefined;
}

/** NUMA nodes from `devices/system/node`, their cores from `devices/system/cpu`, the processors from `proc/cpuinfo`. */
export function readNodes(files: FileTree): ObservedNode[] {
  const cores = new Map<number, { readonly core: string; readonly package: number | undefined }>();
  const nodePaths = new Map<number, string>();
  for (const path of files.keys()) {
    const node = /^(.*(?:^|\/)system\/node\/node(\d+))\//.exec(path);
    if (node?.[1] !== undefined) nodePaths.set(Number(node[2]), node[1]);
    const cpu = /^(.*(?:^|\/)system\/cpu\/cpu(\d+)\/topology)\/(?:core_id|physical_package_id)$/.exec(path);
    if (cpu?.[1] === undefined || cores.has(Number(cpu[2]))) continue;
    const core = textOf(files, `${cpu[1]}/core_id`);
    const packageText = textOf(files, `${cpu[1]}/physical_package_id`);
    if (core === undefined) continue;
    const packageId = packageText !== undefined && /^\d+$/.test(packageText) ? Number(packageText) : undefined;
    cores.set(Number(cpu[2]), { core: `${packageId ?? 0}:${core}`, package: packageId });
  }
  const processor = readProcessor(files);
  return [...nodePaths]
    .map(([id, path]): ObservedNode => {
      const cpus = processorsOf(files, path);
      const own = cpus.map((cpu) => cores.get(cpu)).filter((core) => core !== undefined);
      const packageId = own.find((core) => core.package !== undefined)?.package;
      const memory = /MemTotal:\s*(\d+) kB/.exec(textOf(files, `${path}/meminfo`) ?? '')?.[1];
      return {
        id,
        ...(packageId === undefined ? {} : { package: packageId }),
        ...(memory === undefined ? {} : { memoryBytes: Number(memory) * 1024 }),
        ...(own.length === 0 ? {} : { cores: new Set(own.map((core) => core.core)).size }),
        ...facts(processor),
      };
    })
    .sort((a, b) => a.id - b.id);
}

/**
 * The node whose processors are just those that a function says to be near (`local_cpus`), by path of the function's
 * folder; undefined where it says more or less than one node's. For trees in which `numa_node` is missing or -1.
 */
export function nearNode(files: FileTree, nodes: readonly ObservedNode[]): (folder: string) => number | undefined {
  const byProcessors = new Map<string, number | undefined>();
  const paths = new Map<number, string>();
  for (const path of files.keys()) {
    const found = /^(.*(?:^|\/)system\/node\/node(\d+))\//.exec(path);
    if (found?.[1] !== undefined) paths.set(Number(found[2]), found[1]);
  }
  for (const { id } of nodes) {
    const path = paths.get(id) ?? '';
    const list = cpuList(textOf(files, `${path}/cpulist`));
    const mask = cpuMask(textOf(files, `${path}/cpumap`));
    for (const key of new Set([list.join(' '), mask.join(' ')])) {
      if (key !== '') byProcessors.set(key, byProcessors.has(key) ? undefined : id);
    }
  }
  return (folder) =>
    byProcessors.get(cpuList(textOf(files, `${folder}/local_cpulist`)).join(' ')) ??
    byProcessors.get(cpuMask(textOf(files, `${folder}/local_cpus`)).join(' '));
}

/** Processors of a node, as a list or, where that was not gathered, as a mask. */
function processorsOf(files: FileTree, path: string): number[] {
  const list = textOf(files, `${path}/cpulist`);
  return list === undefined ? cpuMask(textOf(files, `${path}/cpumap`)) : cpuList(list);
}

/** `00000000,0000ffff`: words of 32 bits, the highest first. */
function cpuMask(text: string | undefined): number[] {
  const words = (text ?? '').split(',').reverse();
  if (words.length > 2048 || !words.every((word) => /^[0-9a-f]{1,8}$/i.test(word))) return [];
  return words.flatMap((word, index) => {
    const bits = Number.parseInt(word, 16);
    return Array.from({ length: 32 }, (_, bit) => bit)
      .filter((bit) => (bits >>> bit) % 2 === 1)
      .map((bit) => index * 32 + bit);
  });
}

/** `0-7,16-23`. A list of more than 64Ki is no list of processors. */
function cpuList(text: string | undefined): number[] {
  const cpus: number[] = [];
  for (const part of (text ?? '').split(',')) {
    const found = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (found?.[1] === undefined) continue;
    const last = Number(found[2] ?? found[1]);
    for (let cpu = Number(found[1]); cpu <= last && cpus.length < 65536; cpu++) cpus.push(cpu);
  }
  return cpus;
}

/** The first processor of `cpuinfo`: machines do not mix them. */
function readProcessor(files: FileTree): Processor {
  const path = [...files.keys()].find((one) => /(?:^|\/)cpuinfo$/.test(one));
  const text = path === undefined ? '' : (textOf(files, path) ?? '');
  const field = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1]?.trim();
  const number = (name: string) => {
    const value = field(name);
    return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
  };
  return {
    vendor: field('vendor_id') ?? (field('CPU implementer') === '0x41' ? 'ARM' : undefined),
    family: number('cpu family'),
    model: number('model'),
    name: field('model name'),
  };
}

const vendors: Readonly<Record<string, NonNullable<ObservedNode['cpuVendor']>>> = {
  GenuineIntel: 'intel',
  AuthenticAMD: 'amd',
  ARM: 'arm',
};

function facts({ vendor, family, model, name }: Processor): Partial<ObservedNode> {
  return {
    ...(vendor === undefined ? {} : { cpuVendor: vendors[vendor] ?? 'other' }),
    ...(family === undefined ? {} : { cpuFamily: family }),
    ...(model === undefined ? {} : { cpuModel: model }),
    ...(name === undefined ? {} : { cpuName: name }),
  };
}
