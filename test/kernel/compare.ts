import type { QemuFirmware } from '../../formats/qemu/arguments.ts';
import { qemuMachine } from '../../formats/qemu/machine.ts';
import type { Aperture } from '../../model/address.ts';
import { enumerate } from '../../model/discovery/enumerate.ts';
import type { EnumeratedDevice, Enumeration } from '../../model/discovery/enumeration.ts';
import type { FirmwareProfile } from '../../model/discovery/topology.ts';
import { type GroupMember, iommuGroupsWithVirtual } from '../../model/isolation/groups.ts';
import type { Machine } from '../../model/machine.ts';
import type { BootReport, ReportedDevice } from './boot/report.ts';

/** One thing that the kernel and we see differently. */
export interface Difference {
  readonly what: 'functions' | 'identity' | 'buses' | 'bar' | 'window' | 'groups';
  /** Address of the function; null for groups. */
  readonly at: string | null;
  readonly kernel: string;
  readonly ours: string;
}

export interface Compared {
  readonly machine: Machine;
  readonly enumeration: Enumeration;
  readonly differences: readonly Difference[];
}

const profiles: Readonly<Record<QemuFirmware, FirmwareProfile>> = {
  linux: 'linux',
  qboot: 'linux',
  seabios: 'seabios',
  ovmf: 'edk2',
};

/**
 * Windows of the host bridges as the kernel was told of them, by bus. A window of no bytes says that there is none of its
 * sort: else some would be assumed.
 */
export function aperturesOf({ windows, devices }: Pick<BootReport, 'windows' | 'devices'>): Map<number, Aperture[]> {
  const byBus = new Map<number, Aperture[]>();
  const list = (bus: number) => {
    const known = byBus.get(bus);
    if (known !== undefined) return known;
    const made: Aperture[] = [];
    byBus.set(bus, made);
    return made;
  };
  for (const { bus, kind, start, end } of windows) {
    const number = Number.parseInt(bus.slice(5), 16);
    list(number).push({ kind, bytes: end - start + 1n, base: start, below4g: end < 2n ** 32n });
  }
  for (const { address, parent } of devices) if (parent === null) list(Number.parseInt(address.slice(5, 7), 16));
  for (const apertures of byBus.values()) {
    if (apertures.length === 0 && byBus.size === 1) continue;
    const has = (isSort: (one: Aperture) => boolean) => apertures.some(isSort);
    if (!has(({ kind }) => kind === 'io')) apertures.push({ kind: 'io', bytes: 0n, base: null, below4g: true });
    for (const below4g of [true, false]) {
      if (has((one) => one.kind !== 'io' && one.below4g === below4g)) continue;
      apertures.push({ kind: 'memory', bytes: 0n, base: null, below4g });
    }
  }
  return byBus;
}

/**
 * Enumerates the machine of an arguments file within the host bridges' windows of a boot, and lists what differs from it.
 *
 * @param addresses false: bus numbers and groups only
 */
export function compare(text: string, report: BootReport, firmware: QemuFirmware, addresses = true): Compared {
  const kernel = /^\d+\.\d+/.exec(report.kernel)?.[0];
  const machine = qemuMachine(text, {
    apertures: aperturesOf(report),
    ...(kernel === undefined ? {} : { kernel }),
  });
  const enumeration = enumerate(machine, { firmware: profiles[firmware] });
  const differences: Difference[] = [];
  const ours = new Map(enumeration.devices.map((device) => [device.bdf, device]));
  for (const theirs of report.devices) {
    const mine = ours.get(theirs.address);
    ours.delete(theirs.address);
    if (mine === undefined) {
      differences.push({ what: 'functions', at: theirs.address, kernel: identityOf(theirs), ours: 'nothing' });
      continue;
    }
    differences.push(...compareDevice(theirs, mine, addresses));
  }
  for (const mine of ours.values()) {
    differences.push({ what: 'functions', at: mine.bdf, kernel: 'nothing', ours: mine.name });
  }
  differences.push(...compareGroups(machine, enumeration, report, profiles[firmware]));
  return { machine, enumeration, differences };
}

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

