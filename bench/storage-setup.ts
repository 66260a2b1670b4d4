import { DataPath } from '../simulator/devices/data-path.ts';
import type { NvmeModel } from '../simulator/devices/nvme/model.ts';
import { type Engine, stackCosts } from '../simulator/drivers/block/costs.ts';
import type { IoJob } from '../simulator/drivers/block/job.ts';
import { FifoServer } from '../simulator/events/fifo-server.ts';
import { runStorage, type StorageRun } from '../simulator/jobs/storage.ts';
import type { TraceLog } from '../simulator/trace/records.ts';

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

/** One job of random 4 KiB reads for each of some equal drives, unless it says otherwise; each drive has a link of its own. */
export interface DriveSetup {
  readonly drives?: number;
  readonly drive?: Partial<NvmeModel>;
  readonly job?: Partial<Omit<IoJob, 'costs'>>;
  readonly engine?: Engine;
  readonly polling?: boolean;
  /** Of each job. */
  readonly threads?: number;
  readonly cores?: number;
  readonly interruptCores?: readonly number[];
  readonly seed?: number;
  readonly trace?: TraceLog | null;
  readonly traceCommands?: number;
  /** Of the link to a drive. */
  readonly bytesPerSecond?: number;
}

/** Runs the jobs to their end. `paths`: the way of each drive's data. */
export function runDrives(options: DriveSetup): StorageRun & { readonly paths: readonly DataPath[] } {
  const { drives = 1, threads = 1, bytesPerSecond = 7e9 } = options;
  const numbers = Array.from({ length: drives }, (_, index) => index);
  const paths = numbers.map((index) => {
    const server = new FifoServer(`link ${index}`);
    return new DataPath(
      [{ kind: 'link', server, picosecondsPerByte: 1e12 / bytesPerSecond, picosecondsPerCommand: 0 }],
      300_000,
    );
  });
  const costs = stackCosts(options.engine ?? 'io_uring', {
    polling: options.polling ?? false,
    ahci: false,
    vendor: 'amd',
    bounced: false,
    mapping: 'direct',
  });
  const run = runStorage({
    drives: numbers.map((index) => ({
      model: { kind: 'nvme', nvme: { ...flashDrive, name: `ssd${index}`, ...options.drive } },
      wires: { doorbell: 300_000, hostRead: 700_000, hostWrite: 300_000 },
      paths: paths.slice(index, index + 1),
      interruptCores: options.interruptCores ?? null,
    })),
    jobs: numbers.map((drive) => ({
      name: drives === 1 ? 'job' : `job${drive}`,
      drive,
      namespace: 0,
      readPath: 0,
      writePath: 0,
      pattern: 'randread',
      blockBytes: 4096,
      depth: 1,
      cores: Array.from({ length: threads }, (_, index) => drive * threads + index),
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
      costs,
    })),
    cores: options.cores ?? drives * threads,
    seed: options.seed ?? 1,
    pageBytes: 4096,
    trace: options.trace ?? null,
    traceCommands: options.traceCommands ?? 0,
  });
  return { ...run, paths };
}
