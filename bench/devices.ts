// Simulated commands per second of the storage model, and memory for a command that is outstanding.
//   node --expose-gc bench/devices.ts
import { CommandTable } from '../simulator/devices/command-table.ts';
import { DataPath } from '../simulator/devices/data-path.ts';
import type { NvmeModel } from '../simulator/devices/nvme/model.ts';
import { type Engine, stackCosts } from '../simulator/drivers/block/costs.ts';
import type { IoJob } from '../simulator/drivers/block/job.ts';
import { FifoServer } from '../simulator/events/fifo-server.ts';
import { runStorage, type StorageRun } from '../simulator/jobs/storage.ts';

const model: NvmeModel = {
  name: 'ssd',
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

console.log(
  '| drives | engine | commands | seconds | commands/s | events/command | IOPS of a drive | heap a command, B |',
);
console.log('|--:|---|--:|--:|--:|--:|--:|--:|');
for (const [drives, engine, commands, depth] of [
  [1, 'io_uring', 200_000, 128],
  [24, 'io_uring', 1_000_000, 128],
  [24, 'spdk', 1_000_000, 128],
  [24, 'io_uring', 200_000, 1],
  [24, 'io_uring', 1_000_000, 1000],
] as const) {
  report(drives, engine, commands, depth);
}

function report(drives: number, engine: Engine, commands: number, depth: number): void {
  globalThis.gc?.();
  const before = process.memoryUsage();
  const started = process.cpuUsage();
  const run = runAll(drives, engine, commands, depth);
  const { user, system } = process.cpuUsage(started);
  globalThis.gc?.();
  const after = process.memoryUsage();
  const seconds = (user + system) / 1e6;
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  const simulated = run.loop.now / 1e12;
  const cells = [
    drives,
    `${engine}, depth ${depth}`,
    commands,
    seconds.toFixed(2),
    Math.round(commands / seconds),
    (run.loop.handled / commands).toFixed(1),
    Math.round(commands / simulated / drives),
    `${Math.round(bytes / run.commands.mostOutstanding)} (table ${CommandTable.bytesPerCommand}), ${run.commands.mostOutstanding} outstanding`,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

function runAll(drives: number, engine: Engine, commands: number, depth: number): StorageRun {
  const threads = 4;
  return runStorage({
    drives: Array.from({ length: drives }, (_, index) => {
      const link = {
        kind: 'link' as const,
        server: new FifoServer(`link ${index}`),
        picosecondsPerByte: 145,
        picosecondsPerCommand: 0,
      };
      return {
        model: { kind: 'nvme' as const, nvme: { ...model, name: `ssd${index}` } },
        wires: { doorbell: 300_000, hostRead: 700_000, hostWrite: 300_000 },
        paths: [new DataPath([link], 300_000)],
        interruptCores: null,
      };
    }),
    jobs: Array.from({ length: drives }, (_, drive): IoJob => {
      const cores = Array.from({ length: threads }, (_, index) => drive * threads + index);
      return {
        name: `job${drive}`,
        drive,
        namespace: 0,
        readPath: 0,
        writePath: 0,
        pattern: 'randread',
        blockBytes: 4096,
        depth,
        cores,
        batch: 1,
        maxCommandBytes: 2 ** 20,
        costs: stackCosts(engine, { polling: false, ahci: false, vendor: 'intel', bounced: false, mapping: 'direct' }),
        bytesPerSecond: Number.POSITIVE_INFINITY,
        period: 0,
        start: 0,
        stop: Number.MAX_SAFE_INTEGER,
        requests: Math.round(commands / drives),
        measureFrom: 0,
        spanBytes: 3.84e12,
      };
    }),
    cores: drives * threads,
    seed: 1,
    pageBytes: 4096,
    trace: null,
  });
}
