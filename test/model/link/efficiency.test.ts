import { describe, expect, it } from 'vitest';
import type { LinkTransfer } from '../../../model/link/efficiency.ts';
import { linkBandwidth, steadyBandwidth, transferCost } from '../../../model/link/efficiency.ts';
import { isGeneration, isLaneCount } from '../../../model/link/generation.ts';
import { bandwidthTable } from '../../../model/link/table.ts';
import { hasReference, numberIn, readReference } from './shared.ts';

const gbps = (bytesPerSecond: number): number => (bytesPerSecond * 8) / 1e9;

describe('link bandwidth, by hand', () => {
  const gen3x8 = { generation: 3, lanes: 8, mps: 256, mrrs: 512, rcb: 64, tax: 'worst-case' } as const;

  it('writes of 64 B', () => {
    // Ack limit of x8 at MPS 256 and 8 GT/s: (256 + 28) x 2.5 / 8 + 115 = 203.75. MWr with 64-bit address: 24 B.
    const tax = 8 / 203 + 8 / 203 + 4 / 1538;
    const raw = (8e9 / 8) * (128 / 130) * 8;
    const bandwidth = linkBandwidth({ ...gen3x8, transferBytes: 64 });
    expect(bandwidth.rawBytesPerSecond).toBeCloseTo(raw, 0);
    expect(bandwidth.taxFraction).toBeCloseTo(tax, 12);
    expect(bandwidth.writeBytesPerSecond).toBeCloseTo((raw * (1 - tax) * 64) / 88, 0);
  });

  it('reads, both at once, and a size that just misses', () => {
    const tax = 16 / 203 + 4 / 1538;
    const left = 7.876923e9 * (1 - tax);
    const at257 = linkBandwidth({ ...gen3x8, transferBytes: 257 });
    expect(at257.write).toEqual({ tlps: 2, wireBytes: 257 + 48 });
    expect(at257.read).toEqual({
      requests: 1,
      completions: 2,
      requestWireBytes: 24,
      completionWireBytes: 257 + 40,
      limitedBy: 'completions',
    });
    expect(at257.readBytesPerSecond / 1e9).toBeCloseTo((left * 257) / 297 / 1e9, 4);
    expect(at257.readWriteBytesPerSecond / 1e9).toBeCloseTo((left * 257) / (305 + 24) / 1e9, 4);
  });

  it('one byte: requests are the bottleneck of reads with 64-bit addresses', () => {
    const one = linkBandwidth({ ...gen3x8, transferBytes: 1 });
    expect(one.read.limitedBy).toBe('requests');
    expect(one.readsPerSecond).toBeCloseTo(one.tlpBytesPerSecond / 24, 3);
  });

  it('ECRC, 32-bit addresses and prefixes', () => {
    const cost = (change: Partial<LinkTransfer>) => transferCost({ ...gen3x8, transferBytes: 256, ...change });
    expect(cost({ addressBits: 32 }).write.wireBytes).toBe(256 + 20);
    expect(cost({ addressBits: 32 }).read.requestWireBytes).toBe(20);
    expect(cost({ addressBits: 32 }).read.completionWireBytes).toBe(256 + 20);
    expect(cost({ ecrc: true }).write.wireBytes).toBe(256 + 28);
    expect(cost({ ecrc: true }).read.completionWireBytes).toBe(256 + 24);
    expect(cost({ requestPrefixes: 1 }).write.wireBytes).toBe(256 + 28);
    expect(cost({ requestPrefixes: 1 }).read.completionWireBytes).toBe(256 + 20);
  });

  it('Flit Mode: 236 of 256 bytes, no framing, sequence number, LCRC or DLLPs', () => {
    const gen6 = linkBandwidth({ generation: 6, lanes: 16, mps: 256, tax: 'worst-case', transferBytes: 4096 });
    expect(gen6.rawBytesPerSecond).toBe(128e9);
    expect(gen6.tlpBytesPerSecond).toBe(118e9);
    expect(gen6.write.wireBytes).toBe(4096 + 16 * 16);
    expect(gen6.writeBytesPerSecond / 1e9).toBeCloseTo((118 * 4096) / 4352, 9);
    expect(gen6.read.completionWireBytes).toBe(4096 + 16 * 12);
    const gen5 = linkBandwidth({ generation: 5, lanes: 16, flitMode: true, tax: 'measured', transferBytes: 4096 });
    expect(gen5.tlpBytesPerSecond).toBeCloseTo(((32e9 / 8) * (128 / 130) * 16 * 236) / 256, -1);
  });

  it('measured tax: long writes of Gen3 x8 as pcie-bench measured them', () => {
    const measured = linkBandwidth({ generation: 3, lanes: 8, tax: 'measured', transferBytes: 2048 });
    expect(gbps(measured.writeBytesPerSecond)).toBeCloseTo(54.44, 1);
  });
});

