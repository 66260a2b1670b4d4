import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const languageExtraValue: Rule = {
  code: 'language/extra-value',
  title: 'A value too many',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
