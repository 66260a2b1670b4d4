import type { EnumerateJson } from '../../../server/contract.types.ts';

/** A configuration cycle as a line of a picker. */
export interface StepItem {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  /** The component at whose address the cycle goes; null where nothing answers. */
  readonly name: string | null;
}

/** The cycles of a discovery in their order, counted from 1. */
export function stepItems({ steps, devices }: EnumerateJson): readonly StepItem[] {
  const names = new Map(devices.map(({ bdf, name }) => [bdf, name]));
  return steps.map(({ cycle, bdf, register, value, because }, index) => {
    const name = names.get(bdf) ?? null;
    const verb = cycle === 'config-read' ? 'read' : 'write';
    return {
      label: `${index + 1}. ${verb} ${bdf} ${register}: ${value}`,
      description: name ?? '',
      detail: because,
      name,
    };
  });
}
