import { componentAt, socketOf } from '../../../model/machine.ts';
import type { EndpointRef, StreamOperation } from '../../../model/work.ts';
import { kernelCrossing } from '../block/costs.ts';
import { mapSeconds } from '../cpu/dma-map.ts';
import { type IoctlRequest, requests } from '../ioctl.ts';
import { ioctlArgs } from '../nodes.ts';
import { type Channel, call, nextFlow, streamTrack } from './channel.ts';
import type { PlannedSpan } from './copy.ts';
import { gpuDriverOf } from './drivers.ts';
import { copyEngine } from './engines.ts';

export type BufferOperation = Extract<
  StreamOperation,
  { readonly kind: 'export' | 'attach' | 'suspend' | 'resume' | 'flip' }
>;

/** What the kernel does with buffers for a program: calls, and the copies that come of them. */
export function planBuffers(channel: Channel, operation: BufferOperation): PlannedSpan {
  switch (operation.kind) {
    case 'export':
      return asked(channel, 'export dma-buf', [requests.primeToFd], operation.bytes);
    case 'flip':
      return asked(channel, 'flip', [requests.modeAtomic]);
    case 'attach':
      return attached(channel, operation.bytes, operation.peer);
    case 'suspend':
    case 'resume':
      return saved(channel, operation.kind, operation.bytes);
  }
}

/** A call that the kernel answers at once. */
function asked(channel: Channel, name: string, wanted: readonly IoctlRequest[], bytes?: number): PlannedSpan {
  const { plan, gpu } = channel;
  const args = { ...ioctlArgs(plan.machine, gpu, wanted), ...(bytes === undefined ? {} : { bytes }) };
  const after = channel.order;
  const task = call(channel, kernelCrossing.value, name, { flow: nextFlow(channel), args, after });
  channel.order = [task];
  return { first: task, last: task };
}

/**
 * A dma-buf of another device is imported and mapped. Its driver lets the importer reach the VRAM where peers get there, by
 * `pci_p2pdma_distance`; else the buffer moves to host memory first and stays there.
 * Source: Linux Documentation/driver-api/dma-buf.rst, "Dynamic attachment"; drivers/gpu/drm/amd/amdgpu/amdgpu_dma_buf.c.
 */
function attached(channel: Channel, bytes: number, peer: EndpointRef | null): PlannedSpan {
  const { plan, gpu, device } = channel;
  const { machine } = plan;
  const flow = nextFlow(channel);
  const args = { ...ioctlArgs(machine, gpu, [requests.primeToHandle]), bytes };
  const seconds = kernelCrossing.value + mapSeconds(machine, bytes);
  const called = call(channel, seconds, 'import dma-buf', { flow, args, after: channel.order });
  channel.order = [called];
  if (peer === null || peer.memory) return { first: called, last: called };
  const exporter = componentAt(machine, peer.component);
  const { route } = plan.way(peer, device).route;
  const reached = route === 'direct' || route === 'host-bridge';
  if (reached && gpuDriverOf(exporter).dmaBuf === 'vram') return { first: called, last: called };
  const why = reached ? `its driver, ${gpuDriverOf(exporter).name}, offers no VRAM` : 'no peer gets to its VRAM';
  plan.assumptions.add(`${exporter.name}: the exported buffer moves to host memory: ${why}.`);
  const memory: EndpointRef = { component: socketOf(machine, exporter.id)?.id ?? 0, memory: true };
  const moved = plan.copy(peer, memory, bytes, {
    after: [called],
    holds: [copyEngine(plan, exporter.id, 'd2h')],
    options: { initiator: exporter.id },
    trace: { track: `${exporter.name}/buffers`, name: 'move to host memory', flow, args: { bytes } },
  });
  channel.order = [moved];
  channel.thread = [moved];
  return { first: called, last: moved };
}

/**
 * VRAM in use goes to host memory before the machine sleeps, and comes back when it wakes: copies of the driver, for which the
 * program only waits. For hibernation the kernel writes that memory to a drive afterwards, which is work of its own.
 * Source: NVIDIA driver README, "Configuring Power Management Support"; Linux amdgpu_device.c, amdgpu_device_evict_resources.
 */
function saved(channel: Channel, kind: 'suspend' | 'resume', bytes: number): PlannedSpan {
  const { plan, gpu, device, host, driver } = channel;
  const flow = nextFlow(channel);
  const out = kind === 'suspend';
  const called = call(channel, kernelCrossing.value, `${driver.module} ${kind}`, { flow, after: channel.order });
  const copied = plan.copy(out ? device : host, out ? host : device, bytes, {
    after: [called],
    holds: [copyEngine(plan, gpu, out ? 'd2h' : 'h2d', channel.instance)],
    options: { initiator: gpu },
    trace: { track: streamTrack(channel), name: out ? 'save VRAM' : 'restore VRAM', flow, args: { bytes } },
  });
  channel.order = [copied];
  channel.thread = [copied];
  return { first: copied, last: copied };
}
