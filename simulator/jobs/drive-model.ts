import type { Component } from '../../model/machine.ts';
import { formatFraction } from '../../model/quantity.ts';
import type { AhciModel } from '../devices/ahci.ts';
import {
  flashReadEndToEnd,
  flashReadSpread,
  flashSequentialReadEndToEnd,
  flashWriteEndToEnd,
  type NamespaceModel,
  type NvmeModel,
} from '../devices/nvme/model.ts';
import {
  randomWriteAmplification,
  type SpareFlash,
  usualMappingUnit,
  usualSpare,
  writeAmplification,
} from '../devices/write-amplification.ts';
import {
  blockLayer,
  contextSwitch,
  interrupt,
  kernelCrossing,
  nvmeDriver,
  requestLayer,
} from '../drivers/block/costs.ts';
import { nvmeQueueEntries } from '../drivers/block/limits.ts';

/** A drive of a machine as the simulator runs it, with what had to be assumed. */
export interface DriveModel {
  readonly model:
    | { readonly kind: 'nvme'; readonly nvme: NvmeModel }
    | { readonly kind: 'ahci'; readonly ahci: AhciModel };
  readonly namespaces: readonly NamespaceModel[];
  readonly interruptCores: readonly number[] | null;
  readonly assumptions: readonly string[];
}

/** One request by io_uring with an interrupt, on a core that has gone to sleep: what end-to-end figures hold of software. */
const softwareSeconds =
  kernelCrossing.value +
  requestLayer.value +
  blockLayer.value +
  nvmeDriver.value +
  interrupt.value +
  contextSwitch.value;

/** A drive whose reads take longer than this turns. */
const slowestFlashSeconds = 1e-3;
/** Figures of a drive that says nothing: large enough not to matter. */
const unknownCapacityBytes = 1e12;
/** 13 000 and 36 000 IOPS at depth 1: what a SATA drive says where its latency is not stated. */
const sataReadSeconds = 1 / 13_000;
const sataWriteSeconds = 1 / 36_000;
const sataSource = 'Samsung 870 EVO data sheet, QD1';

/** Whether a drive turns. */
export function isDisk({ kind, settings }: Component): boolean {
  return kind === 'sata' && (settings.readLatencySeconds ?? 0) >= slowestFlashSeconds;
}

/** The drive behind an `nvme` or a `sata` component. */
export function driveModel(component: Component, hostCores: number): DriveModel {
  return component.kind === 'sata' ? sataModel(component) : nvmeModel(component, hostCores);
}

