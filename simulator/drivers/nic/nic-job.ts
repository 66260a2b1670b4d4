import { componentAt, type Machine } from '../../../model/machine.ts';
import type { OtherActivity } from '../../../model/work.ts';

/** What a job that says neither how much nor how long does, in seconds. */
export const usualSeconds = 1;

/** True for a job that NICs do, whatever its engine. */
export function isOnNics(machine: Machine, { kind, on }: OtherActivity): boolean {
  return kind === 'job' && on.length > 0 && on.every((end) => componentAt(machine, end.component).kind === 'nic');
}

/** Reads numbers among the settings of a job. */
export const numbersOf =
  ({ settings }: OtherActivity) =>
  (key: string, otherwise: number): number => {
    const value = settings[key];
    return typeof value === 'number' ? value : otherwise;
  };
