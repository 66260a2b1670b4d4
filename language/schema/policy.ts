import type { Aperture } from '../../model/address.ts';
import type { LinuxSettings } from '../../model/machine.ts';
import { readAperture } from './address.ts';
import { type PropertySchema, property } from './property.ts';
import { flag, integer, oneOf, quantity, text, word } from './readers.ts';

/** The `firmware` block while it is read. */
export interface FirmwareDraft {
  above4g: boolean | undefined;
  resizableBar: boolean | undefined;
  sriov: boolean | undefined;
  apertures: Aperture[];
}

/** The `linux` block while it is read. */
export type LinuxDraft = {
  -readonly [K in keyof LinuxSettings]: LinuxSettings[K];
} & { disableAcsRedir: string[]; configAcs: string[] };

export const firmwareProperties: readonly PropertySchema<FirmwareDraft>[] = [
  property(
    'above-4g',
    ['firmware'],
    'on | off',
    'Above 4G Decoding: 64-bit BARs may lie above 4 GiB.',
    'above-4g on',
    (cursor, target) => {
      target.above4g = flag.read(cursor) ?? target.above4g;
    },
    { offers: flag.offers },
  ),
  property(
    'resizable-bar',
    ['firmware'],
    'on | off',
    'Firmware makes resizable BARs as large as they can be.',
    'resizable-bar on',
    (cursor, target) => {
      target.resizableBar = flag.read(cursor) ?? target.resizableBar;
    },
    { offers: flag.offers },
  ),
  property(
    'sr-iov',
    ['firmware'],
    'on | off',
    'Firmware leaves room for virtual functions.',
    'sr-iov on',
    (cursor, target) => {
      target.sriov = flag.read(cursor) ?? target.sriov;
    },
    { offers: flag.offers },
  ),
  property(
    'window',
    ['firmware'],
    '<size> [below 4g | above 4g] [io] [at <address>]',
    'Address space that firmware gives to each host bridge.',
    'window 1 TiB above 4g',
    (cursor, target) => {
      const aperture = readAperture(cursor);
      if (aperture !== undefined) target.apertures.push(aperture);
    },
    { repeatable: true },
  ),
];

function hotplugReserve(
  name: string,
  field: 'hotplugIoBytes' | 'hotplugMemoryBytes' | 'hotplugPrefetchableBytes',
  text: string,
  size: string,
): PropertySchema<LinuxDraft> {
  return property(name, ['linux'], '<size>', text, `${name} ${size}`, (cursor, target) => {
    target[field] = quantity('bytes').read(cursor) ?? target[field];
  });
}

