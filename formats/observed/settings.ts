import type { Bar, DeviceFunction, SriovCapability } from '../../model/address.ts';
import { isIntegratedByClass } from '../../model/isolation/acs-enabled.ts';
import { type Generation, gigatransfersPerSecond } from '../../model/link/generation.ts';
import type { AcsBit, AcsSetting, ComponentKind, ComponentSettings, GpuDriver } from '../../model/machine.ts';
import { stateOfRate } from '../hwloc/link-speed.ts';
import type { ObservedBar, ObservedFunction, ObservedLinkState } from '../observed.ts';
import { addressParts } from '../pci/address.ts';
import type { KindAndName } from './kinds.ts';

/** What the functions of a component say of it, without what the machine around it adds. */
export interface ComponentFacts {
  readonly settings: ComponentSettings;
  readonly acs: AcsSetting;
  readonly acsCapability: readonly AcsBit[] | null;
  readonly bars: readonly Bar[];
  readonly sriov: SriovCapability | null;
  readonly functions: readonly DeviceFunction[];
  /** BARs whose size the source does not tell: they cannot be said. */
  readonly barsWithoutSize: number;
}

const gpuDrivers: readonly GpuDriver[] = ['nvidia', 'nvidia-open', 'nouveau', 'amdgpu', 'i915', 'xe', 'vfio-pci'];
const isPort = (kind: ComponentKind) => kind === 'root-port' || kind === 'port';

/** Class codes that the kind of the component says already (see discovery's classes by kind). */
const classOfKind: Readonly<Partial<Record<ComponentKind, number>>> = {
  'root-port': 0x060400,
  port: 0x060400,
  switch: 0x060400,
  bridge: 0x060400,
  nvme: 0x010802,
  sata: 0x010601,
};

/** The facts of a component from its function, and from the further functions of the same device. */
export function factsOf(
  kind: ComponentKind,
  fn: ObservedFunction | null,
  others: readonly (readonly [ObservedFunction, KindAndName])[],
): ComponentFacts {
  if (fn === null) {
    return {
      settings: {},
      acs: 'default',
      acsCapability: null,
      bars: [],
      sriov: null,
      functions: [],
      barsWithoutSize: 0,
    };
  }
  const { acs, acsCapability } = acsOf(kind, fn);
  const own = sizedBars(fn.bars ?? []);
  let barsWithoutSize = own.missing;
  const functions = others.map(([other, name]): DeviceFunction => {
    const bars = sizedBars(other.bars ?? []);
    barsWithoutSize += bars.missing;
    return {
      number: addressParts(other.address).function,
      label: name.base,
      vendorId: other.deviceId === undefined ? null : (other.vendorId ?? null),
      deviceId: other.vendorId === undefined ? null : (other.deviceId ?? null),
      classCode: other.classCode ?? null,
      bars: bars.sized,
    };
  });
  return {
    settings: settingsOf(kind, fn),
    acs,
    acsCapability,
    bars: own.sized,
    sriov: isPort(kind) || kind === 'switch' || kind === 'bridge' ? null : sriovOf(fn),
    functions,
    barsWithoutSize,
  };
}

