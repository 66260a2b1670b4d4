import { type Component, type Connection, componentAt, type Machine } from '../../model/machine.ts';
import type { Assumption } from '../../model/origin.ts';
import { numaNode } from '../../model/peer/distance-class.ts';
import type { Exported } from '../exported.ts';
import {
  type MachineFunction,
  type MachineFunctions,
  type MachineRoot,
  machineFunctions,
} from '../machine-functions.ts';
import { shortNames } from '../short-names.ts';
import { writeXml, type XmlAttributes, type XmlNode } from '../xml/write.ts';
import { wordsOfGeneration } from './link-speed.ts';

/**
 * A machine as the XML that NCCL_TOPO_DUMP_FILE writes and NCCL_TOPO_FILE reads (NCCL, src/graph/xml.cc): GPUs and NICs with the
 * switches above them, each switch once and by its upstream port; speed and width are what both ends of a link could do.
 */
export function writeNccl(machine: Machine): Exported {
  return new NcclWriter(machine, machineFunctions(machine)).write();
}

/** What NCCL calls an NVSwitch that no PCI address is known of (src/graph/xml.cc, ncclTopoGetXmlFromGpu). */
const unseenSwitch = 'fffffff:ffff:ff';

class NcclWriter {
  readonly #machine: Machine;
  readonly #functions: MachineFunctions;
  readonly #byAddress: ReadonlyMap<string, MachineFunction>;
  readonly #assumptions: Assumption[];
  /** Numbers of GPUs and of networks, by address. */
  readonly #numbers = new Map<string, number>();
  #networks = 0;
  readonly #names: ReadonlyMap<number, string>;

  constructor(machine: Machine, functions: MachineFunctions) {
    this.#machine = machine;
    this.#functions = functions;
    this.#names = shortNames(machine);
    this.#byAddress = new Map(functions.all.map((fn) => [fn.address, fn]));
    this.#assumptions = [...functions.assumptions];
  }

