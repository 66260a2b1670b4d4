import type { Aperture, Bar } from '../../model/address.ts';
import { discoverTopology } from '../../model/discovery/topology.ts';
import type { Generation } from '../../model/link/generation.ts';
import type { Component, ComponentKind, ComponentSettings, LinuxSettings, Machine } from '../../model/machine.ts';
import { type MachineDraft, trainMachine } from '../../model/train.ts';
import { linuxFromCommandLine } from '../observed/linux.ts';
import { parseQemuArguments, type QemuArguments, qemuNumber } from './arguments.ts';
import { type Plugged, plugDevices } from './plug.ts';

/** What the machine around the devices is like, where the arguments do not say. */
export interface QemuMachineOptions {
  /** Windows of the host bridges by bus number: firmware decides them, so that only a boot tells. */
  readonly apertures?: ReadonlyMap<number, readonly Aperture[]>;
  /** Kernel version; undefined: the newest that is modelled. */
  readonly kernel?: string;
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
  const { hosts } = plugDevices(read);
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
  const said = linuxFromCommandLine(read.append.join(' '));
  const linux: LinuxSettings = {
    ...said,
    version: options.kernel,
    iommu: read.iommu === null ? 'off' : (said.iommu ?? 'translate'),
  };
  const draft: MachineDraft = {
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
  return read.enabledVfs.size === 0 ? draft : withVirtualFunctions(draft, read);
}

/** What a command in the guest enables, at the addresses that the functions then have. */
function withVirtualFunctions(draft: MachineDraft, { enabledVfs, firmware }: QemuArguments): MachineDraft {
  const profile = firmware === 'seabios' ? 'seabios' : firmware === 'ovmf' ? 'edk2' : 'linux';
  const { functions } = discoverTopology(trainMachine(draft), profile);
  const enabled = new Map(functions.map((fn) => [fn.component, enabledVfs.get(fn.address)]));
  const components = draft.components.map((component): Component => {
    const count = enabled.get(component.id);
    if (component.sriov === null || count === undefined || count > component.sriov.totalVfs) return component;
    return { ...component, sriov: { ...component.sriov, enabledVfs: count } };
  });
  return { ...draft, components };
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
  const settings: ComponentSettings = { deviceNumber: device, functionNumber: fn };
  if (vendorId !== null) settings.vendorId = vendorId;
  if (deviceId !== null) settings.deviceId = deviceId;
  if (classCode !== null) settings.classCode = classCode;
  if (model.conventional) settings.integrated = false;
  if (model.hotplug) settings.hotplug = true;
  const generation = generations.get(option?.properties.get('x-speed') ?? '');
  if (generation !== undefined) settings.generation = generation;
  const lanes = option === null ? 0 : qemuNumber(option, 'x-width', 0);
  const known = ([1, 2, 4, 8, 12, 16, 32] as const).find((one) => one === lanes);
  if (known !== undefined) settings.lanes = known;
  return settings;
}
