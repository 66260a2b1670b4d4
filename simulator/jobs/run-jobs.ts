import type { TaxSetting } from '../../model/link/tax.ts';
import { componentAt, type Machine } from '../../model/machine.ts';
import { formatBytes } from '../../model/quantity.ts';
import type { EndpointRef } from '../../model/work.ts';
import { type NamespaceModel, pageBytes } from '../devices/nvme/model.ts';
import { type Mapping, type StackCosts, stackCosts } from '../drivers/block/costs.ts';
import { fabricSeconds, targetCosts } from '../drivers/block/fabric.ts';
import type { IoJob } from '../drivers/block/job.ts';
import {
  ataMaxBytes,
  blockLayerMaxBytes,
  cuFileAlignmentBytes,
  cuFileBounceBytes,
  cuFileMaxBytes,
  nvmeMaxBytes,
} from '../drivers/block/limits.ts';
import { peerPool } from '../drivers/cpu/p2pmem.ts';
import { picoseconds } from '../events/event-loop.ts';
import type { TraceLog } from '../trace/records.ts';
import { type DriveModel, driveModel } from './drive-model.ts';
import { type HostCores, hostCores, socketOfCore } from './host-cores.ts';
import { buffered } from './page-cache.ts';
import { homeOf, type JobRequest } from './read-job.ts';
import { runStorage, type StorageDrive, type StorageRun } from './storage.ts';
import { type Way, Ways } from './ways.ts';

export interface JobOptions {
  readonly tax: TaxSetting;
  readonly seed: number;
  readonly cancelled?: (() => boolean) | undefined;
  readonly trace: TraceLog | null;
  /** Bytes per second that each job gets, where other traffic takes the rest; by place in the list of jobs. */
  readonly throttles?: readonly (number | null)[];
}

/** One job on one drive, as it ran. */
export interface DriveJob {
  /** Place in the list of jobs. */
  readonly job: number;
  readonly io: IoJob;
  readonly drive: number;
  readonly ways: readonly Way[];
  readonly costs: StackCosts;
  /** Where the data goes or comes from. */
  readonly other: EndpointRef;
}

/** Jobs as they ran for a while: what `results` makes figures of. */
export interface JobsRun {
  readonly run: StorageRun;
  readonly jobs: readonly DriveJob[];
  readonly models: ReadonlyMap<number, DriveModel>;
  readonly ways: Ways;
  readonly cores: HostCores;
  /** When the watch ended, in seconds after the first start. */
  readonly windowSeconds: number;
  /** Starts in the run, in seconds: those of the text, less the first. */
  readonly startsTogether: boolean;
  readonly assumptions: readonly string[];
}

/** Events that a run watches at most: some 400 000 commands of one page, which is enough for a p99.9 and done in seconds. */
const eventBudget = 3_000_000;
const probeSeconds = 2e-3;
/** Part of the window that is not measured: queues and buffers fill first. */
const rampShare = 0.1;

/**
 * Runs jobs together on the drives, the links, the memory and the cores of a machine. What would take longer than a budget of
 * commands is watched for a window of time instead: the jobs are steady by then.
 *
 * @throws SimulationCancelled when `options.cancelled` says so
 */
export function runJobs(machine: Machine, requests: readonly JobRequest[], options: JobOptions): JobsRun {
  const starts = requests.map((request) => request.startSeconds);
  const first = Math.min(...starts);
  const longest = Math.max(
    ...requests.map((request) => request.startSeconds - first + (request.runtimeSeconds ?? Number.POSITIVE_INFINITY)),
  );
  const asked = requests.reduce((sum, request) => sum + eventsOf(request), 0);
  let windowSeconds = longest;
  if (asked > eventBudget) {
    const probe = start(machine, requests, { ...options, trace: null }, probeSeconds, 0, true);
    const seen = probe.run.loop.handled;
    const rest = slowest(probe) ? slowWindowSeconds : Number.POSITIVE_INFINITY;
    windowSeconds = Math.min(longest, rest, Math.max(probeSeconds, (eventBudget / Math.max(1, seen)) * probeSeconds));
  }
  const startsTogether = Math.max(...starts) - first > 0 && Math.max(...starts) - first >= windowSeconds / 2;
  return start(machine, requests, options, windowSeconds, first, startsTogether);
}

/** For drives that complete next to nothing within the probe: disks. */
const slowWindowSeconds = 60;

function slowest({ run }: JobsRun): boolean {
  return run.stack.counts.every((count) => count.completed < 10);
}

/** What a job makes of events: a handful a command, three a piece of its data. */
function eventsOf(request: JobRequest): number {
  const { bytes, blockBytes } = request;
  const requests = bytes === null ? Number.POSITIVE_INFINITY : Math.ceil(bytes / blockBytes);
  return (
    requests *
    (7 + 3 * Math.min(Math.ceil(blockBytes / pageBytes.value), 64 * Math.ceil(blockBytes / blockLayerMaxBytes)))
  );
}

