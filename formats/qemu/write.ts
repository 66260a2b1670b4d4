import { discoverTopology, type PciBus, type PciFunction } from '../../model/discovery/topology.ts';
import { effectiveAcs } from '../../model/isolation/acs.ts';
import { type Component, componentAt, type LinuxSettings, type Machine } from '../../model/machine.ts';
import { formatBytes } from '../../model/quantity.ts';
import type { QemuFirmware } from './arguments.ts';
import type { Place } from './device-models.ts';
import { type ChosenDevice, chooseDevice } from './device-options.ts';
import { builtInFunctions, expanderIds } from './q35.ts';

export interface WrittenArguments {
  readonly text: string;
  /** Where QEMU has nothing that is the same: what stands in, and what is lost. */
  readonly notes: readonly string[];
}

const gibibyte = 2 ** 30;
/** More than this is not asked of the machine that QEMU runs on. */
const mostMemoryBytes = 4 * gibibyte;

/**
 * A machine as QEMU options, in the form that an arguments file has: a q35 for the first host bridge, a pxb-pcie for each
 * other, and a device for every function, at the address that discovery gives it. Notes stand in the text as comments too.
 */
export function writeQemuArguments(machine: Machine, firmware: QemuFirmware = 'linux'): WrittenArguments {
  const writing = new Writing(machine);
  const body = writing.write();
  const directives = writing.directives();
  const head = [`# ${machine.name}`, ...writing.notes.map((note) => `# ${note}`), `@firmware ${firmware}`];
  return { text: `${[...head, ...directives, ...body].join('\n')}\n`, notes: writing.notes };
}

class Writing {
  readonly notes: string[] = [];
  readonly #lines: string[] = [];
  readonly #ids = new Set<string>();
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
    if (memory < stated) this.notes.push(`${formatBytes(memory)} of RAM instead of ${formatBytes(stated)}`);
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
    for (const id of unreached)
      this.notes.push(`${componentAt(this.#machine, id).name}: left out, no configuration read reaches it`);
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
        this.notes.push(`${fn.name}: left out, since QEMU takes bridges alone on the root bus of a pxb-pcie`);
        continue;
      }
      const builtIn = onRoot ? builtInFunctions.find((one) => one.device === fn.device && one.fn === fn.fn) : undefined;
      if (builtIn?.vendorId === fn.vendorId && builtIn?.deviceId === fn.deviceId) continue;
      let { device } = fn;
      if (onRoot && (device === 0 || device === 31)) {
        device = moved.get(fn.device) ?? this.#freeDevice(taken);
        moved.set(fn.device, device);
        this.notes.push(
          `${fn.name}: at device ${device.toString(16)}, since a q35 has its own at ${fn.device.toString(16)}`,
        );
      }
      const several = bus.functions.some((other) => other !== fn && other.device === fn.device);
      const at = `bus=${name},addr=${device.toString(16)}.${fn.fn}${several ? ',multifunction=on' : ''}`;
      const id = this.#id(fn.name);
      const below = this.#writeFunction(fn, id, at, place);
      if (fn.below !== null && below !== null) this.#writeBus(fn.below, id, below, new Set());
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
      this.#lines.push(`-device ${this.#bridge(component, place)},id=${id},${at}`);
      return 'conventional';
    }
    if (component.kind === 'switch') this.#lines.push(`-device x3130-upstream,id=${id},${at}`);
    else
      this.#lines.push(
        `-device ${this.#port(component)},id=${id},${at},chassis=1,slot=${this.#slots++ + 1}${link(component)}`,
      );
    return 'express';
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
    const { capability } = effectiveAcs(this.#machine, component.id);
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

  #noteStandIn(fn: PciFunction, { type, missing, other }: ChosenDevice): void {
    if (missing.length + other.length === 0) return;
    const list = (bars: ChosenDevice['missing']) =>
      bars
        .map(
          ({ kind, bytes }) =>
            `${kind === 'rom' ? 'a ROM' : kind === 'io' ? 'I/O' : 'memory'} of ${formatBytes(bytes)}`,
        )
        .join(', ');
    const lost = missing.length > 0 ? `, without ${list(missing)}` : '';
    const gained = other.length > 0 ? `, with ${list(other)} of its own` : '';
    const what = fn.bars.length === 0 ? ', since no BAR is stated' : `${lost}${gained}`;
    this.notes.push(`${fn.name}: ${type} stands in${what}`);
  }

  #freeDevice(taken: Set<number>): number {
    for (let device = 1; device < 31; device++) {
      if (taken.has(device)) continue;
      taken.add(device);
      return device;
    }
    this.notes.push('More devices on the root bus than a q35 has room for');
    return 30;
  }

  /** An identifier that QEMU takes (letters, digits, `-`; a letter first): as much of the end of the name as tells it apart. */
  #id(name: string): string {
    const steps = name.split('.').map((step) => step.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-+|-+$/g, ''));
    const named = steps.filter((step) => step !== '');
    for (let from = named.length - 1; from >= 0; from--) {
      const id = named.slice(from).join('-');
      if (/^[A-Za-z]/.test(id) && id.length <= 60 && !this.#ids.has(id)) return this.#take(id);
    }
    for (let count = 1; ; count++) if (!this.#ids.has(`device-${count}`)) return this.#take(`device-${count}`);
  }

  #take(id: string): string {
    this.#ids.add(id);
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

const speeds: Readonly<Record<number, string>> = { 1: '2_5', 2: '5', 3: '8', 4: '16', 5: '32', 6: '64' };

/** Speed and width of a pcie-root-port, where they are said and QEMU knows them. */
function link({ kind, settings: { generation, lanes, vendorId, deviceId } }: Component): string {
  const isIntel = vendorId === 0x8086 && deviceId === 0x3420;
  if (kind !== 'root-port' || isIntel || generation === undefined || generation > 4) return '';
  const speed = `,x-speed=${speeds[generation] ?? '2_5'}`;
  return lanes === undefined || ![1, 2, 4, 8, 16, 32].includes(lanes) ? speed : `${speed},x-width=${lanes}`;
}
