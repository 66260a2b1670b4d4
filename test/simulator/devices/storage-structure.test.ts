import { describe, expect, it } from 'vitest';
import { blockLayer, kernelCrossing, nvmeDriver, requestLayer } from '../../../simulator/drivers/block/costs.ts';
import { bench, flashDrive } from './setup.ts';

describe('latency', () => {
  it('at depth 1 is that of the media and of the stack', () => {
    const { count } = bench({ drive: { readSpread: 0 }, job: { requests: 2000 } });
    const software = kernelCrossing.value + requestLayer.value + blockLayer.value + nvmeDriver.value;
    const latency = count.latency.mean * 1e-9;
    expect(latency).toBeGreaterThan(flashDrive.readSeconds + software);
    expect(latency).toBeLessThan(flashDrive.readSeconds + software + 4e-6);
  });

  it('has a tail where the media has a spread', () => {
    const { latency } = bench({ job: { requests: 20_000 } }).count;
    expect(latency.quantile(0.99)).toBeGreaterThan(1.3 * latency.quantile(0.5));
    expect(latency.quantile(0.999)).toBeGreaterThan(latency.quantile(0.99));
  });

  it('grows with the depth once the drive is busy: depth over rate', () => {
    const { count, iops } = bench({ threads: 4, job: { depth: 512, requests: 60_000 } });
    expect((count.latency.mean * 1e-9 * iops) / 2048).toBeCloseTo(1, 1);
  });

  it('is shorter by polling than by interrupts', () => {
    const drive = { readSeconds: 5e-6, sequentialReadSeconds: 5e-6, readSpread: 0, readIops: 1.5e6 };
    const polled = bench({ drive, polling: true }).count.latency.mean;
    const interrupted = bench({ drive }).count.latency.mean;
    expect(polled).toBeLessThan(interrupted - 1000);
  });

  it('grows where interrupts are held back', () => {
    const plain = bench({}).count.latency.mean;
    const coalesced = bench({ drive: { coalesceThreshold: 8, coalesceSeconds: 100e-6 } }).count.latency.mean;
    expect(coalesced - plain).toBeGreaterThan(90_000);
  });
});

describe('rate', () => {
  it('is that of the data sheet for reads, at sufficient depth', () => {
    const { iops } = bench({ threads: 4, job: { depth: 128, requests: 60_000 } });
    expect(iops).toBeGreaterThan(0.97 * flashDrive.readIops);
    expect(iops).toBeLessThan(1.01 * flashDrive.readIops);
  });

  it('is that of the data sheet for random writes, once the buffer is full', () => {
    const { iops } = bench({ threads: 2, job: { pattern: 'randwrite', depth: 64, requests: 50_000 } });
    expect(iops / flashDrive.writeIops).toBeCloseTo(1, 1);
  });

  it('lies between both for a mix', () => {
    const { iops } = bench({ threads: 4, job: { pattern: 'randrw', depth: 64, requests: 40_000 } });
    const mixed = 1 / (0.5 / flashDrive.readIops + 0.5 / flashDrive.writeIops);
    expect(iops / mixed).toBeCloseTo(1, 1);
  });

  it('is the bandwidth of the drive, or of its link, for large blocks', () => {
    const job = { pattern: 'read', blockBytes: 2 ** 20, depth: 32, requests: 2000 } as const;
    const rate = (run: ReturnType<typeof bench>) => run.count.bytes / run.seconds;
    expect(rate(bench({ job })) / flashDrive.readBytesPerSecond).toBeCloseTo(1, 1);
    expect(rate(bench({ job, bytesPerSecond: 1.7e9 })) / 1.7e9).toBeCloseTo(1, 1);
  });

  it('grows with the depth and then no more', () => {
    const rates = [1, 4, 16, 64, 256].map((depth) => bench({ threads: 4, job: { depth, requests: 40_000 } }).iops);
    for (const [at, rate] of rates.entries()) expect(rate).toBeGreaterThan(0.97 * (rates[at - 1] ?? 0));
    expect(rates[1]).toBeGreaterThan(3 * (rates[0] ?? 0));
  });
});

describe('many cores', () => {
  // A drive that is faster than any core handles completions.
  const drive = { readIops: 6e6, readSeconds: 15e-6, readBytesPerSecond: 60e9 };
  const many = { drive, threads: 16, bytesPerSecond: 60e9, job: { depth: 32, requests: 60_000 } };

  it('are slower over one queue with one interrupt than with a queue each', () => {
    const each = bench(many).iops;
    const shared = bench({ ...many, drive: { ...drive, queuePairs: 1 } }).iops;
    const line = bench({ ...many, drive: { ...drive, vectors: 0 } }).iops;
    expect(each).toBeGreaterThan(2 * shared);
    expect(line).toBeLessThan(1.1 * shared);
  });

  it('are slower where all interrupts go to one core', () => {
    expect(bench(many).iops).toBeGreaterThan(1.5 * bench({ ...many, interruptCores: [0] }).iops);
  });

  it('submit and complete more by SPDK than through the kernel', () => {
    const fast = { drive: { ...drive, readIops: 20e6, readBytesPerSecond: 200e9 }, bytesPerSecond: 200e9 };
    const one = { ...fast, threads: 1, job: { depth: 512, requests: 40_000 } };
    const kernel = bench(one).iops;
    const spdk = bench({ ...one, engine: 'spdk' }).iops;
    expect(kernel).toBeGreaterThan(0.35e6);
    expect(kernel).toBeLessThan(0.8e6);
    expect(spdk).toBeGreaterThan(6e6);
    expect(spdk).toBeLessThan(11e6);
  });

  it('pay less for a request where a call hands over many', () => {
    const one = { drive, threads: 1, bytesPerSecond: 60e9, polling: true };
    const single = bench({ ...one, job: { depth: 128, requests: 50_000 } }).iops;
    const batched = bench({ ...one, job: { depth: 128, requests: 50_000, batch: 32 } }).iops;
    expect(batched).toBeGreaterThan(1.2 * single);
    expect(batched).toBeGreaterThan(1.2e6);
    expect(batched).toBeLessThan(2.6e6);
  });
});

describe('requests', () => {
  it('are cut at the largest command', () => {
    const { count } = bench({ job: { blockBytes: 3 * 2 ** 20, maxCommandBytes: 2 ** 20, requests: 20 } });
    expect(count.commands).toBe(60);
  });

  it('that go on from each other in one call become one command', () => {
    const job = { pattern: 'read', depth: 32, batch: 32, requests: 3200, maxCommandBytes: 128 * 1024 } as const;
    const { count, drives } = bench({ job });
    expect(count.commands).toBeLessThan(3200 / 8);
    expect(drives[0]?.smart.hostReadCommands).toBe(count.commands);
    expect(count.completed).toBe(3200);
  });

  it('wait in the block layer where the queue is shorter than the depth', () => {
    const { drives, count } = bench({ drive: { queueEntries: 5 }, job: { depth: 64, requests: 500 } });
    expect(drives[0]?.queues[0]?.mostOutstanding).toBe(4);
    expect(count.completed).toBe(500);
  });

  it('keep to a period', () => {
    const { seconds } = bench({ threads: 2, job: { depth: 4, period: 1e9, requests: 200 } });
    expect(seconds).toBeCloseTo(99e-3, 3);
  });

  it('keep to a rate', () => {
    const { seconds, count } = bench({ threads: 2, job: { depth: 4, bytesPerSecond: 40e6, requests: 1000 } });
    expect(count.bytes / seconds / 40e6).toBeCloseTo(1, 1);
  });
});