export const linuxProperties: readonly PropertySchema<LinuxDraft>[] = [
  property('version', ['linux'], '<version>', 'Kernel version whose rules apply.', 'version 6.1', (cursor, target) => {
    target.version = word.read(cursor) ?? target.version;
  }),
  property(
    'iommu',
    ['linux'],
    'off | passthrough | translate',
    'IOMMU mode: `iommu=off`, `iommu=pt`, or translating every DMA.',
    'iommu passthrough',
    (cursor, target) => {
      target.iommu = oneOf('off', 'passthrough', 'translate').read(cursor) ?? target.iommu;
    },
    { offers: ['off', 'passthrough', 'translate'] },
  ),
  property(
    'invalidation',
    ['linux'],
    'strict | lazy',
    'When unmapped addresses leave the IO-TLB: at once or in batches.',
    'invalidation lazy',
    (cursor, target) => {
      target.invalidation = oneOf('strict', 'lazy').read(cursor) ?? target.invalidation;
    },
    { offers: ['strict', 'lazy'] },
  ),
  property(
    'iommu-page',
    ['linux'],
    '<size>',
    'Page size of the IOMMU mappings.',
    'iommu-page 4 KiB',
    (cursor, target) => {
      target.iommuPageBytes = quantity('bytes').read(cursor) ?? target.iommuPageBytes;
    },
  ),
  property(
    'mps',
    ['linux'],
    'default | safe | perf | peer2peer',
    'Policy for Max_Payload_Size: `pci=pcie_bus_…`.',
    'mps default',
    (cursor, target) => {
      target.mps = oneOf('default', 'safe', 'perf', 'peer2peer').read(cursor) ?? target.mps;
    },
    { offers: ['default', 'safe', 'perf', 'peer2peer'] },
  ),
  property(
    'disable-acs-redir',
    ['linux'],
    '"<devices>" | for <port> …',
    '`pci=disable_acs_redir=`: the kernel clears redirection at these ports.',
    'disable-acs-redir "0000:00:01.0"',
    (cursor, target) => {
      if (cursor.done) return;
      const value = text.read(cursor);
      if (value !== undefined) target.disableAcsRedir = [...target.disableAcsRedir, value];
    },
    { repeatable: true },
  ),
  property(
    'config-acs',
    ['linux'],
    '"<bits>@<devices>"',
    '`pci=config_acs=`: the kernel sets these ACS bits at these ports.',
    'config-acs "x0x0x@0000:00:01.0"',
    (cursor, target) => {
      const value = text.read(cursor);
      if (value !== undefined) target.configAcs = [...target.configAcs, value];
    },
    { repeatable: true },
  ),
  property(
    'isolation',
    ['linux'],
    'on | off',
    'Whether devices are to be isolated from one another, as for passthrough to virtual machines.',
    'isolation on',
    (cursor, target) => {
      target.isolation = flag.read(cursor) ?? target.isolation;
    },
    { offers: flag.offers },
  ),
  property(
    'realloc',
    ['linux'],
    'on | off',
    '`pci=realloc`: windows of bridges that prove too small are sized anew. Unsaid: where virtual functions ask for it.',
    'realloc on',
    (cursor, target) => {
      target.realloc = flag.read(cursor) ?? target.realloc;
    },
    { offers: flag.offers },
  ),
  hotplugReserve('hotplug-io', 'hotplugIoBytes', '`pci=hpiosize=`: I/O that a hot-plug port keeps.', '4 KiB'),
  hotplugReserve(
    'hotplug-memory',
    'hotplugMemoryBytes',
    '`pci=hpmmiosize=`: memory that a hot-plug port keeps.',
    '16 MiB',
  ),
  hotplugReserve(
    'hotplug-prefetchable',
    'hotplugPrefetchableBytes',
    '`pci=hpmmioprefsize=`: prefetchable memory that a hot-plug port keeps.',
    '1 GiB',
  ),
  property(
    'hotplug-buses',
    ['linux'],
    '<number>',
    '`pci=hpbussize=`: bus numbers that a hot-plug port keeps.',
    'hotplug-buses 8',
    (cursor, target) => {
      target.hotplugBuses = integer(1, 255).read(cursor) ?? target.hotplugBuses;
    },
  ),
];

/** A `connect … to …` while it is read. */
export interface ConnectionDraft {
  technology: string | null;
  links: number | null;
  bytesPerSecond: number | null;
  latencySeconds: number | null;
}

export const connectionProperties: readonly PropertySchema<ConnectionDraft>[] = [
  property(
    'technology',
    ['interconnect'],
    'upi | qpi | xgmi | nvlink | c2c | infinity-fabric',
    'What the connection is.',
    'technology xgmi',
    (cursor, target) => {
      target.technology =
        oneOf('upi', 'qpi', 'xgmi', 'nvlink', 'c2c', 'infinity-fabric').read(cursor) ?? target.technology;
    },
    { offers: ['upi', 'qpi', 'xgmi', 'nvlink', 'c2c', 'infinity-fabric'] },
  ),
  property('links', ['interconnect'], '<number>', 'Links side by side.', 'links 12', (cursor, target) => {
    target.links = integer(1, 1024).read(cursor) ?? target.links;
  }),
  property(
    'bandwidth',
    ['interconnect'],
    '<rate>',
    'One direction, all links together.',
    'bandwidth 300 GB/s',
    (cursor, target) => {
      if (cursor.takeWord('unknown')) target.bytesPerSecond = null;
      else target.bytesPerSecond = quantity('bytesPerSecond').read(cursor) ?? target.bytesPerSecond;
    },
  ),
  property('latency', ['interconnect'], '<time>', 'Time across, one way.', 'latency 100 ns', (cursor, target) => {
    if (cursor.takeWord('unknown')) target.latencySeconds = null;
    else target.latencySeconds = quantity('seconds').read(cursor) ?? target.latencySeconds;
  }),
];