const identityOf = ({ vendorId, deviceId, classCode, parent }: ReportedDevice): string =>
  `${vendorId.toString(16).padStart(4, '0')}:${deviceId.toString(16).padStart(4, '0')} class ${classCode.toString(16).padStart(6, '0')} below ${parent}`;

const busesOf = (buses: EnumeratedDevice['bus']): string =>
  buses === null ? 'none' : `${buses.primary}/${buses.secondary}/${buses.subordinate}`;

function compareDevice(theirs: ReportedDevice, mine: EnumeratedDevice, addresses: boolean): Difference[] {
  const found: Difference[] = [];
  const at = theirs.address;
  const check = (what: Difference['what'], kernel: string, ours: string) => {
    if (kernel !== ours) found.push({ what, at, kernel, ours });
  };
  const identity = `${mine.vendor?.slice(2)}:${mine.device?.slice(2)} class ${mine.class?.slice(2)} below ${mine.parent}`;
  check('identity', identityOf(theirs), identity);
  check('buses', busesOf(theirs.buses), busesOf(mine.bus));
  if (!addresses) return found;
  const bars = new Map<number, string>();
  for (const { index, bytes, address } of mine.bars)
    bars.set(index, address === null ? 'none' : `${address}+${hex(bytes)}`);
  for (const { index, bytes, address } of mine.legacyIo ?? []) bars.set(index, `${address}+${hex(bytes)}`);
  for (const { index, bytes, count, address } of mine.virtualBars) {
    bars.set(7 + index, address === null ? 'none' : `${address}+${hex(bytes * count)}`);
  }
  for (let slot = 0; slot < 13; slot++) {
    const resource = theirs.resources.find((one) => one.slot === slot);
    const kernel = resource?.assigned ? `${hex(resource.start)}+${hex(resource.end - resource.start + 1n)}` : 'none';
    check('bar', `${slot}: ${kernel}`, `${slot}: ${bars.get(slot) ?? 'none'}`);
  }
  const windows = [mine.windows?.io, mine.windows?.memory, mine.windows?.prefetchable];
  for (const [index, window] of windows.entries()) {
    const resource = theirs.resources.find((one) => one.slot === 13 + index);
    const name = ['io', 'memory', 'prefetchable'][index];
    const kernel = resource?.assigned ? `${hex(resource.start)}-${hex(resource.end)}` : 'closed';
    const ours = window == null ? 'closed' : window.map((end) => hex(BigInt(end))).join('-');
    check('window', `${name} ${kernel}`, `${name} ${ours}`);
  }
  return found;
}

function compareGroups(
  machine: Machine,
  enumeration: Enumeration,
  report: BootReport,
  firmware: FirmwareProfile,
): Difference[] {
  const text = (groups: readonly (readonly string[])[]) => groups.map((group) => [...group].sort().join(' ')).sort();
  const physical = new Map<number, string>();
  const virtual = new Map<string, string>();
  for (const { component, name, bdf, physicalFunction } of enumeration.devices) {
    const number = /\.vf(\d+)$/.exec(name)?.[1];
    if (physicalFunction !== null) virtual.set(`${component} ${number}`, bdf);
    else if (!physical.has(component)) physical.set(component, bdf);
  }
  const address = (member: GroupMember) =>
    (member.virtual === undefined
      ? physical.get(member.component)
      : virtual.get(`${member.component} ${member.virtual}`)) ?? '?';
  const ours = text(iommuGroupsWithVirtual(machine, undefined, firmware).map((group) => group.map(address)));
  const kernel = text(report.groups);
  const onlyOurs = ours.filter((group) => !kernel.includes(group));
  const onlyKernel = kernel.filter((group) => !ours.includes(group));
  if (onlyOurs.length + onlyKernel.length === 0) return [];
  return [{ what: 'groups', at: null, kernel: onlyKernel.join(' | '), ours: onlyOurs.join(' | ') }];
}
