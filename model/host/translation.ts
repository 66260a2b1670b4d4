import type { Component } from '../machine.ts';
import type { Sourced } from '../origin.ts';
import { inSeries } from './series.ts';

/**
 * Address translation of DMA: an IO-TLB, and behind it a page walker that serves a few misses at a time. Addresses are
 * random over a window of pages, as in a ring of buffers; a long sequential transfer misses once a page and is not held
 * back. Figures of one generation (Intel VT-d, Xeon E5 v4) stand for all until others are published.
 */
export interface Translation {
  /** Entries of the IO-TLB. */
  readonly entries: Sourced<number>;
  /** What a walk adds to a request that misses, in seconds. */
  readonly walkSeconds: Sourced<number>;
  /** Walks a second, all requests together. */
  readonly walksPerSecond: { readonly read: Sourced<number>; readonly write: Sourced<number> };
  /**
   * Requests that wait at the walker while it is busy: room between it and the link. Reads wait one by one, posted writes
   * in the buffer for them.
   */
  readonly room: { readonly read: Sourced<number>; readonly write: Sourced<number> };
}

const pcieBench = 'pcie-bench/data@b2abf2f, NFP-6000 on two Xeon E5-2630 v4, intel_iommu=on,sp_off';

export const vtd: Translation = {
  entries: {
    value: 64,
    source: `knee of random access at a window of 256 KiB in pages of 4 KiB (${pcieBench})`,
  },
  walkSeconds: {
    value: 280e-9,
    source: `64 B reads over 64 MiB: 880 ns against 600 ns in a small window (${pcieBench})`,
  },
  walksPerSecond: {
    read: { value: 19.2e6, source: `64 B reads over 64 MiB: 9.84 Gb/s (${pcieBench})` },
    write: { value: 21.9e6, source: `64 B writes over 64 MiB: 11.2 Gb/s (${pcieBench})` },
  },
  room: {
    read: { value: 5, source: 'derived: 280 ns for a walk over 52 ns between walks is 5 walks in flight' },
    write: { value: 56, source: `fitted to 64 B writes over 512 KiB to 2 MiB (${pcieBench})` },
  },
};

/** The translation of a socket's IOMMU: what its text says (`iotlb-entries`, `page-walks`), the measured figures for the rest. */
export function translationAt(socket: Component | null): Translation {
  const { ioTlbEntries, pageWalks } = socket?.settings ?? {};
  if (ioTlbEntries === undefined && pageWalks === undefined) return vtd;
  const said = (value: number): Sourced<number> => ({ value, source: 'stated' });
  const entries = ioTlbEntries === undefined ? vtd.entries : said(ioTlbEntries);
  if (pageWalks === undefined) return { ...vtd, entries };
  const { read, write } = vtd.walksPerSecond;
  const times = pageWalks / vtd.room.read.value;
  const scaled = ({ value, source }: Sourced<number>): Sourced<number> => ({
    value: value * times,
    source: `page-walks ${pageWalks} for ${vtd.room.read.value}: ${source}`,
  });
  return {
    ...vtd,
    entries,
    walksPerSecond: { read: scaled(read), write: scaled(write) },
    room: { ...vtd.room, read: said(pageWalks) },
  };
}

export interface TranslationInput {
  /** Window over which addresses are random, in bytes. */
  readonly windowBytes: number;
  readonly pageBytes: number;
  readonly operation: 'read' | 'write';
  /** Requests that wait at a time; those for one page share a walk. */
  readonly waiting: number;
}

/** Share of requests that need a walk of their own, 0 to 1. */
export function missShare({ entries }: Translation, input: TranslationInput): number {
  const pages = Math.max(1, Math.ceil(input.windowBytes / input.pageBytes));
  if (pages <= entries.value) return 0;
  const missed = 1 - entries.value / pages;
  // Of the requests that wait some ask for a page that is being walked for already.
  return missed * (1 - Math.min(1, input.waiting / pages));
}

/** Requests a second that get through translation, of `requestsPerSecond` that the rest of the way would let through. */
export function translatedRequestsPerSecond(
  translation: Translation,
  input: TranslationInput,
  requestsPerSecond: number,
): number {
  return walkedRequestsPerSecond(translation, input.operation, missShare(translation, input), requestsPerSecond);
}

/** The same where `share` of the requests, 0 to 1, waits for a walk of its own. */
export function walkedRequestsPerSecond(
  translation: Translation,
  operation: 'read' | 'write',
  share: number,
  requestsPerSecond: number,
): number {
  if (share <= 0) return requestsPerSecond;
  const walks = translation.walksPerSecond[operation].value;
  return inSeries(requestsPerSecond, walks / share, translation.room[operation].value);
}