function nvmeModel(component: Component, hostCores: number): DriveModel {
  const { settings, name } = component;
  const assumptions: string[] = [];
  const assume = (what: string) => assumptions.push(`${name}: ${what}`);
  const or = (value: number | undefined, otherwise: number, what: string): number => {
    if (value === undefined) assume(what);
    return value ?? otherwise;
  };
  const spread = settings.readLatencySeconds === undefined || settings.readLatencySeconds > 20e-6;
  const readSeconds = or(
    settings.readLatencySeconds,
    flashReadEndToEnd.value - softwareSeconds,
    `read latency unknown, taken as that of TLC flash (${flashReadEndToEnd.source}).`,
  );
  const readBytesPerSecond = or(
    settings.readBytesPerSecond,
    Number.POSITIVE_INFINITY,
    'read bandwidth unknown, taken not to limit.',
  );
  const namespaces = namespacesOf(component, assume);
  const spareFlash = spareFlashIn(component, namespaces, !spread, assume);
  const nvme: NvmeModel = {
    name,
    namespaces,
    readBytesPerSecond,
    writeBytesPerSecond: or(
      settings.writeBytesPerSecond,
      Number.POSITIVE_INFINITY,
      'write bandwidth unknown, taken not to limit.',
    ),
    readIops: or(settings.readIops, Number.POSITIVE_INFINITY, 'random read IOPS unknown, taken not to limit.'),
    writeIops: writeIopsOf(component, spareFlash, assume),
    ...cacheOf(component),
    ...(spareFlash === undefined ? {} : { spareFlash }),
    readSeconds,
    writeSeconds: or(
      settings.writeLatencySeconds,
      flashWriteEndToEnd.value - softwareSeconds,
      `write latency unknown, taken from ${flashWriteEndToEnd.source}.`,
    ),
    // Media that answer in microseconds are no NAND: their times hardly vary.
    readSpread: spread ? flashReadSpread.value : 0,
    sequentialReadSeconds: Math.min(readSeconds, flashSequentialReadEndToEnd.value - softwareSeconds),
    queuePairs: or(settings.queuePairs, hostCores, 'number of queue pairs unknown, taken as one for each core.'),
    // A queue has two entries at least (NVMe Base Specification 2.0, section 3.3.1).
    queueEntries: Math.max(2, settings.queueDepth ?? nvmeQueueEntries),
    vectors: settings.msixVectors ?? (settings.queuePairs ?? hostCores) + 1,
    controllerMemoryBuffer: (settings.controllerMemoryBufferBytes ?? 0) > 0,
    coalesceThreshold: settings.interruptCoalescing?.threshold ?? 1,
    coalesceSeconds: settings.interruptCoalescing?.seconds ?? 0,
    scatterGather: settings.scatterGather === true,
  };
  return {
    model: { kind: 'nvme', nvme },
    namespaces: nvme.namespaces,
    interruptCores: settings.interruptCores ?? null,
    assumptions,
  };
}

/**
 * How much a drive writes for what is written, from its spare flash: stated, or what is left of chips of the next power of two.
 * Capacity that no namespace has is spare as well.
 *
 * @param inPlace its media need no garbage collection
 */
function spareFlashIn(
  { settings }: Component,
  namespaces: readonly NamespaceModel[],
  inPlace: boolean,
  assume: (what: string) => void,
): SpareFlash | undefined {
  const unitBytes = settings.mappingUnitBytes ?? usualMappingUnit.value;
  if (inPlace) return { amplification: 1, unitBytes };
  const { capacityBytes, overProvisioning } = settings;
  const addressed = namespaces.reduce((sum, one) => sum + one.bytes, 0);
  if (overProvisioning !== undefined) {
    const unused = capacityBytes === undefined ? 1 : Math.max(1, capacityBytes / addressed);
    const spare = (1 + overProvisioning) * unused - 1;
    return spare > 0 ? { amplification: randomWriteAmplification(spare), unitBytes } : undefined;
  }
  if (capacityBytes === undefined) return undefined;
  const spare = usualSpare(capacityBytes, addressed);
  if (spare === null) return undefined;
  assume(`over-provisioning unknown, taken as ${formatFraction(spare)}: flash comes in powers of two.`);
  return { amplification: randomWriteAmplification(spare), unitBytes };
}

/** Random writes of 4 KiB a second: stated, else what garbage collection leaves of the bandwidth. */
function writeIopsOf(
  { settings }: Component,
  spareFlash: SpareFlash | undefined,
  assume: (what: string) => void,
): number {
  const { writeIops, writeBytesPerSecond } = settings;
  if (writeIops !== undefined) return writeIops;
  if (spareFlash === undefined || writeBytesPerSecond === undefined) {
    assume('random write IOPS unknown, taken not to limit.');
    return Number.POSITIVE_INFINITY;
  }
  assume('random write IOPS unknown, taken as what write amplification leaves of the write bandwidth.');
  return writeBytesPerSecond / (4096 * writeAmplification(spareFlash, false, 4096));
}

const cacheOf = ({ settings: { writeCacheBytes } }: Component) =>
  writeCacheBytes === undefined ? {} : { writeCacheBytes };

/** What is known of the flash of a drive; undefined for a disk, and where nothing is. */
export function spareFlashOf(drive: DriveModel | undefined): SpareFlash | undefined {
  if (drive === undefined) return undefined;
  const { model } = drive;
  if (model.kind === 'nvme') return model.nvme.spareFlash;
  return model.ahci.media.kind === 'flash' ? model.ahci.media.flash.spareFlash : undefined;
}

