import type { CapabilityBlock } from '../block.ts';
import { field, type RegisterSpace, setDword } from '../registers.ts';

/** A BAR that software may resize: the sizes it offers and the one it has, in bytes, powers of two from 1 MiB on. */
export interface ResizableBar {
  readonly index: number;
  readonly minimumBytes: number;
  readonly maximumBytes: number;
  readonly bytes: number;
}

/** Code 0 of BAR Size. */
const leastExponent = 20;
/** Code of the largest size that Resizable BAR Control can name. */
const greatestCode = 43;

export const sizeCode = (bytes: number): number =>
  Math.min(greatestCode, Math.max(0, Math.ceil(Math.log2(bytes)) - leastExponent));
export const bytesOfCode = (code: number): number => 2 ** (code + leastExponent);

/** Every size code that a BAR offers. */
export function sizeCodes({ minimumBytes, maximumBytes, bytes }: ResizableBar): number[] {
  const [first, last] = [sizeCode(Math.min(minimumBytes, bytes)), sizeCode(Math.max(maximumBytes, bytes))];
  return Array.from({ length: last - first + 1 }, (_, step) => first + step);
}

/** Resizable BAR, and the same for BARs of virtual functions (PCI Express Base Specification 5.0, 7.8.6 and 9.3.7.5). */
export function resizableBars(bars: readonly ResizableBar[], virtual: boolean): CapabilityBlock {
  return {
    kind: 'extended',
    id: virtual ? 0x0024 : 0x0015,
    version: 1,
    name: virtual ? 'VF Resizable BAR' : 'Resizable BAR',
    bytes: 4 + 8 * bars.length,
    write(space, at) {
      bars.forEach((bar, place) => {
        writeOne(space, resizableControlOffset(at, place), bar, place === 0 ? bars.length : 0);
      });
    },
  };
}

/** Offset of Resizable BAR Control of one of the BARs; its capability register stands four bytes before. */
export const resizableControlOffset = (at: number, place: number): number => at + 8 + 8 * place;

function writeOne(space: RegisterSpace, control: number, bar: ResizableBar, count: number): void {
  const codes = sizeCodes(bar);
  // Sizes up to 128 TiB in the capability register from bit 4 on, larger ones in the control register from bit 16 on.
  const sum = (shift: number, low: number, high: number) =>
    codes.filter((code) => code >= low && code <= high).reduce((bits, code) => bits + 2 ** (code + shift), 0);
  setDword(space, control - 4, sum(4, 0, 27));
  const value =
    field(bar.index, 0, 3) + field(count, 5, 3) + field(sizeCode(bar.bytes), 8, 6) + sum(-12, 28, greatestCode);
  setDword(space, control, value, { writable: 0x3f00 });
}
