import { type Machine, socketOf } from '../../model/machine.ts';
import type { Sourced } from '../../model/origin.ts';
import { kernelCrossing, requestLayer, type StackCosts } from '../drivers/block/costs.ts';
import { blockLayerMaxBytes } from '../drivers/block/limits.ts';
import type { JobFigures } from './job.types.ts';
import type { JobRequest } from './read-job.ts';

const aios = 'Lee et al., "Asynchronous I/O Stack", USENIX ATC 2019, figure 2';
/** Looking a page up in the page cache. */
const lookup: Sourced<number> = { value: 0.3e-6, source: aios };
/** Taking a page and putting it into the cache's tree, for each page of 4 KiB. */
const insertion: Sourced<number> = { value: 0.19e-6 + 0.33e-6, source: aios };
/** Copying a page of 4 KiB to or from the program. */
const pageCopy: Sourced<number> = { value: 0.21e-6, source: aios };
const pageBytes = 4096;

/** What the kernel reads ahead of a program that reads on and on. */
const readAheadBytes: Sourced<number> = {
  value: 128 * 1024,
  source: 'Linux include/linux/pagemap.h, VM_READAHEAD_PAGES; read_ahead_kb 128',
};
/** Windows under way: the next one is asked for when the program is in the one before. */
const windows = 2;
/** Pages that writers may leave dirty before they are held back to what the drive takes. */
const dirtyShare: Sourced<number> = {
  value: 0.2,
  source: 'Linux Documentation/admin-guide/sysctl/vm.rst, dirty_ratio: 20 % of available memory',
};
/** Requests that writeback keeps at the drive: it fills what the block layer allows. */
const writebackDepth: Sourced<number> = {
  value: 64,
  source: 'Linux block/blk-mq.h, BLKDEV_DEFAULT_RQ 128: half of it, as writes leave room for reads',
};

const isWrite = ({ pattern }: JobRequest) => pattern === 'write' || pattern === 'randwrite';
const isSequential = ({ pattern }: JobRequest) => pattern === 'read' || pattern === 'write';
const pagesOf = (bytes: number) => Math.ceil(bytes / pageBytes);

/** Time of a core for one request that finds its pages in the cache, or puts them there, in seconds. */
function cachedSeconds({ blockBytes }: JobRequest, inserts: boolean): number {
  const pages = pagesOf(blockBytes);
  const page = pageCopy.value + (inserts ? insertion.value : 0);
  return kernelCrossing.value + requestLayer.value + lookup.value + pages * page;
}

/** How requests of a job reach the drive where they go through the page cache: `direct off`. */
export interface Buffered {
  readonly blockBytes: number;
  readonly depth: number;
  readonly costs: StackCosts;
}

/**
 * Reads one after the other become windows that are read ahead; writes become writeback; random reads stay what they are, but
 * pages must be made and copied, and libaio is no longer asynchronous (the call waits for the drive).
 */
export function buffered(request: JobRequest, costs: StackCosts): Buffered {
  const { blockBytes, depth } = request;
  if (isWrite(request)) {
    const size = isSequential(request) ? Math.max(blockBytes, blockLayerMaxBytes) : blockBytes;
    // Kernel threads write back: no call, nobody to wake.
    return { blockBytes: size, depth: writebackDepth.value, costs: { ...costs, submitCall: 0, contextSwitch: 0 } };
  }
  const pages = pagesOf(blockBytes);
  const made = lookup.value + pages * insertion.value;
  if (!isSequential(request)) {
    const asynchronous = costs.asynchronous && request.engine !== 'libaio';
    const submitEach = costs.submitEach + made;
    return { blockBytes, depth, costs: { ...costs, submitEach, reapEach: pages * pageCopy.value, asynchronous } };
  }
  const size = Math.max(1, Math.ceil(readAheadBytes.value / blockBytes)) * blockBytes;
  const calls = size / blockBytes;
  const reapEach = calls * cachedSeconds(request, false);
  const submitEach = costs.submitEach + pagesOf(size) * insertion.value;
  return { blockBytes: size, depth: windows, costs: { ...costs, submitEach, reapEach, asynchronous: true } };
}