/** Namespaces as the text says them; one over all of the drive where it says none. */
function namespacesOf(component: Component, assume: (what: string) => void): NamespaceModel[] {
  const { settings, subunits } = component;
  const capacity = settings.capacityBytes ?? unknownCapacityBytes;
  const said = subunits.filter((one) => one.kind === 'namespace');
  if (settings.zoned === true && !said.some((one) => one.settings.zoneBytes !== undefined))
    assume('zoned, but no namespace states a zone size: taken as not zoned.');
  if (said.length === 0) return [wholeDrive(capacity)];
  const number = (value: unknown, otherwise: number) => (typeof value === 'number' && value > 0 ? value : otherwise);
  return said.map((one): NamespaceModel => {
    const { bytes, blockBytes, zoneBytes, zones, openZones } = one.settings;
    const size = number(bytes, capacity / said.length);
    const logicalBlockBytes = number(blockBytes, 512);
    if (typeof zoneBytes !== 'number' || zoneBytes <= 0)
      return { label: one.label, bytes: size, logicalBlockBytes, zones: null };
    const count = Math.min(mostZones, number(zones, Math.max(1, Math.floor(size / zoneBytes))));
    const zoned = { zoneBytes, zones: count, openZones: number(openZones, Number.POSITIVE_INFINITY) };
    return { label: one.label, bytes: size, logicalBlockBytes, zones: zoned };
  });
}

const wholeDrive = (bytes: number): NamespaceModel => ({ label: '', bytes, logicalBlockBytes: 512, zones: null });
/** More are not told apart: a zone takes memory here. */
const mostZones = 1_000_000;

function sataModel(component: Component): DriveModel {
  const { settings, name } = component;
  const assumptions: string[] = [];
  const capacityBytes = settings.capacityBytes ?? unknownCapacityBytes;
  const unlimited = Number.POSITIVE_INFINITY;
  const latency = settings.readLatencySeconds;
  if (latency !== undefined && isDisk(component)) {
    assumptions.push(`${name}: answers in ${latency * 1e3} ms, so taken as a disk, whose half turn that is.`);
    const bytesPerSecond = settings.readBytesPerSecond ?? settings.writeBytesPerSecond ?? unlimited;
    const disk = { capacityBytes, bytesPerSecond, halfTurnSeconds: latency };
    const ahci: AhciModel = { name, media: { kind: 'disk', disk } };
    return {
      model: { kind: 'ahci', ahci },
      namespaces: [wholeDrive(capacityBytes)],
      interruptCores: null,
      assumptions,
    };
  }
  if (latency === undefined) assumptions.push(`${name}: latencies unknown, taken from ${sataSource}.`);
  const readSeconds = latency ?? sataReadSeconds;
  const assume = (what: string) => assumptions.push(`${name}: ${what}`);
  const spareFlash = spareFlashIn(component, [wholeDrive(capacityBytes)], false, assume);
  const flash = {
    readBytesPerSecond: settings.readBytesPerSecond ?? unlimited,
    writeBytesPerSecond: settings.writeBytesPerSecond ?? unlimited,
    readIops: settings.readIops ?? unlimited,
    writeIops: settings.writeIops ?? unlimited,
    ...cacheOf(component),
    ...(spareFlash === undefined ? {} : { spareFlash }),
    readSeconds,
    sequentialReadSeconds: Math.min(readSeconds, flashSequentialReadEndToEnd.value - softwareSeconds),
    writeSeconds: settings.writeLatencySeconds ?? sataWriteSeconds,
    readSpread: flashReadSpread.value,
  };
  const ahci: AhciModel = { name, media: { kind: 'flash', flash } };
  return { model: { kind: 'ahci', ahci }, namespaces: [wholeDrive(capacityBytes)], interruptCores: null, assumptions };
}
