/** One PCI function as the kernel's command line names it. */
export interface NamedFunction {
  readonly vendorId: number | undefined;
  readonly deviceId: number | undefined;
  readonly subsystemVendorId: number | undefined;
  readonly subsystemDeviceId: number | undefined;
  /** Address of the function (`0000:01:00.0`), then those of the bridges above it; undefined where not known. */
  readonly addresses: readonly (string | undefined)[];
}

/** `next`: where reading stopped. Invalid text ends the whole parameter. */
export type DeviceMatch = { readonly matched: boolean; readonly next: number } | 'invalid';

const ids = /^pci:(?:0x)?([\da-f]+):(?:0x)?([\da-f]+)(?::(?:0x)?([\da-f]+):(?:0x)?([\da-f]+))?/i;
const withSegment = /^(?:0x)?([\da-f]+):(?:0x)?([\da-f]+):(?:0x)?([\da-f]+)\.(?:0x)?([\da-f]+)$/i;
const withoutSegment = /^(?:0x)?([\da-f]+):(?:0x)?([\da-f]+)\.(?:0x)?([\da-f]+)$/i;
const step = /^(?:0x)?([\da-f]+)\.(?:0x)?([\da-f]+)$/i;

/**
 * One device of a `pci=` parameter from `start` on, as the kernel reads it (Linux 6.1 and 7.2, drivers/pci/pci.c,
 * pci_dev_str_match; Documentation/admin-guide/kernel-parameters.txt, `pci=`):
 * `pci:<vendor>:<device>[:<subvendor>:<subdevice>]`, where 0 fits all, or
 * `[<segment>:]<bus>:<device>.<function>[/<device>.<function>]*`, a path of bridges down to the device.
 */
export function matchDevice(text: string, start: number, device: NamedFunction): DeviceMatch {
  const rest = text.slice(start);
  if (!rest.startsWith('pci:')) return matchPath(rest, start, device);
  const match = ids.exec(rest);
  if (match === null) return 'invalid';
  const fits = (digits: string | undefined, value: number | undefined) => {
    const wanted = Number.parseInt(digits ?? '0', 16) & 0xffff;
    return wanted === 0 || wanted === value;
  };
  const matched =
    fits(match[1], device.vendorId) &&
    fits(match[2], device.deviceId) &&
    fits(match[3], device.subsystemVendorId) &&
    fits(match[4], device.subsystemDeviceId);
  return { matched, next: start + match[0].length };
}

function matchPath(rest: string, start: number, device: NamedFunction): DeviceMatch {
  const end = rest.indexOf(';');
  const path = end < 0 ? rest : rest.slice(0, end);
  const next = start + path.length;
  const parts = path.split('/');
  const addresses = device.addresses.map(numbersOf);
  // The last step is the device itself, the first names a bridge by its whole address.
  for (let up = 0; up < parts.length - 1; up++) {
    const match = step.exec(parts[parts.length - 1 - up] ?? '');
    if (match === null) return 'invalid';
    const at = addresses[up];
    if (at === undefined || at.device !== hex(match[1]) || at.function !== hex(match[2])) {
      return { matched: false, next };
    }
  }
  const first = parts[0] ?? '';
  const full = withSegment.exec(first);
  const short = full === null ? withoutSegment.exec(first) : null;
  if (full === null && short === null) return 'invalid';
  const [segment, bus, slot, fn] =
    full !== null
      ? [hex(full[1]), hex(full[2]), hex(full[3]), hex(full[4])]
      : [0, hex(short?.[1]), hex(short?.[2]), hex(short?.[3])];
  const at = addresses[parts.length - 1];
  const matched =
    at !== undefined && at.segment === segment && at.bus === bus && at.device === slot && at.function === fn;
  return { matched, next };
}

interface AddressNumbers {
  readonly segment: number;
  readonly bus: number;
  readonly device: number;
  readonly function: number;
}

function numbersOf(address: string | undefined): AddressNumbers | undefined {
  const match = address === undefined ? null : withSegment.exec(address);
  return match === null
    ? undefined
    : { segment: hex(match[1]), bus: hex(match[2]), device: hex(match[3]), function: hex(match[4]) };
}

const hex = (digits: string | undefined) => Number.parseInt(digits ?? '0', 16);

/** Whether a list of devices (`a;b;c`) names this one: the first that fits counts, and what is invalid ends the list. */
export function namesDevice(list: string, device: NamedFunction): boolean {
  for (let at = 0; at < list.length; ) {
    const match = matchDevice(list, at, device);
    if (match === 'invalid') return false;
    if (match.matched) return true;
    if (!isSeparator(list[match.next])) return false;
    at = match.next + 1;
  }
  return false;
}

const isSeparator = (character: string | undefined) => character === ';' || character === ',';

/** ACS bits that `config_acs` forces for a device: bit 0 is SV, bit 6 is DT. */
export interface ForcedBits {
  /** Bits that are forced, either way. */
  readonly mask: number;
  /** Those of them that are set. */
  readonly flags: number;
}

/**
 * `config_acs=<bits>@<device>[;<bits>@<device>]*` for one device, as the kernel reads it (Linux 7.2, drivers/pci/pci.c,
 * __pci_config_acs): the last character of the bits is bit 0; 1 sets, 0 clears, x leaves what firmware left. Null where
 * no entry names the device or an entry before it is invalid.
 */
export function forcedBits(parameter: string, device: NamedFunction): ForcedBits | null {
  for (let at = 0; at < parameter.length; ) {
    const end = parameter.indexOf('@', at);
    if (end < 0) return null;
    let mask = 0;
    let flags = 0;
    for (const [shift, character] of [...parameter.slice(at, end)].reverse().entries()) {
      if (character === '1') flags |= 1 << shift;
      if (character === '0' || character === '1') mask |= 1 << shift;
      else if (character !== 'x' && character !== 'X') return null;
    }
    if ((mask & ~0x7f) !== 0) return null;
    const match = matchDevice(parameter, end + 1, device);
    if (match === 'invalid') return null;
    if (match.matched) return { mask, flags };
    if (!isSeparator(parameter[match.next])) return null;
    at = match.next + 1;
  }
  return null;
}
