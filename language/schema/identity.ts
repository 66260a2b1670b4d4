import { endpointKinds, functions, portKinds } from './kinds.ts';
import { type ComponentDraft, type PropertySchema, property, say, sayUnknown, setting } from './property.ts';
import { flag, idPair, integer, integerRange } from './readers.ts';

type P = PropertySchema<ComponentDraft>;

/** Who a function is, and where it sits. */
export const identityProperties: readonly P[] = [
  property(
    'id',
    [...functions, 'socket', 'chipset'],
    '<vendor>:<device>',
    'Vendor and device ID, as `lspci -n` prints them.',
    'id 10de:20b5',
    (cursor, target, place) => {
      if (sayUnknown(cursor, target, 'deviceId')) return;
      const pair = idPair.read(cursor);
      if (pair === undefined) return;
      say(target, 'vendorId', pair[0], place.origin);
      say(target, 'deviceId', pair[1], place.origin);
    },
    { field: 'vendorId' },
  ),
  property(
    'subsystem',
    functions,
    '<vendor>:<device>',
    'Subsystem vendor and device ID.',
    'subsystem 10de:1533',
    (cursor, target, place) => {
      const pair = idPair.read(cursor);
      if (pair === undefined) return;
      say(target, 'subsystemVendorId', pair[0], place.origin);
      say(target, 'subsystemDeviceId', pair[1], place.origin);
    },
    { field: 'subsystemVendorId' },
  ),
  setting(
    'class',
    'classCode',
    functions,
    integer(0, 0xffffff),
    'Class code: base class, subclass, interface.',
    'class 0x030200',
  ),
  setting(
    'segment',
    'segment',
    ['socket'],
    // Linux numbers the domains of Intel VMD from 0x10000 (drivers/pci/controller/vmd.c, vmd_find_free_domain).
    integer(0, 0xffffffff),
    'PCI segment (domain) of the root complex.',
    'segment 0',
  ),
  setting('bus', 'bus', ['socket'], integer(0, 255), 'Bus number of the host bridge.', 'bus 0x40'),
  setting(
    'bus-range',
    'busRange',
    ['socket', 'root-port', 'port', 'switch', 'bridge'],
    integerRange,
    'Bus numbers that the host bridge decodes.',
    'bus-range 0x00..0x7f',
  ),
  setting(
    'device-number',
    'deviceNumber',
    functions,
    integer(0, 31),
    'Device number on its bus.',
    'device-number 0x1c',
  ),
  setting(
    'function-number',
    'functionNumber',
    functions,
    integer(0, 7),
    'Function number in its device.',
    'function-number 2',
  ),
  setting('hotplug', 'hotplug', portKinds, flag, 'Whether the slot is hot-plug capable.', 'hotplug on'),
  setting('numa', 'numaNode', ['socket', 'root-port', ...endpointKinds], integer(0, 4095), 'NUMA node.', 'numa 0'),
  setting(
    'external-facing',
    'externalFacing',
    portKinds,
    flag,
    'The port leads out of the box, as Thunderbolt ports do.',
    'external-facing on',
  ),
];
