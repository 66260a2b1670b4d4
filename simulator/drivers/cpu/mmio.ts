import { componentAt, type Machine, socketOf } from '../../../model/machine.ts';
import type { Sourced } from '../../../model/origin.ts';
import { visibleVram } from '../../../model/peer/driver.ts';
import { legSizes } from '../../../model/route/demand.ts';
import { legSeconds } from '../../../model/route/latency.ts';
import { findRoute } from '../../../model/route/route.ts';
import type { EndpointRef } from '../../../model/work.ts';
import type { PlannedCopy } from '../../demands.ts';
import type { Plan, StepOptions } from '../../plan.ts';
import { gspCall } from '../gpu/costs.ts';
import { usesGsp } from '../gpu/drivers.ts';

/** Bytes that a write-combining buffer of a CPU holds: the most that one store sends over PCIe. */
export const combinedStore: Sourced<number> = {
  value: 64,
  source: 'Intel 64 and IA-32 SDM, volume 3, section 13.3.1 "Buffering of write combining memory locations"',
};

/** Rate at which one core issues write-combined stores, in bytes per second. */
export const storeRate: Sourced<number> = {
  value: 16777216 / 1634.56e-6,
  source: '16 MiB to BAR1 in 1634.56 us, P100, Gen3 x16 (NVIDIA/gdrcopy README@00cf81f)',
};

/** Loads of 64 B that one core keeps in flight over a BAR. */
export const loadsInFlight: Sourced<number> = {
  value: (4096 / 10.5047e-6 / 64) * 0.8822e-6,
  source: 'derived: 4 KiB in 10.5047 us, 16 B in 0.8822 us, P100 (NVIDIA/gdrcopy README@00cf81f)',
};

/** One `readl`: the core waits for the round trip. In seconds. */
export function readSeconds(machine: Machine, device: number): number {
  return controlSeconds(machine, device, 'read');
}

/** One `writel`, posted: when the device has it, in seconds. The core goes on at once. */
export function postedWriteSeconds(machine: Machine, device: number): number {
  return controlSeconds(machine, device, 'write');
}

function controlSeconds(machine: Machine, device: number, operation: 'read' | 'write'): number {
  const socket = socketOf(machine, device);
  if (socket === null) return 0;
  const cpu: EndpointRef = { component: socket.id, memory: true };
  const end: EndpointRef = { component: device, memory: false };
  const [from, to] = operation === 'write' ? [cpu, end] : [end, cpu];
  const { legs } = findRoute(machine, from, to, { initiator: socket.id, operation });
  return legs.reduce((sum, leg) => sum + legSeconds(machine, leg), 0);
}

/**
 * Bytes stored to or loaded from a BAR by one core. Stores leave the core 64 B at a time, each with a header of its own;
 * loads wait for their round trips.
 */
export function planCpuAccess(
  plan: Plan,
  kind: 'store' | 'load',
  device: EndpointRef,
  bytes: number,
  options: StepOptions = {},
): number {
  const { machine } = plan;
  const socket = socketOf(machine, device.component);
  const cpu: EndpointRef = { component: socket?.id ?? 0, memory: true };
  const initiator = cpu.component;
  const windows = windowMoves(machine, device.component, bytes);
  const gpu = componentAt(machine, device.component);
  const setupSeconds = windows.moves * (usesGsp(gpu) ? gspCall.value : readSeconds(machine, device.component));
  if (windows.moves > 0) plan.assumptions.add(windows.because);
  if (kind === 'store') {
    const planned = storesOf(plan, plan.way(cpu, device, { initiator, operation: 'write' }), combinedStore.value);
    const cap = { bytesPerSecond: storeRate.value, name: `${componentAt(machine, initiator).name} stores` };
    return plan.copy(cpu, device, bytes, { ...options, planned, cap, setupSeconds });
  }
  const planned = plan.way(device, cpu, { initiator, operation: 'read' });
  const trip = readSeconds(machine, device.component);
  const cap =
    trip > 0
      ? { bytesPerSecond: (loadsInFlight.value * 64) / trip, name: `${componentAt(machine, initiator).name} loads` }
      : undefined;
  return plan.copy(device, cpu, bytes, { ...options, planned, setupSeconds, ...(cap === undefined ? {} : { cap }) });
}

/** The same way with packets of `piece` bytes: each has its header, where before they had MPS bytes. */
function storesOf(plan: Plan, planned: PlannedCopy, piece: number): PlannedCopy {
  const [leg] = planned.route.legs;
  if (plan.ideal || leg === undefined) return planned;
  const { mps } = legSizes(plan.machine, leg);
  const demands = planned.demands.map((demand) =>
    demand.kind === 'link' && demand.carriesPayload
      ? { ...demand, cost: 1 + ((demand.cost - 1) * mps) / Math.min(piece, mps) }
      : demand,
  );
  // Memory is no end of it: the bytes come out of a register.
  return { ...planned, demands: demands.filter(({ kind }) => kind !== 'memory') };
}

/** How often the window onto a GPU's memory must be moved where the BAR shows less than is accessed. */
export function windowMoves(machine: Machine, gpu: number, bytes: number): { moves: number; because: string } {
  const component = componentAt(machine, gpu);
  const seen = visibleVram(machine, component);
  if (seen === null || seen.shown >= seen.whole || bytes <= seen.shown) return { moves: 0, because: '' };
  const moves = Math.ceil(bytes / seen.shown) - 1;
  const because = `${component.name}: the BAR shows ${seen.shown} of ${seen.whole} bytes; the driver moves its window ${moves} times.`;
  return { moves, because };
}
