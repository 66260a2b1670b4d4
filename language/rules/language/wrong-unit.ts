import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const languageWrongUnit: Rule = {
  code: 'language/wrong-unit',
  title: 'A unit of another kind, or none that exists',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
