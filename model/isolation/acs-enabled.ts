import type { PciFunction } from '../discovery/topology.ts';
import { type AcsBit, componentAt, type Machine } from '../machine.ts';
import { type BdfOf, effectiveAcs } from './acs.ts';
import { type FunctionType, isolatedByQuirk } from './quirks.ts';

/** What pci_device_group asks for: SV, RR, CR and UF (Linux 6.1 and 7.2, drivers/iommu/iommu.c, REQ_ACS_FLAGS). */
export const isolationBits: readonly AcsBit[] = ['SV', 'RR', 'CR', 'UF'];

/** Whether a function isolates, and what says so. */
export interface AcsVerdict {
  readonly enabled: boolean;
  readonly because: 'quirk' | 'conventional' | 'bridge' | 'single-function' | 'no-capability' | 'control';
  /** Bits that the capability has and Control lacks. */
  readonly missing: readonly AcsBit[];
}

/** Class codes (base class and subclass) of a chipset's own functions, which are conventional PCI: bridges, SMBus, disks. */
const conventionalClasses: ReadonlySet<number> = new Set([0x0600, 0x0601, 0x0680, 0x0c05, 0x0101, 0x0104, 0x0106]);

/** Whether a function on a root bus counts as an integrated endpoint where the text does not say. */
export function isIntegratedByClass(classCode: number | null): boolean {
  return classCode === null || !conventionalClasses.has(classCode >> 8);
}

/**
 * Type of a function by its PCI Express capability, or null for conventional PCI: what hangs below a PCIe-to-PCI bridge,
 * and the functions of a chipset that stand on the root bus, unless the text says whether they are integrated endpoints.
 */
export function functionType(machine: Machine, fn: PciFunction): FunctionType | null {
  const component = componentAt(machine, fn.component);
  const above = fn.bus.bridge === null ? null : componentAt(machine, fn.bus.bridge.component);
  if (above?.kind === 'bridge') return null;
  switch (component.kind) {
    case 'root-port':
      return 'root-port';
    case 'port':
      return 'downstream';
    case 'switch':
      return 'upstream';
    case 'bridge':
      return 'pci-bridge';
    default:
      if (above !== null) return 'endpoint';
      if (component.settings.integrated !== undefined) return component.settings.integrated ? 'integrated' : null;
      return isIntegratedByClass(fn.classCode) ? 'integrated' : null;
  }
}

const amdSockets = new WeakMap<Machine, boolean>();

/** Whether a socket is AMD's; kept, since it is asked for every function. */
function hasAmdSocket(machine: Machine): boolean {
  const known = amdSockets.get(machine);
  if (known !== undefined) return known;
  const has = machine.components.some((one) => one.kind === 'socket' && one.settings.cpuVendor === 'amd');
  amdSockets.set(machine, has);
  return has;
}

/** Whether another function answers at the same device number. */
export function isMultifunction(fn: PciFunction): boolean {
  return fn.bus.functions.some((other) => other !== fn && other.device === fn.device);
}

/**
 * pci_acs_enabled(function, SV|RR|CR|UF) (Linux 6.1 and 7.2, drivers/pci/pci.c), as the kernel finds it when it makes the
 * groups: the table of quirks first; conventional functions and bridges to PCI never; ports are tested, everything else
 * only as part of a multifunction device. Bits that the capability lacks count as satisfied.
 */
export function acsVerdict(machine: Machine, fn: PciFunction, bdfOf?: BdfOf): AcsVerdict {
  const type = functionType(machine, fn);
  const multifunction = isMultifunction(fn);
  const quirk = isolatedByQuirk({
    vendorId: fn.vendorId,
    deviceId: fn.deviceId,
    type: type ?? 'endpoint',
    multifunction,
    onRootBus: fn.bus.bridge === null,
    amdIommu: hasAmdSocket(machine),
  });
  if (quirk !== null) return { enabled: quirk, because: 'quirk', missing: [] };
  if (type === null) return { enabled: false, because: 'conventional', missing: [] };
  if (type === 'pci-bridge') return { enabled: false, because: 'bridge', missing: [] };
  if (type !== 'root-port' && type !== 'downstream' && !multifunction) {
    return { enabled: true, because: 'single-function', missing: [] };
  }
  const { capability, control } = effectiveAcs(machine, fn.component, bdfOf, 'groups');
  if (capability === null) return { enabled: false, because: 'no-capability', missing: [] };
  const missing = isolationBits.filter((bit) => capability.includes(bit) && !control.includes(bit));
  return { enabled: missing.length === 0, because: 'control', missing };
}
