import { linkLabel } from '../../model/link/generation.ts';
import type { Component, Connection, Machine } from '../../model/machine.ts';
import type { Assumption } from '../../model/origin.ts';
import type { Exported } from '../exported.ts';
import {
  type MachineFunction,
  type MachineFunctions,
  type MachineRoot,
  machineFunctions,
} from '../machine-functions.ts';
import { shortNames } from '../short-names.ts';
import { writeXml, type XmlAttributes, type XmlNode } from '../xml/write.ts';
import { hwlocLinkSpeed, linkInfo } from './link-speed.ts';
import { writeSet } from './sets.ts';

/**
 * A machine as XML of hwloc 2, which `lstopo --input` reads: a package for every NUMA node, the tree of bridges and devices
 * below its host bridges with the rates of the links as trained, and NVLink as a matrix of bandwidth. hwloc cannot hold a
 * machine without a processing unit: one core stands in where the machine does not say how many there are.
 */
export function writeHwloc(machine: Machine): Exported {
  return new HwlocWriter(machine, machineFunctions(machine)).write();
}

interface Numa {
  readonly id: number;
  readonly sockets: readonly Component[];
  readonly roots: readonly MachineRoot[];
  /** First of the processing units. */
  readonly firstUnit: number;
  readonly cores: number;
  readonly memoryBytes: number;
}

/** Kinds that an operating system has a device for, with hwloc's number up to version 2 (hwloc_obj_osdev_type_t). */
const systemDevices: Readonly<Partial<Record<Component['kind'], number>>> = { gpu: 1, nvme: 0, sata: 0, nic: 2 };

/** FROM_USER, MEANS_BANDWIDTH (hwloc/distances.h). */
const bandwidthFromUser = 2 + 8;

class HwlocWriter {
  readonly #machine: Machine;
  readonly #functions: MachineFunctions;
  readonly #assumptions: Assumption[];
  readonly #indexOf = new Map<string, number>();
  readonly #names: ReadonlyMap<number, string>;
  #next = 1;

  constructor(machine: Machine, functions: MachineFunctions) {
    this.#machine = machine;
    this.#functions = functions;
    this.#names = shortNames(machine);
    this.#assumptions = [...functions.assumptions];
  }

  write(): Exported {
    const nodes = this.#nodes();
    const units = nodes.flatMap(unitsOf);
    const sets = setsOf(
      units,
      nodes.map((node) => node.id),
    );
    const tree: XmlNode = {
      name: 'object',
      attributes: {
        type: 'Machine',
        os_index: 0,
        ...sets,
        allowed_cpuset: sets.cpuset,
        allowed_nodeset: sets.nodeset,
        gp_index: this.#next++,
      },
      children: [...this.#machineInfos(), ...nodes.map((node) => this.#package(node))],
    };
    const document = writeXml({
      name: 'topology',
      attributes: { version: '2.0' },
      children: [tree, ...this.#bandwidths()],
    });
    return {
      text: `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE topology SYSTEM "hwloc2.dtd">\n${document}`,
      assumptions: this.#assumptions,
    };
  }

  /** NUMA nodes in their order, with the sockets and host bridges of each; node 0 at least. */
  #nodes(): Numa[] {
    const roots = this.#functions.roots;
    const ids = [...new Set(roots.map((root) => root.node))].sort((a, b) => a - b);
    if (ids.length === 0) ids.push(0);
    let firstUnit = 0;
    const nodes = ids.map((id): Numa => {
      const own = roots.filter((root) => root.node === id);
      const sockets = [...new Set(own.map((root) => root.socket))];
      const said = sum(sockets, (socket) => socket.settings.cores);
      const cores = said > 0 ? said : 1;
      const node = {
        id,
        sockets,
        roots: own,
        firstUnit,
        cores,
        memoryBytes: sum(sockets, (socket) => socket.settings.memoryBytes),
      };
      firstUnit += cores;
      if (said === 0) {
        this.#assume('cores', `NUMA node ${id} does not say how many cores it has: one is written.`);
      }
      return node;
    });
    return nodes;
  }

  #assume(field: string, message: string): void {
    this.#assumptions.push({ at: null, field, message });
  }

