import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const languageBadRange: Rule = {
  code: 'language/bad-range',
  title: 'A range that goes nowhere',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
