import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostCompletions } from '../../../model/host/completions.ts';
import { allInSeries, inSeries } from '../../../model/host/series.ts';
import { missShare, translatedRequestsPerSecond, vtd } from '../../../model/host/translation.ts';

const seed = { seed: 7, numRuns: 300 };
const rate = fc.double({ min: 1e3, max: 1e9, noNaN: true });
const room = fc.integer({ min: 1, max: 200 });
const little = 1 + 1e-9;

describe('two stages in a row', () => {
  it('do no more than the slower, and no less than half of it', () => {
    fc.assert(
      fc.property(rate, rate, room, (a, b, k) => {
        const both = inSeries(a, b, k);
        expect(both).toBeLessThanOrEqual(Math.min(a, b) * little);
        expect(both).toBeGreaterThanOrEqual(Math.min(a, b) / 2 / little);
        expect(inSeries(b, a, k)).toBe(both);
      }),
      seed,
    );
  });

  it('do not get slower when one of them or the room grows', () => {
    fc.assert(
      fc.property(rate, rate, room, fc.double({ min: 1, max: 10, noNaN: true }), (a, b, k, more) => {
        expect(inSeries(a * more, b, k) * little).toBeGreaterThanOrEqual(inSeries(a, b, k));
        expect(inSeries(a, b, k + 1) * little).toBeGreaterThanOrEqual(inSeries(a, b, k));
      }),
      seed,
    );
  });

  it.each([
    ['equal stages', 10, 10, 7, 8.75],
    ['a fast second one', 10, 1e12, 7, 10],
    ['one that stands still', 0, 10, 7, 0],
    ['nothing that limits the second', 10, Number.POSITIVE_INFINITY, 7, 10],
  ])('%s', (_name, a, b, k, expected) => expect(inSeries(a, b, k)).toBeCloseTo(expected, 6));

  it('fold in any order', () => {
    expect(allInSeries([3, 1, 2], 5)).toBe(allInSeries([1, 2, 3], 5));
    expect(allInSeries([], 5)).toBe(Number.POSITIVE_INFINITY);
  });
});

const KiB = 1024;
const input = (pages: number, waiting = 0, operation: 'read' | 'write' = 'read') => ({
  windowBytes: pages * 4 * KiB,
  pageBytes: 4 * KiB,
  operation,
  waiting,
});

describe('translation', () => {
  it('misses nothing up to the entries of the IO-TLB, and something from there on', () => {
    expect(missShare(vtd, input(64))).toBe(0);
    expect(missShare(vtd, input(65))).toBeGreaterThan(0);
    expect(missShare(vtd, input(1 << 20))).toBeCloseTo(1, 3);
  });

  it('is by the page: 2 MiB pages cover 128 MiB', () => {
    expect(missShare(vtd, { ...input(1), windowBytes: 128 * KiB * KiB, pageBytes: 2 * KiB * KiB })).toBe(0);
  });

  it('lets no more through over a larger window, nor than came', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.integer({ min: 0, max: 1000 }),
        fc.double({ min: 1e5, max: 1e8, noNaN: true }),
        fc.constantFrom('read' as const, 'write' as const),
        fc.integer({ min: 0, max: 64 }),
        (pages, more, requests, operation, waiting) => {
          const small = translatedRequestsPerSecond(vtd, input(pages, waiting, operation), requests);
          const large = translatedRequestsPerSecond(vtd, input(pages + more, waiting, operation), requests);
          expect(small).toBeLessThanOrEqual(requests * little);
          expect(large).toBeLessThanOrEqual(small * little);
        },
      ),
      seed,
    );
  });
});

describe('completions of a host', () => {
  const shape = fc.record({
    bytes: fc.integer({ min: 1, max: 20_000 }),
    offset: fc.nat(4095),
    request: fc.constantFrom(64, 128, 256, 512, 1024, 4096),
    mps: fc.constantFrom(128, 256, 512),
    combining: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  it('carry all bytes in no fewer TLPs than payloads fit, and no more than lines', () => {
    fc.assert(
      fc.property(shape, ({ bytes, offset, request, mps, combining }) => {
        const { tlps, payloadBytes } = hostCompletions(bytes, offset, request, mps, combining);
        const lines = Math.floor((offset + bytes - 1) / 64) - Math.floor(offset / 64) + 1;
        expect(payloadBytes).toBeGreaterThanOrEqual(bytes);
        expect(payloadBytes).toBeLessThanOrEqual(lines * 64);
        expect(tlps * mps * little).toBeGreaterThanOrEqual(bytes);
        expect(tlps).toBeLessThanOrEqual(lines * little);
      }),
      seed,
    );
  });

  it.each([
    ['one line', 64, 64, 1],
    ['four lines, each alone', 256, 256, 4],
    ['a long request, in payloads', 512, 512, 2],
    ['two long requests', 1024, 1024, 4],
  ])('%s', (_name, bytes, payload, tlps) => {
    expect(hostCompletions(bytes, 0, 512, 256, 0)).toEqual({ payloadBytes: payload, tlps });
  });
});