describe('splitting', () => {
  const base = { generation: 4, lanes: 16, mps: 256, mrrs: 512, rcb: 64 } as const;

  it('completions at every RCB', () => {
    expect(transferCost({ ...base, rcbChunks: true, transferBytes: 65 }).read.completions).toBe(2);
    expect(transferCost({ ...base, rcbChunks: true, transferBytes: 256 }).read.completions).toBe(4);
    expect(transferCost({ ...base, rcb: 128, rcbChunks: true, transferBytes: 256 }).read.completions).toBe(2);
  });

  it('an unaligned read: its first completion ends at the boundary', () => {
    // 60..123: 4 B up to the boundary at 64, then the rest.
    expect(transferCost({ ...base, offsetBytes: 60, transferBytes: 64 }).read.completions).toBe(2);
    // 1..512 crosses the 512 B boundary of requests: 63 + 256 + 192, then 1.
    const cost = transferCost({ ...base, offsetBytes: 1, transferBytes: 512 }).read;
    expect([cost.requests, cost.completions]).toEqual([2, 4]);
    // Inside one line nothing is split.
    expect(transferCost({ ...base, offsetBytes: 70, transferBytes: 32 }).read.completions).toBe(1);
  });

  it('never crosses 4 KiB', () => {
    const cost = transferCost({ ...base, mps: 4096, mrrs: 4096, offsetBytes: 4095, transferBytes: 2 });
    expect([cost.write.tlps, cost.read.requests]).toEqual([2, 2]);
  });

  it('exact counting: one request for each completion at MRRS below MPS, whole double words', () => {
    const small = { ...base, mps: 512, mrrs: 128, transferBytes: 1024 } as const;
    expect(transferCost(small).read.completions).toBe(2);
    expect(transferCost({ ...small, counting: 'exact' }).read.completions).toBe(8);
    expect(transferCost({ ...base, counting: 'exact', transferBytes: 63 }).write.wireBytes).toBe(64 + 24);
    expect(transferCost({ ...base, counting: 'exact', offsetBytes: 3, transferBytes: 2 }).write.wireBytes).toBe(8 + 24);
  });

  it('counts terabytes at once', () => {
    const cost = transferCost({ ...base, transferBytes: 2 ** 40, offsetBytes: 1 });
    expect(cost.write.tlps).toBe(2 ** 32 + 1);
    expect(cost.read.requests).toBe(2 ** 31 + 1);
  });
});

describe('settings outside the specification', () => {
  const base = { generation: 3, lanes: 8, transferBytes: 64 } as const;
  it.each([
    [{ mps: 100 }, /mps/],
    [{ mps: 8192 }, /mps/],
    [{ mrrs: 64 }, /mrrs/],
    [{ rcb: 32 }, /rcb/],
    [{ transferBytes: 0 }, /transferBytes/],
    [{ transferBytes: 1.5 }, /transferBytes/],
    [{ offsetBytes: 4096 }, /offsetBytes/],
    [{ requestPrefixes: 5 }, /requestPrefixes/],
  ])('%o', (change, message) => {
    expect(() => linkBandwidth({ ...base, ...change })).toThrow(message);
    expect(() => linkBandwidth({ ...base, ...change })).toThrow(RangeError);
  });
});

