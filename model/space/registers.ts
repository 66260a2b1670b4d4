/**
 * Configuration space of one function as bytes, with what software may change of each bit. Little-endian throughout
 * (PCI Express Base Specification 5.0, section 7.2.2).
 */

/** A conventional PCI function has 256 bytes, a PCI Express function 4096 (PCI_CFG_SPACE_SIZE, PCI_CFG_SPACE_EXP_SIZE). */
export const conventionalSpaceBytes = 256;
export const extendedSpaceBytes = 4096;

export interface RegisterSpace {
  readonly bytes: Uint8Array;
  /** Bits that take the value written (RW, RWS). */
  readonly writable: Uint8Array;
  /** Bits that a written one clears (RW1C, RW1CS). Everything else is read-only. */
  readonly clearable: Uint8Array;
}

/** Width of one access in bytes. */
export type AccessWidth = 1 | 2 | 4;

/** What software may change of a register; nothing where absent. */
export interface RegisterAccess {
  readonly writable?: number;
  readonly clearable?: number;
}

/** A space of zeros, all of it read-only. */
export function makeRegisterSpace(bytes: number): RegisterSpace {
  return { bytes: new Uint8Array(bytes), writable: new Uint8Array(bytes), clearable: new Uint8Array(bytes) };
}

/** The number in `width` bytes from `offset` on, unsigned. Bytes beyond the end count as zero. */
export function loadBytes(bytes: Uint8Array, offset: number, width: AccessWidth): number {
  let value = 0;
  for (let index = width - 1; index >= 0; index--) value = value * 256 + (bytes[offset + index] ?? 0);
  return value;
}

/** The lowest `width` bytes of a number, put from `offset` on. */
export function storeBytes(bytes: Uint8Array, offset: number, width: AccessWidth, value: number): void {
  let rest = value;
  for (let index = 0; index < width; index++) {
    bytes[offset + index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

function setRegister(
  space: RegisterSpace,
  offset: number,
  width: AccessWidth,
  value: number,
  { writable = 0, clearable = 0 }: RegisterAccess,
): void {
  storeBytes(space.bytes, offset, width, value >>> 0);
  storeBytes(space.writable, offset, width, writable >>> 0);
  storeBytes(space.clearable, offset, width, clearable >>> 0);
}

/** Defines a register of one, two or four bytes: its value and what software may change of it. */
export const setByte = (space: RegisterSpace, offset: number, value: number, access: RegisterAccess = {}): void =>
  setRegister(space, offset, 1, value, access);
export const setWord = (space: RegisterSpace, offset: number, value: number, access: RegisterAccess = {}): void =>
  setRegister(space, offset, 2, value, access);
export const setDword = (space: RegisterSpace, offset: number, value: number, access: RegisterAccess = {}): void =>
  setRegister(space, offset, 4, value, access);

/** A field's value shifted to its place; values too large for the field lose their upper bits. */
export function field(value: number, shift: number, bits: number): number {
  return ((value & (2 ** bits - 1)) << shift) >>> 0;
}

/** `bit` where the condition holds, else nothing. */
export const bitWhere = (condition: boolean, bit: number): number => (condition ? bit : 0);
