import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const languageRepeatedProperty: Rule = {
  code: 'language/repeated-property',
  title: 'A property that is said twice',
  severity: 'warning',
  layer: 'language',
  incidents: [],
};
