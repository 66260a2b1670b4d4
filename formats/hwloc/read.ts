import { linkLabel } from '../../model/link/generation.ts';
import {
  type ObservedFunction,
  type ObservedMachine,
  type ObservedNode,
  type ObservedNote,
  UnreadableInput,
} from '../observed.ts';
import { formatAddress, parseAddress, rootBusName } from '../pci/address.ts';
import { attribute, integerAttribute, readXml, type XmlElement } from '../xml/read.ts';
import { readDistances } from './distances.ts';
import { linkInfo, statesOfLinkSpeed } from './link-speed.ts';
import { readSet } from './sets.ts';

/**
 * Reads the XML that `lstopo --of xml` writes, in the schemas of hwloc 1, 2 and 3: NUMA nodes with their memory and cores, the
 * tree of bridges and devices below the host bridges, names that the system gives, NVLink and xGMI from the matrices.
 * The link of a device is known only as a rate: generation and lanes are told where one pair alone has that rate.
 * Throws UnreadableInput for text that is no such XML.
 */
export function readHwloc(text: string): ObservedMachine {
  const root = readXml(text);
  if (root.name !== 'topology' && root.name !== 'root') {
    throw new UnreadableInput(`This is no XML of hwloc: it opens with <${root.name}>, not <topology>.`, root.line);
  }
  return new HwlocReader(root).read();
}

/** What the objects around one say of its place. */
interface Place {
  readonly node: number | null;
  readonly package: XmlElement | null;
  /** Address of the PCI bridge above; null below a host bridge. */
  readonly bridge: string | null;
}

interface NodeFacts {
  readonly element: XmlElement;
  package: XmlElement | null;
  cores: number;
  readonly rootBuses: string[];
}

/** A function and the object that it stands in the file as. */
interface Found {
  readonly element: XmlElement;
  readonly names: string[];
  readonly infos: Map<string, string>;
  readonly fn: ObservedFunction;
}

class HwlocReader {
  readonly #root: XmlElement;
  /** Schema: 1, 2 or 3. */
  readonly #version: number;
  readonly #notes: ObservedNote[] = [];
  readonly #found = new Map<string, Found>();
  readonly #nodes = new Map<number, NodeFacts>();
  /** Address by what a matrix may call the object: `OSDev:802`, `PCIDev:449`. */
  readonly #indexed = new Map<string, string>();
  readonly #ambiguous = new Map<string, number>();
  #machine: XmlElement | null = null;

