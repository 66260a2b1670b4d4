import { SimulationCancelled } from './simulate.types.ts';

/** Called in loops whose length the input decides: throws `SimulationCancelled` once nobody wants the result any more. */
export type Check = () => void;

/** Nobody cancels. */
export const noCheck: Check = () => undefined;

/** A check that asks whoever may cancel. */
export function checkOf(cancelled: (() => boolean) | undefined): Check {
  if (cancelled === undefined) return noCheck;
  return () => {
    if (cancelled()) throw new SimulationCancelled();
  };
}

/** A check for steps that are too short to ask at each: asks at every `every`-th call. */
export function nowAndThen(check: Check, every: number): Check {
  if (check === noCheck) return noCheck;
  let calls = 0;
  return () => {
    if (++calls < every) return;
    calls = 0;
    check();
  };
}
