import { type Component, componentAt, type Machine, socketOf } from '../../model/machine.ts';
import type { EndpointRef, OtherActivity, Via } from '../../model/work.ts';
import { type Engine, engines } from '../drivers/block/costs.ts';
import { type Pattern, patterns } from '../drivers/block/job.ts';
import { blockLayerMaxBytes } from '../drivers/block/limits.ts';
import { isDisk } from './drive-model.ts';
import { refusesCache } from './page-cache.ts';

/** A job as the text says it, with the defaults of fio for what it does not. */
export interface JobRequest {
  readonly name: string;
  readonly activity: OtherActivity;
  /** Components: `nvme` or `sata`. */
  readonly drives: readonly number[];
  /** Of each drive; null: the first one. */
  readonly namespace: string | null;
  /** Where the data goes or comes from: a device, or the memory of a socket. Null: memory of each drive's own socket. */
  readonly other: EndpointRef | null;
  readonly via: Via;
  /** The NIC behind which another host submits the requests: NVMe over RDMA; null: this machine submits them. */
  readonly fabric: number | null;
  /** The other host, where the text describes it: its NIC, and where the data goes or comes from there. */
  readonly far: FarEnd | null;
  readonly pattern: Pattern;
  readonly blockBytes: number;
  readonly depth: number;
  readonly threads: number;
  readonly batch: number;
  readonly engine: Engine;
  readonly polling: boolean;
  /** Through the page cache: `direct off`. */
  readonly buffered: boolean;
  readonly alignmentBytes: number;
  /** Cores as the text names them; empty: cores of the drive's socket. */
  readonly cores: readonly number[];
  readonly startSeconds: number;
  /** Names of work that must be done first. */
  readonly after: readonly string[];
  /** Bytes in all; null: as many as the time allows. */
  readonly bytes: number | null;
  readonly runtimeSeconds: number | null;
  readonly bytesPerSecond: number;
  /** From one request of a thread to its next, at least. */
  readonly periodSeconds: number;
  readonly assumptions: readonly string[];
}

/** The end of a fabric that submits. */
export interface FarEnd {
  readonly nic: number;
  readonly other: EndpointRef;
}

/** fio: `bs=4k`, `iodepth=1`, `numjobs=1`. */
const defaultBlockBytes = 4096;
/** Long enough for a steady state, for a job that says neither size nor time: on flash, and on a disk that turns. */
const defaultRuntimeSeconds = 0.1;
const defaultDiskRuntimeSeconds = 10;
const largestBlockBytes = 2 ** 30;
const mostThreads = 4096;
const mostInFlight = 2 ** 20;

