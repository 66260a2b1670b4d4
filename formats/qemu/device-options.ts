import type { Bar, SriovCapability } from '../../model/address.ts';
import type { ComponentKind } from '../../model/machine.ts';
import type { QemuOption } from './arguments.ts';
import { type DeviceModel, describeDevice, deviceTypes, nvmeRegisterBytes, type Place } from './device-models.ts';

/** What a function of a machine shows, as far as a QEMU device has to show it too. */
export interface WantedFunction {
  readonly kind: ComponentKind;
  readonly vendorId: number | null;
  readonly deviceId: number | null;
  /** Null: any. */
  readonly classCode: number | null;
  readonly bars: readonly Bar[];
  readonly sriov: SriovCapability | null;
}

/** A QEMU device that stands for a function, and the objects that it needs. */
export interface ChosenDevice {
  readonly type: string;
  readonly properties: ReadonlyMap<string, string>;
  /** `memory-backend-ram,…` of `bytes` that property `property` is to name. */
  readonly backend: { readonly property: string; readonly bytes: number } | null;
  /** Needs an NVMe subsystem of its own, as SR-IOV does. */
  readonly subsystem: boolean;
  /** Its identifiers are not those of the function. */
  readonly isOther: boolean;
  /** BARs of the function that the device does not have, and others that it has instead. */
  readonly missing: readonly Bar[];
  readonly other: readonly Bar[];
}

const mebibyte = 2 ** 20;

/**
 * The QEMU device whose IDs and BARs are those of a function; where there is none, one that stands in for it: memory that is
 * as large, in a device that is something else.
 */
export function chooseDevice(wanted: WantedFunction, place: Place): ChosenDevice {
  for (const type of deviceTypes) {
    const chosen = tryType(type, wanted, place);
    const model = chosen === null ? null : modelOf(chosen, place);
    if (chosen === null || model === null) continue;
    if (model.vendorId !== wanted.vendorId || model.deviceId !== wanted.deviceId) continue;
    if (wanted.classCode !== null && model.classCode !== wanted.classCode) continue;
    if (sameBars(model.bars, wanted.bars) && sameVirtual(model.sriov, wanted.sriov)) return chosen;
  }
  return standIn(wanted, place);
}

const large = ({ bars }: WantedFunction, index: number): Bar | undefined =>
  bars.find((bar) => bar.index === index && bar.kind === 'memory64' && bar.prefetchable);
const hasRom = ({ bars }: WantedFunction): boolean => bars.some((bar) => bar.kind === 'rom');
const sizeOf = ({ bars }: WantedFunction, index: number): number => bars.find((bar) => bar.index === index)?.bytes ?? 0;

/** A device of this type with the properties that its BARs ask for; null where none can be right. */
function tryType(type: string, wanted: WantedFunction, place: Place): ChosenDevice | null {
  const properties = new Map<string, string>();
  let backend: ChosenDevice['backend'] = null;
  let subsystem = false;
  const backed = (property: string, bar: Bar | undefined) => {
    if (bar !== undefined) backend = { property, bytes: bar.bytes };
  };
  switch (type) {
    case 'nvme': {
      const vectors = [1024, 2048].find((count) => nvmeRegisterBytes(65, count) === sizeOf(wanted, 0));
      if (vectors !== undefined) properties.set('msix_qsize', String(vectors));
      const buffer = large(wanted, 2);
      if (buffer !== undefined) properties.set('cmb_size_mb', String(buffer.bytes / mebibyte));
      backed('pmrdev', large(wanted, 4));
      const vfs = wanted.sriov?.totalVfs ?? 0;
      if (vfs > 0) {
        subsystem = true;
        for (const [name, value] of nvmeVirtualFunctions(vfs)) properties.set(name, value);
      }
      break;
    }
    case 'pci-testdev': {
      const bar = large(wanted, 2);
      if (bar !== undefined) properties.set('membar', String(bar.bytes));
      break;
    }
    case 'ivshmem-plain':
      backed('memdev', large(wanted, 2));
      break;
    case 'qxl':
      properties.set('vgamem_mb', '8');
      properties.set('ram_size_mb', String(sizeOf(wanted, 0) / mebibyte));
      properties.set('vram_size_mb', String(sizeOf(wanted, 1) / mebibyte));
      properties.set('vram64_size_mb', String((large(wanted, 4)?.bytes ?? sizeOf(wanted, 1)) / mebibyte));
      break;
    case 'VGA':
    case 'secondary-vga':
    case 'bochs-display':
      properties.set(
        type === 'bochs-display' ? 'vgamem' : 'vgamem_mb',
        String(type === 'bochs-display' ? sizeOf(wanted, 0) : sizeOf(wanted, 0) / mebibyte),
      );
      break;
    default:
  }
  const chosen: ChosenDevice = { type, properties, backend, subsystem, isOther: false, missing: [], other: [] };
  const model = modelOf(chosen, place);
  if (model?.bars.some((bar) => bar.kind === 'rom') && !hasRom(wanted)) properties.set('romfile', '');
  return chosen;
}

