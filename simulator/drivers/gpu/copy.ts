import { componentAt } from '../../../model/machine.ts';
import type { EndpointRef, StreamOperation } from '../../../model/work.ts';
import { kernelCrossing } from '../block/costs.ts';
import { requests } from '../ioctl.ts';
import { ioctlArgs } from '../nodes.ts';
import {
  type Channel,
  call,
  completion,
  interrupted,
  lastFlow,
  nextFlow,
  streamTrack,
  submit,
  threadTrack,
} from './channel.ts';
import { copyCall, managedBlock, stagedAtOnce, stagingCopy } from './costs.ts';
import { copyEngine, deviceMemory } from './engines.ts';
import { faultService, faultsOf } from './uvm.ts';

/** The tasks of one operation on the device: the first that works, and the last. */
export interface PlannedSpan {
  readonly first: number;
  readonly last: number;
}

export type CopyOperation = Extract<StreamOperation, { readonly kind: 'copy' }>;

/**
 * One `cudaMemcpyAsync` with all that comes of it. Pinned memory: the call rings a doorbell and returns; the GPU fetches
 * the commands, a copy engine moves the bytes. Pageable memory: the thread copies piece by piece through a pinned
 * buffer, so that it is the CPU that limits, and it cannot do anything else.
 */
export function planStreamCopy(channel: Channel, operation: CopyOperation): PlannedSpan {
  const memory = operation.memory ?? (operation.pinned ? 'pinned' : 'pageable');
  const { direction, peer } = operation;
  const hostSide = (direction === 'h2d' || direction === 'd2h') && (peer === null || peer.memory);
  if (hostSide && memory === 'pageable') return staged(channel, operation);
  if (hostSide && memory === 'managed') return migrated(channel, operation);
  return direct(channel, operation);
}

function ends(channel: Channel, { direction, peer }: CopyOperation): readonly [EndpointRef, EndpointRef] {
  const { device, host } = channel;
  if (direction === 'd2d') return [device, device];
  if (direction === 'p2p' && peer === null) {
    channel.plan.assumptions.add(`process ${channel.process}: a copy p2p names no peer, taken to go to host memory.`);
  }
  const other = peer ?? host;
  return direction === 'h2d' ? [other, device] : [device, other];
}

function direct(channel: Channel, operation: CopyOperation): PlannedSpan {
  const { plan, gpu } = channel;
  const { direction, bytes } = operation;
  const flow = nextFlow(channel);
  const fetched = submit(channel, copyCall.value, channel.driver.copyCall ?? 'copy', flow);
  const [from, to] = ends(channel, operation);
  const vram = direction === 'd2d' ? deviceMemory(plan, gpu) : null;
  const copy = plan.copy(from, to, bytes, {
    after: [fetched, ...channel.order],
    holds: [copyEngine(plan, gpu, direction, channel.instance)],
    options: { initiator: gpu },
    // A copy within the device reads and writes the same memory.
    extra: vram === null ? [] : [{ resource: vram, cost: 2 }],
    trace: { track: streamTrack(channel), name: `copy ${direction}`, flow, args: { bytes } },
  });
  channel.order = [copy];
  return { first: copy, last: copy };
}

/** Pieces of a pageable copy, so that a run of gigabytes stays a graph of hundreds of tasks. */
const mostPieces = 64;

function pieces(bytes: number, least: number): number[] {
  if (!(bytes > 0)) return [0];
  const size = Math.max(least, Math.ceil(bytes / mostPieces));
  const result: number[] = [];
  for (let left = bytes; left > 0; left -= size) result.push(Math.min(left, size));
  return result;
}

/** Two staging buffers: while the engine empties one, the thread fills the other. */
function staged(channel: Channel, operation: CopyOperation): PlannedSpan {
  const { plan, gpu, host } = channel;
  const { direction, bytes } = operation;
  const inwards = direction === 'h2d';
  const flow = nextFlow(channel);
  const [from, to] = ends(channel, operation);
  const engine = copyEngine(plan, gpu, direction, channel.instance);
  const rate = inwards ? stagingCopy.value.toDevice : stagingCopy.value.toHost;
  const name = `${channel.process} staging`;
  const name0 = channel.driver.copyCall ?? 'copy';
  const fetched = submit(channel, copyCall.value, `${name0} (pageable)`, flow);
  const dma = (piece: number, after: readonly number[]) =>
    plan.copy(from, to, piece, {
      after,
      holds: [engine],
      options: { initiator: gpu },
      trace: { track: streamTrack(channel), name: `copy ${direction}`, flow, args: { bytes: piece } },
    });
  // The CPU reads and writes memory for each byte.
  const copied = (piece: number, after: readonly number[]) =>
    plan.copy(host, host, piece, {
      after,
      holds: channel.cores,
      planned: hostCopy(channel),
      cap: { bytesPerSecond: rate, name },
      trace: { track: threadTrack(channel), name: 'staging copy', flow, args: { bytes: piece } },
    });
  let first = -1;
  const filled: number[] = [];
  const emptied: number[] = [];
  pieces(bytes, stagedAtOnce.value).forEach((piece, index) => {
    const before = [filled.at(-1), emptied[index - 2]].filter((task) => task !== undefined);
    const source = inwards ? channel.thread : [fetched, ...channel.order];
    const fill = (inwards ? copied : dma)(piece, [...source, ...before]);
    const sink = inwards ? [fetched, ...channel.order] : channel.thread;
    const last = emptied.at(-1);
    const empty = (inwards ? dma : copied)(piece, [fill, ...sink, ...(last === undefined ? [] : [last])]);
    if (first < 0) first = inwards ? empty : fill;
    filled.push(fill);
    emptied.push(empty);
  });
  const lastFill = filled.at(-1) ?? fetched;
  const lastEmpty = emptied.at(-1) ?? fetched;
  const lastDma = inwards ? lastEmpty : lastFill;
  // To the device the call returns with the last piece in the buffer; to the host with the last byte in place.
  channel.thread = [inwards ? lastFill : lastEmpty];
  channel.order = [lastDma];
  return { first: first < 0 ? fetched : first, last: inwards ? lastDma : lastEmpty };
}

