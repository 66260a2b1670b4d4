/** Addresses of functions as Linux writes them: segment, bus, device, function in lower-case hexadecimal. */

export interface FunctionAddress {
  readonly segment: number;
  readonly bus: number;
  readonly device: number;
  readonly function: number;
}

const shape = /^(?:([0-9a-f]{1,8}):)?([0-9a-f]{1,2}):([0-9a-f]{1,2})(?:\.([0-7]))?$/i;

/** Reads `01:00.0`, `0000:01:00.0` or `10000:01:00.0`; null where it is none. Without a function: function 0. */
export function parseAddress(text: string): FunctionAddress | null {
  const found = shape.exec(text.trim());
  if (found === null) return null;
  const [, segment = '0', bus = '', device = '', fn = '0'] = found;
  const read = (digits: string) => Number.parseInt(digits, 16);
  if (read(device) > 31) return null;
  return { segment: read(segment), bus: read(bus), device: read(device), function: read(fn) };
}

/** `0000:01:00.0`. Segments above 0xffff (Intel VMD numbers its own from 0x10000) keep their digits. */
export function formatAddress(address: FunctionAddress): string {
  return `${rootBusName(address.segment, address.bus)}:${hex(address.device, 2)}.${address.function}`;
}

/** The address in the one form, or null. */
export function normaliseAddress(text: string): string | null {
  const address = parseAddress(text);
  return address === null ? null : formatAddress(address);
}

/** `0000:40`: segment and bus. */
export function rootBusName(segment: number, bus: number): string {
  return `${hex(segment, 4)}:${hex(bus, 2)}`;
}

/** The address with its parts; for text that this project wrote. Throws a RangeError for anything else. */
export function addressParts(text: string): FunctionAddress {
  const address = parseAddress(text);
  if (address === null) throw new RangeError(`not an address: ${text}`);
  return address;
}

/** Orders by segment, bus, device, function. */
export function compareAddresses(a: FunctionAddress, b: FunctionAddress): number {
  return a.segment - b.segment || a.bus - b.bus || a.device - b.device || a.function - b.function;
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
