import type { Aperture, Bar, BarKind, DeviceFunction } from '../../model/address.ts';
import type { ValueCursor } from './cursor.ts';
import { endpointKinds, functions } from './kinds.ts';
import { type ComponentDraft, type PropertySchema, property } from './property.ts';
import { idPair, integer, quantity, quantityRange, word } from './readers.ts';

const bytes = quantity('bytes');

/** An address in hexadecimal; reports and returns undefined where it is not one. */
export function readAddress(cursor: ValueCursor): bigint | undefined {
  const found = cursor.peekWord();
  if (found !== undefined && /^0x[0-9a-f]+$/i.test(found)) {
    cursor.take();
    return BigInt(found);
  }
  cursor.problem({ code: 'language/bad-value', message: 'Expected an address such as 0x380000000000.' });
  cursor.take();
  return undefined;
}

/** `16 MiB 64-bit prefetchable resizable 256 MiB..32 GiB`: what follows the number of a BAR. */
export function readBar(cursor: ValueCursor, index: number): Bar | undefined {
  const size = bytes.read(cursor);
  let kind: BarKind = 'memory32';
  let prefetchable = false;
  let resizable: Bar['resizable'] = null;
  let sound = size !== undefined;
  while (!cursor.done) {
    if (cursor.takeWord('32-bit')) kind = 'memory32';
    else if (cursor.takeWord('64-bit')) kind = 'memory64';
    else if (cursor.takeWord('io')) kind = 'io';
    else if (cursor.takeWord('prefetchable')) prefetchable = true;
    else if (cursor.takeWord('resizable')) {
      const range = quantityRange('bytes').read(cursor);
      if (range === undefined) sound = false;
      else resizable = { minimumBytes: range[0], maximumBytes: range[1] };
    } else {
      cursor.problem({
        code: 'language/bad-value',
        message: 'Expected 32-bit, 64-bit, io, prefetchable or resizable <size>..<size>.',
      });
      cursor.take();
      sound = false;
    }
  }
  return sound && size !== undefined ? { index, kind, prefetchable, bytes: size, resizable } : undefined;
}

const barShape = '<0-5> <size> [32-bit | 64-bit | io] [prefetchable] [resizable <size>..<size>]';

/** A later statement about the same BAR replaces the earlier one: that is how a component overrides its part. */
function putBar(bars: Bar[], bar: Bar): void {
  const at = bars.findIndex((other) => other.index === bar.index);
  if (at >= 0) bars[at] = bar;
  else bars.push(bar);
  bars.sort((a, b) => a.index - b.index);
}

/** What the block of `sriov` fills. */
export interface SriovDraft {
  totalVfs: number;
  enabledVfs: number;
  vfOffset: number | null;
  vfStride: number | null;
  vfDeviceId: number | null;
  bars: Bar[];
}

/** What the block of `function` fills. */
export interface FunctionDraft {
  vendorId: number | null;
  deviceId: number | null;
  classCode: number | null;
  bars: Bar[];
}

export const addressProperties: readonly PropertySchema<ComponentDraft>[] = [
  property(
    'bar',
    functions,
    barShape,
    'A Base Address Register: its size and kind.',
    'bar 1 128 GiB 64-bit prefetchable resizable 256 MiB..128 GiB',
    (cursor, target, place) => {
      const index = integer(0, 15).read(cursor);
      if (index === undefined) return;
      const bar = readBar(cursor, index);
      if (bar === undefined) return;
      putBar(target.bars, bar);
      target.barOrigins.set(index, place.origin);
    },
    { repeatable: true, offers: ['0', '1', '2'] },
  ),
  property('rom', functions, '<size>', 'Expansion ROM.', 'rom 512 KiB', (cursor, target, place) => {
    const size = bytes.read(cursor);
    if (size === undefined) return;
    putBar(target.bars, { index: 6, kind: 'rom', prefetchable: false, bytes: size, resizable: null });
    target.barOrigins.set(6, place.origin);
  }),
  property(
    'sriov',
    endpointKinds,
    '{ … }',
    'Single Root I/O Virtualization of the function.',
    'sriov {\n  total-vfs 16\n}',
    (_cursor, target, place) => {
      const none = { totalVfs: 0, enabledVfs: 0, vfOffset: null, vfStride: null, vfDeviceId: null };
      const draft: SriovDraft = { ...none, ...target.sriov, bars: [...(target.sriov?.bars ?? [])] };
      place.body('sriov', draft);
      target.sriov = draft;
    },
    { body: 'sriov' },
  ),
  property(
    'function',
    endpointKinds,
    '<1-7> [<name>] { … }',
    'Another function of the same device.',
    'function 1 audio {\n  class 0x040300\n}',
    (cursor, target, place) => {
      const number = integer(1, 255).read(cursor);
      const label = cursor.done ? undefined : word.read(cursor);
      if (number === undefined) return;
      const draft: FunctionDraft = { vendorId: null, deviceId: null, classCode: null, bars: [] };
      place.body('function', draft);
      const made: DeviceFunction = { number, label: label ?? `function${number}`, ...draft };
      target.functions = [...target.functions.filter((other) => other.number !== number), made].sort(
        (a, b) => a.number - b.number,
      );
    },
    { body: 'function', repeatable: true, offers: ['1'] },
  ),
  property(
    'window',
    ['socket'],
    '<size> [below 4g | above 4g] [io] [at <address>]',
    'An aperture of the host bridge.',
    'window 1 TiB above 4g at 0x380000000000',
    (cursor, target) => {
      const aperture = readAperture(cursor);
      if (aperture !== undefined) target.apertures.push(aperture);
    },
    { repeatable: true },
  ),
];

