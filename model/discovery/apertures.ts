import type { Aperture } from '../address.ts';
import type { Component, Machine } from '../machine.ts';
import type { Assumption } from '../origin.ts';
import { formatBytes, formatHex } from '../quantity.ts';
import { roundDown, roundUp } from './resource.ts';

/** A window of a host bridge: what the bridges and BARs below it are cut from. */
export interface HostWindow {
  readonly kind: 'io' | 'memory';
  readonly prefetchable: boolean;
  /** First and last address. */
  readonly start: number;
  readonly end: number;
  /** False where the text is silent about windows of this sort. */
  readonly stated: boolean;
}

export interface HostWindows {
  /** By component id of the socket, in the order in which the kernel tries them. */
  readonly bySocket: ReadonlyMap<number, readonly HostWindow[]>;
  readonly assumptions: readonly Assumption[];
}

const gibibyte = 2 ** 30;
const mebibyte = 2 ** 20;
const fourGibibytes = 2 ** 32;
/** I/O APIC, local APICs and flash of a PC begin here; host-bridge windows end below (QEMU q35, IO_APIC_DEFAULT_ADDRESS). */
const lowEnd = 0xfec00000;
/** Configuration space of a q35 (MCH_HOST_BRIDGE_PCIEXBAR_DEFAULT): 256 MiB in the middle of its low windows. */
const ecam = { start: 0xb0000000, end: 0xbfffffff } as const;
/** Registers of configuration mechanism 1 cut the I/O window of every PC in two. */
const configPorts = { start: 0xcf8, end: 0xcff } as const;
/** I/O space of a segment. */
const ioBytes = 0x10000;
/** 46-bit physical addresses: what x86 servers have at least (Intel SDM, Xeon Scalable; AMD EPYC has 48 and more). */
const physicalEnd = 2 ** 46;

type Sort = 'io' | 'low' | 'high';

const sortOf = ({ kind, below4g }: Aperture): Sort => (kind === 'io' ? 'io' : below4g ? 'low' : 'high');

/**
 * The windows of every host bridge. Those that the text states hold: a socket's own first, else those of the firmware
 * block, which sockets without their own share in equal parts. Where the text states none of a sort, a host like QEMU's q35
 * is assumed. With Above 4G Decoding off there is no window above 4 GiB.
 */
export function hostWindows(machine: Machine): HostWindows {
  const sockets = machine.components.filter((component) => component.kind === 'socket');
  const assumptions: Assumption[] = [];
  const bySocket = new Map<number, HostWindow[]>(sockets.map((socket) => [socket.id, []]));
  for (const sort of ['io', 'low', 'high'] as const) {
    if (sort === 'high' && machine.firmware.above4g === false) continue;
    const without: Component[] = [];
    for (const socket of sockets) {
      const own = socket.apertures.filter((one) => sortOf(one) === sort);
      if (own.length === 0) without.push(socket);
      else bySocket.get(socket.id)?.push(...placeStated(own, sort, memoryBytes(sockets)).flat());
    }
    if (without.length === 0) continue;
    const shared = machine.firmware.apertures.filter((one) => sortOf(one) === sort);
    const whole =
      shared.length > 0 ? placeStated(shared, sort, memoryBytes(sockets)).flat() : assumedWindows(sort, sockets);
    without.forEach((socket, index) => {
      bySocket.get(socket.id)?.push(...whole.flatMap((window) => shareOf(window, index, without.length, sort)));
    });
    if (shared.length === 0 && sort !== 'io') assumptions.push(assumed(whole, sort, without));
  }
  for (const windows of bySocket.values()) windows.sort(byOrder);
  return { bySocket, assumptions };
}

/** I/O first, then memory by address: the order in which PC firmware lists windows to the kernel. */
const byOrder = (a: HostWindow, b: HostWindow): number =>
  a.kind === b.kind ? a.start - b.start : a.kind === 'io' ? -1 : 1;

function assumed(whole: readonly HostWindow[], sort: Sort, sockets: readonly Component[]): Assumption {
  const ranges = whole.map(({ start, end }) => `${formatHex(start)}-${formatHex(end)}`).join(' and ');
  const where = sort === 'low' ? 'below' : 'above';
  const each = sockets.length > 1 ? ', shared by the sockets in equal parts' : '';
  const message = `No window ${where} 4 GiB is stated: ${ranges} assumed${each}.`;
  return { at: sockets.length === 1 ? (sockets[0]?.name ?? null) : null, field: 'apertures', message };
}

/** Memory of all sockets; what is not stated counts as nothing. */
function memoryBytes(sockets: readonly Component[]): number {
  return sockets.reduce((sum, { settings }) => sum + (settings.memoryBytes ?? 0), 0);
}

