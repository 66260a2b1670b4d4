import type { ObservedFunction } from '../observed.ts';
import { normaliseAddress } from '../pci/address.ts';
import { classOfName } from '../pci/class-names.ts';

/** The first line of a record of `lspci -vmm` (`Slot:`) or `-vm` (`Device:` with an address). */
export function isRecordLine(line: string): boolean {
  return /^(?:Slot|Device):\t(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\s*$/i.test(line);
}

/** Reads the lines of one record, `Key:<tab>value` each. */
export function readRecord(lines: readonly string[]): ObservedFunction | null {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const found = /^(\w+):\t(.*)$/.exec(line);
    if (found?.[1] === undefined || found[2] === undefined) continue;
    // In the old form (`-vm`) the address is a `Device` too: the first one.
    const key = found[1] === 'Device' && normaliseAddress(found[2]) !== null ? 'Slot' : found[1];
    if (!fields.has(key)) fields.set(key, found[2].trim());
  }
  const address = normaliseAddress(fields.get('Slot') ?? '');
  if (address === null) return null;
  const number = (key: string, digits: number) => {
    const text = new RegExp(`(?:^|\\[)([0-9a-f]{${digits}})\\]?$`, 'i').exec(fields.get(key) ?? '')?.[1];
    return text === undefined ? undefined : Number.parseInt(text, 16);
  };
  const optional = <K extends string>(key: K, value: number | undefined) =>
    (value === undefined ? {} : { [key]: value }) as { [P in K]?: number };
  const decimal = (key: string) => {
    const value = fields.get(key);
    return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
  };
  const base = number('Class', 4) ?? classOfName(fields.get('Class') ?? '');
  const progIf = number('ProgIf', 2) ?? 0;
  const name = (key: string) => (fields.get(key) ?? '').replace(/\s*\[?\b[0-9a-f]{4}\]?$/i, '');
  const deviceName = `${name('Vendor')} ${name('Device')}`.trim();
  const driver = fields.get('Driver');
  return {
    address,
    ...(base === undefined ? {} : { classCode: (base << 8) | progIf, isInterfaceKnown: true }),
    ...optional('vendorId', number('Vendor', 4)),
    ...optional('deviceId', number('Device', 4)),
    ...optional('subsystemVendorId', number('SVendor', 4)),
    ...optional('subsystemDeviceId', number('SDevice', 4)),
    ...optional('revision', number('Rev', 2)),
    ...optional('numaNode', decimal('NUMANode')),
    ...optional('iommuGroup', decimal('IOMMUGroup')),
    ...(deviceName === '' ? {} : { deviceName }),
    ...(driver === undefined || driver === '' ? {} : { driver }),
  };
}