  write(): Exported {
    const shown = this.#functions.all.filter((fn) => fn.isFirst && isShown(fn));
    for (const [number, fn] of shown.filter(isGpu).entries()) this.#numbers.set(fn.address, number);
    const { above, tops } = this.#switches(shown);
    const ids = new Set([...this.#functions.roots, ...tops].map(({ node }) => node));
    if (ids.size === 0) ids.add(0); // NCCL reads no system without a CPU
    const cpus = [...ids]
      .sort((a, b) => a - b)
      .map((id): XmlNode => {
        const own = tops.filter(({ node }) => node === id);
        const roots = [...own.map(({ root }) => root), ...this.#functions.roots.filter(({ node }) => node === id)];
        const children = own.map(({ fn }) => this.#pci(fn, above));
        return { name: 'cpu', attributes: this.#cpu(id, roots), children };
      });
    if (shown.length === 0) this.#assume(null, 'kind', 'There is neither a GPU nor a NIC: NCCL would see nothing.');
    return {
      text: writeXml({ name: 'system', attributes: { version: 1, name: this.#machine.name }, children: cpus }),
      assumptions: this.#assumptions,
    };
  }

  #assume(at: string | null, field: string, message: string): void {
    this.#assumptions.push({ at, field, message });
  }

  /** NCCL climbs two functions at a time, over the port to the switch above it (ncclTopoGetXmlFromSys). */
  #switches(shown: readonly MachineFunction[]) {
    const above = new Map<string, MachineFunction[]>();
    const tops: { readonly fn: MachineFunction; readonly root: MachineRoot; readonly node: number }[] = [];
    const seen = new Set<string>();
    const rootOf = new Map(
      this.#functions.roots.flatMap((root) => root.functions.map((fn) => [fn.address, root] as const)),
    );
    const parentOf = (fn: MachineFunction) =>
      typeof fn.parent === 'string' ? this.#byAddress.get(fn.parent) : undefined;
    for (const device of shown) {
      for (let fn = device; !seen.has(fn.address); ) {
        seen.add(fn.address);
        const port = parentOf(fn);
        const upper = port === undefined ? undefined : parentOf(port);
        if (upper === undefined) {
          const root = rootOf.get((port ?? fn).address);
          if (root !== undefined) tops.push({ fn, root, node: numaNode(this.#machine, fn.component.id) ?? root.node });
          break;
        }
        const list = above.get(upper.address);
        if (list === undefined) above.set(upper.address, [fn]);
        else list.push(fn);
        fn = upper;
      }
    }
    return { above, tops };
  }

  #pci(fn: MachineFunction, above: ReadonlyMap<string, readonly MachineFunction[]>): XmlNode {
    const id = (value: number | undefined) => `0x${hex(value ?? 0, 4)}`;
    const attributes: XmlAttributes = {
      busid: fn.address,
      class: `0x${hex(fn.classCode ?? 0, 6)}`,
      vendor: id(fn.vendorId),
      device: id(fn.deviceId),
      subsystem_vendor: id(fn.subsystemVendorId),
      subsystem_device: id(fn.subsystemDeviceId),
      ...this.#link(fn.component),
    };
    const below = (above.get(fn.address) ?? []).map((child) => this.#pci(child, above));
    const own = isGpu(fn) ? [this.#gpu(fn)] : isNetwork(fn) ? [this.#nic(fn.component)] : [];
    return { name: 'pci', attributes, children: [...own, ...below] };
  }

  #link(component: Component): XmlAttributes {
    const link = this.#machine.links[this.#machine.linkAbove[component.id] ?? -1];
    if (link === undefined) return { link_speed: '', link_width: 0 };
    const { generation, lanes } = link.capable;
    const words = wordsOfGeneration(generation);
    if (words === undefined) {
      this.#assume(
        component.name,
        'generation',
        `${component.name}: NCCL does not know Gen${generation} and counts Gen3.`,
      );
    }
    return { link_speed: words ?? '128.0 GT/s PCIe', link_width: lanes };
  }

  #gpu(fn: MachineFunction): XmlNode {
    const { component, address } = fn;
    const number = this.#numbers.get(address) ?? 0;
    const [major = '', minor = '0'] = (component.settings.computeCapability ?? '').split('.');
    const sm = major === '' ? undefined : Number(major) * 10 + Number(minor);
    if (sm === undefined) {
      const message = `${component.name} does not say its compute capability: NCCL asks the GPU itself.`;
      this.#assume(component.name, 'computeCapability', message);
    }
    const refuses = component.settings.peerToPeer === false || component.settings.driver === 'nouveau';
    return {
      name: 'gpu',
      attributes: { dev: number, sm, rank: number, gdr: refuses ? 0 : 1 },
      children: joined(this.#machine.connections.flatMap((one) => this.#peerLink(component, one))),
    };
  }

  #peerLink(gpu: Component, connection: Connection): XmlNode[] {
    const { from, to, technology, links, bytesPerSecond } = connection;
    if (from !== gpu.id && to !== gpu.id) return [];
    const other = componentAt(this.#machine, from === gpu.id ? to : from);
    if (technology === 'c2c') {
      const bw = bytesPerSecond === null ? undefined : Math.round(bytesPerSecond / links / 1e6);
      return other.kind === 'socket' && bw !== undefined ? [{ name: 'c2c', attributes: { bw, count: links } }] : [];
    }
    if (technology !== 'nvlink' && technology !== 'xgmi') return [];
    // The end at a POWER processor is a bridge of NVIDIA's class 0x068001, whose address NCCL does not look at.
    if (other.kind === 'socket') {
      return [{ name: technology, attributes: { target: 'ffff:ff:ff.0', count: links, tclass: '0x068001' } }];
    }
    const target = this.#functions.ofComponent.get(other.id);
    if (target === undefined && other.kind !== 'nvswitch') return [];
    const tclass = other.kind === 'nvswitch' ? '0x068000' : `0x${hex(target?.classCode ?? 0, 6)}`;
    return [{ name: technology, attributes: { target: target?.address ?? unseenSwitch, count: links, tclass } }];
  }

  #nic({ id, settings }: Component): XmlNode {
    const label = this.#names.get(id) ?? '';
    const ports = Math.max(1, settings.networkPorts ?? 1);
    const speed =
      settings.lineRateBytesPerSecond === undefined
        ? undefined
        : Math.round((settings.lineRateBytesPerSecond * 8) / 1e6);
    const children = Array.from({ length: ports }, (_, at): XmlNode => {
      const name = ports === 1 ? label : `${label}_${at + 1}`;
      const gdr = settings.gpuDirectRdma === false ? 0 : 1;
      return { name: 'net', attributes: { name, dev: this.#networks++, speed, port: at + 1, gdr } };
    });
    return { name: 'nic', attributes: {}, children };
  }

  /** NCCL wants the architecture, and of Intel's CPUs the family and the model (src/graph/topo.cc, ncclTopoAddCpu). */
  #cpu(id: number, roots: readonly MachineRoot[]): XmlAttributes {
    const settings = roots.map((root) => root.socket.settings);
    const vendor = settings.find((one) => one.cpuVendor !== undefined)?.cpuVendor;
    const family = settings.find((one) => one.cpuFamily !== undefined)?.cpuFamily;
    switch (vendor) {
      case 'intel': {
        const fifth = this.#machine.components.some(
          (one) => one.kind === 'root-port' && (one.settings.generation ?? 0) >= 5,
        );
        const modelid = fifth ? 143 : 85;
        const name = fifth ? 'Sapphire Rapids' : 'Skylake';
        this.#assume(null, 'modelid', `NCCL wants the model of node ${id}'s CPU: ${modelid} (${name}) assumed.`);
        return { numaid: id, arch: 'x86_64', vendor: 'GenuineIntel', familyid: family ?? 6, modelid };
      }
      case 'amd':
        return {
          numaid: id,
          arch: 'x86_64',
          vendor: 'AuthenticAMD',
          familyid: family === undefined ? undefined : shifted(family),
        };
      case 'arm':
      case 'nvidia':
        return { numaid: id, arch: 'arm64' };
      default:
        this.#assume(null, 'cpuVendor', `Node ${id} does not say whose CPU it is: NCCL plans as for an unknown one.`);
        return { numaid: id, arch: '' };
    }
  }
}

/** Links to the same target count together, as NCCL counts them. */
function joined(links: readonly XmlNode[]): XmlNode[] {
  const byTarget = new Map<string, XmlNode>();
  for (const link of links) {
    const key = `${link.name} ${link.attributes.target ?? ''}`;
    const before = byTarget.get(key);
    const count = Number(before?.attributes.count ?? 0) + Number(link.attributes.count ?? 0);
    byTarget.set(key, { ...link, attributes: { ...link.attributes, count } });
  }
  return [...byTarget.values()];
}

/** A family above 15 as NCCL prints it: the base family plus the extended one shifted by four (src/graph/xml.cc). */
function shifted(family: number): number {
  return family <= 15 ? family : 15 + ((family - 15) << 4);
}

function isGpu(fn: MachineFunction): boolean {
  return fn.component.kind === 'gpu';
}

function isNetwork(fn: MachineFunction): boolean {
  return fn.component.kind === 'nic';
}

function isShown(fn: MachineFunction): boolean {
  return isGpu(fn) || isNetwork(fn);
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
