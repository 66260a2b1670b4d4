import type { SriovCapability } from '../address.ts';
import type { Machine } from '../machine.ts';
import type { Assumption } from '../origin.ts';

type Places = Pick<SriovCapability, 'vfOffset' | 'vfStride'>;

/** First VF Offset and VF Stride; where they are not said, virtual functions stand one behind the other. */
export function virtualPlaces({ vfOffset, vfStride }: Places): { readonly offset: number; readonly stride: number } {
  return { offset: vfOffset ?? 1, stride: vfStride ?? 1 };
}

/** What is assumed where enabled virtual functions do not say where they stand. */
export function assumedPlaces(device: string, sriov: SriovCapability | null): Assumption | null {
  if (sriov === null || sriov.enabledVfs === 0) return null;
  if (sriov.vfOffset !== null && (sriov.vfStride !== null || sriov.enabledVfs === 1)) return null;
  const message = `${device} does not say where its virtual functions stand: one behind the other assumed.`;
  return { at: device, field: 'vfOffset', message };
}

/** The same of every device of a machine. */
export function assumedVirtualPlaces(machine: Machine): Assumption[] {
  return machine.components.flatMap(({ name, sriov }) => assumedPlaces(name, sriov) ?? []);
}