  constructor(root: XmlElement) {
    this.#root = root;
    const said = attribute(root, 'version');
    this.#version = said === undefined ? 1 : Number.parseInt(said, 10);
    if (!(this.#version >= 1 && this.#version <= 3)) {
      this.#note(root, null, `version ${said ?? ''} of the XML is not known: read as version 3`);
      this.#version = 3;
    }
  }

  read(): ObservedMachine {
    for (const child of this.#root.children) {
      if (child.name === 'object') this.#object(child, { node: null, package: null, bridge: null });
    }
    if (this.#machine === null) {
      throw new UnreadableInput('There is no object of type Machine in it.', this.#root.line);
    }
    for (const [state, count] of this.#ambiguous) {
      const links = count === 1 ? 'the link of 1 function runs' : `the links of ${count} functions run`;
      this.#note(null, null, `${links} at ${state}: taken as the widest where no other source says`);
    }
    const infos = new Map([...infosOf(this.#root), ...infosOf(this.#machine)]);
    const name = infos.get('HostName') ?? infos.get('DMIProductName');
    const version = infos.get('OSName') === 'Linux' ? infos.get('OSRelease') : undefined;
    const functions = [...this.#found.values()].map(withNames);
    return {
      formats: ['hwloc'],
      ...(name === undefined ? {} : { name }),
      functions,
      nodes: this.#observedNodes(infos),
      connections: readDistances(this.#root, (object) => this.#indexed.get(object)),
      distances: [],
      linux: version === undefined ? {} : { version },
      notes: this.#notes,
    };
  }

  #note(element: XmlElement | null, subject: string | null, message: string): void {
    this.#notes.push({ line: element?.line ?? null, subject, message });
  }

  #object(element: XmlElement, around: Place): void {
    const type = attribute(element, 'type') ?? '';
    switch (type) {
      case 'Bridge':
        this.#bridge(element, around);
        return;
      case 'PCIDev':
        this.#inside(element, { ...around, bridge: this.#pciFunction(element, around) ?? around.bridge });
        return;
      case 'OSDev':
        return; // a device of the system that hangs off no PCI function
      case 'Machine':
      case 'System':
        this.#machine ??= element;
        this.#inside(element, placeIn(element, around));
        this.#nodeOfWholeMachine(element);
        return;
      case 'NUMANode':
      case 'Node':
        this.#node(element, around);
        return;
      case 'Package':
      case 'Socket':
        this.#package(element, placeIn(element, around));
        return;
      case 'Core': {
        const { node } = placeIn(element, around);
        const facts = node === null ? undefined : this.#nodes.get(node);
        if (facts !== undefined) facts.cores++;
        else if (node !== null) this.#cores.set(node, (this.#cores.get(node) ?? 0) + 1);
        return;
      }
      default:
        this.#inside(element, placeIn(element, around));
    }
  }

  /** Cores of nodes that follow later in the file. */
  readonly #cores = new Map<number, number>();

  #inside(element: XmlElement, place: Place): void {
    for (const child of element.children) if (child.name === 'object') this.#object(child, place);
  }

  #package(element: XmlElement, place: Place): void {
    const around: Place = { ...place, package: element };
    // Up to version 1 packages may stand inside their node.
    const facts = place.node === null ? undefined : this.#nodes.get(place.node);
    if (facts !== undefined) facts.package ??= element;
    this.#inside(element, around);
  }

  #node(element: XmlElement, around: Place): void {
    const id = integerAttribute(element, 'os_index');
    if (id === undefined || id < 0) {
      this.#note(element, null, 'a NUMA node without a number (os_index) is left out');
      this.#inside(element, around);
      return;
    }
    if (!this.#nodes.has(id)) {
      const cores = this.#cores.get(id) ?? 0;
      this.#nodes.set(id, { element, package: around.package, cores, rootBuses: [] });
    }
    this.#inside(element, { ...around, node: id });
  }

  /** Version 1 writes no node where there is but one: the machine is it. */
  #nodeOfWholeMachine(machine: XmlElement): void {
    if (this.#nodes.size > 0 || this.#version > 1) return;
    const packages: XmlElement[] = [];
    let cores = 0;
    const count = (element: XmlElement) => {
      const type = attribute(element, 'type');
      if (type === 'Package' || type === 'Socket') packages.push(element);
      if (type === 'Core') cores++;
      element.children.forEach(count);
    };
    count(machine);
    if (packages.length === 0 && cores === 0 && this.#found.size === 0) return;
    this.#nodes.set(0, { element: machine, package: packages[0] ?? null, cores, rootBuses: [] });
    for (const [address, found] of this.#found) {
      this.#found.set(address, { ...found, fn: { ...found.fn, numaNode: 0 } });
    }
  }

  #bridge(element: XmlElement, around: Place): void {
    const [upstream] = (attribute(element, 'bridge_type') ?? '').split('-');
    if (upstream === '0' || attribute(element, 'pci_busid') === undefined) {
      const bus = busesOf(element);
      if (bus !== null && around.node !== null) {
        this.#nodes.get(around.node)?.rootBuses.push(rootBusName(bus.segment, bus.secondary));
      }
      this.#inside(element, { ...around, bridge: null });
      return;
    }
    const address = this.#pciFunction(element, around);
    this.#inside(element, { ...around, bridge: address ?? around.bridge });
  }

  /** Takes a PCI object; returns its address, or null where it has none. */
  #pciFunction(element: XmlElement, around: Place): string | null {
    const parsed = parseAddress(attribute(element, 'pci_busid') ?? '');
    if (parsed === null) {
      this.#note(element, null, `a PCI object has no address: pci_busid="${attribute(element, 'pci_busid') ?? ''}"`);
      return null;
    }
    const address = formatAddress(parsed);
    if (this.#found.has(address)) {
      this.#note(element, address, 'it stands twice in the file: the first one counts');
      return address;
    }
    const infos = infosOf(element);
    const buses = busesOf(element);
    const fn: ObservedFunction = {
      address,
      parent: around.bridge,
      ...this.#identity(element, address),
      ...(buses === null || attribute(element, 'type') !== 'Bridge'
        ? {}
        : { buses: { primary: parsed.bus, secondary: buses.secondary, subordinate: buses.subordinate } }),
      ...optional('vendorName', infos.get('PCIVendor')),
      ...optional('deviceName', infos.get('PCIDevice') ?? attribute(element, 'name')),
      ...this.#link(element, address, infos.get(linkInfo)),
      ...(around.node === null ? {} : { numaNode: around.node }),
    };
    const names: string[] = [];
    this.#systemDevices(element, address, names, infos);
    this.#found.set(address, { element, names, infos, fn });
    this.#index(element, 'PCIDev', address);
    return address;
  }

  /** `0302 [10de:1db8] [10de:131d] a1 00`: class, IDs, subsystem, revision, interface (from version 3). */
  #identity(element: XmlElement, address: string): Partial<ObservedFunction> {
    const text = attribute(element, 'pci_type');
    if (text === undefined) return {};
    const shape =
      /^([0-9a-f]{1,4}) \[([0-9a-f]{4}):([0-9a-f]{4})\](?: \[([0-9a-f]{4}):([0-9a-f]{4})\])?(?: ([0-9a-f]{2}))?(?: ([0-9a-f]{2}))?$/i;
    const found = shape.exec(text);
    if (found === null) {
      this.#note(element, address, `pci_type="${text}" is not understood`);
      return {};
    }
    const [, classId = '', ...rest] = found;
    const [vendor, device, subvendor, subdevice, revision, programming] = rest.map((digits) =>
      digits === undefined ? undefined : Number.parseInt(digits, 16),
    );
    const isNameless = vendor === 0 && device === 0;
    if (isNameless && Number.parseInt(classId, 16) === 0) {
      this.#note(element, address, 'its IDs and its class read zero: it did not answer');
      return {};
    }
    return {
      classCode: (Number.parseInt(classId, 16) << 8) | (programming ?? 0),
      isInterfaceKnown: programming !== undefined,
      // Zero: the writer did not know them.
      ...(isNameless ? {} : { ...optional('vendorId', vendor), ...optional('deviceId', device) }),
      // Zero: the function does not say, as bridges do not.
      ...(subvendor === undefined || subvendor === 0
        ? {}
        : { subsystemVendorId: subvendor, ...optional('subsystemDeviceId', subdevice) }),
      ...optional('revision', revision),
    };
  }

