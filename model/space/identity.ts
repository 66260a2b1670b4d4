import type { ComponentKind } from '../machine.ts';
import type { PciRole } from './role.ts';

export interface PciIdentity {
  readonly vendorId: number;
  readonly deviceId: number;
}

/**
 * Identities for functions of which the text says none, since a real register always holds one: those of the devices that
 * QEMU emulates in the same role (include/hw/pci/pci.h: 1b36:000c, 1b36:000e; docs/specs/pci-ids.rst: 1b36:0001,
 * 1b36:0010; hw/pci-bridge/xio3130_upstream.c and _downstream.c: 104c:8232, 104c:8233). For the rest 1af4:10f0, which that
 * page keeps for experiments without registration, so that no driver and no list of names takes it for a product.
 */
export function assumedIdentity(role: PciRole, kind: ComponentKind): PciIdentity {
  switch (role) {
    case 'root-port':
      return { vendorId: 0x1b36, deviceId: 0x000c };
    case 'upstream-port':
      return { vendorId: 0x104c, deviceId: 0x8232 };
    case 'downstream-port':
      return { vendorId: 0x104c, deviceId: 0x8233 };
    case 'pcie-to-pci-bridge':
      return { vendorId: 0x1b36, deviceId: 0x000e };
    case 'conventional-bridge':
      return { vendorId: 0x1b36, deviceId: 0x0001 };
    default:
      return kind === 'nvme' ? { vendorId: 0x1b36, deviceId: 0x0010 } : { vendorId: 0x1af4, deviceId: 0x10f0 };
  }
}

/**
 * Class codes for functions of which the text says none (PCI Code and ID Assignment Specification): 3D controller,
 * Ethernet controller, processing accelerator, other bridge; FFh, which fits no defined class, for the rest.
 */
export function assumedClassCode(kind: ComponentKind): number {
  switch (kind) {
    case 'gpu':
      return 0x030200;
    case 'nic':
      return 0x020000;
    case 'fpga':
      return 0x120000;
    case 'nvswitch':
      return 0x068000;
    default:
      return 0xff0000;
  }
}

/** What a virtual function answers in Vendor ID and Device ID (SR-IOV 1.1, 3.4.1.1 and 3.4.1.2). */
export const virtualFunctionIdentity: PciIdentity = { vendorId: 0xffff, deviceId: 0xffff };
