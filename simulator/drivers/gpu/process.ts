import { type Component, componentAt, type Machine } from '../../../model/machine.ts';
import type { Reason } from '../../../model/origin.ts';
import type { EndpointRef, GpuProcess, StreamOperation } from '../../../model/work.ts';
import type { Plan } from '../../plan.ts';
import { planCpuAccess } from '../cpu/mmio.ts';
import { contextMakers, ioctlArgs, withoutNode } from '../nodes.ts';
import { type BufferOperation, planBuffers } from './buffers.ts';
import { type Channel, call, nextFlow, openChannel, streamTrack, submit, threadTrack } from './channel.ts';
import { refusesAccess } from './contexts.ts';
import { type PlannedSpan, planPrefetch, planStreamCopy, planSynchronize } from './copy.ts';
import { contextCreation, gspCall, justInTime, launchCall, timeSlice } from './costs.ts';
import { refusesBuffers, refusesMigration, refusesStreams, usesGsp } from './drivers.ts';
import { computeUnits } from './engines.ts';
import type { StreamEvents } from './events.ts';
import { faultsOf } from './uvm.ts';

export interface PlannedOperation extends PlannedSpan {
  readonly process: string;
  readonly stream: string;
  readonly label: string;
}

export interface PlannedProcess {
  readonly process: GpuProcess;
  readonly operations: readonly PlannedOperation[];
  /** Why it does not run, or null. */
  readonly refused: Reason | null;
  /** Operations that the driver refuses. */
  readonly leftOut: readonly Reason[];
}

/**
 * A process with its contexts and streams. A thread for each stream gives the GPU its work; operations of one stream
 * follow each other; those of several overlap where engines are free; contexts take turns on the compute units.
 */
export function planProcess(plan: Plan, process: GpuProcess, events: StreamEvents): PlannedProcess {
  const instance = process.instance ?? null;
  const device = componentAt(plan.machine, process.device);
  const refused =
    refusesStreams(device) ??
    withoutInstance(device, instance) ??
    withoutNode(plan.machine, process.device, process.opens);
  if (refused !== null) return { process, operations: [], refused, leftOut: [] };
  if (process.cold !== true) plan.assumptions.add('Contexts exist and kernels are loaded before the run begins.');
  plan.assumptions.add('Each stream has a thread of its own.');
  const cores =
    process.cores === undefined
      ? []
      : [plan.server(`cores:${process.name}:${device.id}`, { name: `${process.name} cores`, slots: process.cores })];
  const operations: PlannedOperation[] = [];
  const created = new Map<string, number>();
  const compiled = new Set<string>();
  const leftOut: Reason[] = [];
  for (const stream of process.streams) {
    const channel = openChannel(plan, {
      process: process.name,
      stream: stream.name,
      gpu: process.device,
      instance,
      cores,
      notBefore: process.startSeconds,
      priority: stream.priority ?? 0,
      numaNode: process.numaNode,
    });
    const context = stream.context ?? '';
    const group = contextNumber(plan, process, context);
    if (process.cold === true) {
      const made = created.get(context) ?? createContext(channel);
      created.set(context, made);
      channel.thread = [made];
    }
    for (const operation of stream.operations) {
      if (operation.kind === 'kernel' && process.cold === true && process.code === 'ptx') {
        const image = `${context}/${operation.name ?? 'kernel'}`;
        if (!compiled.has(image)) call(channel, justInTime.value, 'compile PTX', { flow: image });
        compiled.add(image);
      }
      const denied = deniedBy(plan.machine, process.name, context, operation, device);
      if (denied !== null) {
        leftOut.push(denied);
        continue;
      }
      const span = planOperation(channel, operation, group, process.polling !== false);
      if (operation.kind === 'record') events.record(process.name, stream.name, operation.event, span.last);
      if (operation.kind === 'wait') events.wait(process.name, operation.event, span.last);
      operations.push({ ...span, process: process.name, stream: stream.name, label: labelOf(operation) });
    }
  }
  return { process, operations, refused: null, leftOut };
}

/** Why the driver refuses an operation, or null: memory of another context, managed memory where none moves. */
export function deniedBy(
  machine: Machine,
  process: string,
  context: string,
  operation: StreamOperation,
  device: Component,
): Reason | null {
  if (isBuffers(operation)) {
    const own = refusesBuffers(device, operation.kind);
    if (own !== null || operation.kind !== 'attach' || operation.peer === null || operation.peer.memory) return own;
    return refusesBuffers(componentAt(machine, operation.peer.component), 'export');
  }
  if (operation.kind === 'prefetch' || (operation.kind === 'copy' && operation.memory === 'managed'))
    return refusesMigration(device);
  if (operation.kind !== 'copy' || operation.fromContext === undefined) return null;
  const owner = { process, context: operation.fromContext };
  return refusesAccess(owner, { process, context }, operation.exported === true);
}

