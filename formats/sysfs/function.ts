import { generationOfRate, isLaneCount } from '../../model/link/generation.ts';
import type { FunctionRole, ObservedBar, ObservedFunction, ObservedLinkState, ObservedRange } from '../observed.ts';
import { addressParts, normaliseAddress } from '../pci/address.ts';
import { decodeConfigSpace } from '../pci/config-space.ts';
import { type FileTree, targetOf, textOf } from './files.ts';
import type { DeviceFolder } from './read.ts';

type Draft = { -readonly [K in keyof ObservedFunction]: ObservedFunction[K] };

/**
 * One function from its folder (Documentation/ABI/testing/sysfs-bus-pci). Registers say what they hold; `resource` adds the
 * sizes of BARs, which registers do not tell.
 */
export function readFunction(files: FileTree, folder: DeviceFolder): ObservedFunction {
  const paths = [folder.path, ...folder.aliases];
  const text = (name: string) => firstOf(paths, (path) => textOf(files, `${path}/${name}`));
  const link = (name: string) => firstOf(paths, (path) => targetOf(files, `${path}/${name}`));
  const number = (name: string) => numberOf(text(name));
  const config = firstOf(paths, (path) => files.get(`${path}/config`));
  const draft: Draft = {
    address: folder.address,
    ...(folder.parent === undefined ? {} : { parent: folder.parent }),
    ...(config === undefined || config.length < 64 ? {} : decodeConfigSpace(config)),
  };
  // A file of 64 bytes ends before the capabilities: it does not say that there are none.
  if (config !== undefined && config.length <= 64) delete draft.role;
  const put = <K extends keyof ObservedFunction>(key: K, value: ObservedFunction[K] | undefined) => {
    if (value !== undefined) draft[key] = value;
  };
  put('vendorId', number('vendor'));
  put('deviceId', number('device'));
  const classCode = number('class');
  if (classCode !== undefined) {
    draft.classCode = classCode;
    draft.isInterfaceKnown = true;
  }
  const subsystemVendor = number('subsystem_vendor');
  if (subsystemVendor !== undefined && subsystemVendor !== 0) {
    draft.subsystemVendorId = subsystemVendor;
    put('subsystemDeviceId', number('subsystem_device'));
  }
  put('revision', number('revision'));
  const uevent = ueventOf(text('uevent'));
  fromUevent(uevent, draft);
  const node = number('numa_node');
  if (node !== undefined && node >= 0) draft.numaNode = node;
  readLink(text, draft);
  readBuses(number, draft);
  put('role', roleOf(draft, folder));
  readResources(text('resource'), text, draft);
  readSriov(number, bareHex(text('sriov_vf_device')), text('resource'), draft);
  put('driver', baseName(link('driver')) ?? uevent.get('DRIVER'));
  const group = baseName(link('iommu_group'));
  if (group !== undefined && /^\d+$/.test(group)) draft.iommuGroup = Number(group);
  const physical = normaliseAddress(baseName(link('physfn')) ?? '');
  if (physical !== null) draft.physicalFunction = physical;
  put('vramBytes', number('mem_info_vram_total'));
  const names = namesOf(folder);
  if (names.length > 0) draft.names = names;
  return draft;
}

function firstOf<T>(paths: readonly string[], read: (path: string) => T | undefined): T | undefined {
  for (const path of paths) {
    const value = read(path);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Decimal or `0x…`; undefined for anything else. */
function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^(?:-?\d{1,15}|0x[0-9a-f]{1,12})$/i.test(text) ? Number(text) : undefined;
}

/** Hexadecimal digits without `0x`, as `sriov_vf_device` has them (drivers/pci/iov.c). */
function bareHex(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9a-f]{1,4}$/i.test(text) ? Number.parseInt(text, 16) : undefined;
}

function baseName(path: string | undefined): string | undefined {
  const name = path?.slice(path.lastIndexOf('/') + 1);
  return name === '' ? undefined : name;
}

function ueventOf(text: string | undefined): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of (text ?? '').split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) values.set(line.slice(0, at), line.slice(at + 1).trim());
  }
  return values;
}

