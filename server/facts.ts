import { type GroupMember, iommuGroups } from '../model/isolation/groups.ts';
import { type LinkBandwidth, type LinkSettings, steadyBandwidth } from '../model/link/efficiency.ts';
import { linkLabel } from '../model/link/generation.ts';
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

/** What holds a link back, in a few words; empty where nothing does. */
export function limitWords(link: Link): string {
  if (link.limitedBy === null) return '';
  const { trained, capable } = link;
  const isLower = trained.generation < capable.generation || trained.lanes < capable.lanes;
  return `${isLower ? `both ends could do ${linkLabel(capable)}, ` : ''}limited by ${link.limitedAt ?? link.limitedBy}`;
}

interface Groups {
  readonly groups: readonly (readonly GroupMember[])[];
  /** Group of function 0 of each component. */
  readonly byComponent: ReadonlyMap<number, number>;
}

const groupsKept = new WeakMap<Machine, Groups>();

/** The IOMMU groups of a machine, made once for all who ask. */
export function groupsOf(machine: Machine): readonly (readonly GroupMember[])[] {
  return keptGroups(machine).groups;
}

/** The number of the group that function 0 of a component is in, or null. */
export function groupOf(machine: Machine, id: number): number | null {
  return keptGroups(machine).byComponent.get(id) ?? null;
}

function keptGroups(machine: Machine): Groups {
  const known = groupsKept.get(machine);
  if (known !== undefined) return known;
  // With the IOMMU off the kernel makes no groups.
  const groups = machine.linux.iommu === 'off' ? [] : iommuGroups(machine);
  const byComponent = new Map<number, number>();
  for (const [index, group] of groups.entries()) {
    for (const member of group) if (member.function === 0) byComponent.set(member.component, index);
  }
  const made = { groups, byComponent };
  groupsKept.set(machine, made);
  return made;
}