/** What a program sees of a job through the page cache, from what the drive did. Its rate may be that of memory. */
export function throughCache(machine: Machine, request: JobRequest, drive: JobFigures): JobFigures {
  if (isWrite(request)) return written(machine, request, drive);
  if (!isSequential(request)) {
    if (request.engine !== 'libaio') return drive;
    const limitedBy =
      drive.limitKind === 'latency' ? 'libaio through the page cache: one request a thread' : drive.limitedBy;
    return { ...drive, limitedBy };
  }
  const hit = cachedSeconds(request, false);
  const iops = drive.bytesPerSecond / request.blockBytes;
  const mean = iops > 0 ? request.threads / iops : 0;
  const calls = Math.max(1, Math.ceil(readAheadBytes.value / request.blockBytes));
  // One of so many waits for what the window still lacks.
  const stall = Math.max(hit, hit + calls * (mean - hit));
  const of = (share: number) => (1 / calls > 1 - share ? stall : hit);
  const latency = { mean, p50: of(0.5), p99: of(0.99), p999: of(0.999), max: stall };
  const cpuSecondsPerOperation = (drive.cpuSecondsPerOperation * drive.iops) / Math.max(1, iops);
  return { ...drive, iops, latency, cpuSecondsPerOperation, blockBytes: request.blockBytes };
}

function written(machine: Machine, request: JobRequest, drive: JobFigures): JobFigures {
  const each = cachedSeconds(request, true);
  const copied = (request.threads * request.blockBytes) / each;
  const wanted = Math.min(copied, request.bytesPerSecond);
  const room = dirtyLimit(machine, request);
  const kept = drive.bytesPerSecond;
  /** Until the dirty limit is reached the program goes at the rate of memory, then at that of the drive. */
  const free = wanted > kept ? room / (wanted - kept) : Number.POSITIVE_INFINITY;
  const { bytes, runtimeSeconds } = request;
  const byTime = (seconds: number) => wanted * Math.min(seconds, free) + kept * Math.max(0, seconds - free);
  const bySize = (size: number) => (size <= wanted * free ? size / wanted : free + (size - wanted * free) / kept);
  const seconds = Math.min(
    runtimeSeconds ?? Number.POSITIVE_INFINITY,
    bytes === null ? Number.POSITIVE_INFINITY : bySize(bytes),
  );
  const bytesPerSecond = seconds > 0 ? byTime(seconds) / seconds : wanted;
  const iops = bytesPerSecond / request.blockBytes;
  const mean = request.threads / iops;
  const held = seconds > 2 * free ? mean : each;
  const throttled = seconds > free;
  const latency = { mean, p50: held, p99: throttled ? mean : each, p999: throttled ? mean : each, max: mean };
  const limit = throttled
    ? {}
    : { limitedBy: 'page cache (copies of a core)', limitKind: 'memory' as const, nextLimit: null };
  const ofWriteback = (drive.cpuSecondsPerOperation * drive.iops) / Math.max(1, kept / request.blockBytes);
  const cpuSecondsPerOperation = each + ofWriteback;
  const { blockBytes } = request;
  const seen = { iops, bytesPerSecond, latency, cpuSecondsPerOperation, blockBytes, seconds };
  return { ...drive, ...limit, ...seen, driveBytesPerSecond: kept };
}

/** Bytes that may be dirty; infinite where the text does not say how much memory there is. */
function dirtyLimit(machine: Machine, { drives }: JobRequest): number {
  const sockets = machine.components.filter(({ kind }) => kind === 'socket');
  const memory = sockets.reduce((sum, { settings }) => sum + (settings.memoryBytes ?? Number.POSITIVE_INFINITY), 0);
  return drives.some((drive) => socketOf(machine, drive) !== null) ? dirtyShare.value * memory : memory;
}

/** What of a job can go through the page cache; a text says why the rest does not. */
export function refusesCache(request: Pick<JobRequest, 'engine' | 'pattern'>): string | null {
  const { engine, pattern } = request;
  if (engine === 'spdk') return 'SPDK goes past the page cache';
  if (engine === 'cufile') return 'cuFile goes past the page cache, or through it by buffers of its own';
  if (pattern === 'append') return 'zones are appended to past the page cache';
  return pattern === 'readwrite' || pattern === 'randrw' ? 'a mix is simulated without the page cache' : null;
}
