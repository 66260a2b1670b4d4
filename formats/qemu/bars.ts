import type { Bar, BarKind } from '../../model/address.ts';

export const kibibyte = 1024;
export const mebibyte = 2 ** 20;

export const bar = (index: number, kind: BarKind, bytes: number, prefetchable = false): Bar => ({
  index,
  kind,
  prefetchable,
  bytes,
  resizable: null,
});
export const io = (index: number, bytes: number) => bar(index, 'io', bytes);
export const memory = (index: number, bytes: number) => bar(index, 'memory32', bytes);
export const wide = (index: number, bytes: number) => bar(index, 'memory64', bytes);
export const prefetchable = (index: number, bytes: number) => bar(index, 'memory64', bytes, true);

export const powerOfTwo = (bytes: number): number => 2 ** Math.ceil(Math.log2(bytes));
export const align = (bytes: number, unit: number): number => Math.ceil(bytes / unit) * unit;
