import { type ObservedFunction, type ObservedMachine, type ObservedNote, UnreadableInput } from '../observed.ts';
import { normaliseAddress } from '../pci/address.ts';
import { withoutAssumedRoots, withParents } from '../pci/tree.ts';
import { markVirtualFunctions } from '../pci/virtual-functions.ts';
import type { FileTree } from './files.ts';
import { targetOf } from './files.ts';
import { readFunction } from './function.ts';
import { readLinux, readMachineName } from './linux.ts';
import { nearNode, readNodes } from './nodes.ts';

/** Where a function's files lie, and what its path says. */
export interface DeviceFolder {
  readonly address: string;
  /** Path of the folder without the slash at its end. */
  readonly path: string;
  /** The bridge above by the path; null: a root bus; undefined: the path is that of a link's copy and does not say. */
  readonly parent: string | null | undefined;
  /** Further paths of the same function: `bus/pci/devices/…` beside `devices/pci…`. */
  readonly aliases: string[];
  /** What lies inside, as paths from the folder: `net/eth0/uevent`. */
  readonly inside: string[];
}

const addressShape = '[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7]';
const chainShape = new RegExp(`^(.*?/)?((?:${addressShape}/)+)(.*)$`);
const rootShape = /(?:^|\/)pci[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}\/$/;

/**
 * Reads files of `/sys` (and of `/proc` where they were gathered too), by path; a path may begin anywhere, and folders that
 * were copied from behind links are read as well. Throws UnreadableInput where neither a PCI
 * function nor a NUMA node is among them.
 */
export function readSysfs(files: FileTree): ObservedMachine {
  const contradictions = new Map<string, string>();
  const folders = findFolders(files, contradictions);
  const nodes = readNodes(files);
  if (folders.size === 0 && nodes.length === 0) {
    throw new UnreadableInput(
      'There are no PCI functions in it: expected folders such as sys/devices/pci0000:00/0000:00:1c.0.',
    );
  }
  const notes: ObservedNote[] = [...contradictions].map(([subject, message]) => ({ line: null, subject, message }));
  if (folders.size === 0) {
    const message =
      'there are no PCI functions in it, only NUMA nodes (folders such as sys/devices/pci0000:00 are missing)';
    notes.push({ line: null, subject: null, message });
  }
  const classNames = namesByClass(files);
  const nodeNear = nearNode(files, nodes);
  const functions = [...folders.values()].map((folder): ObservedFunction => {
    const read = readFunction(files, folder);
    const more = classNames.get(folder.address);
    const near = read.numaNode ?? [folder.path, ...folder.aliases].map(nodeNear).find((id) => id !== undefined);
    return {
      ...read,
      ...(near === undefined ? {} : { numaNode: near }),
      ...(more === undefined ? {} : { names: [...new Set([...(read.names ?? []), ...more])] }),
    };
  });
  const withoutConfig = functions.filter((one) => one.role === undefined && one.buses !== undefined).length;
  if (withoutConfig > 0) {
    const message = `what kind of port ${withoutConfig} bridges are is not in these files: gather \`config\` as root`;
    notes.push({ line: null, subject: null, message });
  }
  const placed = withParents(functions);
  const name = readMachineName(files);
  return {
    formats: ['sysfs'],
    ...(name === undefined ? {} : { name }),
    functions: withoutAssumedRoots(
      markVirtualFunctions(placed.functions),
      (address) => folders.get(address)?.parent === null,
    ),
    nodes,
    connections: [],
    distances: [],
    linux: readLinux(files),
    notes: [...notes, ...placed.notes],
  };
}

/** The folders of functions, the ones in the tree of devices before copies of links to them; by address what contradicts itself. */
function findFolders(files: FileTree, contradictions: Map<string, string>): Map<string, DeviceFolder> {
  const found = new Map<string, DeviceFolder>();
  const copies: { readonly folder: DeviceFolder; readonly rest: string }[] = [];
  for (const path of files.keys()) {
    const chain = chainShape.exec(path);
    if (chain === null) continue;
    const [, before = '', addresses = '', rest = ''] = chain;
    const nested = deepest(before, addresses, rest);
    const address = normaliseAddress(nested.address);
    if (address === null) continue;
    const parent =
      nested.parent === undefined || nested.parent === null ? nested.parent : normaliseAddress(nested.parent);
    const folder: DeviceFolder = { address, path: nested.path, parent, aliases: [], inside: [] };
    if (parent === undefined) {
      copies.push({ folder, rest: nested.rest });
      continue;
    }
    const known = found.get(address) ?? folder;
    found.set(address, known);
    if (known.path === folder.path) known.inside.push(nested.rest);
    else contradictions.set(address, `it stands in two places: ${known.path} counts, ${folder.path} does not`);
  }
  for (const { folder, rest } of copies) {
    const known = found.get(folder.address) ?? folder;
    found.set(folder.address, known);
    if (known.path === folder.path) known.inside.push(rest);
    else if (!known.aliases.includes(folder.path)) known.aliases.push(folder.path);
  }
  return found;
}

interface Nested {
  readonly address: string;
  readonly parent: string | null | undefined;
  readonly path: string;
  readonly rest: string;
}

/** The innermost function of a path: a host bridge may stand inside a device (Intel VMD), with functions of its own. */
function deepest(before: string, addresses: string, rest: string): Nested {
  let base = before;
  let chain = addresses.split('/').filter((part) => part !== '');
  let inside = rest;
  for (;;) {
    const again = new RegExp(`^(pci[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}/)((?:${addressShape}/)+)(.*)$`).exec(inside);
    if (again === null) break;
    base = `${base}${chain.join('/')}/${again[1] ?? ''}`;
    chain = (again[2] ?? '').split('/').filter((part) => part !== '');
    inside = again[3] ?? '';
  }
  const address = chain.at(-1) ?? '';
  const isTree = rootShape.test(base);
  const parent = isTree ? (chain.at(-2) ?? null) : chain.at(-2);
  return { address, parent, path: `${base}${chain.join('/')}`, rest: inside };
}

/** Names by function, from links such as `class/net/eth0` that lead into a function's folder. */
function namesByClass(files: FileTree): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const path of files.keys()) {
    const name = /(?:^|\/)class\/(?:net|infiniband|nvme|drm)\/([^/]+)$/.exec(path)?.[1];
    if (name === undefined) continue;
    const target = targetOf(files, path);
    const last = [...(target ?? '').matchAll(new RegExp(`(${addressShape})/`, 'g'))].at(-1)?.[1];
    const address = last === undefined ? null : normaliseAddress(last);
    if (address === null || /^(?:card\d+-|renderD|controlD)/.test(name)) continue;
    names.set(address, [...(names.get(address) ?? []), name]);
  }
  return names;
}
