import type { Component } from '../machine.ts';

/**
 * Whether a device has memory behind a BAR that a peer can read and write. Drives and NICs master their own DMA and are no
 * place to write to, unless a drive has a controller memory buffer (NVM Express Base Specification, CMBLOC and CMBSZ).
 */
export function hasPeerMemory({ kind, settings }: Component): boolean {
  if (kind !== 'nvme' && kind !== 'nic' && kind !== 'sata') return true;
  return settings.peerToPeer === true || (settings.controllerMemoryBufferBytes ?? 0) > 0;
}
