import { lineEfficiency } from '../../../model/host/network.ts';
import { componentAt, type Machine, socketOf } from '../../../model/machine.ts';
import type { Reason, Sourced } from '../../../model/origin.ts';
import { ncclPathType } from '../../../model/peer/nccl-path.ts';
import type { EndpointRef, Via } from '../../../model/work.ts';
import type { Plan, StepOptions } from '../../plan.ts';
import { doorbellStore } from '../gpu/costs.ts';

/** Verbs by what moves: WRITE and SEND leave this machine, READ brings data in; RECEIVE is the far side's SEND. */
export type Verb = 'write' | 'send' | 'read' | 'receive';

/** Bytes of a work queue element, of a completion queue element, and the most that goes along in the element itself. */
export const elements: Sourced<{ readonly work: number; readonly completion: number }> = {
  value: { work: 64, completion: 64 },
  source: 'Linux include/linux/mlx5/device.h (struct mlx5_cqe64) and qp.h (MLX5_SEND_WQE_BB 64)',
};

export { lineEfficiency, packetOverhead, pathMtu } from '../../../model/host/network.ts';

export interface RdmaRequest {
  readonly nic: number;
  readonly verb: Verb;
  /** Where the data lies in this machine: memory of a socket, or a GPU. */
  readonly buffer: EndpointRef;
  readonly bytes: number;
  /** The network and the far side, round trip. */
  readonly farSeconds?: number;
  readonly via?: Via;
}

/** The tasks of a work request: the transfer itself, and the completion that ends it. */
export interface PlannedVerb {
  readonly moved: number;
  readonly done: number;
}

/**
 * One work request: the CPU writes it into the queue and rings the doorbell; the NIC fetches it, moves the data by DMA and
 * over the wire, and writes a completion that the CPU polls.
 */
export function planVerb(plan: Plan, request: RdmaRequest, options: StepOptions = {}): PlannedVerb {
  const { nic, verb, buffer, bytes, farSeconds = 0 } = request;
  const { machine } = plan;
  const socket = socketOf(machine, nic);
  const card: EndpointRef = { component: nic, memory: false };
  const memory: EndpointRef = { component: socket?.id ?? 0, memory: true };
  const track = `${componentAt(machine, nic).name}/${verb}`;
  const posted = plan.step(doorbellStore.value, { ...options, trace: { track, name: 'post and ring' } });
  const rung = plan.control(memory, card, memory.component, 'write');
  const fetched = verb === 'receive' ? 0 : plan.control(memory, card, nic, 'read');
  const out = verb === 'write' || verb === 'send';
  const [from, to] = out ? [buffer, card] : [card, buffer];
  const asked = request.via ?? 'auto';
  const direct = asked !== 'host' && (buffer.memory || directRdma(machine, nic, buffer.component) === null);
  const cap = lineCap(machine, nic);
  const moved = plan.copy(from, to, bytes, {
    after: [posted],
    setupSeconds: rung + fetched + (verb === 'read' ? farSeconds : 0),
    options: { initiator: direct ? nic : null, via: direct ? asked : 'host' },
    ...(cap === null ? {} : { cap }),
    trace: { track, name: verb.toUpperCase(), args: { bytes } },
  });
  // Reliable transport: a request is done when its acknowledgement is back.
  const acknowledged = out ? farSeconds : 0;
  const done = plan.step(acknowledged + plan.control(card, memory, nic, 'write'), {
    after: [moved],
    trace: { track, name: 'completion' },
  });
  return { moved, done };
}

/** What one port carries of payload; null where its line rate is unknown. */
export function lineCap(machine: Machine, nic: number): { bytesPerSecond: number; name: string } | null {
  const { name, settings } = componentAt(machine, nic);
  const line = settings.lineRateBytesPerSecond;
  // One request goes by one port.
  return line === undefined ? null : { bytesPerSecond: line * lineEfficiency(), name: `${name} line` };
}

/** Why a NIC does not reach the memory of a GPU by itself, or null where it does: GPUDirect RDMA. */
export function directRdma(machine: Machine, nic: number, gpu: number): Reason | null {
  const card = componentAt(machine, nic);
  if (card.settings.gpuDirectRdma === false) {
    const message = `${card.name} offers no GPUDirect RDMA: data is staged in host memory.`;
    return { code: 'nic/no-gpudirect', message, at: card.name };
  }
  const path = ncclPathType(machine, nic, gpu);
  if (path !== 'SYS') return null;
  const message = `${componentAt(machine, gpu).name} hangs off another socket than ${card.name}: data is staged in host memory.`;
  return { code: 'nic/far-gpu', message, at: card.name };
}

/**
 * Why writes of a NIC hold up each other, or null where they do not. Without relaxed ordering all writes of a device follow one another, so that
 * one that waits (for memory of another socket, for a translation) holds up those behind it.
 * Source: PCIe Base 5.0, section 2.4.1, table 2-40.
 */
export function strictlyOrdered(machine: Machine, nic: number, buffer: EndpointRef): Reason | null {
  const card = componentAt(machine, nic);
  const far = buffer.memory && socketOf(machine, nic)?.id !== buffer.component;
  const waits = far ? 'memory of another socket' : machine.linux.iommu === 'translate' ? 'translations' : null;
  if (card.settings.relaxedOrdering === true || waits === null) return null;
  const message = `${card.name} writes in strict order: one that waits for ${waits} holds up those behind it.`;
  return { code: 'nic/strict-ordering', message, at: card.name };
}
