import { type DriveSetup, runDrives } from '../../../bench/storage-setup.ts';
import type { DataPath } from '../../../simulator/devices/data-path.ts';
import type { ZoneModel } from '../../../simulator/devices/nvme/model.ts';
import type { StorageRun } from '../../../simulator/jobs/storage.ts';
import { TraceLog, type TraceRecord } from '../../../simulator/trace/records.ts';

export { flashDrive } from '../../../bench/storage-setup.ts';

export interface Bench extends Omit<DriveSetup, 'drives' | 'trace'> {
  /** Makes the drive zoned. */
  readonly zones?: ZoneModel;
}

export interface BenchRun extends StorageRun {
  readonly records: readonly TraceRecord[];
  readonly path: DataPath;
  readonly seconds: number;
  readonly iops: number;
  readonly count: StorageRun['stack']['counts'][number];
}

/** One job on one NVMe drive. */
export function bench({ zones, ...options }: Bench): BenchRun {
  const trace = new TraceLog(1_000_000);
  const drive = { ...options.drive, ...(zones === undefined ? {} : zoned(zones)) };
  const run = runDrives({ ...options, drive, trace: (options.traceCommands ?? 0) > 0 ? trace : null });
  const [count] = run.stack.counts;
  const [path] = run.paths;
  if (count === undefined || path === undefined) throw new Error('no job ran');
  const seconds = count.endedAt / 1e12;
  return { ...run, records: trace.records, path, seconds, iops: (count.completed - count.errors) / seconds, count };
}

const zoned = (zones: ZoneModel) => ({
  namespaces: [{ label: 'ns0', bytes: zones.zones * zones.zoneBytes, logicalBlockBytes: 512, zones }],
});
