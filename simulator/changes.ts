import { redirects } from '../model/isolation/acs.ts';
import type { Generation } from '../model/link/generation.ts';
import type { Link, LinkState, Machine } from '../model/machine.ts';

/**
 * A change of a whole machine, to see what it is worth:
 * - `acs-off`: no port redirects peers;
 * - `iommu-off`: addresses of devices are not translated;
 * - `capable`: every link at what both its ends could do;
 * - `gen5` and so on: every PCIe link at that generation, at the width it has.
 */
export type MachineChange = 'acs-off' | 'iommu-off' | 'capable' | `gen${3 | 4 | 5 | 6}`;

/** All of them, in the order in which they are offered. */
export const machineChanges: readonly MachineChange[] = [
  'acs-off',
  'iommu-off',
  'capable',
  'gen3',
  'gen4',
  'gen5',
  'gen6',
];

/** The machine with a change, and how many things differ by it: ports, links, the IOMMU; 0 where nothing does. */
export function changedMachine(machine: Machine, change: MachineChange): { machine: Machine; differences: number } {
  switch (change) {
    case 'acs-off': {
      const on = new Set(
        machine.components
          .filter(({ id, kind }) => (kind === 'port' || kind === 'root-port') && redirects(machine, id).length > 0)
          .map(({ id }) => id),
      );
      const components = machine.components.map((one) => (on.has(one.id) ? { ...one, acs: 'off' as const } : one));
      return { machine: { ...machine, components }, differences: on.size };
    }
    case 'iommu-off': {
      const isOff = machine.linux.iommu === 'off';
      return { machine: { ...machine, linux: { ...machine.linux, iommu: 'off' } }, differences: isOff ? 0 : 1 };
    }
    case 'capable':
      return retrained(machine, ({ capable }) => capable);
    default: {
      const generation = Number(change.slice('gen'.length)) as Generation;
      return retrained(machine, ({ trained }) => ({ ...trained, generation }));
    }
  }
}

function retrained(machine: Machine, stateOf: (link: Link) => LinkState): { machine: Machine; differences: number } {
  let differences = 0;
  const links = machine.links.map((link) => {
    if (link.kind !== 'pcie') return link;
    const trained = stateOf(link);
    if (trained.generation === link.trained.generation && trained.lanes === link.trained.lanes) return link;
    // An empty slot carries nothing.
    if (link.device !== null) differences++;
    return { ...link, trained };
  });
  return { machine: { ...machine, links }, differences };
}
