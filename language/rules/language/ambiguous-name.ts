import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const languageAmbiguousName: Rule = {
  code: 'language/ambiguous-name',
  title: 'A name that several things have',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