  #machineInfos(): XmlNode[] {
    const { version } = this.#machine.linux;
    return [
      info('DMIProductName', this.#machine.name),
      ...(version === undefined ? [] : [info('OSName', 'Linux'), info('OSRelease', version)]),
    ];
  }

  #package(node: Numa): XmlNode {
    const units = unitsOf(node);
    const sets = setsOf(units, [node.id]);
    const memory = node.memoryBytes > 0 ? { local_memory: node.memoryBytes } : {};
    return {
      name: 'object',
      attributes: { type: 'Package', os_index: node.id, ...sets, gp_index: this.#next++ },
      children: [
        ...processorInfos(node.sockets[0]),
        object({ type: 'NUMANode', os_index: node.id, ...sets, gp_index: this.#next++, ...memory }),
        ...units.map((unit) => {
          const own = setsOf([unit], [node.id]);
          return object({ type: 'Core', os_index: unit, ...own, gp_index: this.#next++ }, [
            object({ type: 'PU', os_index: unit, ...own, gp_index: this.#next++ }),
          ]);
        }),
        ...node.roots.filter((root) => root.functions.length > 0).map((root) => this.#hostBridge(root)),
      ],
    };
  }

  #hostBridge(root: MachineRoot): XmlNode {
    return object(
      {
        type: 'Bridge',
        gp_index: this.#next++,
        bridge_type: '0-1',
        depth: 0,
        bridge_pci: busRange(root.segment, root.bus, root.lastBus),
      },
      root.functions.map((fn) => this.#pci(fn, 1)),
    );
  }

  #pci(fn: MachineFunction, depth: number): XmlNode {
    const index = this.#next++;
    this.#indexOf.set(fn.address, index);
    const segment = Number.parseInt(fn.address, 16);
    const isBridge = fn.buses !== undefined || fn.children.length > 0;
    const attributes: XmlAttributes = isBridge
      ? {
          type: 'Bridge',
          gp_index: index,
          bridge_type: '1-1',
          depth,
          bridge_pci: busRange(segment, fn.buses?.secondary ?? 0, fn.buses?.subordinate ?? 0),
        }
      : {
          type: 'PCIDev',
          gp_index: index,
          subtype: fn.component.kind === 'nvswitch' && fn.isFirst ? 'NVSwitch' : undefined,
        };
    return object({ ...attributes, pci_busid: fn.address, pci_type: typeOf(fn), pci_link_speed: speedOf(fn) }, [
      ...linkOf(fn),
      ...this.#systemDevice(fn),
      ...fn.children.map((child) => this.#pci(child, depth + 1)),
    ]);
  }

  /** The device of the operating system, under the name that the machine has for it. */
  #systemDevice(fn: MachineFunction): XmlNode[] {
    const type = systemDevices[fn.component.kind];
    if (type === undefined || !fn.isFirst) return [];
    const name = this.#names.get(fn.component.id);
    return [object({ type: 'OSDev', gp_index: this.#next++, name, osdev_type: type })];
  }

  /** NVLink and xGMI as matrices between PCI devices, in 10^6 bytes a second. */
  #bandwidths(): XmlNode[] {
    const matrices: XmlNode[] = [];
    for (const [technology, name] of [
      ['nvlink', 'NVLinkBandwidth'],
      ['xgmi', 'XGMIBandwidth'],
    ] as const) {
      const links = this.#machine.connections
        .filter((one) => one.technology === technology)
        .flatMap((one) => this.#indexed(one));
      if (links.length === 0) continue;
      const indexes = [...new Set(links.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
      const rates = new Map<string, number>();
      for (const { from, to, megabytes } of links) {
        for (const key of [`${from} ${to}`, `${to} ${from}`]) rates.set(key, (rates.get(key) ?? 0) + megabytes);
      }
      const values = indexes.flatMap((row) => indexes.map((column) => rates.get(`${row} ${column}`) ?? 0));
      matrices.push({
        name: 'distances2',
        attributes: { type: 'PCIDev', nbobjs: indexes.length, kind: bandwidthFromUser, name, indexing: 'gp' },
        children: [...rows('indexes', indexes), ...rows('u64values', values)],
      });
    }
    return matrices;
  }

  #indexed(connection: Connection): { readonly from: number; readonly to: number; readonly megabytes: number }[] {
    const [from, to] = [connection.from, connection.to].map((id) => {
      const address = this.#functions.ofComponent.get(id)?.address;
      return address === undefined ? undefined : this.#indexOf.get(address);
    });
    if (from === undefined || to === undefined) {
      const message = `${connection.name}: hwloc has no place for it, one of its ends is no PCI device.`;
      this.#assumptions.push({ at: connection.name, field: 'connection', message });
      return [];
    }
    if (connection.bytesPerSecond === null) {
      this.#assume('bytesPerSecond', `${connection.name} does not say its bandwidth: left out of the matrix.`);
      return [];
    }
    return [{ from, to, megabytes: Math.round(connection.bytesPerSecond / 1e6) }];
  }
}

function object(attributes: XmlAttributes, children: readonly XmlNode[] = []): XmlNode {
  return { name: 'object', attributes, children };
}

function info(name: string, value: string): XmlNode {
  return { name: 'info', attributes: { name, value } };
}

/** Ten numbers to an element, each with a blank behind it; hwloc wants the length of the text. */
function rows(name: string, numbers: readonly number[]): XmlNode[] {
  const made: XmlNode[] = [];
  for (let at = 0; at < numbers.length; at += 10) {
    const text = numbers
      .slice(at, at + 10)
      .map((number) => `${number} `)
      .join('');
    made.push({ name, attributes: { length: text.length }, text });
  }
  return made;
}

function unitsOf({ firstUnit, cores }: Numa): number[] {
  return Array.from({ length: cores }, (_, at) => firstUnit + at);
}

function setsOf(units: readonly number[], nodes: readonly number[]) {
  const [cpuset, nodeset] = [writeSet(units), writeSet(nodes)];
  return { cpuset, complete_cpuset: cpuset, nodeset, complete_nodeset: nodeset };
}

function processorInfos(socket: Component | undefined): XmlNode[] {
  const { cpuVendor, cpuFamily } = socket?.settings ?? {};
  const vendor = cpuVendor === 'intel' ? 'GenuineIntel' : cpuVendor === 'amd' ? 'AuthenticAMD' : undefined;
  return [
    ...(vendor === undefined ? [] : [info('CPUVendor', vendor)]),
    ...(cpuFamily === undefined ? [] : [info('CPUFamilyNumber', String(cpuFamily))]),
  ];
}

function busRange(segment: number, first: number, last: number): string {
  return `${hex(segment, 4)}:[${hex(first, 2)}-${hex(last, 2)}]`;
}

/** `0302 [10de:20b0] [10de:144e] a1` */
function typeOf(fn: MachineFunction): string {
  const word = (value: number | undefined) => hex(value ?? 0, 4);
  const ids = `[${word(fn.vendorId)}:${word(fn.deviceId)}] [${word(fn.subsystemVendorId)}:${word(fn.subsystemDeviceId)}]`;
  return `${hex((fn.classCode ?? 0) >>> 8, 4)} ${ids} ${hex(fn.revision ?? 0, 2)}`;
}

function speedOf(fn: MachineFunction): string {
  const { generation, lanes } = fn.link?.current ?? {};
  return (generation === undefined || lanes === undefined ? 0 : hwlocLinkSpeed(generation, lanes)).toFixed(6);
}

/** Generation and lanes in words, where the rate is that of other pairs too. */
function linkOf({ link }: MachineFunction): XmlNode[] {
  const { generation, lanes } = link?.current ?? {};
  if (generation === undefined || lanes === undefined) return [];
  return [info(linkInfo, linkLabel({ generation, lanes }))];
}

function sum(sockets: readonly Component[], of: (socket: Component) => number | undefined): number {
  return sockets.reduce((total, socket) => total + (of(socket) ?? 0), 0);
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
