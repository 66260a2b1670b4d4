import { type Component, componentAt, socketOf } from '../../model/machine.ts';
import { hostCores, socketOfCore } from '../jobs/host-cores.ts';
import type { Plan } from '../plan.ts';
import { cacheLineAmd, cacheLineIntel, interrupt, linesOfRequest } from './block/costs.ts';

/** Where the interrupt of a stream, or of a channel of an FPGA, goes. */
export interface StreamVector {
  readonly vector: number;
  /** Servers that its handler holds: the core, or the vector where no core is named. */
  readonly holds: readonly number[];
  /** Time of the handler, in seconds: on a core of another socket than the waiting thread's it wakes that by an interrupt more. */
  readonly seconds: number;
  /** Track of the handler in a trace. */
  readonly track: string;
}

/**
 * Vectors of a device that its streams or channels use in turn: as many as `interrupt-cores` names cores, and no more than it has.
 * Without, there is one, as the driver of a GPU asks for one and its handler looks who is done.
 */
export function vectorsOf({ settings }: Component): number {
  const cores = settings.interruptCores?.length ?? 1;
  return Math.max(1, Math.min(cores, settings.msixVectors ?? cores));
}

/**
 * The vector of a stream, and what handling it takes. Handlers of one vector, and those on one core, follow each other.
 *
 * @param socket whose memory, and so whose core, the waiting thread uses
 */
export function streamVector(plan: Plan, gpu: number, stream: string, socket: number): StreamVector {
  const { machine } = plan;
  const device = componentAt(machine, gpu);
  const vector = plan.numberIn(`vectors of ${gpu}`, stream) % vectorsOf(device);
  const bound = device.settings.interruptCores;
  const core = bound?.[vector % bound.length];
  if (core === undefined) {
    const name = `${componentAt(machine, socket).name} interrupts`;
    const server = plan.server(`vector:${gpu}:${vector}`, { name: `${device.name} vector ${vector}`, slots: 1 });
    return { vector, holds: [server], seconds: interrupt.value, track: name };
  }
  const cores = hostCores(machine, core + 1);
  const at = socketOfCore(cores, core) ?? socketOf(machine, gpu)?.id ?? socket;
  const server = plan.server(`interrupts:core:${core}`, { name: `core ${core} interrupts`, slots: 1 });
  const line = componentAt(machine, at).settings.cpuVendor === 'amd' ? cacheLineAmd : cacheLineIntel;
  const more = at === socket ? 0 : interrupt.value + linesOfRequest * line.value;
  return { vector, holds: [server], seconds: interrupt.value + more, track: `core ${core}` };
}
