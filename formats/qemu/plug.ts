import { UnreadableInput } from '../observed.ts';
import { type QemuArguments, type QemuOption, qemuNumber, qemuSize } from './arguments.ts';
import { type DeviceModel, describeDevice, deviceTypes, type Place } from './device-models.ts';
import { builtInFunctions, expanderModel } from './q35.ts';

/** A function that stands somewhere on the machine, before it becomes a component. */
export interface Plugged {
  readonly id: string;
  readonly model: DeviceModel;
  readonly device: number;
  readonly fn: number;
  readonly option: QemuOption | null;
  readonly children: Plugged[];
}

/** A host bridge and what is plugged into its root bus. */
export interface Host {
  readonly id: string;
  readonly bus: number;
  readonly plugged: Plugged[];
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

/** Devices that are no PCI functions: IOMMUs, and what is plugged into buses of other kinds. */
const withoutFunction =
  /^(intel-iommu|amd-iommu|nvme-subsys|nvme-ns|isa-.*|usb-(?![eoux]hci).*|scsi-.*|ide-.*|virtserialport|virtconsole|.*-dimm|nvdimm|pvpanic|tpm-.*|loader|ipmi-.*|hda-.*|sd-card)$/;

export interface PluggedMachine {
  readonly hosts: readonly Host[];
  readonly notes: readonly { readonly line: number; readonly message: string }[];
}

/** What is known of a device whose model is not: that it is one. */
const unknownModel: DeviceModel = {
  kind: 'device',
  vendorId: null,
  deviceId: null,
  classCode: null,
  bars: [],
  sriov: null,
  acs: null,
  hotplug: false,
  conventional: false,
};

/**
 * The host bridges of the machine, by bus number, with everything plugged in at its address: what stands below a bridge is
 * among its children.
 *
 * @throws UnreadableInput where a device names a bus that is not there, stands where another stands, or is no known model
 * and may be no PCI function at all
 */
export function plugDevices(read: QemuArguments): PluggedMachine {
  const root: Host = { id: 'pcie.0', bus: 0, plugged: [...builtIn] };
  const hosts = [root];
  const notes: { line: number; message: string }[] = [];
  const buses = new Map<string, Bus>([['pcie.0', { plugged: root.plugged, place: 'root-bus', first: 1, last: 31 }]]);
  const backendBytes = backends(read.objects);
  for (const [index, option] of read.devices.entries()) {
    const { line, type } = option;
    if (withoutFunction.test(type)) continue;
    const busName = option.properties.get('bus') ?? 'pcie.0';
    const bus = buses.get(busName) ?? buses.get(busName.replace(/\.\d+$/, ''));
    if (bus === undefined) throw new UnreadableInput(`${type}: no bus “${busName}” is declared above`, line);
    const id = option.properties.get('id') ?? `${type.replace(/[^A-Za-z0-9]+/g, '-')}-${index}`;
    let model = type === 'pxb-pcie' ? expanderModel : describeDevice(option, bus.place, backendBytes);
    if (model === null) {
      if (!option.properties.has('bus') && !type.endsWith('-pci')) {
        throw new UnreadableInput(
          `${type} is no device whose figures are known, such as ${deviceTypes.slice(0, 12).join(', ')}`,
          line,
        );
      }
      notes.push({ line, message: `${type}: its figures are not known, so that it has neither IDs nor BARs` });
      model = unknownModel;
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
        first: below === 'conventional' && model.hotplug ? 1 : 0,
        last: model.kind === 'root-port' ? 0 : 31,
      });
    } else if (type === 'pxb-pcie') {
      const host: Host = { id, bus: qemuNumber(option, 'bus_nr', 0), plugged: [] };
      if (hosts.some((other) => other.bus === host.bus) || host.bus < 0 || host.bus > 255)
        throw new UnreadableInput(`pxb-pcie: bus_nr=${host.bus} is taken or no bus number`, line);
      hosts.push(host);
      buses.set(id, { plugged: host.plugged, place: 'root-bus', first: 0, last: 31 });
    }
  }
  return { hosts: hosts.sort((a, b) => a.bus - b.bus), notes };
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