function start(
  machine: Machine,
  requests: readonly JobRequest[],
  options: JobOptions,
  windowSeconds: number,
  firstSeconds: number,
  together: boolean,
): JobsRun {
  const ways = new Ways(machine, options.tax);
  const threads = requests.reduce((sum, request) => sum + request.threads * request.drives.length, 0);
  const named = requests.flatMap((request) => request.cores).reduce((most, core) => Math.max(most, core + 1), 0);
  const cores = hostCores(machine, Math.max(threads, named));
  const assumptions = [...cores.assumptions];
  const models = new Map<number, DriveModel>();
  const numbers = new Map<number, number>();
  const paths = new Map<number, Way[]>();
  for (const request of requests) {
    for (const drive of request.drives) {
      if (numbers.has(drive)) continue;
      const model = driveModel(componentAt(machine, drive), cores.count);
      assumptions.push(...model.assumptions);
      numbers.set(drive, numbers.size);
      models.set(drive, model);
      paths.set(drive, []);
    }
  }
  const used = new Map<number, number>();
  const jobs: DriveJob[] = [];
  requests.forEach((request, index) => {
    const bounce = whyBounce(machine, request);
    if (bounce !== null) assumptions.push(`job ${request.name}: ${bounce}`);
    for (const drive of request.drives) {
      const throttle = options.throttles?.[index] ?? null;
      const threadCores = placeThreads(machine, request, drive, cores, used);
      const made = makeJob(machine, request, drive, {
        ways,
        throttle: throttle === null ? null : throttle / request.drives.length,
        cores: threadCores,
        socket: socketOfCore(cores, threadCores[0] ?? 0) ?? homeOf(machine, drive),
        start: together ? 0 : request.startSeconds - firstSeconds,
        windowSeconds,
        kind: models.get(drive)?.model.kind ?? 'nvme',
        namespaces: models.get(drive)?.namespaces ?? [],
        pathsSoFar: paths.get(drive)?.length ?? 0,
      });
      const { note, ...own } = made;
      if (note !== null) assumptions.push(`job ${request.name}: ${note}`);
      paths.get(drive)?.push(...own.ways);
      jobs.push({ ...own, job: index, drive, io: { ...own.io, drive: numbers.get(drive) ?? 0 } });
    }
  });
  const drives = [...numbers.keys()].map((drive): StorageDrive => {
    const { model = null, interruptCores = null } = models.get(drive) ?? {};
    if (model === null) throw new Error('a drive without a model');
    const known = paths.get(drive) ?? [];
    const invalidations = ways.invalidations(homeOf(machine, drive));
    return { model, interruptCores, wires: ways.wires(drive), paths: known.map((way) => way.path), invalidations };
  });
  const run = runStorage({
    drives,
    jobs: jobs.map((job) => job.io),
    cores: cores.count,
    seed: options.seed,
    pageBytes: 4096,
    trace: options.trace,
    ...(options.cancelled === undefined ? {} : { cancelled: options.cancelled }),
  });
  return { run, jobs, models, ways, cores, windowSeconds, startsTogether: together, assumptions };
}

interface Place {
  readonly ways: Ways;
  readonly throttle: number | null;
  readonly cores: readonly number[];
  /** Socket of the first of them, whose memory its buffers are in. */
  readonly socket: number;
  readonly start: number;
  readonly windowSeconds: number;
  readonly kind: 'nvme' | 'ahci';
  readonly namespaces: readonly NamespaceModel[];
  readonly pathsSoFar: number;
}