/** What `uevent` repeats, for trees in which the files themselves are missing. */
function fromUevent(uevent: ReadonlyMap<string, string>, draft: Draft): void {
  const ids = /^([0-9a-f]{4}):([0-9a-f]{4})$/i.exec(uevent.get('PCI_ID') ?? '');
  if (ids !== null && draft.vendorId === undefined) {
    draft.vendorId = Number.parseInt(ids[1] ?? '', 16);
    draft.deviceId = Number.parseInt(ids[2] ?? '', 16);
  }
  const classText = uevent.get('PCI_CLASS');
  if (classText !== undefined && draft.classCode === undefined && /^[0-9a-f]{1,6}$/i.test(classText)) {
    draft.classCode = Number.parseInt(classText, 16);
    draft.isInterfaceKnown = true;
  }
}

function readLink(text: (name: string) => string | undefined, draft: Draft): void {
  const state = (which: 'current' | 'max'): ObservedLinkState | undefined => {
    const speed = text(`${which}_link_speed`);
    const width = text(`${which}_link_width`);
    if (speed === undefined && width === undefined) return undefined;
    // `16.0 GT/s PCIe`, `8 GT/s`, `Unknown`.
    const rate = /^([\d.]+) GT\/s/.exec(speed ?? '')?.[1];
    const generation = rate === undefined ? null : generationOfRate(Number(rate));
    const lanes = Number(width);
    return { ...(generation === null ? {} : { generation }), ...(isLaneCount(lanes) ? { lanes } : {}) };
  };
  const current = state('current');
  const capable = state('max');
  if (current === undefined && capable === undefined) return;
  draft.link = {
    ...draft.link,
    ...(current === undefined ? {} : { current }),
    ...(capable === undefined ? {} : { capable }),
  };
}

function readBuses(number: (name: string) => number | undefined, draft: Draft): void {
  const secondary = number('secondary_bus_number');
  const subordinate = number('subordinate_bus_number');
  if (draft.buses !== undefined || secondary === undefined || subordinate === undefined) return;
  draft.buses = { primary: addressParts(draft.address).bus, secondary, subordinate };
}

/**
 * The kind of a port, from the names of its port services where its capabilities were not readable: the first digit behind
 * `pcie` counts from root port (drivers/pci/pcie/portdrv.h, get_descriptor_id).
 */
function roleOf(draft: Draft, folder: DeviceFolder): FunctionRole | undefined {
  if (draft.role !== undefined) return undefined;
  for (const inside of folder.inside) {
    const digit = /^[^/]*:pcie([0-2])[0-9a-f]{2}\//.exec(inside)?.[1];
    if (digit === '0') return 'root-port';
    if (digit === '1') return 'upstream-port';
    if (digit === '2') return 'downstream-port';
  }
  return undefined;
}

interface Resource {
  readonly start: bigint;
  readonly end: bigint;
  readonly flags: number;
}

/** IORESOURCE_* of include/linux/ioport.h. */
const resourceFlags = {
  romShadow: 0x2,
  fixed: 0x10,
  allocated: 0x20,
  io: 0x100,
  memory: 0x200,
  prefetchable: 0x2000,
  wide: 0x100000,
} as const;

function parseResources(text: string | undefined): (Resource | null)[] {
  return (text ?? '').split('\n').map((line) => {
    const found = /^0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16})$/i.exec(line.trim());
    if (found === null) return null;
    const start = BigInt(`0x${found[1]}`);
    const end = BigInt(`0x${found[2]}`);
    const flags = Number(BigInt(`0x${found[3]}`) & 0xffffffffn);
    return !isDecoded(flags) || end < start ? null : { start, end, flags };
  });
}

/**
 * Whether a resource is what a BAR decodes: not the copy of a video ROM in memory (IORESOURCE_ROM_SHADOW), and not the ports
 * of old disk controllers, which are fixed without being said by Enhanced Allocation.
 */
function isDecoded(flags: number): boolean {
  const { io, memory, romShadow, fixed, allocated } = resourceFlags;
  if ((flags & (io | memory)) === 0 || (flags & romShadow) !== 0) return false;
  return (flags & fixed) === 0 || (flags & allocated) !== 0;
}

/** Number of the resource of the first bridge window, with and without SR-IOV in the kernel (enum in include/linux/pci.h). */
const firstWindow = (count: number) => (count >= 17 ? 13 : 7);

