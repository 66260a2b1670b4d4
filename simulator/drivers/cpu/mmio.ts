import { componentAt, type Machine, socketOf } from '../../../model/machine.ts';
import { visibleVram } from '../../../model/peer/driver.ts';
import { legSeconds } from '../../../model/route/latency.ts';
import { findRoute } from '../../../model/route/route.ts';
import type { EndpointRef } from '../../../model/work.ts';
import type { Plan, StepOptions } from '../../plan.ts';
import { gspCall } from '../gpu/costs.ts';
import { usesGsp } from '../gpu/drivers.ts';
import { controls, ioctlArgs } from '../nodes.ts';

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
 * Bytes stored to or loaded from a BAR by one core, as a transfer that the socket initiates: stores leave the core 64 B at a
 * time, each with a header of its own; loads wait for their round trips, as many at a time as the core has line-fill buffers
 * (`model/route/engine.ts`). Moving the window of a small BAR comes first.
 */
export function planCpuAccess(
  plan: Plan,
  kind: 'store' | 'load',
  device: EndpointRef,
  bytes: number,
  options: StepOptions = {},
): number {
  const { machine } = plan;
  const cpu: EndpointRef = { component: socketOf(machine, device.component)?.id ?? 0, memory: true };
  const windows = windowMoves(machine, device.component, bytes);
  const gpu = componentAt(machine, device.component);
  let after = options.after ?? [];
  if (windows.moves > 0) {
    plan.assumptions.add(windows.because);
    const { trace } = options;
    const args = { moves: windows.moves, ...ioctlArgs(machine, device.component, controls) };
    const each = usesGsp(gpu) ? gspCall.value : readSeconds(machine, device.component);
    const name = `move the window of BAR ${gpu.settings.vramBar ?? 1}`;
    const moved = plan.step(windows.moves * each, {
      ...options,
      ...(trace === undefined ? {} : { trace: { ...trace, name, args } }),
    });
    after = [moved];
  }
  const [from, to] = kind === 'store' ? [cpu, device] : [device, cpu];
  const operation = kind === 'store' ? 'write' : 'read';
  const planned = plan.way(from, to, { initiator: cpu.component, operation, bytes });
  // Memory is no end of it: the bytes come out of a register, or go into one.
  const demands = planned.demands.filter((demand) => demand.kind !== 'memory');
  return plan.copy(from, to, bytes, { ...options, after, planned: { ...planned, demands } });
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
