import { componentAt, socketOf } from '../../../model/machine.ts';
import { numaNode } from '../../../model/peer/distance-class.ts';
import type { EndpointRef } from '../../../model/work.ts';
import type { Plan, StepOptions, StepTrace } from '../../plan.ts';
import { contextSwitch, kernelCrossing } from '../block/costs.ts';
import { streamVector, vectorsOf } from '../interrupts.ts';
import { ioctlArgs, submissions } from '../nodes.ts';
import { doorbellStore } from './costs.ts';
import { type GpuDriverModel, gpuDriverOf } from './drivers.ts';

/**
 * What a program needs to give work to one GPU: a thread that calls, and a channel into which commands go. Calls of one
 * thread follow each other; what the device does follows in the order of the stream.
 */
export interface Channel {
  readonly plan: Plan;
  readonly process: string;
  readonly stream: string;
  readonly gpu: number;
  /** MIG instance, or null for the whole GPU. */
  readonly instance: string | null;
  readonly driver: GpuDriverModel;
  readonly device: EndpointRef;
  readonly host: EndpointRef;
  /** Cores that the threads of the process share, as a server, or none. */
  readonly cores: readonly number[];
  readonly notBefore: number;
  /** Of its stream: kernels of a higher one go first. */
  readonly priority: number;
  /** What the thread waits for before its next call. */
  thread: number[];
  /** What the stream waits for before its next operation on the device. */
  order: number[];
  calls: number;
}

export function openChannel(
  plan: Plan,
  where: Pick<Channel, 'process' | 'stream' | 'gpu' | 'instance' | 'cores' | 'notBefore' | 'priority'> & {
    numaNode?: number | undefined;
  },
): Channel {
  const { numaNode: node, ...rest } = where;
  const home = socketOf(plan.machine, where.gpu)?.id ?? 0;
  return {
    ...rest,
    plan,
    driver: gpuDriverOf(componentAt(plan.machine, where.gpu)),
    device: { component: where.gpu, memory: false },
    host: { component: socketOfNode(plan, node) ?? home, memory: true },
    thread: [],
    order: [],
    calls: 0,
  };
}

/** The socket whose memory is a NUMA node; null where none is. */
function socketOfNode(plan: Plan, node: number | undefined): number | null {
  if (node === undefined) return null;
  const { components } = plan.machine;
  const socket = components.find((one) => one.kind === 'socket' && numaNode(plan.machine, one.id) === node);
  if (socket === undefined)
    plan.assumptions.add(`There is no NUMA node ${node}: host memory is taken next to the GPU.`);
  return socket?.id ?? null;
}

export const threadTrack = (channel: Channel) => `${channel.process}/${channel.stream}/thread`;
export const streamTrack = (channel: Channel) => `${channel.process}/${channel.stream}`;

/** A new name for one call and all that comes of it. */
export function nextFlow(channel: Channel): string {
  channel.calls++;
  return `${channel.process}.${channel.stream}#${channel.calls}`;
}

/** The call that was made last: waiting for it belongs to it. */
export function lastFlow(channel: Channel): string {
  return channel.calls === 0 ? nextFlow(channel) : `${channel.process}.${channel.stream}#${channel.calls}`;
}

/** Time of the calling thread. */
export function call(
  channel: Channel,
  seconds: number,
  name: string,
  options: StepOptions & { flow?: string; args?: NonNullable<StepTrace['args']> } = {},
) {
  const { flow, args, ...step } = options;
  const trace: StepTrace = {
    track: threadTrack(channel),
    name,
    ...(flow === undefined ? {} : { flow }),
    ...(args === undefined || Object.keys(args).length === 0 ? {} : { args }),
  };
  const task = channel.plan.step(seconds, {
    ...step,
    after: [...channel.thread, ...(options.after ?? [])],
    notBefore: channel.notBefore,
    holds: channel.cores,
    trace,
  });
  channel.thread = [task];
  return task;
}

/**
 * From a call to the moment at which the device has the command: a store to the doorbell (or, where the kernel submits,
 * the same store behind an ioctl), then the host engine of the GPU reads the ring entry and the commands that it points
 * to from host memory.
 * Source: NVIDIA/open-gpu-doc, manuals on the PBDMA (GP_GET, GP_PUT, GP entries) and on the usermode doorbell.
 */
export function submit(channel: Channel, callSeconds: number, name: string, flow: string): number {
  const { plan, device, host, gpu } = channel;
  const { submission, userLibrary, module } = channel.driver;
  const byKernel = submission === 'ioctl';
  // Who looks at the addresses, and who writes the descriptors of the engine: what is not mapped faults in the GPU's own tables.
  const does = byKernel
    ? 'fills the request'
    : 'checks the addresses, writes the descriptors of the engine into the ring';
  const args = { ...(userLibrary === null ? {} : { library: userLibrary }), does };
  call(channel, Math.max(0, callSeconds - doorbellStore.value), name, { flow, args });
  if (byKernel) {
    const checked = { does: `${module} checks the buffers, writes the descriptors of the engine into the ring` };
    const asked = { ...ioctlArgs(plan.machine, gpu, submissions), ...checked };
    call(channel, kernelCrossing.value, 'ioctl', { flow, args: asked });
  }
  const rung = call(channel, doorbellStore.value, 'doorbell', { flow });
  const track = `${componentAt(plan.machine, gpu).name}/host engine`;
  const arrives = plan.control(host, device, host.component, 'write');
  const fetch = plan.control(host, device, gpu, 'read');
  return plan.step(arrives + 2 * fetch, { after: [rung], trace: { track, name: 'fetch commands', flow } });
}

/**
 * An MSI-X interrupt and what it wakes: a posted write to the host, the handler on a core of the socket, then the thread
 * that slept.
 */
export function interrupted(
  channel: Channel,
  after: readonly number[],
  flow: string,
): { readonly first: number; readonly last: number } {
  const { plan, host, device, gpu, driver } = channel;
  const stream = `${channel.notBefore} ${channel.process} ${channel.stream}`;
  const { vector, holds, seconds, track } = streamVector(plan, gpu, stream, host.component);
  const written = plan.step(plan.control(device, host, gpu, 'write'), { after });
  const name = `MSI-X ${driver.module}${vectorsOf(componentAt(plan.machine, gpu)) > 1 ? ` vector ${vector}` : ''}`;
  const handled = plan.step(seconds, { after: [written], holds, trace: { track, name, flow } });
  return { first: handled, last: call(channel, contextSwitch.value, 'wake-up', { after: [handled], flow }) };
}

/** From the end of work on the device to the moment at which a thread that polls host memory sees it. */
export function completion(channel: Channel, after: readonly number[], flow: string): number {
  const { plan, device, host, gpu } = channel;
  const track = `${componentAt(plan.machine, gpu).name}/host engine`;
  return plan.step(plan.control(device, host, gpu, 'write'), {
    after,
    trace: { track, name: 'release semaphore', flow },
  });
}
