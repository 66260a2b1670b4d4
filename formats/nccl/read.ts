import { isLaneCount } from '../../model/link/generation.ts';
import {
  type ObservedConnection,
  type ObservedFunction,
  type ObservedMachine,
  type ObservedNode,
  type ObservedNote,
  UnreadableInput,
} from '../observed.ts';
import { normaliseAddress } from '../pci/address.ts';
import { attribute, integerAttribute, readXml, type XmlElement } from '../xml/read.ts';
import { generationOfWords, isKnownToNccl } from './link-speed.ts';

/**
 * Reads the XML of NCCL and RCCL: what NCCL_TOPO_DUMP_FILE writes and NCCL_TOPO_FILE reads. It has the ancestors of GPUs and
 * NICs only: each switch once, root ports and the ports of switches not at all. Speed and width are what both ends of a link
 * are capable of, not what it runs at. Throws UnreadableInput for text that is no such XML.
 */
export function readNccl(text: string): ObservedMachine {
  const root = readXml(text);
  if (root.name !== 'system') {
    throw new UnreadableInput(`This is no topology of NCCL: it opens with <${root.name}>, not <system>.`, root.line);
  }
  return new NcclReader(root).read();
}

/** A switch that NVML names and that nobody sees, as in a virtual machine (NCCL, src/graph/xml.cc, ncclTopoGetXmlFromGpu). */
const unseen = 'fffffff:ffff:ff';
const nvidia = 0x10de;

class NcclReader {
  readonly #root: XmlElement;
  readonly #notes: ObservedNote[] = [];
  readonly #functions = new Map<string, ObservedFunction>();
  readonly #nodes = new Map<number, ObservedNode>();
  readonly #connections = new Map<string, ObservedConnection>();
  #unseenLinks = 0;

  constructor(root: XmlElement) {
    this.#root = root;
  }

  read(): ObservedMachine {
    const cpus = this.#root.children.filter((child) => child.name === 'cpu');
    if (cpus.length === 0) throw new UnreadableInput('There is no <cpu> in it.', this.#root.line);
    const hosts = [...new Set(cpus.map((cpu) => attribute(cpu, 'host_hash')))];
    const here = cpus.filter((cpu) => attribute(cpu, 'host_hash') === hosts[0]);
    if (hosts.length > 1) {
      this.#note(this.#root, null, `it holds ${hosts.length} machines: the first one is read`);
    }
    for (const cpu of here) this.#cpu(cpu);
    for (const cpu of here) this.#links(cpu, integerAttribute(cpu, 'numaid') ?? 0);
    if (this.#unseenLinks > 0) {
      this.#note(
        null,
        null,
        `${this.#unseenLinks} NVLinks lead to switches that the machine does not see: one without an address`,
      );
    }
    const name = attribute(this.#root, 'name');
    return {
      formats: ['nccl'],
      ...(name === undefined ? {} : { name }),
      functions: [...this.#functions.values()],
      nodes: [...this.#nodes.values()],
      connections: [...this.#connections.values()],
      distances: [],
      linux: {},
      notes: this.#notes,
    };
  }

  #note(element: XmlElement | null, subject: string | null, message: string): void {
    this.#notes.push({ line: element?.line ?? null, subject, message });
  }

  #cpu(cpu: XmlElement): void {
    const id = integerAttribute(cpu, 'numaid');
    const isKnown = id !== undefined && id >= 0;
    if (isKnown && !this.#nodes.has(id)) {
      const model = integerAttribute(cpu, 'modelid');
      this.#nodes.set(id, { id, ...processorOf(cpu), ...(model === undefined ? {} : { cpuModel: model }) });
    }
    for (const child of cpu.children) {
      if (child.name === 'pci') this.#pci(child, null, isKnown ? id : null);
      else if (child.name === 'nic') {
        const names = child.children.map((net) => attribute(net, 'name') ?? 'without a name').join(', ');
        this.#note(child, null, `a network that is not on PCI is left out: ${names}`);
      }
    }
  }

  #pci(element: XmlElement, parent: string | null, node: number | null): void {
    const address = normaliseAddress(attribute(element, 'busid') ?? '');
    if (address === null) {
      this.#note(element, null, `a <pci> without an address: busid="${attribute(element, 'busid') ?? ''}"`);
    } else if (this.#functions.has(address)) {
      this.#note(element, address, 'it stands twice in the file: the first one counts');
    } else {
      this.#functions.set(address, {
        address,
        parent,
        ...identityOf(element),
        ...this.#link(element, address),
        ...(node === null ? {} : { numaNode: node }),
        ...this.#device(element, address),
      });
    }
    for (const child of element.children) if (child.name === 'pci') this.#pci(child, address ?? parent, node);
  }

  #link(element: XmlElement, address: string): Pick<ObservedFunction, 'link'> {
    const words = attribute(element, 'link_speed');
    const generation = words === undefined ? undefined : generationOfWords(words);
    const width = integerAttribute(element, 'link_width');
    const lanes = width !== undefined && isLaneCount(width) ? width : undefined;
    if (words !== undefined && generation === undefined) {
      this.#note(element, address, `link_speed="${words}" is no speed: NCCL counts it as Gen3`);
    } else if (words !== undefined && !isKnownToNccl(words)) {
      this.#note(element, address, `NCCL does not know link_speed="${words}" and counts it as Gen3`);
    }
    if (width !== undefined && width !== 0 && lanes === undefined) {
      this.#note(element, address, `link_width="${width}" is no width of a link`);
    }
    if (generation === undefined && lanes === undefined) return {};
    return {
      link: {
        capable: { ...(generation === undefined ? {} : { generation }), ...(lanes === undefined ? {} : { lanes }) },
      },
    };
  }

  /** Names and what a GPU says of itself. */
  #device(element: XmlElement, address: string): Partial<ObservedFunction> {
    const names: string[] = [];
    const made: { computeCapability?: string } = {};
    for (const child of element.children) {
      if (child.name === 'gpu') {
        const number = integerAttribute(child, 'dev');
        if (number !== undefined && number >= 0) names.push(`gpu${number}`);
        const sm = integerAttribute(child, 'sm');
        // RCCL says `gcn` of the architecture and counts compute units in `sm`.
        if (sm !== undefined && sm >= 10 && attribute(child, 'gcn') === undefined) {
          made.computeCapability ??= `${Math.floor(sm / 10)}.${sm % 10}`;
        }
      } else if (child.name === 'nic') {
        for (const net of child.children) {
          const name = attribute(net, 'name');
          if (net.name === 'net' && name !== undefined && !names.includes(name)) names.push(name);
        }
      } else if (child.name !== 'pci' && child.name !== 'pcilink') {
        this.#note(child, address, `<${child.name}> is not understood`);
      }
    }
    return { ...(names.length === 0 ? {} : { names }), ...made };
  }

  /** NVLink, xGMI and C2C of every GPU, when all functions are known. */
  #links(element: XmlElement, node: number): void {
    for (const child of element.children) {
      if (child.name === 'pci') this.#links(child, node);
      if (child.name !== 'gpu') continue;
      const from = normaliseAddress(attribute(element, 'busid') ?? '');
      if (from === null) continue;
      for (const link of child.children) {
        if (link.name === 'nvlink' || link.name === 'xgmi') this.#peerLink(link, from, node);
        else if (link.name === 'c2c') {
          const links = integerAttribute(link, 'count') ?? 1;
          const megabytes = integerAttribute(link, 'bw'); // of each (NCCL, src/graph/topo.cc, ncclTopoAddC2c)
          this.#connect({
            from,
            to: `node:${node}`,
            technology: 'c2c',
            links,
            ...(megabytes === undefined ? {} : { bytesPerSecond: megabytes * links * 1e6 }),
          });
        }
      }
    }
  }

  #peerLink(link: XmlElement, from: string, node: number): void {
    const target = attribute(link, 'target') ?? '';
    const links = integerAttribute(link, 'count') ?? 1;
    const targetClass = attribute(link, 'tclass')?.toLowerCase() ?? '';
    if (target.toLowerCase() === unseen) {
      this.#unseenLinks += links;
      this.#connect({ from, to: 'nvswitch:unseen', technology: link.name, links });
      return;
    }
    // 0x068001: the end of an NVLink at a POWER processor; NCCL takes the GPU's own (ncclTopoAddNvLinks).
    const to = targetClass.startsWith('0x068001') ? `node:${node}` : normaliseAddress(target);
    if (to === null || links < 1) {
      this.#note(link, from, `<${link.name} target="${target}" count="${links}"> leads nowhere`);
      return;
    }
    if (!to.startsWith('node:') && !this.#functions.has(to)) {
      if (!targetClass.startsWith('0x0680')) {
        this.#note(link, from, `<${link.name}> leads to ${to}, which is not in the file`);
        return;
      }
      this.#functions.set(to, { address: to, vendorId: nvidia, classCode: 0x068000, isInterfaceKnown: true });
    }
    this.#connect({ from, to, technology: link.name, links });
  }

  /** Each end says the link; the first one counts. */
  #connect(connection: ObservedConnection): void {
    const key = [connection.technology, ...[connection.from, connection.to].sort()].join(' ');
    if (connection.from !== connection.to && !this.#connections.has(key)) this.#connections.set(key, connection);
  }
}