function readResources(text: string | undefined, file: (name: string) => string | undefined, draft: Draft): void {
  if (text === undefined) return;
  const resources = parseResources(text);
  const isBridge = draft.buses !== undefined;
  const bars: ObservedBar[] = [];
  resources.slice(0, isBridge ? 2 : 7).forEach((resource, index) => {
    if (resource === null) return;
    const bar = barOf(resource, index, resource.end - resource.start + 1n);
    const sizes = Number.parseInt(file(`resource${index}_resize`) ?? '', 16);
    bars.push(Number.isNaN(sizes) || sizes === 0 ? bar : { ...bar, resizable: resizableOf(sizes) });
  });
  // Bits that registers have and `resource` lacks stay as they were.
  const missing = (draft.bars ?? []).filter((bar) => !bars.some((one) => one.index === bar.index));
  if (bars.length + missing.length > 0) draft.bars = [...bars, ...missing].sort((a, b) => a.index - b.index);
  if (!isBridge || draft.windows !== undefined) return;
  const at = firstWindow(resources.length);
  const window = (index: number): ObservedRange | null => {
    const resource = resources[at + index];
    return resource === null || resource === undefined ? null : { start: resource.start, end: resource.end };
  };
  draft.windows = { io: window(0), memory: window(1), prefetchable: window(2) };
}

function barOf(resource: Resource, index: number, bytes: bigint): ObservedBar {
  const { flags, start } = resource;
  const isIo = (flags & resourceFlags.io) !== 0;
  return {
    index,
    kind: index === 6 ? 'rom' : isIo ? 'io' : (flags & resourceFlags.wide) !== 0 ? 'memory64' : 'memory32',
    prefetchable: index !== 6 && (flags & resourceFlags.prefetchable) !== 0,
    bytes: Number(bytes),
    address: start === 0n ? null : start,
  };
}

/** `resource<n>_resize`: bit 0 is 1 MiB, and so on. */
function resizableOf(sizes: number): NonNullable<ObservedBar['resizable']> {
  let minimum = 0;
  while (minimum < 43 && Math.floor(sizes / 2 ** minimum) % 2 === 0) minimum++;
  return { minimumBytes: 2 ** (minimum + 20), maximumBytes: 2 ** (Math.floor(Math.log2(sizes)) + 20) };
}

function readSriov(
  number: (name: string) => number | undefined,
  vfDevice: number | undefined,
  resourceText: string | undefined,
  draft: Draft,
): void {
  const totalVfs = number('sriov_totalvfs') ?? draft.sriov?.totalVfs;
  if (totalVfs === undefined || totalVfs === 0) return;
  const resources = parseResources(resourceText);
  const bars: ObservedBar[] = [];
  // BARs of virtual functions follow the ROM; each resource holds those of all of them.
  if (resources.length >= 13) {
    resources.slice(7, 13).forEach((resource, index) => {
      if (resource === null) return;
      bars.push(barOf(resource, index, (resource.end - resource.start + 1n) / BigInt(totalVfs)));
    });
  }
  const vfOffset = number('sriov_offset') ?? draft.sriov?.vfOffset;
  const vfStride = number('sriov_stride') ?? draft.sriov?.vfStride;
  const vfDeviceId = vfDevice ?? draft.sriov?.vfDeviceId;
  draft.sriov = {
    totalVfs,
    enabledVfs: number('sriov_numvfs') ?? draft.sriov?.enabledVfs ?? 0,
    ...(vfOffset === undefined ? {} : { vfOffset }),
    ...(vfStride === undefined ? {} : { vfStride }),
    ...(vfDeviceId === undefined ? {} : { vfDeviceId }),
    bars: bars.length > 0 ? bars : (draft.sriov?.bars ?? []),
  };
}

/** Names that subsystems give: folders such as `net/eth0` inside the function's. */
function namesOf(folder: DeviceFolder): string[] {
  const names = new Set<string>();
  for (const inside of folder.inside) {
    const found = /^(?:net|infiniband|nvme|drm|accel)\/([^/]+)\//.exec(inside)?.[1];
    if (found !== undefined && !/^(?:renderD|controlD|card\d+-)/.test(found)) names.add(found);
  }
  return [...names].sort();
}
