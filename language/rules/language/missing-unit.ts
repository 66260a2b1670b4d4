import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const languageMissingUnit: Rule = {
  code: 'language/missing-unit',
  title: 'A number without a unit',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
