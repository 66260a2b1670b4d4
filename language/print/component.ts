import type { KnownPart } from '../../formats/observed/parts.ts';
import type { Aperture, Bar, DeviceFunction, SriovCapability } from '../../model/address.ts';
import type { AcsSetting, Component, Subunit } from '../../model/machine.ts';
import { propertyIn } from '../schema/schema.ts';
import { quote, writeBigBytes, writeBytes, writeHex, writeIds, writeRate } from './quantities.ts';
import { settingLines } from './settings.ts';

/** What a component says of itself, without its name, its part and what hangs below it. */
export interface ComponentText {
  /** `gen4 x16`; empty where the part says it or nobody knows. */
  readonly link: string;
  /** Lines that could stand in a part. */
  readonly properties: readonly string[];
  /** Statements that only a component can have: instances, namespaces, silenced rules. */
  readonly rest: readonly string[];
}

/**
 * The text of one component relative to its part.
 *
 * @param around the switch that a port stands in: what it says of ACS holds for its ports
 */
export function componentText(component: Component, part: KnownPart | null, around: Component | null): ComponentText {
  const { kind, settings } = component;
  const base = part?.settings ?? {};
  const canLink = propertyIn(kind, 'link') !== undefined;
  const link = canLink
    ? [
        settings.generation === undefined || settings.generation === base.generation ? '' : `gen${settings.generation}`,
        settings.lanes === undefined || settings.lanes === base.lanes ? '' : `x${settings.lanes}`,
      ]
        .filter((term) => term !== '')
        .join(' ')
    : '';
  return {
    link,
    properties: [
      ...settingLines(kind, settings, base, component.unknown),
      ...acsLines(component, part, around),
      ...component.bars.filter((bar) => !hasBar(part?.bars ?? [], bar)).map((bar) => barLine(bar)),
      ...(component.sriov === null || same(component.sriov, part?.sriov ?? null) ? [] : [sriovBlock(component.sriov)]),
      ...component.functions
        .filter((one) => !(part?.functions ?? []).some((known) => same(known, one)))
        .map(functionBlock),
      ...(kind === 'socket' ? component.apertures.map(apertureLine) : []),
    ],
    rest: [
      ...component.subunits.map(subunitBlock),
      ...component.allows.map(
        (allow) => `allow ${allow.code}${allow.reason === null ? '' : ` ${quote(allow.reason)}`}`,
      ),
    ],
  };
}

function acsLines(component: Component, part: KnownPart | null, around: Component | null): string[] {
  const { kind, acs, acsCapability } = component;
  if (propertyIn(kind, 'acs') === undefined) return [];
  const inherited = kind === 'port' && around?.kind === 'switch' ? around : null;
  const lines: string[] = [];
  const usual: AcsSetting = part !== null && part.acs !== 'default' ? part.acs : (inherited?.acs ?? 'default');
  if (String(acs) !== String(usual)) lines.push(`acs ${typeof acs === 'string' ? acs : acs.join(' ')}`);
  const usualCapability = part?.acsCapability ?? inherited?.acsCapability ?? null;
  if (acsCapability !== null && acsCapability.length > 0 && String(acsCapability) !== String(usualCapability)) {
    lines.push(`acs-capable ${acsCapability.join(' ')}`);
  }
  return lines;
}

function barTail({ kind, prefetchable, bytes, resizable }: Bar): string {
  const width = kind === 'memory64' ? '64-bit' : kind === 'io' ? 'io' : '32-bit';
  const range =
    resizable === null ? '' : ` resizable ${writeBytes(resizable.minimumBytes)}..${writeBytes(resizable.maximumBytes)}`;
  return `${writeBytes(bytes)} ${width}${prefetchable ? ' prefetchable' : ''}${range}`;
}

/** `bar 1 128 GiB 64-bit prefetchable`, `rom 512 KiB`. */
function barLine(bar: Bar): string {
  return bar.kind === 'rom' ? `rom ${writeBytes(bar.bytes)}` : `bar ${bar.index} ${barTail(bar)}`;
}

function hasBar(bars: readonly Bar[], bar: Bar): boolean {
  return bars.some((known) => known.index === bar.index && barLine(known) === barLine(bar));
}

function block(head: string, lines: readonly string[]): string {
  return lines.length === 0 ? head : `${head} {\n${lines.join('\n')}\n}`;
}

function sriovBlock(sriov: SriovCapability): string {
  return block('sriov', [
    `total-vfs ${sriov.totalVfs}`,
    ...(sriov.enabledVfs > 0 ? [`enabled-vfs ${sriov.enabledVfs}`] : []),
    ...(sriov.vfOffset === null ? [] : [`vf-offset ${sriov.vfOffset}`]),
    ...(sriov.vfStride === null ? [] : [`vf-stride ${sriov.vfStride}`]),
    ...(sriov.vfDeviceId === null ? [] : [`vf-device ${writeHex(sriov.vfDeviceId, 4)}`]),
    ...sriov.bars.filter((bar) => bar.kind !== 'rom').map(barLine),
  ]);
}

function functionBlock(one: DeviceFunction): string {
  return block(`function ${one.number}${one.label === `function${one.number}` ? '' : ` ${one.label}`}`, [
    ...(one.vendorId === null || one.deviceId === null ? [] : [`id ${writeIds(one.vendorId, one.deviceId)}`]),
    ...(one.classCode === null ? [] : [`class ${writeHex(one.classCode, 6)}`]),
    ...one.bars.map(barLine),
  ]);
}

/** `window 1 TiB above 4g at 0x380000000000`. */
export function apertureLine(aperture: Aperture): string {
  const usual = aperture.below4g ? 'memory' : 'prefetchable';
  const kind = aperture.kind === 'io' ? ' io' : aperture.kind === usual ? '' : ` ${aperture.kind}`;
  const place = aperture.kind === 'io' ? '' : aperture.below4g ? ' below 4g' : ' above 4g';
  const base = aperture.base === null ? '' : ` at ${writeHex(aperture.base)}`;
  return `window ${writeBigBytes(aperture.bytes)}${place}${kind}${base}`;
}

const subunitProperties: Readonly<Record<string, readonly [string, (value: number | string | boolean) => string]>> = {
  bytes: ['size', (value) => writeBytes(Number(value))],
  memoryBytes: ['memory', (value) => writeBytes(Number(value))],
  zoneBytes: ['zone-size', (value) => writeBytes(Number(value))],
  blockBytes: ['lba', (value) => writeBytes(Number(value))],
  zones: ['zones', String],
  openZones: ['open-zones', String],
  slices: ['slices', String],
  profile: ['profile', (value) => quote(String(value))],
};

function subunitBlock(subunit: Subunit): string {
  const lines = Object.entries(subunit.settings).flatMap(([field, value]) => {
    const writer = subunitProperties[field];
    return writer === undefined ? [] : [`${writer[0]} ${writer[1](value)}`];
  });
  return block(`${subunit.kind} ${subunit.label}`, lines);
}

/** `bandwidth 300 GB/s`. */
export function bandwidthLine(bytesPerSecond: number): string {
  return `bandwidth ${writeRate(bytesPerSecond)}`;
}

const same = (a: SriovCapability | DeviceFunction | null, b: SriovCapability | DeviceFunction | null) =>
  JSON.stringify(a) === JSON.stringify(b);
