import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const languageUnknownProperty: Rule = {
  code: 'language/unknown-property',
  title: 'A property that this place does not have',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
