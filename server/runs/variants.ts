import type { Machine } from '../../model/machine.ts';
import { changedMachine, type MachineChange, machineChanges } from '../../simulator/changes.ts';
import type { RunVariant, VariantChoice } from '../protocol.ts';

const isChange = (variant: RunVariant): variant is MachineChange => machineChanges.includes(variant as MachineChange);

const words: Readonly<Record<Exclude<RunVariant, `gen${number}`>, readonly [label: string, what: string]>> = {
  written: ['As written', 'The text as it is'],
  p2p: ['Peer-to-peer', 'Every transfer straight between its devices, where that is possible'],
  host: ['Through host memory', 'Every transfer in two steps, by way of host memory'],
  'acs-off': ['ACS off', 'No port redirects peers'],
  'iommu-off': ['IOMMU off', 'Addresses of devices are not translated'],
  capable: ['Links at their best', 'Every link at what both its ends could do'],
};

/** What a variant is called in titles and tables. */
export function variantName(variant: RunVariant): string {
  const generation = /^gen(\d)$/.exec(variant)?.[1];
  return generation === undefined
    ? words[variant as Exclude<RunVariant, `gen${number}`>][0]
    : `All links at Gen${generation}`;
}

/** The machine of a variant. */
export function machineAs(machine: Machine, variant: RunVariant): Machine {
  return isChange(variant) ? changedMachine(machine, variant).machine : machine;
}

/** The variants that differ from the text on one of the machines, at least. */
export function variantChoices(machines: readonly Machine[]): VariantChoice[] {
  const plain = (['written', 'p2p', 'host'] as const).map((variant) => ({
    variant,
    label: words[variant][0],
    description: words[variant][1],
  }));
  const changes = machineChanges.flatMap((variant): VariantChoice[] => {
    const differences = machines.reduce((sum, machine) => sum + changedMachine(machine, variant).differences, 0);
    if (differences === 0) return [];
    const [, what] = variant.startsWith('gen')
      ? ['', 'Every link at this generation, at the width it has']
      : words[variant as Exclude<RunVariant, `gen${number}`>];
    return [{ variant, label: variantName(variant), description: `${what}: ${countOf(variant, differences)}` }];
  });
  return [...plain, ...changes];
}

function countOf(variant: MachineChange, differences: number): string {
  if (variant === 'iommu-off') return 'now it is on';
  const noun = variant === 'acs-off' ? 'port' : 'link';
  return `changes ${differences} ${noun}${differences === 1 ? '' : 's'}`;
}