  #link(element: XmlElement, address: string, said: string | undefined): Pick<ObservedFunction, 'link'> {
    const speed = Number(attribute(element, 'pci_link_speed') ?? '0');
    if (!(speed > 0)) return {};
    const states = statesOfLinkSpeed(speed);
    const own = states.find((state) => linkLabel(state) === said);
    if (own !== undefined) return { link: { current: own } };
    const [first, ...others] = states;
    if (first === undefined) {
      this.#note(element, address, `no link runs at ${speed} GB/s`);
      return {};
    }
    if (others.length > 0) {
      const last = others.at(-1);
      const label = states
        .filter((state) => state !== last)
        .map((state) => `Gen${state.generation} x${state.lanes}`)
        .join(', ');
      const said = `${speed} GB/s, ${label} or Gen${last?.generation} x${last?.lanes}`;
      this.#ambiguous.set(said, (this.#ambiguous.get(said) ?? 0) + 1);
      return { link: { current: { bytesPerSecond: speed * 1e9 } } };
    }
    return { link: { current: { generation: first.generation, lanes: first.lanes } } };
  }

  /** What the system calls a function, DMA channels left out, and what it says of it. */
  #systemDevices(element: XmlElement, address: string, names: string[], infos: Map<string, string>): void {
    for (const child of element.children) {
      if (child.name !== 'object' || attribute(child, 'type') !== 'OSDev') continue;
      const type = integerAttribute(child, 'osdev_type') ?? 0;
      // A number up to version 2, a bit mask from version 3 on (hwloc/doc, HWLOC_OBJ_OSDEV_DMA).
      const isDma = this.#version >= 3 ? type === 0x40 : type === 4;
      const name = attribute(child, 'name');
      if (name !== undefined && !isDma && !names.includes(name)) names.push(name);
      for (const [key, value] of infosOf(child)) if (!infos.has(key)) infos.set(key, value);
      this.#index(child, 'OSDev', address);
      this.#systemDevices(child, address, names, infos);
    }
  }

  #index(element: XmlElement, type: string, address: string): void {
    const index = attribute(element, 'gp_index');
    if (index !== undefined) this.#indexed.set(`${type}:${index}`, address);
  }

  #observedNodes(machineInfos: ReadonlyMap<string, string>): ObservedNode[] {
    return [...this.#nodes].map(([id, facts]): ObservedNode => {
      const infos = new Map([...machineInfos, ...(facts.package === null ? [] : infosOf(facts.package))]);
      const packageId = facts.package === null ? undefined : integerAttribute(facts.package, 'os_index');
      const memory = integerAttribute(facts.element, 'local_memory');
      const vendor = vendorOf(infos.get('CPUVendor'));
      const model = infos.get('CPUModel')?.trim();
      return {
        id,
        ...optional('package', packageId),
        ...(memory === undefined || memory <= 0 ? {} : { memoryBytes: memory }),
        ...(facts.cores === 0 ? {} : { cores: facts.cores }),
        ...optional('cpuVendor', vendor),
        ...optional('cpuFamily', numberIn(infos.get('CPUFamilyNumber'))),
        ...optional('cpuModel', numberIn(infos.get('CPUModelNumber'))),
        ...optional('cpuName', model === '' ? undefined : model),
        ...(facts.rootBuses.length === 0 ? {} : { rootBuses: facts.rootBuses }),
      };
    });
  }
}

