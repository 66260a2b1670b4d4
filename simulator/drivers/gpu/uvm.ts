import type { Sourced } from '../../../model/origin.ts';
import { Random } from '../../events/random.ts';
import { managedBlock, pageFault } from './costs.ts';

/** How a kernel walks managed memory: in order, over all of its pages at random, or one page every so many bytes. */
export type ManagedWalk = 'sequential' | 'random' | { readonly strideBytes: number };

/** Pages of the host, and what a fault brings over at least, in bytes. */
const pageBytes = 4096;
export const bigPage: Sourced<number> = {
  value: 64 * 1024,
  source: 'NVIDIA/open-gpu-kernel-modules, uvm_perf_prefetch.c, grow_fault_granularity: the big page of a fault',
};

/** Share of a part of a block that must be on its way before the rest of the part comes as well, in per cent. */
export const prefetchThreshold: Sourced<number> = {
  value: 51,
  source: 'NVIDIA/open-gpu-kernel-modules, uvm_perf_prefetch.c, UVM_PREFETCH_THRESHOLD_DEFAULT',
};

/** What faults on a piece of managed memory come to. */
export interface FaultedPiece {
  /** Times that the driver works on a block because of a fault. */
  readonly services: number;
  /** Bytes that move: whole big pages, and what the prefetcher adds. */
  readonly bytes: number;
}

/**
 * Faults on one block of 2 MiB, page after page, with the driver's prefetcher: a fault brings its big page, then the largest
 * part of the block (halves of halves) of which more than the threshold is there.
 *
 * @param pages that the block has
 * @param touched pages that the kernel touches, in its order
 */
function faultsOfBlock(pages: number, touched: readonly number[]): FaultedPiece {
  const perBig = bigPage.value / pageBytes;
  const whole = managedBlock.value / pageBytes;
  const resident = new Uint8Array(whole);
  let services = 0;
  const fill = (from: number, to: number) => resident.fill(1, from, Math.min(to, pages));
  for (const page of touched) {
    if (resident[page] === 1) continue;
    services++;
    const big = page - (page % perBig);
    fill(big, big + perBig);
    for (let size = whole; size > perBig; size /= 2) {
      const first = page - (page % size);
      let there = 0;
      for (let at = first; at < first + size; at++) there += resident[at] ?? 0;
      if (there * 100 <= size * prefetchThreshold.value) continue;
      fill(first, first + size);
      break;
    }
  }
  return { services, bytes: resident.reduce((sum, one) => sum + one, 0) * pageBytes };
}

/** Blocks that are walked at random one by one; the rest is taken to be like them. */
const blocksTried = 64;

/**
 * Faults that a kernel's walk over a piece of managed memory makes.
 *
 * @param bytes of the piece; with a stride: from which it touches a page every so often
 */
export function faultsOf(walk: ManagedWalk, bytes: number): FaultedPiece {
  if (!(bytes > 0)) return { services: 0, bytes: 0 };
  const perBlock = managedBlock.value / pageBytes;
  const pages = Math.ceil(bytes / pageBytes);
  if (typeof walk === 'object' && walk.strideBytes >= managedBlock.value) {
    // Blocks with a page that is touched, each by itself.
    const touched = Math.ceil(bytes / walk.strideBytes);
    const each = Math.min(bigPage.value, bytes);
    return { services: touched, bytes: Math.min(touched * each, bytes) };
  }
  const random = new Random(1);
  const block = (count: number): FaultedPiece => {
    const order = Array.from({ length: count }, (_, page) => page);
    if (walk === 'sequential') return faultsOfBlock(count, order);
    if (walk !== 'random') {
      const every = Math.max(1, Math.round(walk.strideBytes / pageBytes));
      return faultsOfBlock(
        count,
        order.filter((page) => page % every === 0),
      );
    }
    for (let last = count - 1; last > 0; last--) {
      const other = random.below(last + 1);
      [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
    }
    return faultsOfBlock(count, order);
  };
  const full = Math.floor(pages / perBlock);
  const tried = Math.min(full, walk === 'random' ? blocksTried : 1);
  let services = 0;
  let moved = 0;
  for (let at = 0; at < tried; at++) {
    const one = block(perBlock);
    services += one.services;
    moved += one.bytes;
  }
  const like = tried === 0 ? 0 : full / tried;
  const rest = pages % perBlock === 0 ? { services: 0, bytes: 0 } : block(pages % perBlock);
  return {
    services: Math.round(services * like) + rest.services,
    bytes: Math.min(bytes, moved * like + rest.bytes),
  };
}

/**
 * What one such piece of work of the driver takes, in seconds: the measured walk in order has so much time beside its transfer,
 * and the prefetcher as its source has it works so often on a block.
 */
export const faultService: Sourced<number> = {
  value:
    ((managedBlock.value / pageFault.value.bytes) * pageFault.value.seconds) /
    faultsOf('sequential', managedBlock.value).services,
  source: `${pageFault.source}; services a block by uvm_perf_prefetch.c`,
};