/** `2 GiB below 4g`, `64 KiB io`, `1 TiB above 4g at 0x380000000000`. */
export function readAperture(cursor: ValueCursor): Aperture | undefined {
  const size = bytes.read(cursor);
  let kind: Aperture['kind'] | null = null;
  let below4g: boolean | null = null;
  let base: bigint | null = null;
  while (!cursor.done) {
    if (cursor.takeWord('io')) kind = 'io';
    else if (cursor.takeWord('prefetchable')) kind = 'prefetchable';
    else if (cursor.takeWord('below')) {
      if (!cursor.takeWord('4g')) cursor.problem({ code: 'language/bad-value', message: 'Expected 4g: `below 4g`.' });
      below4g = true;
    } else if (cursor.takeWord('above')) {
      if (!cursor.takeWord('4g')) cursor.problem({ code: 'language/bad-value', message: 'Expected 4g: `above 4g`.' });
      below4g = false;
    } else if (cursor.takeWord('at')) base = readAddress(cursor) ?? null;
    else {
      cursor.problem({
        code: 'language/bad-value',
        message: 'Expected below 4g, above 4g, io, prefetchable or at <address>.',
      });
      cursor.take();
    }
  }
  if (size === undefined) return undefined;
  if (below4g === null) below4g = base === null ? true : base < 1n << 32n;
  return { kind: kind ?? (below4g ? 'memory' : 'prefetchable'), bytes: BigInt(size), base, below4g };
}

export const sriovProperties: readonly PropertySchema<SriovDraft>[] = [
  property(
    'total-vfs',
    ['sriov'],
    '<number>',
    'TotalVFs: how many virtual functions there can be.',
    'total-vfs 64',
    (cursor, target) => {
      target.totalVfs = integer(0, 65535).read(cursor) ?? target.totalVfs;
    },
  ),
  property('enabled-vfs', ['sriov'], '<number>', 'NumVFs: how many are enabled.', 'enabled-vfs 4', (cursor, target) => {
    target.enabledVfs = integer(0, 65535).read(cursor) ?? target.enabledVfs;
  }),
  property('vf-offset', ['sriov'], '<number>', 'First VF Offset.', 'vf-offset 16', (cursor, target) => {
    target.vfOffset = integer(0, 65535).read(cursor) ?? target.vfOffset;
  }),
  property('vf-stride', ['sriov'], '<number>', 'VF Stride.', 'vf-stride 1', (cursor, target) => {
    target.vfStride = integer(0, 65535).read(cursor) ?? target.vfStride;
  }),
  property('vf-device', ['sriov'], '<device>', 'VF Device ID.', 'vf-device 0x1018', (cursor, target) => {
    target.vfDeviceId = integer(0, 0xffff).read(cursor) ?? target.vfDeviceId;
  }),
  property(
    'bar',
    ['sriov'],
    barShape,
    'A BAR of every virtual function.',
    'bar 0 16 KiB 64-bit',
    (cursor, target) => {
      const index = integer(0, 5).read(cursor);
      const bar = index === undefined ? undefined : readBar(cursor, index);
      if (bar !== undefined) putBar(target.bars, bar);
    },
    { repeatable: true },
  ),
];

export const functionProperties: readonly PropertySchema<FunctionDraft>[] = [
  property(
    'id',
    ['function'],
    '<vendor>:<device>',
    'Vendor and device ID of this function.',
    'id 10de:228b',
    (cursor, target) => {
      const pair = idPair.read(cursor);
      if (pair === undefined) return;
      [target.vendorId, target.deviceId] = pair;
    },
  ),
  property('class', ['function'], '<hex>', 'Class code of this function.', 'class 0x040300', (cursor, target) => {
    target.classCode = integer(0, 0xffffff).read(cursor) ?? target.classCode;
  }),
  property(
    'bar',
    ['function'],
    barShape,
    'A BAR of this function.',
    'bar 0 16 KiB 32-bit',
    (cursor, target) => {
      const index = integer(0, 5).read(cursor);
      const bar = index === undefined ? undefined : readBar(cursor, index);
      if (bar !== undefined) putBar(target.bars, bar);
    },
    { repeatable: true },
  ),
  property('rom', ['function'], '<size>', 'Expansion ROM of this function.', 'rom 64 KiB', (cursor, target) => {
    const size = bytes.read(cursor);
    if (size !== undefined) {
      putBar(target.bars, { index: 6, kind: 'rom', prefetchable: false, bytes: size, resizable: null });
    }
  }),
];
