/** What a function is in the hierarchy, by the type field of its PCI Express capability. */
export type FunctionType = 'root-port' | 'downstream' | 'upstream' | 'pci-bridge' | 'endpoint' | 'integrated';

/** A function as the kernel's table of ACS quirks sees it. */
export interface QuirkSubject {
  readonly vendorId: number | null;
  readonly deviceId: number | null;
  readonly type: FunctionType;
  readonly multifunction: boolean;
  readonly onRootBus: boolean;
  /** The machine has an AMD IOMMU. */
  readonly amdIommu: boolean;
}

/** First and last device ID. */
type Range = readonly [number, number];
type Table = ReadonlyMap<number, readonly Range[]>;

/** Device IDs in hexadecimal, as lspci prints them, ranges with a hyphen, by vendor. */
function table(ids: Readonly<Record<string, string>>): Table {
  const range = (text: string): Range => {
    const [first = '', last = first] = text.split('-');
    return [Number.parseInt(first, 16), Number.parseInt(last, 16)];
  };
  return new Map(
    Object.entries(ids).map(([vendor, devices]) => [Number.parseInt(vendor, 16), devices.split(' ').map(range)]),
  );
}

/**
 * Functions that isolate by design without saying so in an ACS capability: pci_dev_acs_enabled of Linux 6.1,
 * drivers/pci/quirks.c. Multifunction endpoints, and root ports that pass no peer traffic.
 */
const isolated = table({
  // Intel 82598, 82599, X520, X540, 82580, 82576, 82575, I350, 82571, I219
  '8086':
    '10c6 10db 10dd 10e1 10f1 10f7-10fc 1507 1514 151c 1529 152a 154d 154f 1551 1558 1509 150e-1511 1516 1527 10c9 ' +
    '10e6-10e8 150a 150d 1518 1526 10a7 10a9 10d6 1521-1524 105e-1060 10d9 15b7 15b8',
  '1924': '0903 0923 0a03', // Solarflare
  '19a2': '0710', // Emulex BE3-R
  '10df': '0720', // Emulex Skyhawk-R
  '177d': 'a026 a059 a060', // Cavium
  '14e4': '16d7 1750-1752 1760-1763 d714', // Broadcom NICs; iProc root ports
  '1d17': '3038 3104 9083', // Zhaoxin
  '17cb': '0111 0115 0120 0400 0401', // Qualcomm root ports
  '1dbf': '0401', // HXT root ports
  '10e8': 'e004', // APM X-Gene root ports
  '1def': 'e005-e00c', // Ampere root ports
  '0014': '3c09 3c19 3c29 7a09 7a19 7a29 7a39 7a49 7a59 7a69', // Loongson root ports
  // NXP LX2 root ports
  '1957': '8d80-8d83 8d88-8d8b 8d90-8d93 8d98-8d9b 8da0 8da1 8da8 8da9 8db0 8db1 8db8 8db9',
});

/** The same where the function is a root port. */
const isolatedRootPorts = table({
  // Intel PCH without an ACS capability: Ibex Peak to Wildcat Point, Patsburg, Wellsburg
  '8086':
    '3b42-3b51 1c10-1c1f 1e10-1e1f 8c10-8c1f 9c10-9c1b 9c90-9c9b 1d10 1d12 1d14 1d16 1d18 1d1a 1d1c 1d1e 8d10-8d1e ' +
    '8c90 8c92 8c94 8c96 8c98 8c9a 8c9c 8c9e',
  '177d': 'a000-a7ff af84 b884', // Cavium ThunderX
  '1c36': '0031', // Amazon Annapurna Labs
});

/** AMD south bridges: their functions do not talk to each other where there is an AMD IOMMU. */
const southBridges = table({ '1002': '4383-4385 4399 439c 439d', '1022': '7809 780f' });

/** Vendors for which the table settles the matter for all their functions of a kind: listed or not isolated. */
const zhaoxinPorts = table({ '1d17': '0710-071e 0721 0723-0752' });
const wangxunNics = table({ '8088': '0100-010f 1001 2001 5010 5025 5040 5110 5125 5140' });

/**
 * pci_dev_specific_acs_enabled for SV, RR, CR and UF (Linux 6.1, drivers/pci/quirks.c): whether a function isolates by
 * the kernel's table, or null where the table says nothing and its ACS capability decides. Left out: Intel's 100-series
 * chipsets, whose quirk reads the same bits from another place.
 */
export function isolatedByQuirk(subject: QuirkSubject): boolean | null {
  const { vendorId, type } = subject;
  const has = (one: Table) => contains(one, subject);
  if (subject.multifunction && subject.onRootBus && subject.amdIommu && has(southBridges)) return true;
  if (has(isolated) || (type === 'root-port' && has(isolatedRootPorts))) return true;
  // Endpoints that Intel integrates into the root complex reach peers by translated addresses only (VT-d 3.16).
  if (vendorId === 0x8086 && type === 'integrated') return true;
  if (vendorId === 0x1d17 && (type === 'root-port' || type === 'downstream')) return has(zhaoxinPorts);
  if (vendorId === 0x8088) return has(wangxunNics);
  return null;
}

function contains(one: Table, { vendorId, deviceId }: QuirkSubject): boolean {
  const ranges = vendorId === null ? undefined : one.get(vendorId);
  if (ranges === undefined || deviceId === null) return false;
  return ranges.some(([first, last]) => first <= deviceId && deviceId <= last);
}