describe('table for hovers', () => {
  it('has a row for each size and the size at which latency and bandwidth break even', () => {
    const settings = { generation: 3, lanes: 8, tax: 'measured' } as const;
    const table = bandwidthTable(settings, { writeSeconds: 300e-9, readRoundTripSeconds: 600e-9 });
    expect(table.rows.map((row) => row.transferBytes)).toEqual([64, 128, 256, 512, 1024, 2048, 4096]);
    const steady = steadyBandwidth(settings);
    expect(table.steady.readBytesPerSecond).toBe(steady.readBytesPerSecond);
    expect(table.rows[6]?.readBytesPerSecond).toBeCloseTo(steady.readBytesPerSecond, -3);
    expect(table.latencyBoundBelowBytes.read).toBeCloseTo(steady.readBytesPerSecond * 600e-9, 6);
    // About 6.9 GB/s x 0.6 us: 4 KiB are in flight.
    expect(table.latencyBoundBelowBytes.read).toBeGreaterThan(4000);
    expect(table.latencyBoundBelowBytes.read).toBeLessThan(4300);
    expect(bandwidthTable(settings).latencyBoundBelowBytes).toEqual({ write: null, read: null });
  });
});

describe('closed form of pcie-bench', () => {
  const reference = 'golden.csv';
  it.skipIf(!hasReference(reference))(
    'equals every reference row within 5e-5 Gb/s (skipped where the reference data is absent)',
    () => {
      const rows = readReference(reference);
      expect(rows.length).toBeGreaterThan(200);
      for (const row of rows) {
        const generation = Number(row.gen?.slice(3));
        const lanes = Number(row.lanes?.slice(1));
        const addressBits = numberIn(row, 'addr_bits');
        if (!isGeneration(generation) || !isLaneCount(lanes)) throw new Error(JSON.stringify(row));
        if (addressBits !== 32 && addressBits !== 64) throw new Error(JSON.stringify(row));
        const bandwidth = linkBandwidth({
          generation,
          lanes,
          addressBits,
          ecrc: row.ecrc === '1',
          mps: numberIn(row, 'mps'),
          mrrs: numberIn(row, 'mrrs'),
          rcb: numberIn(row, 'rcb'),
          rcbChunks: row.rcb_chunks === '1',
          transferBytes: numberIn(row, 'size_B'),
          tax: 'worst-case',
        });
        const near = (actual: number, column: string): void => {
          const expected = numberIn(row, column);
          expect(Math.abs(actual - expected), `${column}: ${JSON.stringify(row)}`).toBeLessThanOrEqual(5.0001e-5);
        };
        near(gbps(bandwidth.rawBytesPerSecond), 'raw_Gbps');
        near(gbps(bandwidth.tlpBytesPerSecond), 'tlp_bw_Gbps');
        near(gbps(bandwidth.writeBytesPerSecond), 'write_eff_Gbps');
        near(gbps(bandwidth.readBytesPerSecond), 'read_eff_Gbps');
        near(gbps(bandwidth.readWriteBytesPerSecond), 'rdwr_eff_Gbps_each_dir');
        near(bandwidth.writesPerSecond / 1e6, 'write_Mtps');
        near(bandwidth.readsPerSecond / 1e6, 'read_Mtps');
        near(bandwidth.readWritesPerSecond / 1e6, 'rdwr_Mtps');
        expect(bandwidth.write.wireBytes).toBe(numberIn(row, 'write_wire_B'));
        expect(bandwidth.read.requestWireBytes).toBe(numberIn(row, 'read_req_wire_B'));
        expect(bandwidth.read.completionWireBytes).toBe(numberIn(row, 'read_cpl_wire_B'));
        expect(row.read_limited_by).toContain(bandwidth.read.limitedBy);
      }
    },
  );
});