/** Where memory ends below 4 GiB, as on a q35: 2 GiB, or all of it where there is less. */
function lowMemory(sockets: readonly Component[]): number {
  const bytes = memoryBytes(sockets);
  return bytes > 0 && bytes < 2 * gibibyte ? roundUp(bytes, mebibyte) : 2 * gibibyte;
}

/** Where memory ends above 4 GiB. */
function highMemoryEnd(memory: number): number {
  return fourGibibytes + Math.max(0, memory - 2 * gibibyte);
}

function assumedWindows(sort: Sort, sockets: readonly Component[]): HostWindow[] {
  if (sort === 'io') return ioWindows(0, ioBytes - 1, false);
  const memory = { kind: 'memory', prefetchable: false, stated: false } as const;
  if (sort === 'low') {
    const start = lowMemory(sockets);
    return [
      { ...memory, start, end: ecam.start - 1 },
      { ...memory, start: ecam.end + 1, end: lowEnd - 1 },
    ];
  }
  const start = roundUp(highMemoryEnd(memoryBytes(sockets)), gibibyte);
  return [{ ...memory, start, end: Math.max(physicalEnd, 2 * start) - 1 }];
}

function ioWindows(start: number, end: number, stated: boolean): HostWindow[] {
  const io = { kind: 'io', prefetchable: false, stated } as const;
  if (start >= configPorts.start || end <= configPorts.end) return [{ ...io, start, end }];
  return [
    { ...io, start, end: configPorts.start - 1 },
    { ...io, start: configPorts.end + 1, end },
  ];
}

/** Stated windows with a place for each: those without a base in the order of the text. One list a window. */
function placeStated(apertures: readonly Aperture[], sort: Sort, memory: number): HostWindow[][] {
  let nextIo = apertures.some((one) => one.bytes >= BigInt(ioBytes)) ? 0 : 0x1000;
  let lowTop = lowEnd;
  let nextHigh = highMemoryEnd(memory);
  return apertures.map((aperture) => {
    const bytes = Number(aperture.bytes);
    if (bytes <= 0) return [];
    const prefetchable = aperture.kind === 'prefetchable';
    let start: number;
    if (aperture.base !== null) start = Number(aperture.base);
    else if (sort === 'io') {
      start = nextIo;
      nextIo += bytes;
    } else if (sort === 'low') {
      start = lowBase(bytes, lowTop);
      lowTop = start;
    } else {
      start = roundUp(nextHigh, powerWithin(bytes));
      nextHigh = start + bytes;
    }
    const end = Math.min(start + bytes, sort === 'io' ? ioBytes : sort === 'low' ? fourGibibytes : 2 ** 52) - 1;
    if (sort === 'io') return aperture.base === null ? ioWindows(start, end, true) : [plainIo(start, end)];
    return [{ kind: 'memory', prefetchable, start, end, stated: true }];
  });
}

const plainIo = (start: number, end: number): HostWindow => ({
  kind: 'io',
  prefetchable: false,
  start,
  end,
  stated: true,
});

/** The largest power of two that is no larger. */
const powerWithin = (bytes: number): number => 2 ** Math.floor(Math.log2(bytes));

/** A place below `top` for a window without a base: as well aligned as leaves 1 GiB to memory. */
function lowBase(bytes: number, top: number): number {
  for (let alignment = powerWithin(bytes); alignment > mebibyte; alignment /= 2) {
    const start = roundDown(top - bytes, alignment);
    if (start >= gibibyte) return start;
  }
  return Math.max(0, roundDown(top - bytes, mebibyte));
}

/** Grain of a socket's part of a shared window. */
const grains: Readonly<Record<Sort, number>> = { io: 4096, low: mebibyte, high: gibibyte };

/** The part of a shared window that falls to one of several sockets. */
function shareOf(window: HostWindow, index: number, count: number, sort: Sort): HostWindow[] {
  if (count === 1) return [window];
  const bytes = window.end - window.start + 1;
  const part = roundDown(bytes / count, Math.min(grains[sort], powerWithin(Math.max(1, bytes / count))));
  if (part <= 0) return [];
  const start = window.start + index * part;
  return [{ ...window, start, end: index === count - 1 && sort === 'io' ? window.end : start + part - 1 }];
}

/** `1 GiB of I/O`, for messages about windows. */
export const describeWindow = ({ kind, start, end }: HostWindow): string =>
  `${formatBytes(end - start + 1)} of ${kind === 'io' ? 'I/O' : 'memory'} at ${formatHex(start)}`;
