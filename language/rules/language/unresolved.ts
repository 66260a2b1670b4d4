import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const languageUnresolved: Rule = {
  code: 'language/unresolved',
  title: 'A name that nothing has',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
