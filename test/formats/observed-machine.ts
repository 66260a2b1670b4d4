import type { ObservedFunction, ObservedMachine } from '../../formats/observed.ts';

/** A machine of which these functions were seen, in a listing by lspci unless `more` says otherwise. */
export function observedMachine(
  functions: readonly ObservedFunction[],
  more: Partial<ObservedMachine> = {},
): ObservedMachine {
  return {
    formats: ['lspci'],
    functions,
    nodes: [],
    connections: [],
    distances: [],
    linux: {},
    notes: [],
    ...more,
  };
}