function settingsOf(kind: ComponentKind, fn: ObservedFunction): ComponentSettings {
  const settings: ComponentSettings = {};
  const put = <K extends keyof ComponentSettings>(key: K, value: ComponentSettings[K] | undefined) => {
    if (value !== undefined && isLegal(key, value)) settings[key] = value;
  };
  put('generation', fn.link?.capable?.generation);
  put('lanes', fn.link?.capable?.lanes);
  if (fn.vendorId !== undefined && fn.deviceId !== undefined) {
    put('vendorId', fn.vendorId);
    put('deviceId', fn.deviceId);
  }
  if (fn.subsystemVendorId !== undefined && fn.subsystemDeviceId !== undefined) {
    put('subsystemVendorId', fn.subsystemVendorId);
    put('subsystemDeviceId', fn.subsystemDeviceId);
  }
  if (fn.classCode !== undefined && !isClassOfKind(kind, fn)) put('classCode', fn.classCode);
  const isEndpoint = !isPort(kind) && kind !== 'switch' && kind !== 'bridge';
  const hasLink = fn.link !== undefined;
  if (hasLink) {
    put('maxPayloadSupportedBytes', fn.maxPayloadSupportedBytes);
    put('maxPayloadBytes', fn.maxPayloadBytes);
  }
  if (isEndpoint && hasLink) {
    put('maxReadRequestBytes', fn.maxReadRequestBytes);
    put('extendedTags', fn.extendedTags);
    put('relaxedOrdering', fn.relaxedOrdering);
    if (fn.tenBitTags === true) put('tenBitTags', true);
  }
  if (kind === 'root-port') put('readCompletionBoundaryBytes', fn.readCompletionBoundaryBytes);
  if (fn.atomics === true && hasLink) put('atomics', true);
  if (isEndpoint && isIntegrated(fn) !== undefined && isIntegrated(fn) !== isIntegratedByClass(fn.classCode ?? null))
    put('integrated', isIntegrated(fn));
  if (isEndpoint) {
    if (fn.ats !== undefined) put('ats', fn.ats);
    if (fn.ari === true) put('ari', true);
    put('msixVectors', fn.msixVectors);
  }
  if (isPort(kind) && fn.hotplug === true) put('hotplug', true);
  if (isPort(kind) && fn.retimers !== undefined && fn.retimers > 0) put('retimers', Math.min(fn.retimers, 2));
  // Off is what a reader takes for granted.
  if (hasLink && fn.aspm !== undefined && fn.aspm !== 'off') put('aspm', fn.aspm);
  if (kind === 'gpu') {
    put('vramBytes', fn.vramBytes);
    put('computeCapability', fn.computeCapability);
    put(
      'driver',
      gpuDrivers.find((driver) => driver === fn.driver),
    );
  }
  return settings;
}

/** Whether a function on a root bus is an integrated endpoint or one of conventional PCI; undefined elsewhere, and where nobody says. */
export function isIntegrated({ parent, role }: ObservedFunction): boolean | undefined {
  if (parent !== null || role === undefined) return undefined;
  return role === 'conventional' ? false : role === 'endpoint' || role === 'integrated-endpoint' ? true : undefined;
}

/** Largest values of registers (PCIe Base 5.0 chapter 7) and of what Linux counts: what lies above was not read from one. */
const most: Readonly<Partial<Record<keyof ComponentSettings, number>>> = {
  vendorId: 0xffff,
  deviceId: 0xffff,
  subsystemVendorId: 0xffff,
  subsystemDeviceId: 0xffff,
  classCode: 0xffffff,
  numaNode: 4095,
  msixVectors: 2048,
  segment: 0xffffffff,
  cores: 4096,
  cpuFamily: 0xffff,
};

/** Whether a number is one that the register can hold; payload sizes are powers of two from 128 to 4096. */
export function isLegal(key: keyof ComponentSettings, value: unknown): boolean {
  if (typeof value !== 'number') return true;
  if (!Number.isSafeInteger(value) || value < 0) return false;
  if (key === 'maxPayloadSupportedBytes' || key === 'maxPayloadBytes' || key === 'maxReadRequestBytes') {
    return value >= 128 && value <= 4096 && Number.isInteger(Math.log2(value));
  }
  return value <= (most[key] ?? Number.MAX_SAFE_INTEGER);
}

function isClassOfKind(kind: ComponentKind, fn: ObservedFunction): boolean {
  const usual = classOfKind[kind];
  if (usual === undefined) return false;
  return fn.isInterfaceKnown === false ? usual >>> 8 === (fn.classCode ?? 0) >>> 8 : usual === fn.classCode;
}

function acsOf(
  kind: ComponentKind,
  fn: ObservedFunction,
): { readonly acs: AcsSetting; readonly acsCapability: readonly AcsBit[] | null } {
  if (fn.acs === undefined || kind === 'switch' || kind === 'bridge') return { acs: 'default', acsCapability: null };
  if (fn.acs === null) return { acs: isPort(kind) ? 'none' : 'default', acsCapability: null };
  // A capability without a single bit says no more than none at all.
  if (fn.acs.capability.length === 0) return { acs: isPort(kind) ? 'none' : 'default', acsCapability: null };
  return { acs: fn.acs.control.length === 0 ? 'off' : fn.acs.control, acsCapability: fn.acs.capability };
}

