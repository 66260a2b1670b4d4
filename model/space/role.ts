import { isIntegratedByClass } from '../isolation/acs-enabled.ts';
import { ancestors, type Component, componentAt, type Machine } from '../machine.ts';

/** What a function is to PCI; the first seven are values of Device/Port Type. */
export type PciRole =
  | 'endpoint'
  | 'root-port'
  | 'upstream-port'
  | 'downstream-port'
  | 'pcie-to-pci-bridge'
  | 'integrated-endpoint'
  | 'virtual-function'
  /** Behind a PCI Express to PCI bridge, or a bridge on a root bus: no PCI Express capability, 256 bytes. */
  | 'conventional'
  | 'conventional-bridge'
  | 'host-bridge';

/** The role of function 0 of a component. */
export function roleOf(machine: Machine, component: Component): PciRole {
  const above = component.parent === null ? null : componentAt(machine, component.parent);
  const behindBridge = ancestors(machine, component.id).some(
    ({ id, kind }) => id !== component.id && kind === 'bridge',
  );
  const onRootBus = above === null || above.kind === 'socket' || above.kind === 'chipset';
  switch (component.kind) {
    case 'root-port':
      return 'root-port';
    case 'switch':
      return 'upstream-port';
    case 'port':
      return 'downstream-port';
    case 'bridge':
      return behindBridge || onRootBus ? 'conventional-bridge' : 'pcie-to-pci-bridge';
    default:
      if (behindBridge) return 'conventional';
      return onRootBus ? onRoot(component) : 'endpoint';
  }
}

const ahciClass = 0x010601;

/** A function on a root bus: what the text says of it, else by its class. */
function onRoot({ settings: { integrated, classCode }, kind }: Component): PciRole {
  const isIntegrated = integrated ?? isIntegratedByClass(classCode ?? (kind === 'sata' ? ahciClass : null));
  return isIntegrated ? 'integrated-endpoint' : 'conventional';
}

/** The role of a further function of a component: an endpoint beside function 0. */
export function furtherRole(first: PciRole): PciRole {
  switch (first) {
    case 'root-port':
      return 'integrated-endpoint';
    case 'conventional-bridge':
      return 'conventional';
    case 'upstream-port':
    case 'downstream-port':
    case 'pcie-to-pci-bridge':
      return 'endpoint';
    default:
      return first;
  }
}

/** True for a function with a type 1 header. */
export const isBridgeRole = (role: PciRole): boolean =>
  role === 'root-port' ||
  role === 'upstream-port' ||
  role === 'downstream-port' ||
  role === 'pcie-to-pci-bridge' ||
  role === 'conventional-bridge';

/** True for a function with a PCI Express capability, and so with 4 KiB of configuration space. */
export const isExpressRole = (role: PciRole): boolean =>
  role !== 'conventional' && role !== 'conventional-bridge' && role !== 'host-bridge';

/** True for a port whose link lies below it: it has slot registers and says whether the link is up. */
export const isDownstreamFacing = (role: PciRole): boolean => role === 'root-port' || role === 'downstream-port';
