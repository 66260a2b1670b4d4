import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engines } from '../../../simulator/drivers/block/costs.ts';
import { patterns } from '../../../simulator/drivers/block/job.ts';
import { type Bench, bench } from './setup.ts';

const seeded = { seed: 20, numRuns: 40 };

/** Jobs of all kinds on drives with few and many queues, vectors and entries. */
const benches: fc.Arbitrary<Bench> = fc
  .record({
    pattern: fc.constantFrom(...patterns.filter((pattern) => pattern !== 'append')),
    engine: fc.constantFrom(...engines),
    polling: fc.boolean(),
    blockBytes: fc.constantFrom(512, 4096, 12288, 65536, 2 ** 20, 3 * 2 ** 20),
    depth: fc.integer({ min: 1, max: 64 }),
    threads: fc.integer({ min: 1, max: 6 }),
    batch: fc.integer({ min: 1, max: 16 }),
    requests: fc.integer({ min: 1, max: 200 }),
    queuePairs: fc.integer({ min: 1, max: 8 }),
    vectors: fc.integer({ min: 0, max: 9 }),
    queueEntries: fc.integer({ min: 2, max: 64 }),
    coalesceThreshold: fc.integer({ min: 1, max: 8 }),
    controllerMemoryBuffer: fc.boolean(),
    scatterGather: fc.boolean(),
    writeCacheBytes: fc.constantFrom(null, 0, 65536, 2 ** 30),
    amplification: fc.constantFrom(null, 1, 4.1),
    seed: fc.integer(),
  })
  .map((one) => ({
    drive: {
      queuePairs: one.queuePairs,
      vectors: one.vectors,
      queueEntries: one.queueEntries,
      coalesceThreshold: one.coalesceThreshold,
      coalesceSeconds: 20e-6,
      controllerMemoryBuffer: one.controllerMemoryBuffer,
      scatterGather: one.scatterGather,
      ...(one.writeCacheBytes === null ? {} : { writeCacheBytes: one.writeCacheBytes }),
      ...(one.amplification === null ? {} : { spareFlash: { amplification: one.amplification, unitBytes: 4096 } }),
    },
    job: {
      pattern: one.pattern,
      blockBytes: one.blockBytes,
      depth: one.depth,
      batch: one.batch,
      requests: one.requests,
    },
    engine: one.engine,
    polling: one.polling,
    threads: one.threads,
    seed: one.seed,
    traceCommands: 100_000,
  }));

describe('a job on a drive', () => {
  it('moves as many bytes as it asks for, once', () => {
    fc.assert(
      fc.property(benches, (setup) => {
        const { count, drives, path } = bench(setup);
        const asked = (setup.job?.requests ?? 0) * (setup.job?.blockBytes ?? 0);
        const [drive] = drives;
        expect(count.issued).toBe(setup.job?.requests);
        expect(count.completed).toBe(count.issued);
        expect(count.bytes).toBe(asked);
        expect(path.bytes).toBe(asked);
        expect((drive?.smart.bytesRead ?? 0) + (drive?.smart.bytesWritten ?? 0)).toBe(asked);
      }),
      seeded,
    );
  });

  it('lets no step begin before the one that causes it has ended, and completes nothing before its data', () => {
    fc.assert(
      fc.property(benches, (setup) => {
        const { records } = bench(setup);
        const steps = new Map<string, { name: string; startSeconds: number; endSeconds: number }[]>();
        for (const record of records) {
          expect(record.endSeconds).toBeGreaterThanOrEqual(record.startSeconds);
          const flow = steps.get(record.flow ?? '') ?? [];
          flow.push(record);
          steps.set(record.flow ?? '', flow);
        }
        expect(steps.size).toBeGreaterThan(0);
        for (const flow of steps.values()) {
          for (const [at, step] of flow.entries()) {
            const before = flow[at - 1];
            if (before !== undefined) expect(step.startSeconds).toBeGreaterThanOrEqual(before.endSeconds - 1e-15);
          }
          const names = flow.map((step) => step.name);
          const data = Math.max(names.lastIndexOf('data to host'), names.lastIndexOf('data from host'));
          expect(names[0]).toMatch(/^submit/);
          expect(names[1]).toBe('fetch');
          expect(data).toBeGreaterThan(1);
          expect(names.indexOf('completion')).toBeGreaterThan(data);
          expect(names.at(-1)).toMatch(/^(?:interrupt ssd0 vector \d+|poll)$/);
        }
      }),
      seeded,
    );
  });

  it('never has more in a queue than the queue holds', () => {
    fc.assert(
      fc.property(benches, (setup) => {
        const { drives } = bench(setup);
        for (const queue of drives[0]?.queues ?? []) {
          expect(queue.mostOutstanding).toBeLessThanOrEqual((setup.drive?.queueEntries ?? 0) - 1);
          expect(queue.outstanding).toBe(0);
          expect(queue.submissionHead).toBe(queue.submissionTail);
          expect(queue.completionHead).toBe(queue.completionTail);
        }
      }),
      seeded,
    );
  });

  it('never has more requests under way than threads and depth allow', () => {
    fc.assert(
      fc.property(benches, (setup) => {
        const { commands, count, stack } = bench(setup);
        const parts = Math.ceil((setup.job?.blockBytes ?? 1) / 2 ** 20);
        expect(commands.mostOutstanding).toBeLessThanOrEqual((setup.threads ?? 1) * (setup.job?.depth ?? 1) * parts);
        expect(commands.outstanding).toBe(0);
        for (const thread of stack.threads) expect(thread.inFlight).toBe(0);
        expect(count.latency.count).toBe(count.completed);
      }),
      seeded,
    );
  });

  it('gives the same trace for the same seed', () => {
    fc.assert(
      fc.property(benches, (setup) => {
        expect(bench(setup).records).toEqual(bench(setup).records);
      }),
      { seed: 20, numRuns: 15 },
    );
  });
});

it('draws other times from another seed', () => {
  expect(bench({ seed: 2 }).seconds).not.toBe(bench({ seed: 3 }).seconds);
});
