import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const languageBadValue: Rule = {
  code: 'language/bad-value',
  title: 'A value that the property does not take',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
