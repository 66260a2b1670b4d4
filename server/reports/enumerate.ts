import type { AddressRange, EnumeratedDevice, Enumeration } from '../../model/discovery/enumeration.ts';
import { changesThatFit } from '../../model/discovery/fit.ts';
import { componentAt, type Machine } from '../../model/machine.ts';
import { formatBytes } from '../../model/quantity.ts';
import type { EnumerateJson } from '../contract.types.ts';
import { table } from './table.ts';

/** What firmware and kernel make of a machine at boot, as plain data. */
export function enumerateJson(machine: Machine, enumeration: Enumeration): EnumerateJson {
  const nameOf = (component: number) => componentAt(machine, component).name;
  return {
    firmware: enumeration.firmware,
    rules: enumeration.rules,
    hosts: enumeration.hosts.map(({ component: _, ...host }) => host),
    devices: enumeration.devices.map(({ component: _, ...device }) => device),
    unassigned: enumeration.unassigned.map(({ component: _, atComponent: __, ...bar }) => bar),
    fits: enumeration.unassigned.length === 0 ? [] : changesThatFit(machine, enumeration.firmware),
    shortages: enumeration.shortages.map(({ socket, bridges, ...shortage }) => ({
      host: nameOf(socket),
      ...shortage,
      bridges: bridges.map(nameOf),
    })),
    unreached: enumeration.unreached.map(nameOf),
    firmwareStops: enumeration.firmwareStops,
    assumptions: enumeration.assumptions.map(({ message }) => message),
    steps: enumeration.steps,
  };
}

/**
 * The same for people: the address map of every host bridge, what found no place, and each step where there are some.
 *
 * @param mostSteps of so many steps the rest is counted only
 */
export function enumerateText(json: EnumerateJson, mostSteps = Number.POSITIVE_INFINITY): string {
  const firmware = { linux: 'the kernel alone', seabios: 'SeaBIOS, then the kernel', edk2: 'edk2, then the kernel' };
  const sections = [`Discovery by ${firmware[json.firmware]} (rules of ${json.rules})`];
  for (const host of json.hosts) {
    const windows = host.windows.map(
      ({ kind, start, end, stated }) => `  ${kind.padEnd(12)}  ${start}-${end}${stated ? '' : '  (assumed)'}`,
    );
    const buses = [host.busRange[0], host.lastBus].map((bus) => bus.toString(16).padStart(2, '0')).join('-');
    sections.push([`${host.name}: segment ${host.segment}, buses ${buses} in use`, ...windows].join('\n'));
  }
  sections.push(table(['bdf', 'name', 'buses', 'address', 'size', 'what'], json.devices.flatMap(deviceRows)));
  if (json.unassigned.length > 0) {
    const lines = json.unassigned.map(
      ({ bdf, name, bar, bytes, reason }) => `  ${bdf} ${name} BAR ${bar}, ${formatBytes(bytes)}: ${reason}`,
    );
    sections.push(['Without an address:', ...lines].join('\n'));
  }
  if (json.fits.length > 0) {
    sections.push(['It fits with', ...json.fits.map(({ sentence }) => `  ${sentence}`)].join('\n'));
  }
  for (const { host, neededBuses, availableBuses, bridges } of json.shortages) {
    sections.push(
      `${host} has ${availableBuses} bus numbers and needs ${neededBuses}; nothing is found below ${bridges.join(', ')}.`,
    );
  }
  if (json.unreached.length > 0) sections.push(`No configuration read reaches ${json.unreached.join(', ')}.`);
  if (json.firmwareStops !== null) sections.push(`Firmware stops: ${json.firmwareStops}`);
  if (json.assumptions.length > 0) {
    sections.push(['Assumed:', ...json.assumptions.map((one) => `  ${one}`)].join('\n'));
  }
  if (json.steps.length > 0) {
    const rows = json.steps
      .slice(0, mostSteps)
      .map(({ cycle, bdf, register, value, because }) => [cycle, bdf, register, value, because]);
    sections.push(table(['cycle', 'bdf', 'register', 'value', 'because'], rows));
    const left = json.steps.length - rows.length;
    if (left > 0) sections.push(`… and ${left} more: pcie enumerate --steps`);
  }
  return `${sections.join('\n\n')}\n`;
}

type DeviceJson = Omit<EnumeratedDevice, 'component'>;

function deviceRows(device: DeviceJson): string[][] {
  const hex = (bus: number) => bus.toString(16).padStart(2, '0');
  const buses = device.bus === null ? '' : `${hex(device.bus.secondary)}-${hex(device.bus.subordinate)}`;
  const rows: string[][] = [];
  for (const { index, kind, prefetchable, bytes, address } of device.bars) {
    const what = `BAR ${index === 6 ? 'ROM' : index} ${kind}${prefetchable ? ' prefetchable' : ''}`;
    rows.push(['', '', '', address ?? 'none', formatBytes(bytes), what]);
  }
  for (const { index, prefetchable, bytes, address, count, kind } of device.virtualBars) {
    const what = `VF BAR ${index} ${kind}${prefetchable ? ' prefetchable' : ''}, ${count} of ${formatBytes(bytes)}`;
    rows.push(['', '', '', address ?? 'none', formatBytes(bytes * count), what]);
  }
  if (device.windows !== null) {
    for (const [kind, range] of Object.entries(device.windows) as [string, AddressRange][]) {
      if (range !== null) rows.push(['', '', '', range.join('-'), spanOf(range), `${kind} window`]);
    }
  }
  const [first = ['', '', '', '', '', ''], ...rest] = rows;
  return [[device.bdf, device.name, buses, ...first.slice(3)], ...rest];
}

function spanOf([start, end]: readonly [string, string]): string {
  return formatBytes(Number(BigInt(end) - BigInt(start) + 1n));
}
