/** Which queue a core submits to, and which core the interrupt of a queue goes to. */
export interface QueueMap {
  /** Hardware queue of each core. */
  readonly queueOfCore: readonly number[];
  /** Vector of each hardware queue. */
  readonly vectorOfQueue: readonly number[];
  /** Core of each vector. */
  readonly coreOfVector: readonly number[];
}

/**
 * The mapping of Linux: as many hardware queues as cores where drive and vectors suffice, one vector being for the admin
 * queue (nvme_setup_irqs, drivers/nvme/host/pci.c); cores share queues in groups of neighbours (group_cpus_evenly, lib/
 * group_cpus.c), and the interrupt of a queue goes to one core of its group. With a single vector, or a line, there is one
 * queue, whose interrupts share the vector with the admin queue's.
 *
 * @param interruptCores cores to which the vectors are bound in turn instead, as through /proc/irq; what the host lacks is
 *   passed over
 */
export function mapQueues(
  cores: number,
  queuePairs: number,
  vectors: number,
  interruptCores: readonly number[] | null = null,
): QueueMap {
  if (!(cores >= 1)) throw new RangeError(`${cores} cores`);
  const shared = vectors <= 1;
  const bound = (interruptCores ?? []).filter((core) => core < cores);
  const queues = Math.max(1, Math.min(queuePairs, shared ? 1 : vectors - 1, cores));
  const queueOfCore = Array.from({ length: cores }, (_, core) => Math.floor((core * queues) / cores));
  const vectorOfQueue = Array.from({ length: queues }, (_, queue) => (shared ? 0 : queue + 1));
  const coreOfVector = Array.from({ length: shared ? 1 : queues + 1 }, (_, vector) => {
    if (bound.length > 0) return bound[Math.max(0, vector - 1) % bound.length] ?? 0;
    // The first core of the group.
    return vector === 0 ? 0 : Math.ceil(((vector - 1) * cores) / queues);
  });
  return { queueOfCore, vectorOfQueue, coreOfVector };
}