/** Queues and vectors enough for each virtual function (QEMU, docs/system/devices/nvme.rst: two and one at least). */
export function nvmeVirtualFunctions(count: number): [name: string, value: string][] {
  return [
    ['sriov_max_vfs', String(count)],
    ['sriov_vq_flexible', String(2 * count)],
    ['sriov_vi_flexible', String(count)],
    ['max_ioqpairs', String(2 * count + 2)],
    ['msix_qsize', String(count + 1)],
  ];
}

/** What the chosen device shows. */
function modelOf({ type, properties, backend }: ChosenDevice, place: Place): DeviceModel | null {
  const all = backend === null ? properties : new Map(properties).set(backend.property, 'backend');
  const option: QemuOption = { line: 0, type, properties: all };
  return describeDevice(option, place, (id) => (id === undefined ? null : (backend?.bytes ?? null)));
}

const barText = ({ index, kind, prefetchable, bytes }: Bar): string => `${index} ${kind} ${prefetchable} ${bytes}`;
const barsText = (bars: readonly Bar[]): string => bars.map(barText).sort().join('\n');
const sameBars = (a: readonly Bar[], b: readonly Bar[]): boolean => barsText(a) === barsText(b);

function sameVirtual(a: SriovCapability | null, b: SriovCapability | null): boolean {
  if (a === null || b === null || a.totalVfs === 0 || b.totalVfs === 0)
    return (a?.totalVfs ?? 0) === (b?.totalVfs ?? 0);
  return (
    a.totalVfs === b.totalVfs && a.vfOffset === b.vfOffset && a.vfStride === b.vfStride && sameBars(a.bars, b.bars)
  );
}

/** What stands in where no BAR is stated; a device without much of its own for all other kinds. */
const plainest: Partial<Record<ComponentKind, string>> = { nvme: 'nvme', nic: 'vmxnet3', sata: 'ich9-ahci' };

/** I/O below a bridge takes a window of 4 KiB of the 64 KiB that there are: sixteen devices too many use them up. */
const ioWindowBytes = 4096;

/**
 * The device whose BARs come nearest: the least memory that is missing or too much, and no I/O that nobody asked for. Where
 * no BAR is stated, one of the same kind.
 */
function standIn(wanted: WantedFunction, place: Place): ChosenDevice {
  const candidates: ChosenDevice[] = [];
  for (const type of standIns[place === 'conventional' ? 'conventional' : 'express']) {
    const chosen = largest[type]?.(wanted) ?? tryType(type, wanted, place);
    const model = chosen === null ? null : modelOf(chosen, place);
    if (chosen === null || model === null) continue;
    const has = new Set(model.bars.map(shapeOf));
    const wants = new Set(wanted.bars.map(shapeOf));
    const missing = wanted.bars.filter((bar) => !has.has(shapeOf(bar)));
    const other = model.bars.filter((bar) => !wants.has(shapeOf(bar)));
    const isOther = model.vendorId !== wanted.vendorId || model.deviceId !== wanted.deviceId;
    candidates.push({ ...chosen, isOther, missing, other });
  }
  const fitting = plainest[wanted.kind] ?? 'edu';
  const distance = ({ type, missing, other }: ChosenDevice): number =>
    (wanted.bars.length === 0 ? 0 : total(missing) + total(other)) +
    (other.some(({ kind }) => kind === 'io') ? ioWindowBytes : 0) +
    (type === fitting ? 0 : 1);
  const [first, ...rest] = candidates;
  if (first === undefined) throw new RangeError('there is always a device that stands in');
  return rest.reduce((best, one) => (distance(one) < distance(best) ? one : best), first);
}

/** Devices that may be anything: no drivers of firmware depend on them, and one machine may have many. */
const standIns = {
  express: [
    'pci-testdev',
    'nvme',
    'e1000e',
    'ich9-ahci',
    'edu',
    'megasas-gen2',
    'qemu-xhci',
    'vmxnet3',
    'ivshmem-plain',
  ],
  conventional: ['pci-testdev', 'edu', 'e1000', 'ich9-ahci', 'ivshmem-plain'],
} as const;

/** Size and kind, wherever the register is. */
const shapeOf = ({ kind, prefetchable, bytes }: Bar): string => `${kind} ${prefetchable} ${bytes}`;
const total = (bars: readonly Bar[]): number => bars.reduce((sum, { bytes }) => sum + bytes, 0);

/** Devices whose BAR is as large as the largest prefetchable one, whichever register that has. */
const largest: Partial<Record<string, (wanted: WantedFunction) => ChosenDevice | null>> = {
  'pci-testdev': ({ bars }) => {
    const bytes = largestOf(bars);
    const properties = new Map(bytes === 0 ? [] : [['membar', String(bytes)]]);
    return { type: 'pci-testdev', properties, backend: null, subsystem: false, isOther: true, missing: [], other: [] };
  },
  'ivshmem-plain': ({ bars }) => {
    const bytes = largestOf(bars);
    if (bytes === 0) return null;
    const backend = { property: 'memdev', bytes };
    return {
      type: 'ivshmem-plain',
      properties: new Map(),
      backend,
      subsystem: false,
      isOther: true,
      missing: [],
      other: [],
    };
  },
};
const largestOf = (bars: readonly Bar[]): number =>
  Math.max(0, ...bars.filter((bar) => bar.kind === 'memory64' && bar.prefetchable).map(({ bytes }) => bytes));
