import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const structureRangeMismatch: Rule = {
  code: 'structure/range-mismatch',
  title: 'A range that does not fit its ports',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
