import { discoverTopology, type PciBus, type PciFunction } from '../../model/discovery/topology.ts';
import { effectiveAcs } from '../../model/isolation/acs.ts';
import type { Generation } from '../../model/link/generation.ts';
import {
  type Component,
  componentAt,
  isEndpoint,
  type LinkState,
  type LinuxSettings,
  type Machine,
} from '../../model/machine.ts';
import { formatBytes } from '../../model/quantity.ts';
import type { QemuFirmware } from './arguments.ts';
import type { Place } from './device-models.ts';
import { type ChosenDevice, chooseDevice } from './device-options.ts';
import { builtInFunctions, expanderIds } from './q35.ts';

export interface WrittenArguments {
  readonly text: string;
  /** Where QEMU has nothing that is the same: what stands in, and what is lost. */
  readonly notes: readonly string[];
  /** The same in parts. */
  readonly losses: readonly QemuLoss[];
  /** Identifiers of the devices, by the names of the functions that they stand for. */
  readonly ids: ReadonlyMap<string, string>;
}

/** Something of a machine that QEMU does not show, or shows otherwise. */
export interface QemuLoss {
  /** What becomes other than the machine says. */
  readonly about: 'presence' | 'place' | 'identity' | 'device' | 'link' | 'acs' | 'memory' | 'beside';
  /** Names of the functions; empty: it holds for the machine. */
  readonly names: readonly string[];
  readonly message: string;
}

const gibibyte = 2 ** 30;
/** More than this is not asked of the machine that QEMU runs on. */
const mostMemoryBytes = 4 * gibibyte;

/**
 * A machine as QEMU options, in the form that an arguments file has: a q35 for the first host bridge, a pxb-pcie for each
 * other, and a device for every function, at the address that discovery gives it. Notes stand in the text as comments too.
 *
 * @param firmware who numbers buses first; unsaid: nobody but the kernel, or SeaBIOS where there are several host bridges,
 * since without firmware QEMU routes no configuration cycle to those behind the first
 */
export function writeQemuArguments(machine: Machine, firmware?: QemuFirmware): WrittenArguments {
  const writing = new Writing(machine);
  const body = writing.write();
  const directives = writing.directives();
  writing.noteShared();
  const notes = writing.losses.map(noteOf);
  const hosts = discoverTopology(machine).hosts.length;
  const first = firmware ?? (hosts > 1 ? 'seabios' : 'linux');
  const head = [`# ${machine.name}`, ...notes.map((note) => `# ${note}`), `@firmware ${first}`];
  return {
    text: `${[...head, ...directives, ...body].join('\n')}\n`,
    notes,
    losses: writing.losses,
    ids: writing.ids,
  };
}

/** As many names as one reads. */
const mostNames = 6;

function noteOf({ names, message }: QemuLoss): string {
  if (names.length === 0) return message;
  const more = names.length - mostNames;
  return `${names.slice(0, mostNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}: ${message}`;
}

class Writing {
  readonly losses: QemuLoss[] = [];
  readonly ids = new Map<string, string>();
  readonly #lines: string[] = [];
  /** Bridges with a hot-plug controller. */
  readonly #plugging = new Set<string>();
  readonly #taken = new Set<string>();
  /** Notes that hold for many, by what they say. */
  readonly #shared = new Map<string, { readonly about: QemuLoss['about']; readonly names: string[] }>();
  readonly #machine: Machine;
  #slots = 0;
  #objects = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  directives(): string[] {
    const { linux, components } = this.#machine;
    const lines: string[] = [];
    const stated = components.reduce((sum, { settings }) => sum + (settings.memoryBytes ?? 0), 0);
    const memory = Math.min(stated > 0 ? stated : gibibyte, mostMemoryBytes);
    if (memory < stated) this.#lose('memory', [], `${formatBytes(memory)} of RAM instead of ${formatBytes(stated)}`);
    lines.push(`@memory ${Math.max(1, Math.floor(memory / 2 ** 20))}M`);
    if (linux.iommu === 'off') lines.push('@iommu none');
    const { functions } = discoverTopology(this.#machine);
    const named = functions
      .filter((fn) => linux.disableAcsRedirComponents.includes(fn.component))
      .map((fn) => fn.address);
    const redir = [...linux.disableAcsRedir, ...named].join(';');
    const parameters = [
      ...(redir === '' ? [] : [`disable_acs_redir=${redir}`]),
      ...(linux.configAcs.length === 0 ? [] : [`config_acs=${linux.configAcs.join(';')}`]),
      ...resourceParameters(linux),
    ];
    if (parameters.length > 0) lines.push(`@append pci=${parameters.join(',')}`);
    for (const { address, sriov } of functions) {
      if (sriov === null || sriov.enabledVfs === 0) continue;
      lines.push(`@guest echo ${sriov.enabledVfs} > /sys/bus/pci/devices/${address}/sriov_numvfs`);
    }
    return lines;
  }