/** Objects of the processor say by their set of nodes where they are; one node is a place, several are none. */
function placeIn(element: XmlElement, around: Place): Place {
  const nodes = readSet(attribute(element, 'nodeset'));
  if (nodes === null) return around;
  const [only] = nodes;
  return { ...around, node: nodes.length === 1 && only !== undefined ? only : null };
}

/** `0000:[2b-3b]` */
function busesOf(
  element: XmlElement,
): { readonly segment: number; readonly secondary: number; readonly subordinate: number } | null {
  const found = /^([0-9a-f]{1,8}):\[([0-9a-f]{1,2})-([0-9a-f]{1,2})\]$/i.exec(attribute(element, 'bridge_pci') ?? '');
  if (found === null) return null;
  const read = (digits: string | undefined) => Number.parseInt(digits ?? '', 16);
  return { segment: read(found[1]), secondary: read(found[2]), subordinate: read(found[3]) };
}

/** `<info name="…" value="…"/>` */
function infosOf(element: XmlElement): Map<string, string> {
  const infos = new Map<string, string>();
  for (const child of element.children) {
    const name = child.name === 'info' ? attribute(child, 'name') : undefined;
    const value = attribute(child, 'value');
    if (name !== undefined && value !== undefined && !infos.has(name)) infos.set(name, value);
  }
  return infos;
}

function withNames({ fn, names, infos }: Found): ObservedFunction {
  // ROCm's whole memory in KiB (hwloc/doc, RSMIVRAMSize); CUDA's global memory is not all that the device has.
  const kibibytes = numberIn(infos.get('RSMIVRAMSize')?.replace(/\s*KiB$/, ''));
  return {
    ...fn,
    ...(names.length === 0 ? {} : { names }),
    ...(kibibytes === undefined ? {} : { vramBytes: kibibytes * 1024 }),
  };
}

function vendorOf(vendor: string | undefined): ObservedNode['cpuVendor'] {
  switch (vendor) {
    case undefined:
      return undefined;
    case 'GenuineIntel':
      return 'intel';
    case 'AuthenticAMD':
      return 'amd';
    default:
      return /^arm/i.test(vendor) ? 'arm' : 'other';
  }
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}
