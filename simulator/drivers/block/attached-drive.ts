import type { Drive } from '../../devices/drive.ts';
import type { FifoServer } from '../../events/fifo-server.ts';
import type { QueueMap } from './queue-map.ts';

/** A drive together with how its driver set it up. */
export interface AttachedDrive {
  readonly drive: Drive;
  readonly map: QueueMap;
  /** What invalidations of its IOMMU wait for; null where nothing is translated. */
  readonly invalidations: FifoServer | null;
  /** By namespace: what resets a zone; null where there are none. */
  readonly resets: readonly (((zone: number) => void) | null)[];
}