  write(): string[] {
    const { hosts, unreached } = discoverTopology(this.#machine);
    const names = unreached.map((id) => componentAt(this.#machine, id).name);
    if (names.length > 0) this.#lose('presence', names, 'left out, no configuration read reaches it');
    const [first, ...others] = hosts;
    if (first === undefined) return this.#lines;
    const expanders = first.root.functions.filter(isExpander);
    const taken = new Set([0, 31, ...first.root.functions.map((fn) => fn.device)]);
    const roots = others.map((host, index) => {
      const own = expanders[index];
      const id = this.#id(host.name);
      const device = own?.device ?? this.#freeDevice(taken);
      this.#lines.push(
        `-device pxb-pcie,id=${id},bus=pcie.0,addr=${device.toString(16)}.${own?.fn ?? 0},bus_nr=${host.root.number}`,
      );
      return { bus: host.root, id };
    });
    this.#writeBus(first.root, 'pcie.0', 'root-bus', taken);
    for (const { bus, id } of roots) this.#writeBus(bus, id, 'root-bus', new Set(bus.functions.map((fn) => fn.device)));
    return this.#lines;
  }

  #writeBus(bus: PciBus, name: string, place: Place, taken: Set<number>): void {
    const onRoot = name === 'pcie.0';
    const moved = new Map<number, number>();
    for (const fn of bus.functions) {
      if (onRoot && isExpander(fn)) continue;
      if (!onRoot && place === 'root-bus' && !fn.isBridge) {
        this.#lose('presence', [fn.name], 'left out, since QEMU takes bridges alone on the root bus of a pxb-pcie');
        continue;
      }
      const builtIn = onRoot ? builtInFunctions.find((one) => one.device === fn.device && one.fn === fn.fn) : undefined;
      if (builtIn?.vendorId === fn.vendorId && builtIn?.deviceId === fn.deviceId) continue;
      let { device } = fn;
      const occupant =
        onRoot && (device === 0 || device === 31)
          ? 'a q35'
          : place === 'conventional' && device === 0 && this.#plugging.has(name)
            ? 'hot-plug of the bridge above'
            : null;
      if (occupant !== null) {
        device = moved.get(fn.device) ?? this.#freeDevice(taken);
        moved.set(fn.device, device);
        const number = device.toString(16);
        this.#lose('place', [fn.name], `at device ${number}, since ${occupant} has ${fn.device.toString(16)}`);
      }
      const several = bus.functions.some((other) => other !== fn && other.device === fn.device);
      const at = `bus=${name},addr=${device.toString(16)}.${fn.fn}${several ? ',multifunction=on' : ''}`;
      const id = this.#id(fn.name);
      this.ids.set(fn.name, id);
      const below = this.#writeFunction(fn, id, at, place);
      if (fn.below !== null && below !== null)
        this.#writeBus(fn.below, id, below, new Set(fn.below.functions.map((one) => one.device)));
    }
  }

  /** Writes one device; returns what the bus below it is. */
  #writeFunction(fn: PciFunction, id: string, at: string, place: Place): Place | null {
    const component = componentAt(this.#machine, fn.component);
    if (!fn.isBridge) {
      this.#writeEndpoint(fn, id, at, place);
      return null;
    }
    if (component.kind === 'bridge') {
      const type = this.#bridge(component, place);
      this.#lines.push(`-device ${type},id=${id},${at}`);
      // Its hot-plug controller has device 0 (QEMU, hw/pci/shpc.c), and pcie-pci-bridge is not to be had without.
      if (!type.includes('shpc=off') && type !== 'i82801b11-bridge') this.#plugging.add(id);
      return 'conventional';
    }
    if (component.kind === 'switch') {
      this.#lines.push(`-device x3130-upstream,id=${id},${at}`);
      this.#loseLink(component, {});
    } else {
      const type = this.#port(component);
      const slot = `chassis=1,slot=${this.#slots++ + 1}`;
      this.#lines.push(`-device ${type},id=${id},${at},${slot}${this.#link(component, type)}`);
      if (type.startsWith('pcie-root-port') && fn.bars.length === 0)
        this.#share('device', component.name, 'QEMU’s port has 4 KiB of memory of its own');
    }
    return 'express';
  }

  /** Speed and width of a pcie-root-port, where they are said and QEMU knows them. */
  #link(component: Component, type: string): string {
    const { generation, lanes } = component.settings;
    if (!type.startsWith('pcie-root-port')) {
      this.#loseLink(component, {});
      return '';
    }
    const written = generation === undefined ? undefined : (Math.min(generation, fastest) as Generation);
    const width = widths.find((one) => one === lanes);
    this.#loseLink(component, { generation: written ?? fastest, lanes: width ?? 32 });
    const speed = written === undefined ? '' : `,x-speed=${speeds[written]}`;
    return width === undefined ? speed : `${speed},x-width=${width}`;
  }

