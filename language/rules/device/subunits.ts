import type { Component, Subunit } from '../../../model/machine.ts';
import { formatBytes } from '../../../model/quantity.ts';
import { slicesOf } from '../../../simulator/drivers/gpu/engines.ts';
import type { Rule } from '../rule.ts';

/** Namespaces share a drive, MIG instances a GPU: together they cannot be more than it has. */
export const deviceSubunits: Rule = {
  code: 'device/subunits',
  title: 'Namespaces or instances that do not fit',
  severity: 'warning',
  layer: 'driver',
  incidents: [],
  checkMachine: ({ machine }, report) => {
    for (const device of machine.components) {
      for (const { message, unit } of misfits(device))
        report({ message: `${device.name}: ${message}`, place: { origin: unit.origin }, subjects: [device.name] });
    }
  },
};

interface Misfit {
  readonly message: string;
  readonly unit: Subunit;
}

function misfits(device: Component): Misfit[] {
  const of = (kind: Subunit['kind']) => device.subunits.filter((one) => one.kind === kind);
  const { capacityBytes, vramBytes } = device.settings;
  // Drives are sold by the power of ten.
  const size = (bytes: number) => `${Number((bytes / 1e9).toPrecision(4))} GB`;
  return [
    ...beyond(
      of('namespace'),
      'bytes',
      capacityBytes,
      (sum, most) => `namespaces of ${size(sum)} on a drive of ${size(most)}.`,
    ),
    ...beyond(
      of('mig'),
      'memoryBytes',
      vramBytes,
      (sum, most) => `MIG instances with ${formatBytes(sum)} of ${formatBytes(most)}.`,
    ),
    ...beyond(
      of('mig'),
      'slices',
      slicesOf(device),
      (sum, most) => `MIG instances with ${sum} of ${most} compute slices.`,
    ),
    ...of('namespace').flatMap(zoneMisfits),
  ];
}

/** What is too much in all: told of the unit with which it is. */
function beyond(
  units: readonly Subunit[],
  setting: string,
  most: number | undefined,
  say: (sum: number, most: number) => string,
): Misfit[] {
  if (most === undefined) return [];
  let sum = 0;
  for (const unit of units) {
    const value = unit.settings[setting];
    sum += typeof value === 'number' ? value : 0;
    if (sum > most) return [{ message: say(sum, most), unit }];
  }
  return [];
}

function zoneMisfits(unit: Subunit): Misfit[] {
  const { bytes, zoneBytes, zones, openZones } = unit.settings;
  if (typeof zoneBytes !== 'number' || zoneBytes <= 0) return [];
  const room = typeof bytes === 'number' ? Math.floor(bytes / zoneBytes) : Number.POSITIVE_INFINITY;
  const count = typeof zones === 'number' ? zones : room;
  if (count > room)
    return [{ message: `namespace ${unit.label} has room for ${room} zones, and says ${count}.`, unit }];
  if (typeof openZones === 'number' && openZones > count)
    return [{ message: `namespace ${unit.label} has ${count} zones, and ${openZones} may be open.`, unit }];
  return [];
}
