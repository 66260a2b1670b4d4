import { componentAt, type Machine } from '../../../model/machine.ts';
import { visibleVram } from '../../../model/peer/driver.ts';

/**
 * Memory of a device that others may use for peer-to-peer transfers: `pci_p2pdma_add_resource` publishes a BAR,
 * `pci_p2pmem_alloc_sgl` takes from it and `pci_p2pmem_free_sgl` gives it back. In Linux it is the controller memory buffer
 * of drives that is published (drivers/nvme/host/pci.c, nvme_map_cmb); drivers of GPUs hand theirs out as dma-bufs.
 */
export class PeerPool {
  readonly provider: string;
  readonly bytes: number;
  /** `p2pmem`: any driver may take from it. `dma-buf`: the driver of the device exports one buffer at a time. */
  readonly kind: 'p2pmem' | 'dma-buf';
  #taken = 0;

  constructor(provider: string, bytes: number, kind: PeerPool['kind']) {
    this.provider = provider;
    this.bytes = bytes;
    this.kind = kind;
  }

  get free(): number {
    return this.bytes - this.#taken;
  }

  /** Takes bytes; false where there are not that many left, and the caller goes through host memory. */
  take(bytes: number): boolean {
    if (bytes > this.free) return false;
    this.#taken += bytes;
    return true;
  }

  /** @throws RangeError for more than was taken: a defect of the caller */
  give(bytes: number): void {
    if (bytes > this.#taken)
      throw new RangeError(`${bytes} bytes given back to ${this.provider}, ${this.#taken} taken`);
    this.#taken -= bytes;
  }
}

/** The memory that a device offers to peers, or null where it offers none. */
export function peerPool(machine: Machine, device: number): PeerPool | null {
  const component = componentAt(machine, device);
  const { controllerMemoryBufferBytes = 0 } = component.settings;
  if (controllerMemoryBufferBytes > 0) return new PeerPool(component.name, controllerMemoryBufferBytes, 'p2pmem');
  const seen = visibleVram(machine, component);
  if (seen !== null) return new PeerPool(component.name, Math.min(seen.shown, seen.whole), 'dma-buf');
  // How much memory there is, the text leaves out; the BAR that it stands behind says how much of it is seen at most.
  const bar = component.bars.find(({ index }) => index === (component.settings.vramBar ?? 1));
  return component.kind !== 'gpu' || bar === undefined ? null : new PeerPool(component.name, bar.bytes, 'dma-buf');
}
