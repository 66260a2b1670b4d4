import type { ObservedFunction, ObservedMachine } from '../observed.ts';

/**
 * Names of devices from the PCI ID database (pci.ids, as pciutils and hwdata ship it), where the source has IDs and no names:
 * vendor and device as lspci prints them.
 */
export function withNames(observed: ObservedMachine, database: string): ObservedMachine {
  const wanted = observed.functions.filter(isNameless);
  if (wanted.length === 0) return observed;
  const names = readNames(database, new Set(wanted.flatMap(({ vendorId }) => vendorId ?? [])));
  const functions = observed.functions.map((one) => {
    if (!isNameless(one)) return one;
    const vendor = names.get(one.vendorId ?? -1);
    const device = vendor?.devices.get(one.deviceId ?? -1);
    return vendor === undefined || device === undefined ? one : { ...one, deviceName: `${vendor.name} ${device}` };
  });
  return { ...observed, functions };
}

const isNameless = ({ deviceName, vendorId, deviceId }: ObservedFunction): boolean =>
  deviceName === undefined && vendorId !== undefined && deviceId !== undefined;

interface Vendor {
  readonly name: string;
  readonly devices: Map<number, string>;
}

/** The vendors that are wanted: `10de  NVIDIA Corporation`, below it a tab, the device and its name; then classes, `C 00`. */
function readNames(database: string, wanted: ReadonlySet<number>): Map<number, Vendor> {
  const vendors = new Map<number, Vendor>();
  let open: Vendor | null = null;
  for (const line of database.split(/\r?\n/)) {
    if (line.startsWith('\t\t') || line.startsWith('#')) continue;
    if (line.startsWith('\t')) {
      const found = open === null ? null : /^\t([\da-f]{4})\s+(.*\S)/i.exec(line);
      if (found !== null) open?.devices.set(Number.parseInt(found[1] ?? '', 16), found[2] ?? '');
      continue;
    }
    const found = /^([\da-f]{4})\s+(.*\S)/i.exec(line);
    const id = Number.parseInt(found?.[1] ?? '', 16);
    open = found !== null && wanted.has(id) ? { name: found[2] ?? '', devices: new Map() } : null;
    if (open !== null) vendors.set(id, open);
  }
  return vendors;
}
