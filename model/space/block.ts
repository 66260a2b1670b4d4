import type { RegisterSpace } from './registers.ts';

/** A capability before it has its place: the layout writes the header, `write` everything behind it. */
export interface CapabilityBlock {
  readonly kind: 'standard' | 'extended';
  /** Capability ID (PCI Code and ID Assignment Specification; PCI_CAP_ID_*, PCI_EXT_CAP_ID_* of linux/pci_regs.h). */
  readonly id: number;
  readonly name: string;
  /** Version in the header of an extended capability. */
  readonly version?: number;
  /** Length with its header, a multiple of four. */
  readonly bytes: number;
  readonly write: (space: RegisterSpace, at: number) => void;
}

/** A capability at its place. */
export interface PlacedCapability {
  readonly kind: 'standard' | 'extended';
  readonly id: number;
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}
