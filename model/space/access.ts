import { bytesOfCode } from './capabilities/resizable-bar.ts';
import type { FunctionSpace } from './function-space.ts';
import { openBaseAddress } from './header.ts';
import { type AccessWidth, extendedSpaceBytes, loadBytes, storeBytes } from './registers.ts';

/**
 * A configuration read of 1, 2 or 4 bytes. Where no function answers (`undefined`), and behind the 256 bytes of a
 * conventional one, every bit reads as one (PCI Express Base Specification 5.0, 2.3.2: Unsupported Request).
 *
 * Throws a RangeError for an offset that is not aligned to the width or lies outside of the 4096 bytes.
 */
export function configRead(space: FunctionSpace | undefined, offset: number, width: AccessWidth): number {
  checkAccess(offset, width);
  if (space === undefined || offset >= space.registers.bytes.length) return 2 ** (8 * width) - 1;
  return loadBytes(space.registers.bytes, offset, width);
}

/**
 * A configuration write. Bits that software may change take the value, those that a one clears are cleared, all others stay;
 * a write of a size to a Resizable BAR Control register also changes which bits of the BAR can be written. Where nothing
 * answers the write is lost. Throws a RangeError like `configRead`.
 */
export function configWrite(space: FunctionSpace | undefined, offset: number, width: AccessWidth, value: number): void {
  checkAccess(offset, width);
  if (space === undefined || offset >= space.registers.bytes.length) return;
  const { bytes, writable, clearable } = space.registers;
  const written = new Uint8Array(width);
  storeBytes(written, 0, width, value >>> 0);
  const before = space.resizables.map(({ control }) => bytes[control + 1] ?? 0);
  for (let index = 0; index < width; index++) {
    const at = offset + index;
    const [old, take, clear, one] = [bytes[at] ?? 0, writable[at] ?? 0, clearable[at] ?? 0, written[index] ?? 0];
    bytes[at] = ((old & ~take) | (one & take)) & ~(one & clear);
  }
  space.resizables.forEach(({ control, baseAddress, kind, sizeCodes }, index) => {
    const code = bytes[control + 1] ?? 0;
    if (code === before[index]) return;
    // What a device does with a size that it does not offer is not defined: this one keeps its own.
    if (sizeCodes.includes(code & 0x3f)) openBaseAddress(space.registers, baseAddress, kind, bytesOfCode(code & 0x3f));
    else bytes[control + 1] = before[index] ?? 0;
  });
}

function checkAccess(offset: number, width: AccessWidth): void {
  const fits = Number.isInteger(offset) && offset >= 0 && offset + width <= extendedSpaceBytes && offset % width === 0;
  if (!fits || (width !== 1 && width !== 2 && width !== 4)) {
    throw new RangeError(`no configuration access of ${width} bytes at offset ${offset}`);
  }
}
