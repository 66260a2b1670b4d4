import { DataPath } from '../../../simulator/devices/data-path.ts';
import type { NvmeModel, ZoneModel } from '../../../simulator/devices/nvme/model.ts';
import { type Engine, stackCosts } from '../../../simulator/drivers/block/costs.ts';
import type { IoJob } from '../../../simulator/drivers/block/job.ts';
import { FifoServer } from '../../../simulator/events/fifo-server.ts';
import { runStorage, type StorageRun } from '../../../simulator/jobs/storage.ts';
import { TraceLog, type TraceRecord } from '../../../simulator/trace/records.ts';

/** A TLC drive on Gen4 x4. */
export const flashDrive: NvmeModel = {
  name: 'ssd0',
  namespaces: [{ label: 'ns0', bytes: 3.84e12, logicalBlockBytes: 512, zones: null }],
  readBytesPerSecond: 6.5e9,
  writeBytesPerSecond: 3.5e9,
  readIops: 900e3,
  writeIops: 180e3,
  readSeconds: 46e-6,
  writeSeconds: 16e-6,
  readSpread: 0.25,
  sequentialReadSeconds: 8e-6,
  queuePairs: 128,
  queueEntries: 1024,
  vectors: 129,
  controllerMemoryBuffer: false,
  coalesceThreshold: 1,
  coalesceSeconds: 0,
  scatterGather: false,
};

export interface Bench {
  readonly drive?: Partial<NvmeModel>;
  /** Makes the drive zoned. */
  readonly zones?: ZoneModel;
  readonly job?: Partial<Omit<IoJob, 'costs'>>;
  readonly engine?: Engine;
  readonly polling?: boolean;
  readonly threads?: number;
  readonly cores?: number;
  readonly interruptCores?: readonly number[];
  readonly seed?: number;
  readonly traceCommands?: number;
  /** Of the link to the drive. */
  readonly bytesPerSecond?: number;
}

export interface BenchRun extends StorageRun {
  readonly records: readonly TraceRecord[];
  readonly path: DataPath;
  readonly seconds: number;
  readonly iops: number;
  readonly count: StorageRun['stack']['counts'][number];
}

/** One job on one NVMe drive. */
export function bench(options: Bench): BenchRun {
  const threads = options.threads ?? 1;
  const rate = options.bytesPerSecond ?? 7e9;
  const path = new DataPath(
    [{ kind: 'link', server: new FifoServer('link'), picosecondsPerByte: 1e12 / rate, picosecondsPerCommand: 0 }],
    300_000,
  );
  const trace = new TraceLog(1_000_000);
  const run = runStorage({
    drives: [
      {
        model: {
          kind: 'nvme',
          nvme: { ...flashDrive, ...options.drive, ...(options.zones === undefined ? {} : zoned(options.zones)) },
        },
        wires: { doorbell: 300_000, hostRead: 700_000, hostWrite: 300_000 },
        paths: [path],
        interruptCores: options.interruptCores ?? null,
      },
    ],
    jobs: [
      {
        name: 'job',
        drive: 0,
        namespace: 0,
        readPath: 0,
        writePath: 0,
        pattern: 'randread',
        blockBytes: 4096,
        depth: 1,
        cores: Array.from({ length: threads }, (_, index) => index),
        batch: 1,
        maxCommandBytes: 2 ** 20,
        bytesPerSecond: Number.POSITIVE_INFINITY,
        period: 0,
        start: 0,
        stop: Number.MAX_SAFE_INTEGER,
        requests: 1000,
        measureFrom: 0,
        spanBytes: 1e12,
        ...options.job,
        costs: stackCosts(options.engine ?? 'io_uring', {
          polling: options.polling ?? false,
          ahci: false,
          vendor: 'amd',
          bounced: false,
          mapping: 'direct',
        }),
      },
    ],
    cores: options.cores ?? threads,
    seed: options.seed ?? 1,
    pageBytes: 4096,
    trace: (options.traceCommands ?? 0) > 0 ? trace : null,
    traceCommands: options.traceCommands ?? 0,
  });
  const [count] = run.stack.counts;
  if (count === undefined) throw new Error('no job ran');
  const seconds = count.endedAt / 1e12;
  return { ...run, records: trace.records, path, seconds, iops: (count.completed - count.errors) / seconds, count };
}

const zoned = (zones: ZoneModel) => ({
  namespaces: [{ label: 'ns0', bytes: zones.zones * zones.zoneBytes, logicalBlockBytes: 512, zones }],
});
