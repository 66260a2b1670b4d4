import { type Component, componentAt, type Machine, socketOf } from '../machine.ts';
import type { Reason } from '../origin.ts';
import type { PeerVerdict } from './mapping.ts';

/** What comes of the kernel's mapping once the driver, the IOMMU and the host have had their say. */
export interface DriverVerdict {
  readonly way: 'peer' | 'staged';
  readonly reasons: readonly Reason[];
}

/** GPU drivers that offer no peer-to-peer between devices (nouveau: no CUDA; i915: display and media only). */
const withoutPeers: ReadonlySet<string> = new Set(['nouveau', 'i915', 'none']);

/**
 * The second layer of a verdict: may the devices talk, given what the kernel maps? Drivers that refuse, an IOMMU that
 * translates, and a root complex that does not forward each send the data through host memory.
 */
export function driverVerdict(
  machine: Machine,
  from: number,
  to: number,
  verdict: PeerVerdict,
  operation: 'read' | 'write',
): DriverVerdict {
  const reasons: Reason[] = [];
  for (const device of [componentAt(machine, from), componentAt(machine, to)]) {
    const refusal = refuses(device);
    if (refusal !== null) reasons.push(refusal);
  }
  if (machine.linux.iommu === 'translate') {
    reasons.push({
      code: 'iommu/translate',
      message:
        'The IOMMU translates: addresses of peers mean nothing to a switch, and drivers do not map peers through it.',
      at: null,
    });
  }
  if (reasons.length > 0) return { way: 'staged', reasons };
  if (verdict.mapping === 'bus-address') return { way: 'peer', reasons };
  const stops = forwarding(machine, from, to, verdict, operation);
  return stops === null
    ? {
        way: 'peer',
        reasons: [{ code: 'host/forwards-peers', message: `The root complex forwards peer ${operation}s.`, at: null }],
      }
    : { way: 'staged', reasons: [stops] };
}

/** Why a device takes no part in peer-to-peer, or null. */
export function refuses(device: Component): Reason | null {
  if (device.settings.peerToPeer === false) {
    return { code: 'driver/no-peer', message: `The driver of ${device.name} offers no peer-to-peer.`, at: device.name };
  }
  const { driver } = device.settings;
  if (driver !== undefined && withoutPeers.has(driver)) {
    return {
      code: 'driver/no-peer',
      message: `The driver ${driver} of ${device.name} offers no peer-to-peer.`,
      at: device.name,
    };
  }
  return null;
}

/** Whether the host lets the traffic through: what the text says of it, else what the kernel counts on. */
function forwarding(
  machine: Machine,
  from: number,
  to: number,
  verdict: PeerVerdict,
  operation: 'read' | 'write',
): Reason | null {
  for (const socket of [socketOf(machine, from), socketOf(machine, to)]) {
    if (socket === null) continue;
    const said = operation === 'read' ? socket.settings.forwardsPeerReads : socket.settings.forwardsPeerWrites;
    if (said === false) {
      return {
        code: 'host/no-forwarding',
        message: `The root complex of ${socket.name} does not forward peer ${operation}s.`,
        at: socket.name,
      };
    }
    if (said === undefined && verdict.mapping === 'not-supported') {
      return {
        code: 'host/forwarding-unknown',
        message: `Nothing says that the root complex of ${socket.name} forwards peers, and the kernel does not count on it.`,
        at: socket.name,
      };
    }
  }
  return null;
}