  /** Keeps what a port or switch is said to be capable of and does not show. Devices show 2.5 GT/s x1, whatever they are. */
  #loseLink(component: Component, shown: Partial<LinkState>): void {
    const { generation, lanes } = component.settings;
    const speed = generation !== undefined && generation !== (shown.generation ?? 1) ? shown.generation : null;
    const width = lanes !== undefined && lanes !== (shown.lanes ?? 1) ? shown.lanes : null;
    if (speed === null && width === null) return;
    const what = [speed == null ? '' : `gen${speed} instead of gen${generation}`, width == null ? '' : `x${width}`]
      .filter((part) => part !== '')
      .join(' ');
    const message =
      what === '' ? 'gen1 x1, since QEMU knows no speed or width for these' : `${what}, the most that QEMU 7.2 knows`;
    this.#share('link', component.name, message);
  }

  /** What holds for many, once; and what holds for all links. */
  noteShared(): void {
    for (const [message, { about, names }] of this.#shared) this.#lose(about, names, message);
    const { components, connections } = this.#machine;
    const hasNodes = components.filter(({ settings }) => settings.memoryBytes !== undefined).length > 1;
    if (hasNodes || components.some(({ settings }) => settings.numaNode !== undefined))
      this.#lose('memory', [], 'One NUMA node has all memory and processors, and no function is near to any');
    const beside = new Set(connections.map(({ technology }) => technology).filter((one) => one !== 'unknown'));
    if (beside.size > 0)
      this.#lose('beside', [], `Nothing joins what ${[...beside].join(', ')} joins: QEMU has PCI alone`);
    const isSaid = (component: Component) => {
      const { generation, lanes, trainedGeneration } = component.settings;
      return isEndpoint(component) && (generation ?? 1) * (lanes ?? 1) * (trainedGeneration ?? 1) > 1;
    };
    if (!this.#machine.components.some(isSaid)) return;
    const message = 'Links run at gen1 x1, as QEMU has it of every device: what they train to cannot be said to it';
    this.#lose('link', [], message);
  }

  #share(about: QemuLoss['about'], name: string, message: string): void {
    const known = this.#shared.get(message);
    if (known === undefined) this.#shared.set(message, { about, names: [name] });
    else known.names.push(name);
  }

  #lose(about: QemuLoss['about'], names: readonly string[], message: string): void {
    this.losses.push({ about, names, message });
  }

  #bridge({ settings: { vendorId, deviceId, hotplug } }: Component, place: Place): string {
    if (place === 'conventional')
      return `pci-bridge,chassis_nr=${this.#slots++ + 1}${hotplug === true ? '' : ',shpc=off'}`;
    return vendorId === 0x8086 && deviceId === 0x244e ? 'i82801b11-bridge' : 'pcie-pci-bridge';
  }

  /** Downstream ports of QEMU's switch lack ACS; its root ports have it, and pass for downstream ports too. */
  #port(component: Component): string {
    const { vendorId, deviceId, hotplug } = component.settings;
    const plain = hotplug === true ? '' : ',hotplug=off';
    const { capability, setBy } = effectiveAcs(this.#machine, component.id);
    if (setBy === 'text') {
      const message = "ACS as the kernel leaves it: what is set after boot is the guest's to set";
      this.#share('acs', component.name, message);
    }
    if (vendorId === 0x8086 && deviceId === 0x3420 && component.kind === 'root-port') return `ioh3420${plain}`;
    const generic = vendorId === 0x1b36 && deviceId === 0x000c;
    if (component.kind === 'port' && capability === null && !generic) return `xio3130-downstream${plain}`;
    return `pcie-root-port${plain}${capability === null ? ',disable-acs=on' : ''}`;
  }

  #writeEndpoint(fn: PciFunction, id: string, at: string, place: Place): void {
    const { vendorId, deviceId, classCode, bars, sriov } = fn;
    const { kind } = componentAt(this.#machine, fn.component);
    const chosen = chooseDevice({ kind, vendorId, deviceId, classCode, bars, sriov }, place);
    const properties = new Map(chosen.properties);
    if (chosen.backend !== null) {
      const name = `memory${this.#objects++}`;
      this.#lines.push(`-object memory-backend-ram,id=${name},size=${chosen.backend.bytes},share=on,reserve=off`);
      properties.set(chosen.backend.property, name);
    }
    if (chosen.subsystem) {
      const name = `subsystem${this.#objects++}`;
      this.#lines.push(`-device nvme-subsys,id=${name},nqn=${name}`);
      properties.set('subsys', name);
    }
    if (chosen.type === 'nvme') properties.set('serial', id);
    const rest = [...properties].map(([name, value]) => `,${name}=${value}`).join('');
    this.#lines.push(`-device ${chosen.type},id=${id},${at}${rest}`);
    this.#noteStandIn(fn, chosen);
  }

  #noteStandIn(fn: PciFunction, { type, missing, other, isOther }: ChosenDevice): void {
    if (missing.length + other.length === 0) {
      if (isOther) this.#share('identity', fn.name, `QEMU’s ${type}, whose BARs are the same`);
      return;
    }
    const list = (bars: ChosenDevice['missing']) =>
      bars
        .map(
          ({ kind, bytes }) =>
            `${kind === 'rom' ? 'a ROM' : kind === 'io' ? 'I/O' : 'memory'} of ${formatBytes(bytes)}`,
        )
        .join(', ');
    if (fn.bars.length === 0) {
      this.#share('device', fn.name, `${type} stands in, since no BAR is stated`);
      return;
    }
    const lost = missing.length > 0 ? `, without ${list(missing)}` : '';
    const gained = other.length > 0 ? `, with ${list(other)} of its own` : '';
    this.#share('device', fn.name, `${type} stands in${lost}${gained}`);
  }

  #freeDevice(taken: Set<number>): number {
    for (let device = 1; device < 31; device++) {
      if (taken.has(device)) continue;
      taken.add(device);
      return device;
    }
    this.#lose('place', [], 'More devices on the root bus than a q35 has room for');
    return 30;
  }

  /**
   * An identifier that QEMU takes (letters, digits, `-`; a letter first): as much of the end of the name as tells it apart
   * and is no name of a property.
   */
  #id(name: string): string {
    const steps = name.split('.').map((step) => step.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-+|-+$/g, ''));
    const named = steps.filter((step) => step !== '');
    for (let from = named.length - 1; from >= 0; from--) {
      const id = named.slice(from).join('-');
      if (/^[A-Za-z]/.test(id) && id.length <= 60 && !ownNames.test(id) && !this.#taken.has(id)) return this.#take(id);
    }
    for (let count = 1; ; count++) if (!this.#taken.has(`device-${count}`)) return this.#take(`device-${count}`);
  }

  #take(id: string): string {
    this.#taken.add(id);
    return id;
  }
}

