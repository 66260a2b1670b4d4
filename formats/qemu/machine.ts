import type { Aperture, Bar } from '../../model/address.ts';
import type { Generation } from '../../model/link/generation.ts';
import type { Component, ComponentKind, ComponentSettings, LinuxSettings, Machine } from '../../model/machine.ts';
import { type MachineDraft, trainMachine } from '../../model/train.ts';
import { UnreadableInput } from '../observed.ts';
import { parseQemuArguments, type QemuArguments, type QemuOption, qemuNumber, qemuSize } from './arguments.ts';
import { type DeviceModel, describeDevice, deviceTypes, type Place } from './device-models.ts';
import { builtInFunctions, expanderModel } from './q35.ts';

/** What the machine around the devices is like, where the arguments do not say. */
export interface QemuMachineOptions {
  /** Windows of the host bridges by bus number: firmware decides them, so that only a boot tells. */
  readonly apertures?: ReadonlyMap<number, readonly Aperture[]>;
  /** Kernel version; undefined: the newest that is modelled. */
  readonly kernel?: string;
}

/** A function that stands somewhere on the machine, before it becomes a component. */
interface Plugged {
  readonly id: string;
  readonly model: DeviceModel;
  readonly device: number;
  readonly fn: number;
  readonly option: QemuOption | null;
  readonly children: Plugged[];
}

interface Host {
  readonly id: string;
  readonly bus: number;
  readonly plugged: Plugged[];
}

const origin = { uri: 'qemu:arguments', offset: 0, end: 0 } as const;

/** The machine that QEMU builds from an arguments file: a q35 with its own functions, and everything that is plugged in. */
export function qemuMachine(text: string, options: QemuMachineOptions = {}): Machine {
  return trainMachine(readQemuMachine(parseQemuArguments(text), options));
}

/**
 * The draft of the machine: a socket for each host bridge, and below it what is plugged in, in the order of bus addresses.
 *
 * @throws UnreadableInput where a device names a bus that is not there, stands where another stands, or is no known model
 */
export function readQemuMachine(read: QemuArguments, options: QemuMachineOptions = {}): MachineDraft {
  const hosts = plug(read);
  const components: Component[] = [];
  const add = (
    label: string,
    kind: ComponentKind,
    parent: number | null,
    settings: ComponentSettings,
    more: Partial<Component>,
    below: readonly Plugged[],
  ): number => {
    const id = components.length;
    const prefix = parent === null ? '' : `${components[parent]?.name ?? ''}.`;
    const children: number[] = [];
    const nothing = { parts: [], said: {}, unknown: [], functions: [], subunits: [], apertures: [], allows: [] };
    components.push({
      id,
      kind,
      label,
      name: `${prefix}${label}`,
      parent,
      children,
      settings,
      acs: 'default',
      acsCapability: null,
      bars: [],
      sriov: null,
      origin,
      nameOrigin: origin,
      ...nothing,
      ...more,
    });
    const sorted = [...below].sort((a, b) => a.device - b.device || a.fn - b.fn);
    for (const one of sorted) children.push(addPlugged(one, id));
    return id;
  };
  const addPlugged = (one: Plugged, parent: number): number => {
    const { model } = one;
    const inSwitch = components[parent]?.kind === 'switch';
    const kind = model.kind === 'root-port' && inSwitch ? 'port' : model.kind;
    const settings = settingsOf(one);
    const more: Partial<Component> = {
      acs: model.acs === null ? 'none' : 'default',
      acsCapability: model.acs,
      bars: model.bars as Bar[],
      sriov: model.sriov,
    };
    return add(one.id, kind, parent, settings, more, one.children);
  };
  hosts.forEach((host, index) => {
    const settings: ComponentSettings = { bus: host.bus, hostBridgeVendorId: 0x8086, hostBridgeDeviceId: 0x29c0 };
    if (index === 0) settings.memoryBytes = read.memoryBytes;
    const apertures = options.apertures?.get(host.bus) ?? [];
    add(host.id, 'socket', null, settings, { apertures }, host.plugged);
  });
  const linux: LinuxSettings = {
    version: options.kernel,
    iommu: read.iommu === null ? 'off' : 'translate',
    invalidation: undefined,
    iommuPageBytes: undefined,
    mps: undefined,
    disableAcsRedir: parameters(read.append, 'disable_acs_redir'),
    configAcs: parameters(read.append, 'config_acs'),
    disableAcsRedirComponents: [],
    isolation: undefined,
  };
  return {
    name: 'qemu',
    components,
    connections: [],
    firmware: { above4g: undefined, resizableBar: undefined, sriov: undefined, apertures: [] },
    linux,
    virtualMachines: [],
    partitions: [],
    allows: [],
    assumptions: [],
    origin,
  };
}

/** Values of `pci=<name>=…` on the kernel's command line. */
function parameters(append: readonly string[], name: string): string[] {
  const found: string[] = [];
  for (const word of append) {
    if (!word.startsWith('pci=')) continue;
    for (const one of word.slice('pci='.length).split(','))
      if (one.startsWith(`${name}=`)) found.push(one.slice(name.length + 1));
  }
  return found;
}