function makeJob(machine: Machine, request: JobRequest, drive: number, place: Place) {
  const home: EndpointRef = { component: homeOf(machine, drive), memory: true };
  const other = request.other ?? { component: place.socket, memory: true };
  const viaHost = whyBounce(machine, request) !== null;
  const { fabric } = request;
  // Buffers of the target are host memory, or the drive's own: drivers/nvme/target, p2pmem of the controller memory buffer.
  const pool = peerPool(machine, drive);
  const lent = request.blockBytes * request.depth * request.threads;
  const published = pool?.kind === 'p2pmem' && pool.take(lent);
  const note =
    fabric === null || pool?.kind !== 'p2pmem' || request.via === 'host'
      ? null
      : published
        ? `pci_p2pmem_alloc_sgl gives ${formatBytes(lent)} of the ${formatBytes(pool.bytes)} that ${componentAt(machine, drive).name} publishes.`
        : `${componentAt(machine, drive).name} publishes ${formatBytes(pool.bytes)}, too little for ${formatBytes(lent)} of buffers: they are host memory.`;
  const staged = viaHost || (fabric !== null && !(published && request.via !== 'host'));
  const options = {
    via: staged ? ('host' as const) : request.via,
    // Large ones are cut into the same packets as one long transfer.
    blockBytes: request.blockBytes <= 4096 ? request.blockBytes : null,
  };
  const throttle =
    place.throttle === null ? null : { name: `${request.name} ${drive}`, bytesPerSecond: place.throttle };
  const pair = (['read', 'write'] as const).map((direction) =>
    place.ways.way(
      drive,
      other,
      direction,
      {
        ...options,
        moreSeconds: fabric === null ? 0 : fabricSeconds(direction === 'write'),
        segmentBytes: segmentOf(request, other),
        far: request.far,
      },
      throttle,
    ),
  );
  const bounced = fabric === null && !other.memory && pair.some((way) => way.planned.route.route === 'host-memory');
  const vendor = componentAt(machine, home.component).settings.cpuVendor;
  const local = stackCosts(request.engine, {
    // The queue of AHCI has its interrupt.
    polling: request.polling && place.kind === 'nvme',
    ahci: place.kind === 'ahci',
    vendor,
    bounced,
    // The pages of a GPU are mapped when they are registered.
    mapping: other.memory || bounced || fabric !== null ? mappingOf(machine) : 'direct',
  });
  const own = fabric === null ? local : targetCosts(local);
  const { costs, blockBytes, depth } = request.buffered ? buffered(request, own) : { ...request, costs: own };
  const windowEnd = picoseconds(Math.min(place.windowSeconds, 9000));
  const runtimeEnd = picoseconds(Math.min(9000, place.start + (request.runtimeSeconds ?? 9000)));
  const stop = Math.min(windowEnd, runtimeEnd);
  const total = request.bytes === null ? Number.POSITIVE_INFINITY : request.bytes / request.drives.length;
  const start = picoseconds(place.start);
  const named = place.namespaces.findIndex((one) => one.label === request.namespace);
  const namespace = Math.max(0, named);
  const io: IoJob = {
    name: request.name,
    drive: 0,
    namespace,
    readPath: place.pathsSoFar,
    writePath: place.pathsSoFar + 1,
    pattern: request.pattern,
    blockBytes,
    depth,
    cores: place.cores,
    batch: request.batch,
    maxCommandBytes: largestCommand(request, place.kind, bounced),
    costs,
    bytesPerSecond: request.bytesPerSecond / request.drives.length,
    period: picoseconds(request.periodSeconds),
    start,
    stop,
    requests: Math.min(Math.ceil(total / blockBytes), Number.MAX_SAFE_INTEGER),
    measureFrom: start + Math.round((stop - start) * rampShare),
    spanBytes: place.namespaces[namespace]?.bytes ?? request.blockBytes,
  };
  return { io, ways: pair, costs, other, note };
}

/** What the kernel does for each request; lazily where nothing is said (iommu.strict=0 is the default of distributions). */
function mappingOf({ linux }: Machine): Mapping {
  if (linux.iommu !== 'translate') return 'direct';
  return linux.invalidation ?? 'lazy';
}

/**
 * Why cuFile takes a bounce buffer, in words; null where it need not: sizes and offsets are no multiples of 4 KiB, or the buffers
 * do not fit into the BAR through which the drive reaches the GPU.
 */
function whyBounce(machine: Machine, request: JobRequest): string | null {
  if (request.engine !== 'cufile' || request.other === null || request.other.memory) return null;
  if (request.alignmentBytes % cuFileAlignmentBytes !== 0 || request.blockBytes % cuFileAlignmentBytes !== 0)
    return `what is not aligned to ${cuFileAlignmentBytes} B goes through a bounce buffer.`;
  const gpu = componentAt(machine, request.other.component);
  const pool = peerPool(machine, gpu.id);
  const buffers = request.blockBytes * request.depth * request.threads * request.drives.length;
  if (pool === null || pool.take(buffers)) return null;
  const sizes = `${formatBytes(buffers)} of buffers, and BAR ${gpu.settings.vramBar ?? 1} of ${gpu.name} opens ${formatBytes(pool.free)}`;
  return `${sizes}: they go through a bounce buffer.`;
}

/** How much of a job's buffers is contiguous: memory of SPDK is of huge pages, that of GPUs of 64 KiB, other is of pages. */
function segmentOf({ engine }: JobRequest, other: EndpointRef): number {
  if (engine === 'spdk') return 2 * 2 ** 20;
  // nvidia_p2p_get_pages, nv-p2p.h: NVIDIA_P2P_PAGE_SIZE_64KB.
  return other.memory ? pageOfHost : 64 * 1024;
}

const pageOfHost = 4096;

function largestCommand(request: JobRequest, kind: 'nvme' | 'ahci', bounced: boolean): number {
  const software =
    request.engine === 'cufile'
      ? Math.min(bounced ? cuFileBounceBytes : cuFileMaxBytes, blockLayerMaxBytes)
      : request.engine === 'spdk'
        ? nvmeMaxBytes
        : blockLayerMaxBytes;
  return Math.min(software, kind === 'ahci' ? ataMaxBytes : nvmeMaxBytes);
}

/** Cores of a job's threads: those that the text names, else the next ones of the drive's socket. */
function placeThreads(
  machine: Machine,
  request: JobRequest,
  drive: number,
  cores: HostCores,
  used: Map<number, number>,
): number[] {
  const { other } = request;
  const home = other?.memory === true ? other.component : homeOf(machine, drive);
  const own = cores.firstOf.get(home) ?? { first: 0, count: cores.count };
  const named = request.cores.filter((core) => core < cores.count);
  return Array.from({ length: request.threads }, (_, index) => {
    if (named.length > 0) return named[index % named.length] ?? 0;
    const next = used.get(home) ?? 0;
    used.set(home, next + 1);
    return own.first + (next % own.count);
  });
}
