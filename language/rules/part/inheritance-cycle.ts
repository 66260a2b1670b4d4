import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const partInheritanceCycle: Rule = {
  code: 'part/inheritance-cycle',
  title: 'A part that inherits from itself',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