/** Reads a job; a text says why one cannot run. */
export function readJob(machine: Machine, activity: OtherActivity): JobRequest | string {
  const { settings, name } = activity;
  const isDrive = (end: EndpointRef) => {
    const { kind } = componentAt(machine, end.component);
    return !end.memory && (kind === 'nvme' || kind === 'sata');
  };
  const ends = [...activity.on, ...activity.from, ...activity.to, ...activity.over];
  const drives = [...new Set(ends.filter(isDrive).map((end) => end.component))];
  if (drives.length === 0) return `job ${name}: no drive is named; say \`on\` and an nvme or sata device.`;
  const others = [...activity.from, ...activity.to].filter((end) => !isDrive(end));
  if (others.length > 1) return `job ${name}: one place of the data at most, a GPU or the memory of a socket.`;
  const number = (key: string): number | null => {
    const value = settings[key];
    return typeof value === 'number' ? value : null;
  };
  const assumptions: string[] = [];
  const pattern = patterns.find((one) => one === settings.pattern) ?? 'read';
  if (settings.pattern === undefined) assumptions.push(`job ${name}: no pattern is said, taken as sequential reads.`);
  const other = others[0] ?? numaMemory(machine, number('numaNode'));
  const toDevice = other !== null && !other.memory;
  const found = fabricOf(machine, activity, drives);
  if (typeof found === 'string') return `job ${name}: ${found}`;
  const { fabric, far } = found;
  if (fabric !== null && far === null)
    assumptions.push(`job ${name}: the other host is not described, so that its PCIe and memory limit nothing.`);
  const engine =
    engines.find((one) => one === settings.engine) ?? (toDevice && fabric === null ? 'cufile' : 'io_uring');
  if (fabric !== null && (engine === 'spdk' || engine === 'cufile'))
    return `job ${name}: over a fabric it is the kernel of the other host that submits: io_uring, libaio or psync.`;
  if (settings.engine === undefined) assumptions.push(`job ${name}: no engine is said, taken as ${engine}.`);
  const sata = drives.find((drive) => componentAt(machine, drive).kind === 'sata');
  if (engine === 'spdk' && sata !== undefined)
    return `job ${name}: SPDK drives NVMe only, and ${componentAt(machine, sata).name} is SATA.`;
  const polling = settings.polling === true;
  if (polling && (engine === 'libaio' || engine === 'cufile'))
    assumptions.push(`job ${name}: ${engine} has no polled queues, so completions are interrupts.`);
  const past = settings.direct === false ? refusesCache({ engine, pattern }) : null;
  if (past !== null) assumptions.push(`job ${name}: ${past}: as with direct on.`);
  const cached = settings.direct === false && past === null;
  if (cached) assumptions.push(`job ${name}: nothing of it is in the page cache before it starts.`);
  if (cached && pattern.includes('write') && drives.some((drive) => isZoned(componentAt(machine, drive))))
    return `job ${name}: zones take no writes out of the page cache: direct on.`;
  const blockBytes = number('blockBytes') ?? defaultBlockBytes;
  if (!(blockBytes >= 512) || blockBytes > largestBlockBytes || blockBytes % 512 !== 0)
    return `job ${name}: a block of ${blockBytes} B is not a multiple of 512 B up to 1 GiB.`;
  const namespace = typeof settings.namespace === 'string' ? settings.namespace : null;
  for (const drive of drives) {
    const wrong = wrongNamespace(componentAt(machine, drive), namespace, blockBytes);
    if (wrong !== null) return `job ${name}: ${wrong}`;
  }
  const threads = number('jobs') ?? 1;
  if (threads > mostThreads) return `job ${name}: ${threads} threads are more than ${mostThreads}.`;
  const said = number('depth') ?? 1;
  const depth = engine === 'psync' ? 1 : said;
  if (depth !== said)
    assumptions.push(`job ${name}: psync has one request of each thread in flight, whatever the depth.`);
  const commands = depth * threads * drives.length * Math.ceil(blockBytes / blockLayerMaxBytes);
  if (commands > mostInFlight) {
    const all = `${depth} requests of ${threads} threads on ${drives.length} drives`;
    return `job ${name}: ${all} are ${commands} commands in flight, more than ${mostInFlight}.`;
  }
  const runtimeSeconds = number('runtimeSeconds');
  const bytes = number('bytes');
  const turns = drives.some((drive) => isDisk(componentAt(machine, drive)));
  const usualSeconds = turns ? defaultDiskRuntimeSeconds : defaultRuntimeSeconds;
  if (runtimeSeconds === null && bytes === null)
    assumptions.push(`job ${name}: neither size nor runtime is said, so it runs for ${usualSeconds} s.`);
  return {
    name,
    activity,
    drives,
    namespace,
    other: fabric === null ? other : { component: fabric, memory: false },
    fabric,
    far,
    via: settings.via === 'p2p' || settings.via === 'host' ? settings.via : 'auto',
    pattern,
    blockBytes,
    depth,
    threads,
    batch: number('batch') ?? 1,
    engine,
    polling,
    buffered: cached,
    alignmentBytes: number('alignmentBytes') ?? 0,
    cores: coresOf(settings.cores),
    startSeconds: activity.startSeconds,
    after: activity.after ?? [],
    bytes,
    runtimeSeconds: runtimeSeconds ?? (bytes === null ? usualSeconds : null),
    bytesPerSecond: number('bytesPerSecond') ?? Number.POSITIVE_INFINITY,
    periodSeconds: number('periodSeconds') ?? 0,
    assumptions,
  };
}

