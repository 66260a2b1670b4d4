import type { Machine } from '../../../model/machine.ts';
import type { Sourced } from '../../../model/origin.ts';
import { invalidation, lazyMapping, strictMapping } from '../block/costs.ts';

/** What mapping memory for DMA costs a CPU: `dma_map_sg` before a transfer and `dma_unmap_sg` after it. */
export interface MapCost {
  readonly mode: 'direct' | 'lazy' | 'strict';
  /** Invalidations that the unmap waits for. */
  readonly invalidations: number;
  /** Pages whose translations are written. */
  readonly entries: number;
  readonly because: string;
}

/** Unmaps that a CPU gathers before it invalidates all of them. */
export const flushBatch: Sourced<number> = {
  value: 256,
  source: 'Linux drivers/iommu/dma-iommu.c, IOVA_DEFAULT_FQ_SIZE 256; or 10 ms, IOVA_FQ_TIMEOUT',
};

const defaultPage = 4096;

/**
 * Without translation (off, passthrough) a bus address is a physical one and nothing is written. With it each page gets an
 * entry; when the memory is given back, strict mode invalidates at once and waits, lazy mode once for many.
 */
export function mapCost(machine: Machine, bytes: number): MapCost {
  const { iommu, invalidation: when, iommuPageBytes = defaultPage } = machine.linux;
  if (iommu !== 'translate') {
    const because = `iommu ${iommu ?? 'not said, taken as passthrough'}: bus addresses are physical ones.`;
    return { mode: 'direct', invalidations: 0, entries: 0, because };
  }
  const entries = Math.max(1, Math.ceil(bytes / iommuPageBytes));
  if (when === 'strict') {
    return { mode: 'strict', invalidations: 1, entries, because: 'Each unmap invalidates, and waits for it.' };
  }
  const because = `Unmaps are gathered: one invalidation for ${flushBatch.value}.`;
  return { mode: 'lazy', invalidations: 1 / flushBatch.value, entries, because };
}

/**
 * Seconds of CPU that a map and unmap of a transfer take, beside the call itself: what each request of a drive was measured
 * to cost more than in passthrough, and in strict mode the invalidation that it waits for.
 */
export function mapSeconds(machine: Machine, bytes: number): number {
  const { mode, invalidations } = mapCost(machine, bytes);
  const mapping = { direct: 0, lazy: lazyMapping.value, strict: strictMapping.value }[mode];
  return mapping + invalidations * invalidation.value;
}
