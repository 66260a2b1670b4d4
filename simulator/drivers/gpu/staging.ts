import { componentAt, type Machine } from '../../../model/machine.ts';
import type { Transfer } from '../../../model/work.ts';
import { stagingCopy } from './costs.ts';

/** What a transfer between a GPU and pageable memory never passes: the CPU's copy into the staging buffer. Null: nothing. */
export function stagingLimit(machine: Machine, transfer: Transfer): { bytesPerSecond: number; name: string } | null {
  if (transfer.pinned !== false || transfer.from.memory === transfer.to.memory) return null;
  const device = componentAt(machine, transfer.from.memory ? transfer.to.component : transfer.from.component);
  if (device.kind !== 'gpu') return null;
  const { toDevice, toHost } = stagingCopy.value;
  return { bytesPerSecond: transfer.from.memory ? toDevice : toHost, name: `${device.name} staging` };
}