const isZoned = ({ subunits }: Component) => subunits.some((one) => one.settings.zoneBytes !== undefined);

/** The NIC that `over` names, and the one of the other host where it names two; or why there can be none. */
function fabricOf(
  machine: Machine,
  activity: OtherActivity,
  drives: readonly number[],
): { fabric: number | null; far: FarEnd | null } | string {
  const [near, other, ...more] = activity.over.filter((end) => end.memory || !drives.includes(end.component));
  if (near === undefined)
    return activity.settings.engine === 'rdma'
      ? 'engine rdma is for verbs of a NIC; NVMe over RDMA is `on ssd0 over nic0`.'
      : { fabric: null, far: null };
  const wrong = [near, ...(other === undefined ? [] : [other]), ...more].find(
    (end, at) => end.memory || componentAt(machine, end.component).kind !== 'nic' || at > 1,
  );
  if (wrong !== undefined)
    return `\`over\` names the NIC behind which another host is, and that host's where it is described: ${componentAt(machine, wrong.component).name} is none.`;
  const sata = drives.find((drive) => componentAt(machine, drive).kind === 'sata');
  if (sata !== undefined) return `${componentAt(machine, sata).name} is SATA: NVMe over RDMA exports NVMe drives.`;
  const ends = [...activity.from, ...activity.to].filter((end) => !drives.includes(end.component));
  const fabric = near.component;
  if (other === undefined)
    return ends.length > 0 ? 'over a fabric the data goes to the other host, and nowhere here.' : { fabric, far: null };
  const [home, host] = [near, other].map((end) => socketOf(machine, end.component)?.id);
  if (home === host || host === undefined) {
    const [first, second] = [near, other].map((end) => componentAt(machine, end.component).name);
    return `${second} is at the socket of ${first}: the other host is a socket of its own.`;
  }
  const stranger = ends.find((end) => (end.memory ? end.component : socketOf(machine, end.component)?.id) !== host);
  if (stranger !== undefined)
    return `over a fabric the data goes to the other host, and ${componentAt(machine, stranger.component).name} is not of it.`;
  return { fabric, far: { nic: other.component, other: ends[0] ?? { component: host, memory: true } } };
}

/** What of a namespace does not fit a job. */
function wrongNamespace(drive: Component, namespace: string | null, blockBytes: number): string | null {
  const all = drive.subunits.filter((one) => one.kind === 'namespace');
  const one = namespace === null ? all[0] : all.find(({ label }) => label === namespace);
  if (one === undefined) return namespace === null ? null : `${drive.name} has no namespace '${namespace}'.`;
  const { blockBytes: logical, bytes, zoneBytes } = one.settings;
  const of = `namespace ${one.label} of ${drive.name}`;
  if (typeof logical === 'number' && logical > 0 && blockBytes % logical !== 0)
    return `a block of ${blockBytes} B is not a multiple of the ${logical} B blocks of ${of}.`;
  for (const [most, what] of [
    [bytes, 'the size'],
    [zoneBytes, 'a zone'],
  ] as const)
    if (typeof most === 'number' && blockBytes > most)
      return `a block of ${blockBytes} B is larger than ${what} of ${of}.`;
  return null;
}

/** `0..15 32` as a list. */
export function coresOf(said: unknown): number[] {
  if (typeof said !== 'string') return [];
  const cores: number[] = [];
  for (const part of said.split(/\s+/)) {
    const [low = Number.NaN, high = low] = part.split('..').map(Number);
    for (let core = low; core <= Math.min(high, low + mostThreads); core++) cores.push(core);
  }
  return cores;
}

function numaMemory(machine: Machine, node: number | null): EndpointRef | null {
  if (node === null) return null;
  const sockets = machine.components.filter((one) => one.kind === 'socket');
  const socket = sockets.find((one) => one.settings.numaNode === node) ?? sockets[node];
  return socket === undefined ? null : { component: socket.id, memory: true };
}

/** The socket of a drive, for its cores and its memory. */
export function homeOf(machine: Machine, drive: number): number {
  return socketOf(machine, drive)?.id ?? machine.components.find((one) => one.kind === 'socket')?.id ?? 0;
}