function sizedBars(bars: readonly ObservedBar[]): { readonly sized: Bar[]; readonly missing: number } {
  const sized: Bar[] = [];
  let missing = 0;
  for (const { index, kind, prefetchable, bytes, resizable } of bars) {
    if (bytes === undefined || bytes <= 0 || !Number.isSafeInteger(bytes)) missing++;
    else if (!sized.some((bar) => bar.index === index)) {
      sized.push({
        index,
        kind,
        prefetchable: kind === 'rom' ? false : prefetchable,
        bytes,
        resizable: isRange(resizable) ? resizable : null,
      });
    }
  }
  return { sized: sized.sort((a, b) => a.index - b.index), missing };
}

/** A BAR that can have one size only is not resizable. */
function isRange(range: ObservedBar['resizable']): range is NonNullable<ObservedBar['resizable']> {
  return range !== undefined && range.minimumBytes < range.maximumBytes && Number.isSafeInteger(range.maximumBytes);
}

const isWord = (value: number) => Number.isInteger(value) && value >= 0 && value <= 0xffff;
const wordOrNull = (value: number | undefined) => (value !== undefined && isWord(value) ? value : null);

function sriovOf({ sriov }: ObservedFunction): SriovCapability | null {
  if (sriov === undefined || sriov.totalVfs === 0 || !isWord(sriov.totalVfs)) return null;
  return {
    totalVfs: sriov.totalVfs,
    enabledVfs: Math.min(sriov.enabledVfs, 0xffff),
    vfOffset: wordOrNull(sriov.vfOffset),
    vfStride: wordOrNull(sriov.vfStride),
    vfDeviceId: wordOrNull(sriov.vfDeviceId),
    bars: sizedBars(sriov.bars).sized,
  };
}

/** What is known of one end of a link: by what it says, and by what its part says where it says nothing. */
export interface ObservedLinkEnd {
  readonly current: ObservedLinkState | undefined;
  readonly capable: ObservedLinkState | undefined;
}

/**
 * What a link was read to run at, where that is not what both ends come to by themselves. Put on the device below, or on the
 * port where the device does not say. A GPU that was read at 2.5 GT/s rests: GPUs lower the rate of their link when idle.
 */
export function trainedState(
  kind: ComponentKind,
  port: ObservedLinkEnd,
  device: ObservedLinkEnd,
): Pick<ComponentSettings, 'trainedGeneration' | 'trainedLanes' | 'trainedIdle'> {
  const up = port.capable;
  const down = device.capable;
  const current = stateOfRate({ ...port.current, ...device.current }, [up, down]);
  if (current.generation === undefined || current.lanes === undefined) return {};
  const generation = lower(up?.generation, down?.generation);
  const lanes = lower(up?.lanes, down?.lanes);
  if (current.generation === generation && current.lanes === lanes) return {};
  const isIdle =
    kind === 'gpu' &&
    gigatransfersPerSecond(current.generation) === 2.5 &&
    (generation === undefined || generation > current.generation);
  return {
    trainedGeneration: current.generation,
    trainedLanes: current.lanes,
    ...(isIdle ? { trainedIdle: true } : {}),
  };
}

/**
 * The speed that a port was held to: its Target Link Speed, where that lies below what it can do and the link obeys. Not
 * where a GPU rests.
 */
export function forcedGeneration(
  port: ObservedFunction | null,
  trained: Pick<ComponentSettings, 'trainedIdle'>,
): Generation | undefined {
  const target = port?.link?.targetGeneration;
  const capable = port?.link?.capable?.generation;
  const current = port?.link?.current;
  if (target === undefined || capable === undefined || target >= capable || trained.trainedIdle === true)
    return undefined;
  return current?.lanes !== undefined && current.generation === target ? target : undefined;
}

/** The lesser of two ends, or undefined where one of them is not known. */
function lower<T extends number>(a: T | undefined, b: T | undefined): T | undefined {
  return a === undefined || b === undefined ? undefined : a < b ? a : b;
}
