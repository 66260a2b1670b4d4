import { type Component, componentAt } from '../../../model/machine.ts';
import type { Sourced } from '../../../model/origin.ts';
import type { Plan } from '../../plan.ts';

export type CopyDirection = 'h2d' | 'd2h' | 'd2d' | 'p2p';

/** Copy engines of a GPU that does not say: one for each direction. */
export const usualCopyEngines: Sourced<number> = {
  value: 2,
  source: 'CUDA C++ Programming Guide, "Concurrent data transfers": asyncEngineCount 2 copies both ways at once',
};

/**
 * The copy engine that a copy runs on, as a server of the plan. One engine does everything in turn; two are one for each
 * direction; further ones take copies within the device and to peers off those.
 */
export function copyEngine(plan: Plan, gpu: number, direction: CopyDirection, instance: string | null = null): number {
  const component = componentAt(plan.machine, gpu);
  const engines = instance === null ? component.settings.copyEngines : migCopyEngines(plan, gpu, instance);
  if (engines === undefined) {
    const { value } = usualCopyEngines;
    plan.assumptions.add(`${component.name}: copy engines unknown, taken as ${value}, one for each direction.`);
  }
  const count = Math.max(1, engines ?? usualCopyEngines.value);
  const use = count === 1 ? 'all' : direction === 'h2d' || direction === 'd2h' || count > 2 ? direction : 'd2h';
  const spare = use === 'p2p' || use === 'd2d';
  const name = `${component.name}${instance === null ? '' : `.${instance}`} copy engine ${use}`;
  const key = `copy-engine:${gpu}:${instance ?? ''}:${spare ? 'other' : use}`;
  return plan.server(key, { name, slots: spare ? Math.max(1, count - 2) : 1 });
}

/** An instance has as many copy engines as slices (NVIDIA MIG User Guide, "Supported MIG profiles"). */
function migCopyEngines(plan: Plan, gpu: number, instance: string): number | undefined {
  const unit = componentAt(plan.machine, gpu).subunits.find((one) => one.kind === 'mig' && one.label === instance);
  const slices = unit?.settings.slices;
  return typeof slices === 'number' ? slices : undefined;
}

/** Compute slices of a GPU that is partitioned (NVIDIA MIG User Guide: seven on A100 and later, four on A30). */
const slicesOfGpu: Sourced<{ readonly most: number; readonly a30: number }> = {
  value: { most: 7, a30: 4 },
  source: 'NVIDIA MIG User Guide, "Supported MIG profiles"',
};

/** Compute slices that a GPU can be partitioned into. */
export function slicesOf({ parts }: Component): number {
  return parts.some((part) => part.startsWith('a30')) ? slicesOfGpu.value.a30 : slicesOfGpu.value.most;
}

/** What kernels of one GPU (or of one instance) share, as a resource of the plan: 1 is the whole GPU. */
export function computeUnits(plan: Plan, gpu: number, instance: string | null = null): number {
  const component = componentAt(plan.machine, gpu);
  if (instance === null) {
    return plan.compute(`compute:${gpu}`, gpu, { name: `${component.name} compute`, kind: 'engine', capacity: 1 });
  }
  const unit = component.subunits.find((one) => one.kind === 'mig' && one.label === instance);
  const slices = unit?.settings.slices;
  const capacity = typeof slices === 'number' ? Math.min(1, slices / slicesOf(component)) : 1;
  return plan.compute(`compute:${gpu}:${instance}`, gpu, {
    name: `${component.name}.${instance} compute`,
    kind: 'engine',
    capacity,
  });
}

/** Bytes that copies within a device move of its memory; null where its rate is unknown. */
export function deviceMemory(plan: Plan, gpu: number): number | null {
  const { name, settings } = componentAt(plan.machine, gpu);
  const capacity = settings.vramBytesPerSecond;
  if (capacity === undefined) return null;
  return plan.resource(`vram:${gpu}`, { name: `${name}.vram`, kind: 'memory', capacity });
}
