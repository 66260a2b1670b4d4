import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const machineInheritanceCycle: Rule = {
  code: 'machine/inheritance-cycle',
  title: 'A machine that inherits from itself',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