const bufferKinds: ReadonlySet<string> = new Set(['export', 'attach', 'flip', 'suspend', 'resume']);
const isBuffers = (operation: StreamOperation): operation is BufferOperation => bufferKinds.has(operation.kind);

/** Why there is no such MIG instance, or null where there is, or none is asked for. */
export function withoutInstance(device: Component, instance: string | null): Reason | null {
  if (instance === null || device.subunits.some((one) => one.kind === 'mig' && one.label === instance)) return null;
  const message = `${device.name} has no MIG instance ${instance}.`;
  return { code: 'driver/no-instance', message, at: device.name };
}

/** Contexts of one plan, numbered: those of different processes are never the same. */
function contextNumber(plan: Plan, process: GpuProcess, context: string): number {
  const { uri, offset } = process.origin;
  return plan.group(`context:${uri}:${offset}:${process.name}:${process.device}:${context}`);
}

/** The first call of a process: the driver makes the context, by control calls to the GSP where there is one. */
function createContext(channel: Channel): number {
  const { plan, gpu, driver } = channel;
  const device = componentAt(plan.machine, gpu);
  const made = ioctlArgs(plan.machine, gpu, contextMakers);
  const args: Record<string, string | number> = { node: driver.module, ...made };
  if (usesGsp(device)) args.gspCallSeconds = gspCall.value;
  const track = `${channel.process}/context`;
  return plan.step(contextCreation.value, {
    notBefore: channel.notBefore,
    trace: { track, name: 'create context', args },
  });
}

/** Bytes that an operation asks to move: of memory that is touched here and there, whole pages of it. */
export function movedBytes(operation: StreamOperation): number {
  if (operation.kind === 'export' || operation.kind === 'attach') return 0;
  if (operation.kind === 'copy' && operation.memory === 'managed' && operation.walk !== undefined)
    return faultsOf(operation.walk, operation.bytes).bytes;
  return 'bytes' in operation ? operation.bytes : 0;
}

function planOperation(channel: Channel, operation: StreamOperation, context: number, polling: boolean): PlannedSpan {
  switch (operation.kind) {
    case 'copy':
      return planStreamCopy(channel, operation);
    case 'kernel':
      return planKernel(channel, operation.seconds, operation.name ?? 'kernel', context);
    case 'store':
    case 'load':
      return planAccess(channel, operation.kind, operation.bytes, operation.peer);
    case 'prefetch':
      return planPrefetch(channel, operation.bytes, operation.peer);
    case 'export':
    case 'attach':
    case 'flip':
    case 'suspend':
    case 'resume':
      return planBuffers(channel, operation);
    case 'synchronize':
      return planSynchronize(channel, polling);
    case 'record':
    case 'wait': {
      // Commands in the ring like any other; the text gives them no time.
      const task = channel.plan.step(0, { after: channel.order, notBefore: channel.notBefore });
      channel.order = [task];
      return { first: task, last: task };
    }
  }
}

/**
 * A launch, and the kernel: seconds of work on compute units that contexts use in turns. Within a context kernels of the
 * highest priority run and the others wait: in CUDA for the end of thread blocks under way, here at once (CUDA C++
 * Programming Guide, "Stream priorities").
 */
export function planKernel(channel: Channel, seconds: number, name: string, context: number): PlannedSpan {
  const { plan, gpu, instance } = channel;
  const flow = nextFlow(channel);
  const fetched = submit(channel, launchCall.value, channel.driver.launchCall ?? 'launch', flow);
  const component = componentAt(plan.machine, gpu);
  const server = plan.sliced(`contexts:${gpu}:${instance ?? ''}`, {
    name: `${component.name} contexts`,
    quantumSeconds: timeSlice.value,
    switchSeconds: plan.ideal ? 0 : (component.settings.contextSwitchSeconds ?? 0),
  });
  const task = plan.work(seconds, {
    resource: computeUnits(plan, gpu, instance),
    name: `${component.name} compute`,
    turn: { server, group: context, priority: channel.priority },
    after: [fetched, ...channel.order],
    trace: { track: streamTrack(channel), name, flow },
  });
  channel.order = [task];
  return { first: task, last: task };
}

/** Stores and loads of the thread itself, over the BAR of the device that it names, or of its own. */
function planAccess(channel: Channel, kind: 'store' | 'load', bytes: number, peer: EndpointRef | null): PlannedSpan {
  const task = planCpuAccess(channel.plan, kind, peer ?? channel.device, bytes, {
    after: channel.thread,
    notBefore: channel.notBefore,
    holds: channel.cores,
    trace: { track: threadTrack(channel), name: kind, args: { bytes } },
  });
  channel.thread = [task];
  return { first: task, last: task };
}

function labelOf(operation: StreamOperation): string {
  switch (operation.kind) {
    case 'copy':
      return `copy ${operation.direction}`;
    case 'record':
    case 'wait':
      return `${operation.kind} ${operation.event}`;
    case 'kernel':
      return operation.name ?? 'kernel';
    default:
      return operation.kind;
  }
}
