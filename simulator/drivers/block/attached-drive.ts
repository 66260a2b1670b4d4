import type { Drive } from '../../devices/drive.ts';
import type { FifoServer } from '../../events/fifo-server.ts';
import type { QueueMap } from './queue-map.ts';
import type { IoThread } from './thread.ts';

/** A drive together with how its driver set it up. */
export interface AttachedDrive {
  readonly drive: Drive;
  readonly map: QueueMap;
  /** What invalidations of its IOMMU wait for; null where nothing is translated. */
  readonly invalidations: FifoServer | null;
  /** By namespace: what resets a zone; null where there are none. */
  readonly resets: readonly (((zone: number) => void) | null)[];
}

/**
 * The queue that a thread submits to, by its place. Polled queues come after those with interrupts, one for each of them, as
 * with the parameter `poll_queues` of the nvme module.
 */
export function queueOf({ drive, map }: AttachedDrive, thread: IoThread): number {
  const own = map.queueOfCore[thread.core] ?? 0;
  const withInterrupts = map.vectorOfQueue.length;
  return thread.job.costs.polled && drive.queues.length > withInterrupts ? withInterrupts + own : own;
}