function identityOf(element: XmlElement): Partial<ObservedFunction> {
  const classCode = integerAttribute(element, 'class');
  const isSwitch = classCode !== undefined && classCode >>> 8 === 0x0604;
  const id = (name: string) => {
    const value = integerAttribute(element, name);
    // 0x0000 and 0xffff stand where somebody wrote the file by hand.
    return value === undefined || value <= 0 || value >= 0xffff ? undefined : value;
  };
  const [vendorId, deviceId] = [id('vendor'), id('device')];
  const [subsystemVendorId, subsystemDeviceId] = [
    id('subsystem_vendor'),
    integerAttribute(element, 'subsystem_device'),
  ];
  return {
    ...(classCode === undefined ? {} : { classCode, isInterfaceKnown: true }),
    ...(isSwitch ? { role: 'upstream-port' as const } : {}),
    ...(vendorId === undefined ? {} : { vendorId }),
    ...(vendorId === undefined || deviceId === undefined ? {} : { deviceId }),
    ...(subsystemVendorId === undefined || subsystemDeviceId === undefined
      ? {}
      : { subsystemVendorId, subsystemDeviceId }),
  };
}

/**
 * Vendor and family. NCCL adds the extended family shifted by four (src/graph/xml.cc, ncclTopoGetXmlFromCpu); CPUID means the
 * plain sum (AMD64 manual, volume 3, CPUID Fn0000_0001_EAX): 175 is family 25.
 */
function processorOf(cpu: XmlElement): Pick<ObservedNode, 'cpuVendor' | 'cpuFamily'> {
  const vendor = attribute(cpu, 'vendor');
  const family = integerAttribute(cpu, 'familyid');
  return {
    ...(vendor === undefined
      ? {}
      : { cpuVendor: vendor === 'GenuineIntel' ? 'intel' : vendor === 'AuthenticAMD' ? 'amd' : 'other' }),
    ...(family === undefined || family < 0 ? {} : { cpuFamily: family % 16 === 15 ? 15 + (family >> 4) : family }),
  };
}
