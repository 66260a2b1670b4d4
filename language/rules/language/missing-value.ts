import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const languageMissingValue: Rule = {
  code: 'language/missing-value',
  title: 'A property without its value',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
