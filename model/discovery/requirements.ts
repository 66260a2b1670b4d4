import type { Bar, BarKind, SriovCapability } from '../address.ts';
import type { PciFunction } from './topology.ts';

/** What one BAR asks for, as sizing it reads: a power of two, aligned to itself. */
export interface BarRequirement {
  /** 0-5; 6 for the expansion ROM. */
  readonly index: number;
  readonly kind: BarKind;
  readonly prefetchable: boolean;
  readonly bytes: number;
}

/** The same BAR of every virtual function, one after the other: `bytes` each, `count` of them. */
export interface VirtualBarRequirement extends BarRequirement {
  readonly count: number;
}

/** Index of the expansion ROM among the BARs, as in sysfs. */
export const romIndex = 6;

/**
 * Least sizes that the registers can express: 16 B of memory, 4 B of I/O, 2 KiB of ROM (PCI Local Bus Specification 3.0,
 * 6.2.5.1 and 6.2.5.2).
 */
const leastBytes: Readonly<Record<BarKind, number>> = { io: 4, memory32: 16, memory64: 16, rom: 2048 };

/** What a BAR of `bytes` reads as when it is sized: the next power of two, and no less than the register can express. */
export function sizedBytes(kind: BarKind, bytes: number): number {
  return Math.max(leastBytes[kind], 2 ** Math.ceil(Math.log2(bytes)));
}

/**
 * The BARs that a function asks for, by index. A BAR that no register can hold (a slot beyond the last, the upper half of a
 * 64-bit BAR, nothing in size) asks for nothing. With Resizable BAR on in firmware a resizable BAR has its largest size.
 */
export function barRequirements(fn: PciFunction, resizableBar: boolean): BarRequirement[] {
  return fromBars(fn.bars, fn.isBridge ? bridgeSlots : deviceSlots, resizableBar);
}

/** Registers for BARs: six in a type 0 header, two in a type 1 header. */
const deviceSlots = 6;
const bridgeSlots = 2;

function fromBars(bars: readonly Bar[], slots: number, resizableBar: boolean): BarRequirement[] {
  const made: BarRequirement[] = [];
  let upperHalfOf = -1;
  for (const bar of [...bars].sort((a, b) => a.index - b.index)) {
    const { index, kind } = bar;
    const rom = kind === 'rom' || index === romIndex;
    if (!rom && (index < 0 || index >= slots || index === upperHalfOf)) continue;
    if (kind === 'memory64' && index === slots - 1) continue;
    if (made.some((other) => other.index === (rom ? romIndex : index))) continue;
    const now = resizableBar && bar.resizable !== null ? bar.resizable.maximumBytes : bar.bytes;
    if (!(now > 0) || !Number.isFinite(now)) continue;
    if (kind === 'memory64') upperHalfOf = index + 1;
    const bytes = sizedBytes(rom ? 'rom' : kind, now);
    // The kernel takes an expansion ROM for 32-bit prefetchable memory (drivers/pci/probe.c, pci_read_bases).
    made.push(
      rom
        ? { index: romIndex, kind: 'rom', prefetchable: true, bytes }
        : { index, kind, prefetchable: bar.prefetchable, bytes },
    );
  }
  return made;
}

/** Virtual functions' BARs are whole pages (SR-IOV 1.1, 3.3.10: System Page Size). */
const pageBytes = 4096;

/**
 * What the BARs of the virtual functions ask for: TotalVFs times each. Nothing where the kernel refuses the capability: no
 * virtual functions, or a BAR smaller than a page (drivers/pci/iov.c, sriov_init).
 */
export function virtualBarRequirements(sriov: SriovCapability | null): VirtualBarRequirement[] {
  if (sriov === null || sriov.totalVfs <= 0 || sriov.vfOffset === 0) return [];
  const bars = fromBars(sriov.bars, deviceSlots, false).filter((bar) => bar.kind !== 'rom' && bar.kind !== 'io');
  if (bars.some((bar) => bar.bytes < pageBytes)) return [];
  return bars.map((bar) => ({ ...bar, count: sriov.totalVfs }));
}