/** Values of `x-speed`, in GT/s. */
const generations: ReadonlyMap<string, Generation> = new Map([
  ['2_5', 1],
  ['5', 2],
  ['8', 3],
  ['16', 4],
  ['32', 5],
  ['64', 6],
]);

function settingsOf({ model, device, fn, option }: Plugged): ComponentSettings {
  const { vendorId, deviceId, classCode } = model;
  const settings: ComponentSettings = { vendorId, deviceId, classCode, deviceNumber: device, functionNumber: fn };
  if (model.conventional) settings.integrated = false;
  if (model.hotplug) settings.hotplug = true;
  const generation = generations.get(option?.properties.get('x-speed') ?? '');
  if (generation !== undefined) settings.generation = generation;
  const lanes = option === null ? 0 : qemuNumber(option, 'x-width', 0);
  const known = ([1, 2, 4, 8, 16] as const).find((one) => one === lanes);
  if (known !== undefined) settings.lanes = known;
  return settings;
}

const builtIn: readonly Plugged[] = builtInFunctions.map((one) => ({
  id: one.name,
  model: one,
  device: one.device,
  fn: one.fn,
  option: null,
  children: [],
}));

/** Buses by the id of the device that makes them, and how many devices each takes. */
interface Bus {
  readonly plugged: Plugged[];
  readonly place: Place;
  /** First device number that QEMU gives out by itself. */
  readonly first: number;
  readonly last: number;
}

/** Devices that are no PCI functions. */
const withoutFunction: ReadonlySet<string> = new Set([
  'intel-iommu',
  'amd-iommu',
  'nvme-subsys',
  'nvme-ns',
  'isa-debugcon',
]);

function plug(read: QemuArguments): Host[] {
  const root: Host = { id: 'pcie.0', bus: 0, plugged: [...builtIn] };
  const hosts = [root];
  const buses = new Map<string, Bus>([['pcie.0', { plugged: root.plugged, place: 'root-bus', first: 1, last: 31 }]]);
  const backendBytes = backends(read.objects);
  for (const [index, option] of read.devices.entries()) {
    if (withoutFunction.has(option.type)) continue;
    const { line, type } = option;
    const busName = option.properties.get('bus') ?? 'pcie.0';
    const bus = buses.get(busName) ?? buses.get(busName.replace(/\.\d+$/, ''));
    if (bus === undefined) throw new UnreadableInput(`${type}: no bus “${busName}” is declared above`, line);
    const id = option.properties.get('id') ?? `${type.replace(/[^A-Za-z0-9]+/g, '-')}-${index}`;
    const model = type === 'pxb-pcie' ? expanderModel : describeDevice(option, bus.place, backendBytes);
    if (model === null) {
      throw new UnreadableInput(`${type} is no device whose figures are known: ${deviceTypes.join(', ')} are`, line);
    }
    const { device, fn } = address(option, bus);
    if (bus.plugged.some((one) => one.device === device && one.fn === fn)) {
      throw new UnreadableInput(`${type}: ${device.toString(16)}.${fn} on ${busName} is taken`, line);
    }
    const plugged: Plugged = { id, model, device, fn, option, children: [] };
    bus.plugged.push(plugged);
    const below = place(type, model);
    if (below !== null) {
      if (buses.has(id)) throw new UnreadableInput(`the id “${id}” is taken`, line);
      buses.set(id, {
        plugged: plugged.children,
        place: below,
        first: model.kind === 'root-port' ? 0 : below === 'conventional' ? 1 : 0,
        last: model.kind === 'root-port' ? 0 : 31,
      });
    } else if (type === 'pxb-pcie') {
      const host: Host = { id, bus: qemuNumber(option, 'bus_nr', 0), plugged: [] };
      hosts.push(host);
      buses.set(id, { plugged: host.plugged, place: 'root-bus', first: 0, last: 31 });
    }
  }
  return hosts.sort((a, b) => a.bus - b.bus);
}

/** What the bus below a bridge is; null for what has none. */
function place(type: string, { kind }: DeviceModel): Place | null {
  if (kind === 'root-port' || kind === 'switch') return 'express';
  return kind === 'bridge' && type !== 'pxb-pcie' ? 'conventional' : null;
}

function address(option: QemuOption, bus: Bus): { device: number; fn: number } {
  const text = option.properties.get('addr');
  if (text === undefined) {
    for (let device = bus.first; device <= bus.last; device++) {
      if (!bus.plugged.some((one) => one.device === device)) return { device, fn: 0 };
    }
    throw new UnreadableInput(`${option.type}: no device number is free on its bus`, option.line);
  }
  const match = /^(?:0x)?([\da-f]+)(?:\.(?:0x)?([0-7]))?$/i.exec(text);
  const device = Number.parseInt(match?.[1] ?? '', 16);
  if (match === null || device > 31)
    throw new UnreadableInput(`addr=${text} is no device and function such as 1f.3`, option.line);
  return { device, fn: Number(match[2] ?? 0) };
}

function backends(objects: readonly QemuOption[]): (id: string | undefined) => number | null {
  const sizes = new Map<string, number>();
  for (const option of objects) {
    const id = option.properties.get('id');
    const bytes = qemuSize(option.properties.get('size') ?? '');
    if (id !== undefined && bytes !== null) sizes.set(id, bytes);
  }
  return (id) => (id === undefined ? null : (sizes.get(id) ?? null));
}
