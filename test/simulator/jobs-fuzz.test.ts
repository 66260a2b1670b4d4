import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OtherActivity, Work } from '../../model/work.ts';
import { simulate } from '../../simulator/simulate.ts';
import { idOf, sketchMachine } from '../model/draft.ts';

const origin = { uri: 'test:jobs', offset: 0, end: 0 };
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const amount = fc.oneof(
  fc.constantFrom(0, 1, 511, 512, 4096, 2 ** 20, 1e9, 1e15),
  fc.integer({ min: 0, max: 2 ** 31 }),
);
const figure = fc.constantFrom(1e-6, 1e-3, 1, 1e3, 1e6, 1e9, 1e12);

/** Whatever the schema of the language lets through, and more. */
const settings = fc.record(
  {
    pattern: fc.constantFrom('read', 'write', 'randread', 'randwrite', 'readwrite', 'randrw', 'append', 'odd'),
    engine: fc.constantFrom('io_uring', 'libaio', 'psync', 'spdk', 'cufile', 'rdma'),
    blockBytes: fc.constantFrom(512, 4096, 65536, 2 ** 20, 2 ** 30, 511),
    bytes: amount,
    depth: fc.constantFrom(1, 7, 64, 1024, 1e6),
    jobs: fc.constantFrom(1, 2, 3, 64, 1e6),
    batch: fc.constantFrom(1, 32, 1e9),
    polling: fc.boolean(),
    direct: fc.boolean(),
    via: fc.constantFrom('auto', 'p2p', 'host'),
    cores: fc.constantFrom('0', '0..3', '3..0', '99999', '', 'x'),
    numaNode: fc.integer({ min: 0, max: 4095 }),
    alignmentBytes: amount,
    bytesPerSecond: figure,
  },
  { requiredKeys: ['blockBytes'] },
);

const drive = fc.record({
  readIops: maybe(figure),
  writeIops: maybe(figure),
  readBytesPerSecond: maybe(figure),
  writeBytesPerSecond: maybe(figure),
  readLatencySeconds: maybe(fc.constantFrom(0, 1e-9, 5e-6, 4e-3, 1e6)),
  writeLatencySeconds: maybe(fc.constantFrom(0, 1e-9, 5e-6, 4e-3, 1e6)),
  queuePairs: maybe(fc.constantFrom(1, 2, 65535)),
  queueDepth: maybe(fc.constantFrom(2, 3, 65536)),
  msixVectors: maybe(fc.constantFrom(0, 1, 2, 2048)),
  capacityBytes: maybe(fc.constantFrom(1, 512, 1e12)),
});

describe('any job on any drive', () => {
  it('ends with figures that are numbers, or is left out with a reason', () => {
    fc.assert(
      fc.property(
        drive,
        fc.constantFrom('nvme' as const, 'sata' as const),
        settings,
        fc.constantFrom(0, 1e-3, 3600),
        fc.boolean(),
        (one, kind, said, start, toGpu) => {
          const known = Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined));
          const machine = sketchMachine([
            {
              kind: 'socket',
              label: 'cpu0',
              settings: {},
              children: [
                {
                  kind: 'root-port',
                  label: 'rp0',
                  settings: { generation: 4, lanes: 4 },
                  children: [{ kind, label: 'ssd0', settings: { generation: 4, lanes: 4, ...known } }],
                },
                {
                  kind: 'root-port',
                  label: 'rp1',
                  settings: { generation: 4, lanes: 16 },
                  children: [{ kind: 'gpu', label: 'gpu0', settings: { generation: 4, lanes: 16 } }],
                },
              ],
            },
          ]);
          const end = (label: string) => ({ component: idOf(machine, label), memory: false });
          const job: OtherActivity = {
            kind: 'job',
            name: 'job',
            startSeconds: start,
            on: [end('ssd0')],
            from: [],
            to: toGpu ? [end('gpu0')] : [],
            over: [],
            settings: { ...said, runtimeSeconds: 1e-3 },
            children: [],
            origin,
          };
          const scenario = { name: 'test', transfers: [], processes: [], activities: [job], expectations: [], origin };
          const work: Work = { transfers: [], scenarios: [scenario], expectations: [] };
          const [run] = simulate(machine, work).runs;
          const [result] = run?.jobs ?? [];
          if (result === undefined) {
            expect(run?.notSimulated.join()).toMatch(/^job job: /);
            return;
          }
          for (const value of [result.iops, result.bytesPerSecond, ...Object.values(result.latency), result.endSeconds])
            expect(Number.isFinite(value) && value >= 0).toBe(true);
          expect(result.endSeconds).toBeGreaterThanOrEqual(start);
          expect(result.limitedBy).not.toBe('');
        },
      ),
      { seed: 21, numRuns: 150 },
    );
  });
});
