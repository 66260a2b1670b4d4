import { type LinkBandwidth, type LinkSettings, steadyBandwidth } from '../model/link/efficiency.ts';
import { componentAt, type Link, type Machine } from '../model/machine.ts';
import type { RunOptions } from './protocol.ts';

type Tax = Required<RunOptions>['tax'];

/** The settings of a link as its bandwidth depends on them: what it trained to and what its lower end is set to. */
export function linkSettings(machine: Machine, link: Link, tax: Tax): LinkSettings {
  const device = link.device === null ? undefined : componentAt(machine, link.device).settings;
  const port = componentAt(machine, link.port).settings;
  return {
    generation: link.trained.generation,
    lanes: link.trained.lanes,
    mps: link.maxPayloadBytes,
    ...(device?.maxReadRequestBytes === undefined ? {} : { mrrs: device.maxReadRequestBytes }),
    rcb: (device?.readCompletionBoundaryBytes ?? port.readCompletionBoundaryBytes) === 128 ? 128 : 64,
    tax,
  };
}

const kept = new WeakMap<Link, Map<Tax, LinkBandwidth | null>>();

/** What a link carries in long transfers; null where its settings are outside the specification. */
export function linkBandwidthOf(machine: Machine, link: Link, tax: Tax): LinkBandwidth | null {
  const known = kept.get(link) ?? new Map<Tax, LinkBandwidth | null>();
  kept.set(link, known);
  const before = known.get(tax);
  if (before !== undefined) return before;
  let result: LinkBandwidth | null = null;
  try {
    result = steadyBandwidth(linkSettings(machine, link, tax));
  } catch (error) {
    // A payload size that no link can have: its rule says so; there is nothing to compute.
    if (!(error instanceof RangeError)) throw error;
  }
  known.set(tax, result);
  return result;
}

/** The link that a component ends: below a port, above anything else. */
export function linkOf(machine: Machine, id: number): Link | undefined {
  const component = componentAt(machine, id);
  const isPort = component.kind === 'root-port' || component.kind === 'port';
  const index = isPort ? machine.linkBelow[id] : machine.linkAbove[id];
  return index === undefined || index < 0 ? undefined : machine.links[index];
}