const policies = { safe: 'pcie_bus_safe', perf: 'pcie_bus_perf', peer2peer: 'pcie_bus_peer2peer' } as const;

/** What `pci=` says of resources and payload sizes. */
function resourceParameters(linux: LinuxSettings): string[] {
  const said = (name: string, value: number | undefined) => (value === undefined ? [] : [`${name}=${value}`]);
  return [
    ...(linux.realloc === undefined ? [] : [`realloc=${linux.realloc ? 'on' : 'off'}`]),
    ...said('hpiosize', linux.hotplugIoBytes),
    ...said('hpmmiosize', linux.hotplugMemoryBytes),
    ...said('hpmmioprefsize', linux.hotplugPrefetchableBytes),
    ...said('hpbussize', linux.hotplugBuses),
    ...(linux.mps === undefined || linux.mps === 'default' ? [] : [policies[linux.mps]]),
  ];
}

const isExpander = ({ vendorId, deviceId }: PciFunction): boolean =>
  vendorId === expanderIds.vendorId && deviceId === expanderIds.deviceId;

/**
 * Properties of QEMU's bridges and drives. The bus below a device becomes a property of it under the device's id, which may
 * be none that it has (qom/object.c, object_property_try_add).
 */
const ownNames =
  /^(addr|aerl|bootindex|bus|chassis|drive|hotplug|hotpluggable|hotplugged|mdts|msi|multifunction|port|realized|rombar|romfile|romsize|serial|shpc|slot|subsys|type|vsl|x-.*)$/;

/** The most that QEMU 7.2 knows (qapi/common.json, PCIELinkSpeed and PCIELinkWidth). */
const fastest = 4;
const speeds: Readonly<Record<number, string>> = { 1: '2_5', 2: '5', 3: '8', 4: '16' };
const widths = [1, 2, 4, 8, 12, 16, 32] as const;