/** A copy of a CPU within the memory of its socket: one read and one write a byte. */
function hostCopy(channel: Channel) {
  const { plan, host } = channel;
  const { name, settings } = componentAt(plan.machine, host.component);
  const planned = plan.way(host, host);
  const capacity = settings.memoryBytesPerSecond;
  if (capacity === undefined) return { ...planned, demands: [], latencySeconds: 0 };
  const key = `memory:${host.component}`;
  const memory = { key, name: `${name}.memory`, kind: 'memory' as const, link: null, capacity, carriesPayload: true };
  return { ...planned, demands: [{ ...memory, cost: 2 }], latencySeconds: 0 };
}

/**
 * Managed memory that moves when it is touched: the device faults, the driver takes faults in batches, moves what they
 * and the prefetcher ask for, and lets the device go on. How often it has to, the order of the pages says.
 */
function migrated(channel: Channel, operation: CopyOperation): PlannedSpan {
  const { plan, gpu } = channel;
  const [from, to] = ends(channel, operation);
  const flow = nextFlow(channel);
  const engine = copyEngine(plan, gpu, operation.direction, channel.instance);
  let first = -1;
  let before = [...channel.thread, ...channel.order];
  const all = faultsOf(operation.walk ?? 'sequential', operation.bytes);
  const parts = pieces(all.bytes, managedBlock.value);
  for (const bytes of parts) {
    const services = all.bytes > 0 ? (all.services * bytes) / all.bytes : 0;
    const serviced = plan.step(services * faultService.value, {
      after: before,
      notBefore: channel.notBefore,
      trace: {
        track: `${channel.driver.module}/faults`,
        name: 'page faults',
        flow,
        args: { services: Math.round(services), bytes },
      },
    });
    const moved = plan.copy(from, to, bytes, {
      after: [serviced],
      holds: [engine],
      options: { initiator: gpu },
      trace: { track: streamTrack(channel), name: 'migrate pages', flow, args: { bytes } },
    });
    if (first < 0) first = serviced;
    before = [moved];
  }
  channel.order = before;
  return { first, last: before[0] ?? first };
}

/** `cudaMemPrefetchAsync`: whole blocks of managed memory ahead of their use, at the rate of the link. */
export function planPrefetch(channel: Channel, bytes: number, to: EndpointRef | null): PlannedSpan {
  const { plan, gpu, device, host } = channel;
  const outwards = to?.memory === true;
  const flow = nextFlow(channel);
  const args = ioctlArgs(plan.machine, gpu, [requests.uvmMigrate]);
  if ('node' in args) call(channel, kernelCrossing.value, 'ioctl', { flow, args });
  const fetched = submit(channel, copyCall.value, 'prefetch', flow);
  const direction = outwards ? 'd2h' : 'h2d';
  const [source, target] = outwards ? [device, to ?? host] : [host, device];
  const copy = plan.copy(source, target, bytes, {
    after: [fetched, ...channel.order],
    holds: [copyEngine(plan, gpu, direction, channel.instance)],
    options: { initiator: gpu },
    trace: { track: streamTrack(channel), name: 'prefetch', flow, args: { bytes } },
  });
  channel.order = [copy];
  return { first: copy, last: copy };
}

/**
 * `cudaStreamSynchronize`: the thread polls until the stream has done all that it was given, or sleeps until the GPU
 * raises an MSI-X interrupt, whose handler wakes it.
 */
export function planSynchronize(channel: Channel, polling: boolean): PlannedSpan {
  const flow = lastFlow(channel);
  const seen = completion(channel, channel.order, flow);
  // Semaphore and interrupt are posted writes, one after the other.
  if (!polling) return interrupted(channel, [...channel.order, ...channel.thread], flow);
  const waited = call(channel, 0, 'synchronize', { after: [seen], flow });
  return { first: waited, last: waited };
}
