import type { ComponentKind } from '../../model/machine.ts';
import type { Context } from './property.ts';

/** Kinds at the end of a link. */
export const endpointKinds: readonly ComponentKind[] = ['gpu', 'nvme', 'nic', 'fpga', 'sata', 'nvswitch', 'device'];
/** Kinds that are ports. */
export const portKinds: readonly ComponentKind[] = ['root-port', 'port'];
/** Places that are functions of PCI. */
export const functions: readonly Context[] = [...endpointKinds, 'switch', 'bridge', 'root-port', 'port'];
/** Places with a link. */
export const linked: readonly Context[] = [...endpointKinds, 'switch', 'bridge', 'root-port', 'port', 'chipset'];
/** Places that store blocks. */
export const storage: readonly Context[] = ['nvme', 'sata', 'device'];
